//! Secrets of the configuration: a string, `{ env = "NAME" }` or `{ file = "path" }`.

use std::path::Path;

use countersign_core::has_stray_characters;
use serde_json::Value;
use zeroize::{Zeroize, Zeroizing};

use super::file::{self, Fault};
use super::problem::{Problem, Problems};

/// The most bytes of a secret in a file.
const MAX_FILE_BYTES: u64 = 65_536;

/// Replaces `{ env = … }` and `{ file = … }` in `routes[].keys` by the text that they name; everything else stays as
/// it is. A file's path is relative to `base`; a byte order mark before it and one line end after it are dropped.
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
    match read_file(file) {
        Ok(text) => Some(text),
        Err(fault) => {
            problems.add(path, fault.code, fault.message);
            None
        }
    }
}

/// The secret in a file that a command line names, or a sentence that says why there is none.
pub(crate) fn secret_in(file: &Path) -> Result<Zeroizing<String>, String> {
    read_file(file).map_err(|fault| fault.message)
}

/// A secret in a file: without the byte order mark that some editors write before a text, and without one line end
/// after it.
fn read_file(file: &Path) -> Result<Zeroizing<String>, Fault> {
    let text = file::read_text(file, MAX_FILE_BYTES)?;
    let line = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if line.is_empty() {
        return Err(Fault::new("empty", file, "is empty"));
    }
    Ok(Zeroizing::new(line.to_owned()))
}

/// Whether a secret is free of what came along when it was copied. Named at the path, whatever it came from.
pub(super) fn is_clean(text: &str, path: &str, problems: &mut Problems) -> bool {
    let stray = has_stray_characters(text);
    if stray {
        let message = "holds what no secret holds: a line end, a tab, an invisible character, a blank or a quote at its ends";
        problems.add(path, "stray-character", message);
    }
    !stray
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
        std::fs::write(folder.path().join("marked"), "\u{feff}fifth\r\n").unwrap();
        let mut document = json!({"routes": [{"keys": [
            "first", {"file": "unix"}, {"file": "windows"}, {"file": "lines"}, {"env": "PATH"}, {"file": "marked"},
        ]}]});
        assert!(resolve_secrets(&mut document, folder.path()).is_empty());
        let keys = &document["routes"][0]["keys"];
        assert_eq!(keys[0], "first");
        assert_eq!(keys[1], "second");
        assert_eq!(keys[2], "third");
        assert_eq!(keys[3], "fourth\n");
        assert_eq!(keys[4], std::env::var("PATH").unwrap());
        assert_eq!(keys[5], "fifth");
    }

    #[test]
    fn a_file_that_holds_no_secret_is_named_for_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let code = |name: &str, bytes: &[u8]| {
            let file = folder.path().join(name);
            std::fs::write(&file, bytes).unwrap();
            read_file(&file).map(|text| text.to_string()).map_err(|fault| fault.code)
        };
        assert_eq!(code("empty", b""), Err("empty"));
        assert_eq!(code("line", b"\r\n"), Err("empty"));
        assert_eq!(code("mark", b"\xEF\xBB\xBF\n"), Err("empty"));
        assert_eq!(code("utf-16", b"\xFF\xFEa\0"), Err("unreadable"));
        assert_eq!(code("latin", b"p\xE4ss"), Err("unreadable"));
        assert_eq!(code("large", &[b'a'; 65_537]), Err("out-of-range"));
        assert_eq!(code("largest", &[b'a'; 65_536]), Ok("a".repeat(65_536)));
        assert_eq!(read_file(folder.path()).unwrap_err().code, "unreadable");
        assert_eq!(read_file(&folder.path().join("none")).unwrap_err().code, "unreadable");
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
