//! What is kept of a shadowed call: codes, ids and times. Never a secret, a query string, contact or access data.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use countersign_core::wire::{hex, time};
use countersign_core::{Difference, Reason, Verdict};
use serde_json::{Map, Value, json};

use crate::gate::{Clock, SystemClock};

/// A call that is under way.
#[derive(Debug)]
pub(super) struct Entry {
    members: Map<String, Value>,
    stranger: Option<&'static str>,
}

/// A call that was looked at.
#[derive(Debug)]
pub(super) struct Ended {
    members: Map<String, Value>,
    codes: Vec<&'static str>,
    worth_a_look: bool,
    /// Why no key of ours signed the call.
    stranger: Option<&'static str>,
}

impl Entry {
    pub(super) fn begin(request_id: &[u8; 16], verdict: Option<&Verdict>) -> Self {
        let mut members = Map::new();
        members.insert("time".into(), time::format_rfc3339(SystemClock.now()).into());
        members.insert("request".into(), hex::encode(request_id).into());
        match verdict {
            Some(Verdict::Admitted(call)) => {
                members.insert("dialect".into(), call.dialect.as_ref().into());
                members.insert("product".into(), call.product.as_str().into());
                members.insert("activity".into(), call.event.text("activity").into());
                members.insert("event".into(), call.event.kind.name().into());
                members.insert("test".into(), call.test.into());
            }
            Some(Verdict::Refused(refusal)) => {
                members.insert("product".into(), refusal.product.as_deref().into());
            }
            None => {}
        }
        let stranger = match verdict {
            Some(Verdict::Admitted(_)) => None,
            Some(Verdict::Refused(refusal)) if refusal.is_authenticated() => None,
            Some(Verdict::Refused(refusal)) => Some(refusal.reason.code.code()),
            None => Some("not-judged"),
        };
        Self { members, stranger }
    }

    pub(super) fn request(&self) -> &str {
        self.members.get("request").and_then(Value::as_str).unwrap_or_default()
    }

    /// `own`: our result code and reason; `theirs`: the old handler's status and result code.
    pub(super) fn ended(
        self,
        own: Option<(&str, Option<&Reason>)>,
        theirs: Option<(u16, Option<&str>)>,
        differences: &[Difference],
        took_ms: u64,
    ) -> Ended {
        let Self { mut members, stranger } = self;
        if let Some((code, reason)) = own {
            let reason = reason.map(|reason| reason.code.code());
            members.insert("own".into(), json!({"result_code": code, "reason": reason}));
        }
        if let Some((status, code)) = theirs {
            let code = code.map(short);
            members.insert("theirs".into(), json!({"status": status, "result_code": code}));
        }
        members.insert("milliseconds".into(), took_ms.into());
        members.insert("differences".into(), differences.iter().take(MOST_DIFFERENCES).map(shape).collect());
        if let more @ 1.. = differences.len().saturating_sub(MOST_DIFFERENCES) {
            members.insert("more_differences".into(), more.into());
        }
        let codes = differences.iter().map(|one| one.code.code()).collect();
        let worth_a_look = differences.iter().any(|one| !one.code.is_benign());
        Ended { members, codes, worth_a_look, stranger }
    }
}

/// A line names so many differences, and counts the rest.
const MOST_DIFFERENCES: usize = 20;
/// And so many bytes of what an old handler answered in the place of a code or an id.
const MOST_BYTES: usize = 160;

fn short(text: &str) -> String {
    if text.len() <= MOST_BYTES {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(MOST_BYTES)])
}

fn shape(difference: &Difference) -> Value {
    let mut members = Map::new();
    members.insert("code".into(), difference.code.code().into());
    if difference.code.is_benign() {
        members.insert("benign".into(), true.into());
    }
    let field = difference.field.as_ref().map(|field| field.to_string());
    for (name, text) in [("field", &field), ("own", &difference.own), ("theirs", &difference.theirs)] {
        if let Some(text) = text.as_ref().filter(|text| !text.is_empty()) {
            members.insert(name.into(), short(text).into());
        }
    }
    Value::Object(members)
}

