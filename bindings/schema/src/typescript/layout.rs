//! Lines of at most 120 characters.

use std::collections::{BTreeMap, BTreeSet};

use super::idiom;

pub(super) const WIDTH: usize = 120;

/// `open`, the items separated by commas, `close`: in one line if that fits behind `before` characters, else one item a line.
pub(super) fn listed(before: usize, indent: usize, open: &str, items: &[String], close: &str) -> String {
    let (space, end) = if open.ends_with('{') { (" ", " ") } else { ("", "") };
    let line = format!("{open}{space}{}{end}{close}", items.join(", "));
    if before + line.len() <= WIDTH {
        return line;
    }
    let blanks = " ".repeat(indent);
    let lines: Vec<String> = items.iter().map(|item| format!("{blanks}  {item},\n")).collect();
    format!("{open}\n{}{blanks}{close}", lines.concat())
}

/// A doc comment.
pub(super) fn comment(indent: usize, text: &str) -> String {
    let blanks = " ".repeat(indent);
    let line = format!("{blanks}/** {text} */\n");
    if line.len() <= WIDTH {
        return line;
    }
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let full = lines.last().is_some_and(|line| indent + 4 + line.len() + word.len() > WIDTH);
        match lines.last_mut() {
            Some(line) if !full => *line = format!("{line} {word}"),
            _ => lines.push(format!(" {word}")),
        }
    }
    let body: Vec<String> = lines.iter().map(|line| format!("{blanks} *{line}\n")).collect();
    format!("{blanks}/**\n{}{blanks} */\n", body.concat())
}

/// What a file needs of others.
#[derive(Default)]
pub(super) struct Imports {
    values: BTreeMap<&'static str, BTreeSet<String>>,
    types: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Imports {
    pub(super) fn value(&mut self, file: &'static str, name: &str) {
        self.values.entry(file).or_default().insert(name.to_owned());
    }

    pub(super) fn known(&mut self, file: &'static str, name: &str) {
        self.types.entry(file).or_default().insert(name.to_owned());
    }

    /// The names among these words that begin with a capital letter and are declared somewhere.
    pub(super) fn types_in(&mut self, code: &str) {
        const BUILT_IN: [&str; 2] = ["Uint8Array", "Record"];
        for word in code.split(|letter: char| !letter.is_ascii_alphanumeric()) {
            if word.starts_with(|first: char| first.is_ascii_uppercase()) && !BUILT_IN.contains(&word) {
                self.known(idiom::declared_in(word), word);
            }
        }
    }

    pub(super) fn print(&self) -> String {
        let files: BTreeSet<&&str> = self.values.keys().chain(self.types.keys()).collect();
        files.into_iter().map(|file| self.of(file)).collect()
    }

    fn of(&self, file: &str) -> String {
        let names = |from: &BTreeMap<&str, BTreeSet<String>>| -> Vec<String> {
            from.get(file).into_iter().flatten().cloned().collect()
        };
        let (values, types) = (names(&self.values), names(&self.types));
        let end = format!("}} from \"{file}\";\n");
        if values.is_empty() {
            return listed(0, 0, "import type {", &types, &end);
        }
        let types = types.into_iter().map(|name| format!("type {name}"));
        listed(0, 0, "import {", &types.chain(values).collect::<Vec<_>>(), &end)
    }
}
