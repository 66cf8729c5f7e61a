//! Every code block of every document runs as printed. A test of the package `countersign`, so that its binary is the one
//! that was just built.

mod backend;
mod console;
mod gateway;
mod json;
mod node;
mod platform;
mod ports;
mod session;

use countersign_documents::{Document, WITH_RUST, documents, is_page_of_rustdoc, workspace};

use session::Session;

#[test]
fn every_block_runs_as_printed() {
    let _ports = ports::reserve();
    let mut failures = Vec::new();
    let mut count = 0;
    for document in documents().unwrap() {
        if is_page_of_rustdoc(&document).unwrap() {
            continue;
        }
        let mut session = Session::open();
        for block in &document.blocks {
            count += 1;
            if let Err(why) = session.run(&document, block) {
                failures.push(format!("{}:{}: {why}", document.path, block.line));
            }
        }
        if let Err(why) = session.close() {
            failures.push(format!("{}: {why}", document.path));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(count >= 17, "only {count} blocks were found");
}

#[test]
fn a_block_that_nothing_runs_is_a_failure() {
    let document = Document::read("README.md", "```perl\nprint 1\n```\n\n```\nplain\n```\n");
    let mut session = Session::open();
    for block in &document.blocks {
        assert!(session.run(&document, block).is_err(), "{block:?}");
    }
}

#[test]
fn what_differs_from_the_printed_is_a_failure() {
    for (text, why) in [
        ("```console\n$ echo one\ntwo\n```", "\"two\" is printed here, \"one\" by the command"),
        ("```console\n$ echo one\n```", "\"one\" is not printed here"),
        ("```console\n$ false\n```", "exit status: 1"),
        ("```console\n$ cargo xtask nothing\n```", "is no command"),
        ("```console\n$ cargo run -- verify a --config no-such-file\n```", "exit status: 2"),
        ("```json\n{\"a\": …}\n```", "expected value"),
        ("```json\n{\"specversion\": \"1.0\"}\n```", "where no gateway runs"),
        ("```toml\nlisten = \"127.0.0.1:0\"\n```", "the name of its file"),
        ("```sh\necho begun >&2\nfalse\ntrue\n```", "begun"),
        ("```js\nimport { Nobody } from \"countersign\";\nconsole.log(Nobody);\n```", "no exported member"),
        ("```js\nexport const f = (b) => b;\n```", "implicitly has an 'any' type"),
        ("```js\nthrow new Error(\"thrown\");\n```", "thrown"),
        ("```rust\nfn main() {}\n```", "does not name it"),
    ] {
        let document = Document::read("elsewhere.md", text);
        let ran = Session::open().run(&document, &document.blocks[0]);
        assert!(ran.as_ref().is_err_and(|said| said.contains(why)), "{text}\n{ran:?}");
    }
    let right = Document::read("elsewhere.md", "```console\n$ echo one # said\none\n$ echo two\ntwo\n```");
    assert_eq!(Session::open().run(&right, &right.blocks[0]), Ok(()));
}

#[test]
fn an_event_that_the_gateway_does_not_send_is_a_failure() {
    let _ports = ports::reserve();
    let text = countersign_documents::document("README.md").unwrap().text;
    let changed = text.replace("\"fencingtoken\": 1,", "\"fencingtoken\": 2,");
    assert_ne!(changed, text);
    let document = Document::read("README.md", &changed);
    let mut session = Session::open();
    let ran =
        document.blocks.iter().filter(|block| ["toml", "console", "json"].contains(&block.language.as_str()));
    let failed: Vec<_> = ran.filter_map(|block| session.run(&document, block).err()).collect();
    assert!(failed.len() == 1 && failed[0].contains("\"fencingtoken\": 1"), "{failed:?}");
    assert_eq!(session.close(), Ok(()));
}

/// The two commands of the first page cannot run here: one of them runs this test. They are what the continuous
/// integration runs, letter by letter, and what the demo does is a test of its own.
#[test]
fn the_commands_of_the_first_page_are_those_of_the_continuous_integration() {
    let ci = std::fs::read_to_string(workspace().join(".ci/run")).unwrap();
    let ci: Vec<&str> = ci.lines().filter(|line| line.starts_with("cargo ")).collect();
    assert_eq!(ci, ["cargo xtask test", "cargo xtask check"]);
    for path in WITH_RUST {
        let readme = countersign_documents::document(path).unwrap();
        let first = readme.blocks.iter().find(|block| block.language == "console").unwrap();
        let commands: Vec<&str> = console::commands(&first.text).collect();
        assert_eq!(commands, ["cargo xtask demo", "cargo xtask test"], "{path}");
    }
}
