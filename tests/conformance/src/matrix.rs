//! Every case through every driver, as a table.

use std::fmt;
use std::io;

use crate::case::Case;
use crate::driver::Driver;

/// What came of all cases.
#[derive(Debug)]
pub struct Matrix {
    columns: Vec<&'static str>,
    rows: Vec<Row>,
    /// Every failure by name: driver, row, case, and what is wrong; and every case about which drivers disagree.
    pub findings: Vec<String>,
}

/// A file's group of cases.
#[derive(Debug)]
struct Row {
    group: String,
    cases: usize,
    /// For each driver, how many passed.
    passed: Vec<usize>,
}

impl Matrix {
    /// Replays all cases. Drivers must say the same to the byte, expected or not.
    ///
    /// # Errors
    /// When a driver ends.
    pub fn of(cases: &[Case], drivers: &mut [Driver]) -> io::Result<Self> {
        let columns = drivers.iter().map(|driver| driver.name).collect();
        let mut matrix = Self { columns, rows: Vec::new(), findings: Vec::new() };
        for case in cases {
            matrix.add(case, drivers)?;
        }
        Ok(matrix)
    }

    /// How many cases of a row there are; 0 for a row that is not there.
    #[must_use]
    pub fn cases(&self, group: &str) -> usize {
        self.rows.iter().find(|row| row.group == group).map_or(0, |row| row.cases)
    }

    /// How many passed, over all rows and drivers.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.rows.iter().flat_map(|row| &row.passed).sum()
    }

    fn add(&mut self, case: &Case, drivers: &mut [Driver]) -> io::Result<()> {
        if self.rows.last().is_none_or(|row| row.group != case.group) {
            self.rows.push(Row { group: case.group.clone(), cases: 0, passed: vec![0; drivers.len()] });
        }
        let name = format!("{}: {}", case.group, case.name);
        let mut first = None;
        for (column, driver) in drivers.iter_mut().enumerate() {
            let replay = case.replay(driver)?;
            if let Some(row) = self.rows.last_mut() {
                row.cases += usize::from(column == 0);
                row.passed[column] += usize::from(replay.findings.is_empty());
            }
            let findings =
                replay.findings.iter().map(|finding| format!("{}: {name}: {finding}", driver.name));
            self.findings.extend(findings);
            let (other, said) = first.get_or_insert((driver.name, replay.said.clone()));
            if *said != replay.said {
                self.findings.push(format!("{other} and {}: {name}: they disagree", driver.name));
            }
        }
        Ok(())
    }
}

impl fmt::Display for Matrix {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |group: &str, cells: &[String]| {
            write!(out, "{group:<68}")?;
            cells.iter().try_for_each(|cell| write!(out, "{cell:>8}"))?;
            writeln!(out)
        };
        let head = std::iter::once(&"cases").chain(&self.columns).map(ToString::to_string);
        line("vectors", &head.collect::<Vec<_>>())?;
        for row in &self.rows {
            let cells = std::iter::once(&row.cases).chain(&row.passed).map(ToString::to_string);
            line(&row.group, &cells.collect::<Vec<_>>())?;
        }
        let total = |count: &dyn Fn(&Row) -> usize| self.rows.iter().map(count).sum::<usize>().to_string();
        let mut cells = vec![total(&|row| row.cases)];
        cells.extend((0..self.columns.len()).map(|column| total(&|row| row.passed[column])));
        line("all", &cells)
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use serde_json::json;

    use super::*;
    use crate::case::{Exchange, Expectation};
    use crate::cases;
    use crate::driver::Launch;

    /// Answers every line with the same one.
    fn parrot(name: &'static str, answer: &str) -> Driver {
        let mut command = Command::new("sh");
        command.args(["-c", r#"while read -r line; do echo "$0"; done"#, answer]);
        Driver::start(Launch { name, command, built_by: "nothing" }).expect("a shell")
    }

    #[test]
    fn a_driver_that_has_nothing_to_say_passes_no_case() {
        let cases = cases::all();
        let matrix = Matrix::of(&cases, &mut [parrot("mute", "{}")]).expect("it answers");
        assert_eq!(matrix.passed(), 0);
        assert!(matrix.findings.len() >= cases.len());
    }

    #[test]
    fn a_driver_that_refuses_everything_passes_no_vector_that_is_accepted() {
        let refusal =
            r#"{"error":{"code":"input-refused","number":610,"problems":[{"path":"key","code":"length"}]}}"#;
        let matrix = Matrix::of(&cases::all(), &mut [parrot("no", refusal)]).expect("it answers");
        let keys = [cases::REFUSED_KEYS, cases::REFUSED_GCM_KEYS].map(|row| matrix.cases(row));
        assert_eq!(matrix.passed(), keys.iter().sum::<usize>());
    }

    #[test]
    fn drivers_that_disagree_are_named_although_both_are_as_expected() {
        let exchange = Exchange { send: json!({}), expect: Expectation::Members(json!({"a": 1})) };
        let case =
            Case { group: "g".into(), name: "n".into(), configuration: None, exchanges: vec![exchange] };
        let mut drivers = [parrot("one", r#"{"a":1}"#), parrot("two", r#"{"a":1,"b":2}"#)];
        let matrix = Matrix::of(&[case], &mut drivers).expect("they answer");
        assert_eq!((matrix.passed(), matrix.cases("g")), (2, 1));
        assert_eq!(matrix.findings, ["one and two: g: n: they disagree"]);
    }
}
