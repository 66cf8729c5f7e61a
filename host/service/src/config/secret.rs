//! Secrets of the configuration: a string, `{ env = "NAME" }` or `{ file = "path" }`.

use std::path::Path;

use serde_json::Value;
use zeroize::{Zeroize, Zeroizing};

use super::problem::{Problem, Problems};

/// The most bytes of a secret in a file.
const MAX_FILE_BYTES: u64 = 65_536;

/// Replaces `{ env = … }` and `{ file = … }` in `routes[].keys` by the text that they name; everything else stays as
/// it is. A file's path is relative to `base`; one line end at its end is dropped.
///
/// A secret that cannot be had is returned as a problem, and a text takes its place that is no secret, so that
/// whoever reads the document goes on to the next mistake.
pub fn resolve_secrets(document: &mut Value, base: &Path) -> Vec<Problem> {
    let mut problems = Problems::default();
    let routes = document.get_mut("routes").and_then(Value::as_array_mut);
    for (number, route) in routes.into_iter().flatten().enumerate() {
        let keys = route.get_mut("keys").and_then(Value::as_array_mut);
        for (index, key) in keys.into_iter().flatten().enumerate() {
            if !key.is_object() {
                continue;
            }
            let path = format!("routes[{number}].keys[{index}]");
            let text = read(key, &path, base, &mut problems);
            let text = text.map_or_else(|| format!("unresolved {path}"), |text| text.to_string());
            *key = Value::String(text);
        }
    }
    problems.into_list()
}

/// Reads one secret.
pub(super) fn read(
    value: &Value,
    path: &str,
    base: &Path,
    problems: &mut Problems,
) -> Option<Zeroizing<String>> {
    let members = match value {
        Value::String(text) => return Some(Zeroizing::new(text.clone())),
        Value::Object(members) => members,
        _ => {
            problems.add(path, "wrong-type", FORMS);
            return None;
        }
    };
    let mut members = members.iter();
    match (members.next(), members.next()) {
        (Some((name, Value::String(variable))), None) if name == "env" => {
            from_environment(variable, path, problems)
        }
        (Some((name, Value::String(file))), None) if name == "file" => {
            from_file(&base.join(file), path, problems)
        }
        _ => {
            problems.add(path, "wrong-type", FORMS);
            None
        }
    }
}

const FORMS: &str = "must be a string, { env = \"NAME\" } or { file = \"path\" }";

fn from_environment(variable: &str, path: &str, problems: &mut Problems) -> Option<Zeroizing<String>> {
    // `std::env::var` panics on no name that it is given, but no variable has one of these.
    let name_is_possible = !variable.is_empty() && !variable.contains(['=', '\0']);
    match name_is_possible.then(|| std::env::var(variable)) {
        Some(Ok(text)) => Some(Zeroizing::new(text)),
        Some(Err(std::env::VarError::NotUnicode(_))) => {
            problems.add(path, "unreadable", format!("the environment variable {variable} is not UTF-8"));
            None
        }
        _ => {
            problems.add(path, "missing", format!("the environment variable {variable:?} is not set"));
            None
        }
    }
}

fn from_file(file: &Path, path: &str, problems: &mut Problems) -> Option<Zeroizing<String>> {
    use std::io::Read;
    let mut bytes = Zeroizing::new(Vec::new());
    let read =
        std::fs::File::open(file).and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes));
    if let Err(error) = read {
        problems.add(path, "unreadable", format!("cannot read {}: {}", file.display(), error.kind()));
        return None;
    }
    if u64::try_from(bytes.len()).map_or(true, |length| length > MAX_FILE_BYTES) {
        problems.add(path, "out-of-range", format!("{} is larger than 64 KiB", file.display()));
        return None;
    }
    let Ok(text) = std::str::from_utf8(&bytes) else {
        problems.add(path, "unreadable", format!("{} is not UTF-8", file.display()));
        return None;
    };
    let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    Some(Zeroizing::new(text.to_owned()))
}

/// Wipes every text of a document that held secrets.
pub(super) fn wipe(document: &mut Value) {
    match document {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_come_from_texts_files_and_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("unix"), "second\n").unwrap();
        std::fs::write(folder.path().join("windows"), "third\r\n").unwrap();
        std::fs::write(folder.path().join("lines"), "fourth\n\n").unwrap();
        let mut document = json!({"routes": [{"keys": [
            "first", {"file": "unix"}, {"file": "windows"}, {"file": "lines"}, {"env": "PATH"},
        ]}]});
        assert!(resolve_secrets(&mut document, folder.path()).is_empty());
        let keys = &document["routes"][0]["keys"];
        assert_eq!(keys[0], "first");
        assert_eq!(keys[1], "second");
        assert_eq!(keys[2], "third");
        assert_eq!(keys[3], "fourth\n");
        assert_eq!(keys[4], std::env::var("PATH").unwrap());
    }

    #[test]
    fn every_secret_that_cannot_be_had_is_named() {
        let mut document = json!({"routes": [{"keys": [
            {"env": "COUNTERSIGN_NO_SUCH_VARIABLE"}, {"env": ""}, {"file": "no such file"}, {"both": 1}, {},
        ]}]});
        let problems = resolve_secrets(&mut document, Path::new("/nowhere"));
        let found: Vec<(&str, &str)> = problems.iter().map(|one| (one.path.as_str(), one.code)).collect();
        assert_eq!(
            found,
            [
                ("routes[0].keys[0]", "missing"),
                ("routes[0].keys[1]", "missing"),
                ("routes[0].keys[2]", "unreadable"),
                ("routes[0].keys[3]", "wrong-type"),
                ("routes[0].keys[4]", "wrong-type"),
            ]
        );
    }
}
