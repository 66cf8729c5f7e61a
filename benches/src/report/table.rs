//! One line for each thing that was measured: ours, theirs, the ratio, and whether it is what was promised.

/// What a line should come to.
#[derive(Clone, Copy)]
pub(super) enum Target {
    /// Orientation only.
    None,
    /// At least so many times faster.
    Faster(f64),
    /// At most so many times slower.
    Slower(f64),
    /// Ours is at most so many nanoseconds, whatever the other takes.
    Within(f64),
}

/// One line.
pub(super) struct Row {
    what: String,
    ours: String,
    theirs: String,
    ratio: String,
    target: String,
    met: Option<bool>,
}

impl Row {
    /// Two times in nanoseconds.
    pub(super) fn times(what: String, ours: f64, theirs: f64, target: Target) -> Self {
        Self::compared(what, (time(ours), time(theirs)), theirs / ours, ours, target)
    }

    /// Two rates per second.
    pub(super) fn rates(what: String, ours: f64, theirs: f64, target: Target) -> Self {
        Self::compared(what, (rate(ours), rate(theirs)), ours / theirs, 1e9 / ours, target)
    }

    fn compared(what: String, shown: (String, String), faster: f64, took: f64, target: Target) -> Self {
        let (target, met) = match target {
            Target::None => (String::new(), None),
            Target::Faster(times) => (format!("≥ {times}× faster"), Some(faster >= times)),
            Target::Slower(times) => (format!("≤ {times}× slower"), Some(1.0 / faster <= times)),
            Target::Within(limit) => (format!("< {}", time(limit)), Some(took < limit)),
        };
        let ratio = if faster >= 1.0 {
            format!("{faster:.1}× faster")
        } else {
            format!("{:.1}× slower", 1.0 / faster)
        };
        Self { what, ours: shown.0, theirs: shown.1, ratio, target, met }
    }

    /// A size in bytes.
    pub(super) fn size(what: &str, bytes: usize, limit: Option<usize>) -> Self {
        let kibibytes = |bytes: usize| format!("{:.0} KiB", bytes as f64 / 1024.0);
        Self {
            what: what.to_owned(),
            ours: kibibytes(bytes),
            theirs: String::new(),
            ratio: String::new(),
            target: limit.map_or_else(String::new, |limit| format!("≤ {}", kibibytes(limit))),
            met: limit.map(|limit| bytes <= limit),
        }
    }

    fn cells(&self) -> [&str; 6] {
        let met = match self.met {
            None => "",
            Some(true) => "yes",
            Some(false) => "NO",
        };
        [&self.what, &self.ours, &self.theirs, &self.ratio, &self.target, met]
    }
}

/// All lines, in the order in which they were measured.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Row>,
    notes: Vec<String>,
}

const HEAD: [&str; 6] = ["median of", "ours", "the other", "ratio", "target", "met"];

impl Table {
    pub(super) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// A sentence below the table.
    pub(super) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// As text in columns, or as Markdown.
    pub(super) fn print(&self, markdown: bool) -> String {
        let mut lines: Vec<[&str; 6]> = vec![HEAD];
        lines.extend(self.rows.iter().map(Row::cells));
        let width = |column: usize| {
            lines
                .iter()
                .filter_map(|line| line.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
        let (left, between, right) = if markdown { ("| ", " | ", " |\n") } else { ("", "  ", "\n") };
        let mut text = String::new();
        for (number, line) in lines.iter().enumerate() {
            let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            text += &format!("{left}{}{right}", cells.collect::<Vec<_>>().join(between));
            if number == 0 {
                let rules = widths.iter().map(|width| "-".repeat(*width));
                text += &format!("{left}{}{right}", rules.collect::<Vec<_>>().join(between));
            }
        }
        for note in &self.notes {
            text += &format!("\n{note}");
        }
        text
    }
}

fn rate(per_second: f64) -> String {
    format!("{per_second:.0}/s")
}

/// Three significant digits and a unit.
fn time(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        ns if ns < 1e3 => (ns, "ns"),
        ns if ns < 1e6 => (ns / 1e3, "µs"),
        ns if ns < 1e9 => (ns / 1e6, "ms"),
        ns => (ns / 1e9, "s"),
    };
    let decimals = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.decimals$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(row: &Row) -> Option<bool> {
        row.met
    }

    #[test]
    fn targets_are_met_at_their_edge_and_missed_beyond_it() {
        let times = |ours, theirs, target| Row::times(String::new(), ours, theirs, target);
        assert_eq!(met(&times(10.0, 25.0, Target::Faster(2.5))), Some(true));
        assert_eq!(met(&times(10.0, 24.0, Target::Faster(2.5))), Some(false));
        assert_eq!(met(&times(80.0, 10.0, Target::Slower(8.0))), Some(true));
        assert_eq!(met(&times(81.0, 10.0, Target::Slower(8.0))), Some(false));
        assert_eq!(met(&times(99e6, 1.0, Target::Within(100e6))), Some(true));
        assert_eq!(met(&times(100e6, 1e12, Target::Within(100e6))), Some(false));
        assert_eq!(met(&Row::rates(String::new(), 300.0, 100.0, Target::Faster(3.0))), Some(true));
        assert_eq!(met(&Row::rates(String::new(), 299.0, 100.0, Target::Faster(3.0))), Some(false));
        assert_eq!(met(&Row::size("", 1024, Some(1024))), Some(true));
        assert_eq!(met(&Row::size("", 1025, Some(1024))), Some(false));
    }

    #[test]
    fn figures_have_a_unit_that_suits_them() {
        for (nanoseconds, text) in [
            (1.0, "1.00 ns"),
            (12.34, "12.3 ns"),
            (999.0, "999 ns"),
            (1_500.0, "1.50 µs"),
            (2.5e8, "250 ms"),
            (3e9, "3.00 s"),
        ] {
            assert_eq!(time(nanoseconds), text);
        }
    }

    #[test]
    fn columns_stand_below_each_other() {
        let mut table = Table::default();
        table.add(Row::times("admit".to_owned(), 1e3, 2e3, Target::Faster(1.5)));
        let text = table.print(true);
        let bars: Vec<Vec<usize>> = text
            .lines()
            .map(|line| line.chars().enumerate().filter(|(_, c)| *c == '|').map(|(at, _)| at).collect())
            .collect();
        assert_eq!(bars.len(), 3);
        assert!(bars.windows(2).all(|pair| pair[0] == pair[1]), "{text}");
    }
}
