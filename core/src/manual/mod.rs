//! The manual: why the rules are what they are, one page for one job. It holds no code.
//!
//! | To learn | read |
//! |---|---|
//! | what happens between a request and its answer, and what a host has to do | [`life_of_a_call`] |
//! | what each call means for the ledger, and what is answered when | [`calls`] |
//! | what a store must promise | [`storage`] |
//! | when a call is fresh, and what a second arrival of it is | [`freshness`] |
//! | what a key is for, and how one is replaced | [`keys`] |
//! | what the platform's documents leave open, and the setting for each | [`open_questions`] |
//! | where a new dialect, operation, store or language goes | [`extending`] |
//! | how an operation is added, file by file | [`operations`] |

#[doc = include_str!("life_of_a_call.md")]
pub mod life_of_a_call {}

#[doc = include_str!("calls.md")]
pub mod calls {}

#[doc = include_str!("storage.md")]
pub mod storage {}

#[doc = include_str!("freshness.md")]
pub mod freshness {}

#[doc = include_str!("keys.md")]
pub mod keys {}

#[doc = include_str!("open_questions.md")]
pub mod open_questions {}

#[doc = include_str!("extending.md")]
pub mod extending {}

#[doc = include_str!("operations.md")]
pub mod operations {}
