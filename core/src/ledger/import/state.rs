//! What a ledger remembers of an instance beside what a seller knows: which renewals are done, what was signed when.
//! An export carries it so that another ledger goes on where this one stopped; a seller's own table has none.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::crypto::Iv;
use crate::ledger::row::{Access, InstanceRow, Queued, RefusedOnce, Status, Times};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    fingerprint: String,
    created_at: u64,
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    item: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    frozen: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    requested: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    released: Option<u64>,
    times: Times,
    token: u64,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    done: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    refused: Vec<RefusedOnce>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    revision: Option<u64>,
    /// Vectors of the credentials, so that a repeated answer is the same to the byte.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    ivs: Option<[String; 2]>,
}

impl State {
    pub(super) fn read(text: &str) -> Option<Self> {
        let state: Self = serde_json::from_str(text).ok()?;
        let sound = |iv: &String| iv.as_bytes().try_into().ok().and_then(Iv::new).is_some();
        state.ivs.iter().flatten().all(sound).then_some(state)
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
            token: row.token,
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
