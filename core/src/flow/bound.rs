//! The bounds of every flow, in one place.

/// Loads of one flow before it is given up: each follows a rival's commit, a wait, or a row that names another.
pub(super) const MAX_ROUNDS: u32 = 64;

/// A waiter looks again after so many milliseconds: a commit of another process wakes nobody.
pub(super) const LOOK_AGAIN_MS: u64 = 200;

/// So long before its deadline an answer is settled and committed, milliseconds.
pub(super) const SETTLE_MS: u64 = 100;

/// So long before its deadline an answer leaves whatever the store does, milliseconds.
pub(super) const LAST_MOMENT_MS: u64 = 20;

/// Commits of unknown fate that are tried again: a store that does not say what it did will not say it next time either.
pub(super) const MAX_DOUBTS: u32 = 3;

/// A pause after a rival's commit is shorter than so many milliseconds; its length varies, so that rivals do not stay in
/// step.
pub(super) const LONGEST_PAUSE_MS: u64 = 8;

/// No deadline: nobody waits for the answer.
pub(super) const NEVER: u64 = u64::MAX;
