//! May this user do this, now, and why: the entitlement decision.
//!
//! A seller writes one policy: roles, plans, limits, phases and access rules. The records of one product (instances, tenants,
//! applications, departments, members, usage) are the world. A check reads nothing else: no clock, no network, no randomness. What
//! is not known denies, and says so.
//!
//! # Examples
//!
//! ```
//! use countersign_core::entitlement::{Directory, Verdict};
//!
//! let world = br#"{"policy": {"schema": 1, "version": "1"},
//!     "tenants": [{"tenant_id": "t"}], "applications": [{"tenant_id": "t", "app_id": "crm"}],
//!     "members": [{"tenant_id": "t", "app_id": "crm", "user_name": "li", "role": "user"}]}"#;
//! let (directory, warnings) = Directory::load(world)?;
//! assert!(warnings.is_empty());
//!
//! let check = br#"{"tenant_id": "t", "app_id": "crm", "user_name": "li", "now": 1772416800000}"#;
//! assert_eq!(directory.check(check)?.verdict(), Verdict::Allow);
//! let check = br#"{"tenant_id": "t", "app_id": "crm", "user_name": "wang", "now": 1772416800000}"#;
//! let decision = directory.check(check)?;
//! assert_eq!((decision.verdict(), decision.reason().reason().name), (Verdict::Deny, "member-unknown"));
//! # Ok::<(), countersign_core::entitlement::EntitlementError>(())
//! ```

mod check;
mod code;
mod decision;
mod digest;
mod directory;
mod evaluate;
mod json;
mod number;
mod policy;
mod shape;
mod store;
mod world;

pub use check::{Change, Check, Name, Subject, Target};
pub use code::{CHECK_REASONS, CheckCode, CheckReason, Codes};
pub use decision::{Decision, Outcome, Verdict};
pub use directory::{Directory, EntitlementError, PolicyWarning};
