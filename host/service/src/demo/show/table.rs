//! The table at the end.

use crate::demo::play::Row;

/// One line of the table.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) good: bool,
}

/// A heading, a line per story, a sum.
pub(super) fn table(rows: &[Row]) -> Vec<Line> {
    let line = |cells: [&str; 5], good| {
        let [dialect, story, steps, passed, findings] = cells;
        Line { text: format!("{dialect:<10}{story:<26}{steps:>7}{passed:>9}{findings:>10}"), good }
    };
    let sum = |of: fn(&Row) -> usize| rows.iter().map(of).sum::<usize>();
    let (steps, passed, findings) = (sum(|row| row.steps), sum(|row| row.passed), sum(|row| row.findings));
    let mut lines = vec![line(["dialect", "story", "steps", "passed", "findings"], true)];
    for row in rows {
        let (steps, passed, findings) =
            (row.steps.to_string(), row.passed.to_string(), row.findings.to_string());
        let good = row.passed == row.steps;
        lines.push(line([row.dialect.name(), row.story, &steps, &passed, &findings], good));
    }
    let good = passed == steps;
    lines.push(line(["", "together", &steps.to_string(), &passed.to_string(), &findings.to_string()], good));
    lines
}
