//! The table at the end.

use crate::demo::run::StorySummary;

/// One line of the table.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) good: bool,
}

/// A heading, a line per story, a sum.
pub(super) fn table(stories: &[StorySummary]) -> Vec<Line> {
    let line = |cells: [&str; 5], good| {
        let [dialect, story, steps, passed, findings] = cells;
        Line { text: format!("{dialect:<15}{story:<25}{steps:>7}{passed:>9}{findings:>10}"), good }
    };
    let sum = |of: fn(&StorySummary) -> usize| stories.iter().map(of).sum::<usize>();
    let (steps, passed, findings) =
        (sum(|story| story.steps), sum(|story| story.passed), sum(|story| story.findings));
    let mut lines = vec![line(["dialect", "story", "steps", "passed", "findings"], true)];
    for story in stories {
        let (steps, passed, findings) =
            (story.steps.to_string(), story.passed.to_string(), story.findings.to_string());
        let good = story.passed == story.steps;
        lines.push(line([story.dialect.name(), story.story, &steps, &passed, &findings], good));
    }
    let good = passed == steps;
    lines.push(line(["", "together", &steps.to_string(), &passed.to_string(), &findings.to_string()], good));
    lines
}
