//! Idempotency: what is remembered about calls, and the pure decisions over it.
//!
//! | row | key | holds |
//! |---|---|---|
//! | order | `order/<product>/<order>[/product/<item> or /line/<line>]` | the instance id, written once |
//! | instance | `instance/<product>/<instance>` | everything that is known, and the lane of its works |
//! | name | `username/<product>/<name>`, `code/<product>/<code>` | what was created under it at an identity centre, and the create that is on its way |
//! | account | `account/<product>/<id>`, `organization/<product>/<id>` | what is known under an id, and the lane of its updates and its end |
//! | notice | `notice/<product>/<order>` | the lane of what is new of an order |
//! | license | `license/<product>/<instance>/<request>` | a licence that was asked for by itself, written once |
//! | work | `work/<effect>` | one effect that is owed: whose it is, its event, its lease and fencing token |
//! | end | `effect/<effect>` | how a work ended, for seven days |
//! | replay | `replay/<signature>` | a signed call that was taken in |
//! | token | `token/<product>/<instance>` | the highest fencing token of an instance whose adoption failed |
//! | tenant | `tenant/<product>/<tenant>/<instance>` | a tenant under one instance, its epoch, and the lane of what the backend is told of it |
//! | application | `application/<product>/<tenant>/<instance>/<application>` | whether it is bound, and its credential |
//! | member | `member/<product>/<tenant>/<instance>/<application>/<user>` | whether the user may use it, and his entry |
//! | department | `department/<product>/<tenant>/<instance>/<code>` | its name, its place, and the snapshot that it is of |
//!
//! Test traffic has rows of its own under `test/`. What may change in a row, and what a version does with rows of another,
//! is said in `row`.
//!
//! # Lanes
//!
//! Every work belongs to a subject, and the row of the subject holds the lane in which its works stand: only the one at the
//! front is leased and sent, and those of different subjects go side by side. Leases, fencing, the waits between sends and
//! what is remembered of a work that is over are the same for every subject; what an end means for the subject, its row
//! says (`ending`). Subjects are instances (`instance`) and orders of which the platform sends notices (`notice`).
//!
//! FREEZE, UNFREEZE and release set their fields when they are reserved, creates, renewals and upgrades when they are done. A
//! status call equal to the one last asked for joins its open work, or succeeds where none is open; another removes the
//! status works that nobody runs, and a release removes all that nobody runs, also when it is repeated.
//!
//! The `phase` in an effect is that of the ledger once the effect is carried out. It is written when the work comes to the
//! front of its lane, and from then on every send of the effect has the same bytes but for the fencing token, with one
//! exception: a status or a release that is taken in while the work waits at the front, or runs there, changes the phase of
//! its next send, since it is in the ledger already. A send that is under way then has said what was true when it left; the
//! effect that follows it tells the backend the rest.
//!
//! Fencing tokens count per lane and never go down: the lane has the highest of the works that are over, each open work its
//! own, and where an adoption failed and took the row of the instance with it, the token row has it.
//!
//! # What is stale
//!
//! Status, expiry and plan each have the time of the call that was reserved last: the lesser of its signed time and now. A
//! call signed before it is answered with success and not applied; an equal time is not stale, and nothing else is compared.
//!
//! * A renewal to a future expiry that is not a cancellation sets the time of the status too, when it is reserved: no freeze
//!   that was signed before comes back, whether it arrives before or after the renewal is done. When it is done it lifts a
//!   freeze of earlier time.
//! * Success is never said for what was neither done nor overtaken. A call that was refused is answered with its refusal
//!   when it is stale; a refusal gives its field back the time from before, so that it overtakes nobody; and a create that
//!   is refused takes with it whatever was asked for its instance.
//!
//! # Instants
//!
//! Clocks step both ways. A lease or a wait that ends further ahead than it can last counts as over; what is said to have
//! happened in the future did not; a recorded time in the future makes no call stale that is not signed in the future
//! itself; and a replay row blocks its bytes for as long as it is there, whatever the clock says.
//!
//! # Examples
//!
//! ```
//! use countersign_core::ledger::{Row, instance_key, view_instance};
//! use countersign_core::{ReasonCode, Seller};
//!
//! let configuration = br#"{"routes": [{"path": "/saas", "dialect": "saas-v2", "keys": ["test-access-key-0001"]}]}"#;
//! let seller = Seller::from_json(configuration)?;
//!
//! assert_eq!(instance_key("crm", "a/b"), "instance/crm/a%2Fb");
//! assert_eq!(view_instance(b"{}", false).err(), Some(ReasonCode::CorruptRow));
//! let absent = Row { key: instance_key("crm", "a"), value: None };
//! assert!(seller.due(&[absent], 1_700_000_000_000).works.is_empty());
//! # Ok::<(), countersign_core::ConfigError>(())
//! ```

mod access;
mod account;
mod admission;
mod assignment;
mod catalogue;
mod change;
mod context;
mod contract;
mod create;
mod decide;
mod decision;
mod directory;
mod directory_view;
mod due;
mod effect;
mod ending;
mod import;
mod instance;
pub(crate) mod instant;
pub(crate) mod key;
mod lane;
mod lease;
mod license;
mod notice;
#[cfg(test)]
mod outbox;
mod place;
mod query;
mod question;
mod queue;
mod reserve;
pub(crate) mod row;
mod ruling;
mod settle;
mod snapshot;
mod subject;
mod tenant;
mod test_traffic;
mod view;
mod work;

pub(crate) use access::read as access_data;
pub(crate) use admission::Admission;
pub use catalogue::{AnswerField, AnswerShape, answer_fields};
pub(crate) use context::DecisionContext;
pub use contract::{Change, Row, Stored, Write};
pub(crate) use decide::{check_replay, rule};
pub use decision::{
    Alarm, Answered, Assignment, Decision, Due, DueWork, Effect, Outcome, Settled, Settlement, Settling,
    Unreadable,
};
pub use directory_view::{DirectoryKeys, DirectoryView, directory_keys, view_directory};
pub use import::{Export, Import, export_instance};
pub(crate) use query::look_up;
pub(crate) use ruling::Ruling;
pub(crate) use snapshot::{Changes, Snapshot, Stop};
pub use view::{
    AccessUpdate, AccessView, INSTANCE_PREFIX, InstanceView, OwedEffect, WORK_PREFIX, instance_key,
    view_instance,
};
pub(crate) use work::settlement_keys;
