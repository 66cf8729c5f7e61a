//! What a ledger remembers of an instance beside what a seller knows: which renewals are done, what was signed when.
//! An export carries it so that another ledger goes on where this one stopped; a seller's own table has none.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;

use crate::crypto::Iv;
use crate::ledger::row::{Access, InstanceRow, Queued, RefusedOnce, Status, Times};
use crate::wire::json::Value;

/// Written by serde, read member by member: whatever is missing or of another type makes it none.
#[derive(Debug, Serialize)]
pub(super) struct State {
    fingerprint: String,
    created_at: u64,
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frozen: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requested: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    released: Option<u64>,
    times: Times,
    token: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    done: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<RefusedOnce>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<u64>,
    /// Vectors of the credentials, so that a repeated answer is the same to the byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    ivs: Option<[String; 2]>,
}

fn text(value: &Value<'_>) -> Option<String> {
    value.as_str().map(ToString::to_string)
}

fn number(value: &Value<'_>) -> Option<u64> {
    match value {
        Value::Number(digits) => digits.parse().ok(),
        _ => None,
    }
}

fn list<T>(value: Option<&Value<'_>>, read: impl Fn(&Value<'_>) -> Option<T>) -> Option<Vec<T>> {
    value.map_or_else(|| Some(Vec::new()), |items| items.as_array()?.iter().map(read).collect())
}

fn status(value: &Value<'_>) -> Option<Status> {
    match value.as_str()? {
        "freeze" => Some(Status::Freeze),
        "unfreeze" => Some(Status::Unfreeze),
        _ => None,
    }
}

fn iv(value: &Value<'_>) -> Option<String> {
    let text = value.as_str()?;
    text.as_bytes().try_into().ok().and_then(Iv::new).map(|_| text.to_string())
}

fn refusal(value: &Value<'_>) -> Option<RefusedOnce> {
    let member = |name| value.get(name).and_then(text);
    let at = value.get("at").and_then(number)?;
    let recorded_at = value.get("recorded_at").map_or(Some(0), number)?;
    let (once, code, message) = (member("once")?, member("code")?, member("message")?);
    Some(RefusedOnce { once, code, message, at, recorded_at })
}

/// More tokens than the works of one instance are given while they are open: each send takes one, and at the longest
/// waits these are for years.
const OPEN_TOKENS: u64 = 1_000_000;

/// The members of an export, each once.
const NAMES: [&str; 13] = [
    "fingerprint",
    "created_at",
    "attempt",
    "item",
    "frozen",
    "requested",
    "released",
    "times",
    "token",
    "done",
    "refused",
    "revision",
    "ivs",
];

impl State {
    pub(super) fn read(value: &Value<'_>) -> Option<Self> {
        let known = |name: &str| NAMES.contains(&name);
        if !value.as_object()?.iter().all(|(name, _)| known(name)) {
            return None;
        }
        // What is there must be right; `Some(None)` is what is not there.
        let optional = |name| value.get(name).map_or(Some(None), |one| number(one).map(Some));
        let times = value.get("times")?;
        let time = |name| times.get(name).and_then(number);
        let ivs = list(value.get("ivs"), iv)?;
        Some(Self {
            fingerprint: value.get("fingerprint").and_then(text)?,
            created_at: optional("created_at")??,
            attempt: optional("attempt")?.and_then(|attempt| attempt.try_into().ok())?,
            item: value.get("item").map_or(Some(None), |one| text(one).map(Some))?,
            frozen: optional("frozen")?,
            requested: value.get("requested").map_or(Some(None), |one| status(one).map(Some))?,
            released: optional("released")?,
            times: Times { status: time("status")?, expiry: time("expiry")?, plan: time("plan")? },
            token: optional("token")??,
            done: list(value.get("done"), text)?,
            refused: list(value.get("refused"), refusal)?,
            revision: optional("revision")?,
            ivs: if ivs.is_empty() { None } else { Some(ivs.try_into().ok()?) },
        })
    }

    pub(super) fn of(row: &InstanceRow) -> Self {
        // A status that is still owed counts as never asked for: the next call brings it about.
        let owed = row.queue.iter().any(Queued::is_status);
        Self {
            fingerprint: row.fingerprint.clone(),
            created_at: row.created_at,
            attempt: row.attempt,
            item: row.item.clone(),
            frozen: row.frozen,
            requested: row.requested.filter(|_| !owed),
            released: row.released,
            times: row.times.clone(),
            // The row of an open work knows how far its tokens have come; whoever goes on elsewhere begins beyond them.
            token: if row.queue.is_empty() { row.token } else { row.token.saturating_add(OPEN_TOKENS) },
            done: row.done.clone(),
            refused: row.refused.clone(),
            revision: row.access.as_ref().map(|access| access.revision),
            ivs: row.access.as_ref().map(|access| [access.user_name_iv.clone(), access.password_iv.clone()]),
        }
    }

    pub(super) fn item(&self) -> Option<&str> {
        self.item.as_deref()
    }

    pub(super) fn access(&self, mut access: Access) -> Access {
        access.revision = self.revision.unwrap_or(access.revision);
        if let Some([user_name, password]) = &self.ivs {
            access.user_name_iv.clone_from(user_name);
            access.password_iv.clone_from(password);
        }
        access
    }

    /// Into a row whose phase the line says: a state of another phase has no say in it.
    pub(super) fn restore(self, row: &mut InstanceRow) {
        row.fingerprint = self.fingerprint;
        row.created_at = self.created_at;
        row.attempt = self.attempt;
        row.times = self.times;
        row.token = self.token;
        row.done = self.done;
        row.refused = self.refused;
        if row.released.is_some() {
            row.released = self.released.or(row.released);
            row.frozen = self.frozen;
            row.requested = self.requested;
        } else if row.frozen.is_some() == self.frozen.is_some() {
            row.frozen = self.frozen;
            row.requested = self.requested;
        }
    }
}
