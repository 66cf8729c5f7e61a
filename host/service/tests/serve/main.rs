//! The gateway as the platform, the seller's backend and an operator meet it: over sockets.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod adopt;
mod api;
mod backend;
mod bodies;
mod certificate;
mod clocks;
mod configuration;
mod crowd;
mod deadline;
mod disk;
mod kept;
mod ledger_file;
mod listener;
mod log;
mod openapi;
mod owed;
mod process;
mod purchase;
mod reload;
mod requests;
mod secrets;
mod shadow;
mod store;
mod support;
mod tls;
mod transfer;
mod verify;