impl Ended {
    pub(super) fn codes(&self) -> &[&'static str] {
        &self.codes
    }

    /// Each code once, in the order of their first.
    pub(super) fn kinds(&self) -> Vec<&'static str> {
        let mut kinds: Vec<&'static str> = Vec::new();
        for code in &self.codes {
            if !kinds.contains(code) {
                kinds.push(code);
            }
        }
        kinds
    }

    /// Whether the platform would mind any of the differences.
    pub(super) fn is_worth_a_look(&self) -> bool {
        self.worth_a_look
    }

    /// Why the call is a stranger's: such calls are counted, and leave nothing.
    pub(super) fn stranger(&self) -> Option<&'static str> {
        self.stranger
    }

    pub(super) fn request(&self) -> &str {
        self.members.get("request").and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn line(&self) -> String {
        let mut line = Value::from(self.members.clone()).to_string();
        line.push('\n');
        line
    }
}

/// Why the record cannot be kept.
#[derive(Debug)]
pub struct RecordError {
    file: PathBuf,
    error: io::Error,
}

impl fmt::Display for RecordError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "cannot write {}: {}", self.file.display(), self.error)
    }
}

impl std::error::Error for RecordError {}

/// Lines on their way to the file; beyond them a line is lost rather than a call delayed.
const WAITING: usize = 4_096;

/// A file that grows by whole lines, written by a thread of its own so that no call waits for the disk.
#[derive(Debug)]
pub(super) struct Record {
    /// `None` once nothing more is to be written.
    lines: Option<SyncSender<String>>,
    writer: Option<JoinHandle<()>>,
}

impl Record {
    pub(super) fn open(file: PathBuf) -> Result<Self, RecordError> {
        let mut out = create(&file).map_err(|error| RecordError { file: file.clone(), error })?;
        let (sender, receiver) = sync_channel::<String>(WAITING);
        let spawned = std::thread::Builder::new().name("shadow-record".into()).spawn(move || {
            for line in receiver {
                if let Err(error) = append(&mut out, &line) {
                    tracing::error!(error = %error.kind(), "a line of the shadow's record is lost");
                }
            }
        });
        let writer = spawned.map_err(|error| RecordError { file, error })?;
        Ok(Self { lines: Some(sender), writer: Some(writer) })
    }

    pub(super) fn write(&self, line: &str) {
        let sent = self.lines.as_ref().map(|lines| lines.try_send(line.to_owned()));
        if !matches!(sent, Some(Ok(()))) {
            tracing::error!("a line of the shadow's record is lost");
        }
    }
}

/// The lines that are on their way are written before the process ends.
impl Drop for Record {
    fn drop(&mut self) {
        self.lines = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

/// Ids of orders and instances are nobody else's business: only the owner reads them.
fn create(file: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let out = options.open(file)?;
    #[cfg(unix)]
    tighten(file, &out)?;
    Ok(out)
}

/// A file that was there before, and that others may read, is the owner's alone from now on.
#[cfg(unix)]
fn tighten(file: &Path, out: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let now = out.metadata()?;
    let mode = now.permissions().mode() & 0o777;
    if now.is_file() && mode & 0o077 != 0 {
        let (file, was) = (file.display(), format!("{mode:03o}"));
        let tightened = out.set_permissions(std::fs::Permissions::from_mode(mode & 0o700));
        if let Err(error) = tightened {
            tracing::warn!(%file, was, error = %error.kind(), "others can read the shadow's record");
        } else {
            tracing::warn!(%file, was, "others could read the shadow's record: now only its owner can");
        }
    }
    Ok(())
}

fn append(out: &mut File, line: &str) -> io::Result<()> {
    out.write_all(line.as_bytes())
}
