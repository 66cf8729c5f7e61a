//! One document: its blocks run in order, in one folder, and a gateway that one of them started serves the next ones.

use std::fs;
use std::process::Command;

use countersign_documents::{Block, Document, WITH_RUST};
use tempfile::TempDir;

use crate::gateway::Gateway;
use crate::{console, json, node};

/// Why a block is not what it seems.
pub(crate) type Outcome = Result<(), String>;

pub(crate) struct Session {
    pub(crate) folder: TempDir,
    /// Running, while it is.
    pub(crate) gateway: Option<Gateway>,
}

impl Session {
    pub(crate) fn open() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), gateway: None }
    }

    pub(crate) fn run(&mut self, document: &Document, block: &Block) -> Outcome {
        match block.language.as_str() {
            "console" => console::run(self, &block.text),
            "toml" => self.write_configuration(&block.text),
            "json" => json::check(self, &block.text),
            "js" | "ts" => self.stop_gateway().and_then(|()| node::run(self.folder.path(), &block.text)),
            "rust" => rust(document, block),
            "sh" => self.shell(&block.text),
            other => Err(format!("nothing runs blocks of the language {other:?}")),
        }
    }

    pub(crate) fn close(mut self) -> Outcome {
        self.stop_gateway()
    }

    fn stop_gateway(&mut self) -> Outcome {
        self.gateway.take().map_or(Ok(()), Gateway::stop)
    }

    /// A configuration names its file in the comment that begins it. The command that follows loads it.
    fn write_configuration(&self, text: &str) -> Outcome {
        let name = text.lines().next().and_then(|line| line.strip_prefix("# "));
        let name = name
            .filter(|name| name.ends_with(".toml"))
            .ok_or("it does not begin with the name of its file")?;
        fs::write(self.folder.path().join(name), text).map_err(|error| error.to_string())
    }

    fn shell(&self, text: &str) -> Outcome {
        let mut shell = Command::new("sh");
        let output = shell.args(["-euc", text]).current_dir(self.folder.path()).output();
        let output = output.map_err(|error| error.to_string())?;
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }
}

/// Rust blocks run as documentation tests of `countersign-documents`. What is shown is all there is: rustdoc hides lines,
/// pages do not.
fn rust(document: &Document, block: &Block) -> Outcome {
    if !WITH_RUST.contains(&document.path.as_str()) {
        return Err(
            "the library of countersign-documents does not name it among the documents with Rust".to_owned()
        );
    }
    if block.text.lines().any(|line| line == "#" || line.starts_with("# ")) {
        return Err("a line that rustdoc hides is shown".to_owned());
    }
    if !block.text.contains("fn main()") {
        return Err("it has no main function: it does not compile when it is pasted".to_owned());
    }
    Ok(())
}
