//! Idempotency: what is remembered about calls, and the pure decisions over it.
//!
//! | row | key | holds |
//! |---|---|---|
//! | order | `order/<product>/<order>[/product/<item> or /line/<line>]` | the instance id, written once |
//! | instance | `instance/<product>/<instance>` | everything that is known, and the queue of its works |
//! | work | `work/<effect>` | one effect that is owed, with lease and fencing token |
//! | end | `effect/<effect>` | how a work ended, for seven days |
//! | replay | `replay/<signature>` | a signed call that was taken in |
//! | token | `token/<product>/<instance>` | the highest fencing token of an instance whose adoption failed |
//!
//! Test traffic has rows of its own under `test/`.

mod access;
mod admission;
mod change;
mod contract;
mod create;
mod decide;
mod decision;
mod due;
mod effect;
mod import;
mod instant;
pub(crate) mod key;
mod probe;
mod query;
mod question;
mod queue;
pub(crate) mod row;
mod settle;
mod snapshot;
mod view;
mod work;

pub(crate) use access::read as access_data;
pub(crate) use admission::Admission;
pub use contract::{Change, Row, Stored, Write};
pub(crate) use decide::{Scene, Verdict};
pub use decision::{
    Alarm, Answered, Assignment, Decision, Due, DueWork, Effect, Outcome, Settled, Settlement, Settling,
    Unreadable,
};
pub use import::{Export, Import, export_instance};
pub(crate) use query::look_up;
pub(crate) use snapshot::{Changes, Snapshot, Stop};
pub use view::{
    AccessUpdate, AccessView, INSTANCE_PREFIX, InstanceView, OwedEffect, WORK_PREFIX, instance_key,
    view_instance,
};
