//! Every code that a host can say stands in a table, in one spelling.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use countersign_core::ReasonCode;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The sources of a folder, without what only tests see.
fn sources(folder: &Path) -> Vec<String> {
    let entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let is_rust = |path: &&PathBuf| path.extension().is_some_and(|ending| ending == "rs");
    let read = |path: &PathBuf| (path.clone(), std::fs::read_to_string(path).unwrap());
    let files: Vec<(PathBuf, String)> = entries.iter().filter(is_rust).map(read).collect();
    let tests: BTreeSet<&str> = files.iter().flat_map(|(_, text)| modules_of_tests(text)).collect();
    let is_test =
        |path: &PathBuf| path.file_stem().is_some_and(|name| tests.contains(name.to_str().unwrap()));
    let own = files.iter().filter(|(path, _)| !is_test(path)).map(|(_, text)| without_tests(text).to_owned());
    let folders = entries.iter().filter(|path| path.is_dir() && !is_test(path));
    own.chain(folders.flat_map(|folder| sources(folder))).collect()
}

const OF_TESTS: &str = "#[cfg(test)]\nmod ";

/// The modules that a source declares for tests alone and that stand in files of their own.
fn modules_of_tests(text: &str) -> impl Iterator<Item = &str> {
    text.split(OF_TESTS).skip(1).filter_map(|piece| piece.lines().next()?.strip_suffix(';'))
}

/// A source up to the tests at its end.
fn without_tests(text: &str) -> &str {
    let begins =
        |at: &usize| text[at + OF_TESTS.len()..].lines().next().is_some_and(|line| line.ends_with('{'));
    let begin = text.match_indices(OF_TESTS).map(|(at, _)| at).find(begins);
    &text[..begin.unwrap_or(text.len())]
}

/// What stands between an opening bracket, with which `text` begins, and its closing one.
fn enclosed(text: &str, open: char, close: char) -> &str {
    let mut depth = 0;
    let (mut quoted, mut escaped) = (false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            _ if character == open => depth += 1,
            _ if character == close => {
                depth -= 1;
                if depth == 0 {
                    return &text[..at];
                }
            }
            _ => {}
        }
    }
    text
}

/// The string literals of a piece of source.
fn literals(text: &str) -> Vec<&str> {
    text.split('"').skip(1).step_by(2).collect()
}

/// The arguments of a call, of which `text` is everything behind the opening bracket.
fn arguments(text: &str) -> Vec<String> {
    let (mut all, mut last, mut depth, mut quoted) = (Vec::new(), String::new(), 0, false);
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                all.push(std::mem::take(&mut last).trim().to_owned());
                continue;
            }
            _ => {}
        }
        last.push(character);
    }
    all.push(last.trim().to_owned());
    all
}

/// Every code that stands in these sources: what functions named `code` return, what is put into a member of that name,
/// and what mistakes and refusals are made with.
fn codes(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in source.match_indices("fn code(") {
        let body = &source[at..][source[at..].find('{').unwrap()..];
        found.extend(literals(enclosed(body, '{', '}')).into_iter().map(str::to_owned));
    }
    for piece in source.split("code: \"").skip(1) {
        found.extend(piece.split('"').next().map(str::to_owned));
    }
    for (begin, place) in [("problem(", 1), (".add(", 1)] {
        for (at, _) in source.match_indices(begin) {
            let call = &source[at + begin.len() - 1..];
            let arguments = arguments(&enclosed(call, '(', ')')[1..]);
            let code = arguments.get(place).and_then(|text| text.strip_prefix('"')?.strip_suffix('"'));
            found.extend(code.map(str::to_owned));
        }
    }
    found
}

/// The codes in the first column of every table.
fn table(file: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join(file)).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let all: Vec<String> = rows.map(str::to_owned).collect();
    let set: BTreeSet<String> = all.iter().cloned().collect();
    assert_eq!(all.len(), set.len(), "a code stands twice in {file}");
    set
}

fn said() -> BTreeSet<String> {
    let hosts = ["host/ledger/src", "host/runtime/src", "host/service/src"];
    let mut said: BTreeSet<String> =
        hosts.iter().flat_map(|folder| sources(&root().join(folder))).flat_map(|text| codes(&text)).collect();
    // Alarms are the core's.
    said.extend(sources(&root().join("core/src/directory")).iter().flat_map(|text| codes(text)));
    for text in sources(&root().join("core/src/ledger")) {
        for piece in text.split("Alarm {").skip(1) {
            let code = piece.split_once("code: \"").filter(|(before, _)| !before.contains('}'));
            said.extend(code.and_then(|(_, behind)| behind.split('"').next()).map(str::to_owned));
        }
        for piece in text.split(".alarm(\"").skip(1) {
            said.extend(piece.split('"').next().map(str::to_owned));
        }
    }
    said
}

#[test]
fn every_code_stands_in_a_table() {
    let reasons: BTreeSet<String> = ReasonCode::ALL.iter().map(|one| one.code().to_owned()).collect();
    let (said, known) = (said(), table("host/CODES.md"));
    assert!(said.len() > 40, "the sources were not read: {said:?}");
    let unknown: Vec<_> =
        said.iter().filter(|code| !reasons.contains(*code) && !known.contains(*code)).collect();
    assert!(unknown.is_empty(), "in no table: {unknown:?}");
    let unsaid: Vec<_> = known.iter().filter(|code| !said.contains(*code)).collect();
    assert!(unsaid.is_empty(), "in the table, and nobody says it: {unsaid:?}");
    let twice: Vec<_> = known.iter().filter(|code| reasons.contains(*code)).collect();
    assert!(twice.is_empty(), "the core's, and again in the table of the hosts: {twice:?}");
}

#[test]
fn codes_have_one_spelling() {
    let reasons = ReasonCode::ALL.iter().map(|one| one.code().to_owned());
    for code in said().into_iter().chain(reasons) {
        let plain =
            code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        assert!(plain && !code.starts_with('-') && !code.ends_with('-') && !code.contains("--"), "{code}");
    }
}

#[test]
fn codes_are_found_wherever_they_are_said() {
    let source = r#"
        fn code(self) -> &'static str { match self { Self::A => "from-code", Self::B { .. } => { "from-block" } } }
        let alarm = Alarm { code: "from-member".into(), instance };
        problem(StatusCode::BAD_REQUEST, "from-problem", format!("a, b"));
        problems.add(&format!("{path}[{index}]"), "from-add", "message");
        problems.add(path, code, "not-a-literal");
    "#;
    let found: Vec<String> = codes(source).into_iter().collect();
    assert_eq!(found, ["from-add", "from-block", "from-code", "from-member", "from-problem"]);
}

#[test]
fn what_only_tests_see_is_left_out() {
    let source = "mod a;\n#[cfg(test)]\nmod made_up;\nmod b;\n#[cfg(test)]\nmod tests {\n}\n";
    assert_eq!(modules_of_tests(source).collect::<Vec<_>>(), ["made_up"]);
    assert_eq!(without_tests(source), "mod a;\n#[cfg(test)]\nmod made_up;\nmod b;\n");
}
