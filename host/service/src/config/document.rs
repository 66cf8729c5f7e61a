//! The text of a configuration becomes a document of tables, texts and numbers.

use std::path::Path;

use serde_json::{Map, Number, Value};

use super::file::{self, Fault};
use super::problem::{ConfigErrors, Problem, Problems};

/// No configuration is larger.
const MAX_FILE_BYTES: u64 = 4_194_304;

/// Reads the file.
pub(super) fn from_file(path: &Path) -> Result<Value, ConfigErrors> {
    match file::read_text(path, MAX_FILE_BYTES) {
        Ok(text) => from_toml(&text),
        Err(Fault { code, message }) => {
            let problem = Problem { path: String::new(), code, message };
            Err(ConfigErrors { problems: vec![problem] })
        }
    }
}

/// Reads TOML. What the parser says of a mistake goes without the line that it stands in: it may hold a secret.
pub(super) fn from_toml(text: &str) -> Result<Value, ConfigErrors> {
    let mut problems = Problems::default();
    let document = match text.parse::<toml::Table>() {
        Ok(table) => Some(convert(toml::Value::Table(table), "", &mut problems)),
        Err(error) => {
            let (line, column) = position(text, error.span().map_or(0, |span| span.start));
            let what = error.message().lines().next().unwrap_or("is not TOML");
            let what = if names_a_value(what) { "is not TOML" } else { what };
            problems.add("", "wrong-type", format!("line {line}, column {column}: {what}"));
            None
        }
    };
    problems.unless_any(document)
}

/// Messages that quote what they found in the text.
fn names_a_value(message: &str) -> bool {
    message.contains(['"', '\''])
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

fn convert(value: toml::Value, path: &str, problems: &mut Problems) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::Number(number.into()),
        toml::Value::Float(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Datetime(_) => {
            problems.add(path, "wrong-type", "must not be a date");
            Value::Null
        }
        toml::Value::Array(items) => {
            let items = items.into_iter().enumerate();
            items.map(|(index, item)| convert(item, &format!("{path}[{index}]"), problems)).collect()
        }
        toml::Value::Table(table) => {
            let mut members = Map::new();
            for (name, value) in table {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let value = convert(value, &path, problems);
                members.insert(name, value);
            }
            Value::Object(members)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_placed_and_its_line_is_not_repeated() {
        let error = from_toml("listen = \"x\"\nsecret = \"s3cr3t\" extra\n").unwrap_err();
        let text = error.to_string();
        assert!(text.contains("line 2"), "{text}");
        assert!(!text.contains("s3cr3t"), "{text}");
    }
}
