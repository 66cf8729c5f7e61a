//! The rules of the core, as behaviour: a small world with a store, a clock and a platform that signs.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test stops at the first surprise"
)]

mod accounts;
mod admit;
mod admit_v1;
mod adopt;
mod ambiguity;
mod answers;
mod change;
mod clock;
mod compute;
mod configuration;
mod create;
mod directory;
mod directory_law;
mod door;
mod entitlement;
mod entitlement_law;
mod flow;
mod format;
mod frames;
mod head;
mod import;
mod kits;
mod law;
mod license_code;
mod licenses;
mod model;
mod order_notify;
mod owed;
mod phase;

mod products;
mod query;
mod reasons;
mod request;
mod shadow;
mod sharing;
mod stale;
mod stranger;
mod subscription;
mod test_traffic;
mod unsigned;
mod world;
