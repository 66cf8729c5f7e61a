//! Whether the gate can take calls: it can as long as the store takes commits.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use countersign_core::ledger::{Change, Write};
use countersign_core::wire::hex;
use countersign_ledger::{Outcome, StoreError};

use super::Gate;
use super::entropy::fresh;

/// A commit that is no longer ago proves that the store takes commits. Milliseconds.
const FRESH_MS: u64 = 10_000;
/// Two proofs are so far apart at least, however often somebody asks. Milliseconds.
const PROOF_EVERY_MS: u64 = 1_000;
/// A store that takes longer is not one to send calls to.
const PROOF_TIMEOUT: Duration = Duration::from_secs(2);
/// What a proof writes: more than the rows of a call, so that a disk with room for a proof has room for one.
const PROOF_BYTES: usize = 65_536;

/// What is known about the store's commits.
#[derive(Debug)]
pub(super) struct Health {
    state: Mutex<State>,
    /// One proof at a time; whoever asks meanwhile gets its result.
    proving: tokio::sync::Mutex<()>,
    /// The row of the proofs: of this process alone, so that nobody else's commit decides about it.
    key: String,
}

/// Times are of the monotonic clock.
#[derive(Debug, Default)]
struct State {
    /// The last commit that held and changed something.
    held_at: Option<u64>,
    /// The last proof.
    proved_at: Option<u64>,
    /// Why the last commit failed; `None`: it did not.
    failure: Option<String>,
}

impl State {
    /// A misuse says nothing about the store.
    fn fail(&mut self, error: &StoreError) {
        if matches!(error, StoreError::Misuse(_)) {
            return;
        }
        if self.failure.is_none() {
            tracing::error!(code = error.code(), cause = %error, "not ready: the store failed");
        }
        self.failure = Some(error.to_string());
    }
}

impl Health {
    pub(super) fn new() -> Self {
        let key = format!("ready/{}", hex::encode(&fresh::<16>()));
        Self { state: Mutex::default(), proving: tokio::sync::Mutex::default(), key }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A commit has ended. One that met a rival, or changed nothing, proves nothing.
    pub(super) fn heard(&self, result: &Result<Outcome, StoreError>, changes: bool, monotonic: u64) {
        let mut state = self.state();
        match result {
            Ok(Outcome::Committed) if changes => {
                state.held_at = Some(monotonic);
                if state.failure.take().is_some() {
                    tracing::info!("ready again: the store takes commits");
                }
            }
            Ok(_) => {}
            Err(error) => state.fail(error),
        }
    }

    /// A load has failed.
    pub(super) fn failed(&self, error: &StoreError) {
        self.state().fail(error);
    }

    /// What is known without asking the store; `None`: it has to be asked.
    fn known(&self, monotonic: u64) -> Option<bool> {
        let state = self.state();
        let within = |at: Option<u64>, limit| at.is_some_and(|at| monotonic.saturating_sub(at) < limit);
        if state.failure.is_none() && within(state.held_at, FRESH_MS) {
            return Some(true);
        }
        within(state.proved_at, PROOF_EVERY_MS).then_some(state.failure.is_none() && state.held_at.is_some())
    }
}

impl Gate {
    /// Whether calls should be sent here: the store took a commit within the last ten seconds and refused none since, or
    /// takes one now. So readiness is lost while commits fail, or the ledger's file is gone, and comes back by itself.
    pub async fn is_ready(&self) -> bool {
        if let Some(known) = self.health.known(self.clock.monotonic()) {
            return known;
        }
        let _one = self.health.proving.lock().await;
        if let Some(known) = self.health.known(self.clock.monotonic()) {
            return known;
        }
        let proof = tokio::time::timeout(PROOF_TIMEOUT, self.prove()).await;
        let reason = match proof {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error),
            Err(_) => Some(StoreError::Unavailable { reason: "it did not answer in time".to_owned() }),
        };
        let monotonic = self.clock.monotonic();
        self.health.state().proved_at = Some(monotonic);
        if let Some(error) = &reason {
            self.health.failed(error);
        }
        reason.is_none()
    }

    /// Reads and writes a row that means nothing to anybody.
    async fn prove(&self) -> Result<(), StoreError> {
        let key = self.health.key.clone();
        let rows = self.store.load(vec![key.clone()]).await?;
        let expect = rows.first().and_then(|row| row.value.as_ref()).map(|stored| stored.version);
        let change = Change::Put { bytes: vec![0; PROOF_BYTES], expires_at: Some(self.clock.now()) };
        self.store.commit(vec![Write { key, expect, change }]).await.map(|_| ())
    }
}
