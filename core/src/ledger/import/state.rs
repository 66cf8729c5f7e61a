//! What a ledger remembers of an instance beside what a seller knows: which renewals are done, what was signed when.
//! An export carries it so that another ledger goes on where this one stopped; a seller's own table has none.

use alloc::string::String;
use alloc::vec::Vec;

use crate::crypto::Iv;
use crate::ledger::lane::Queued;
use crate::ledger::row::codec::{Field, record};
use crate::ledger::row::{Access, InstanceRow, RefusedOperation, Status, Times};
use crate::wire::json::Value;

record! {
    /// Whatever is missing, of another type or unknown makes it none.
    #[derive(Debug)]
    State {
        fingerprint: String,
        created_at: u64,
        attempt: u32,
        [sparse] item: Option<String>,
        [sparse] frozen: Option<u64>,
        [sparse] requested: Option<Status>,
        [sparse] released: Option<u64>,
        times: Times,
        token: u64,
        [sparse] done: Vec<String>,
        [sparse] refused: Vec<RefusedOperation>,
        [sparse] revision: Option<u64>,
        /// Vectors of user name and password, so that a repeated answer is the same to the byte.
        [sparse] ivs: Vec<String>,
    }
}

fn is_iv(text: &str) -> bool {
    text.as_bytes().try_into().ok().and_then(Iv::new).is_some()
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
        let state: Self = Field::read(value)?;
        let vectors = matches!(state.ivs.as_slice(), [] | [_, _]) && state.ivs.iter().all(|iv| is_iv(iv));
        (vectors && value.as_object()?.iter().all(|(name, _)| known(name))).then_some(state)
    }

    pub(super) fn of(row: &InstanceRow) -> Self {
        // A status that is still owed counts as never asked for: the next call brings it about.
        let owed = row.lane.has(Queued::is_status);
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
            token: if row.lane.is_empty() {
                row.lane.token
            } else {
                row.lane.token.saturating_add(OPEN_TOKENS)
            },
            done: row.done.clone(),
            refused: row.refused.clone(),
            revision: row.access.as_ref().map(|access| access.revision),
            ivs: row.access.as_ref().map_or_else(Vec::new, |access| {
                Vec::from([access.user_name_iv.clone(), access.password_iv.clone()])
            }),
        }
    }

    pub(super) fn item(&self) -> Option<&str> {
        self.item.as_deref()
    }

    pub(super) fn access(&self, mut access: Access) -> Access {
        access.revision = self.revision.unwrap_or(access.revision);
        if let [user_name, password] = self.ivs.as_slice() {
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
        row.lane.token = self.token;
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
