//! Realistic calls: who buys, what is bought, and the fields of every activity.
//!
//! Every function returns the fields under the platform's own names, ready for [`sign`](crate::sign::sign).

mod account;
mod buyer;
mod kit;
pub mod license;
pub mod license_code;
mod order;
pub mod order_notify;
pub mod saas_v1;
pub mod saas_v2;

pub use account::Account;
pub use buyer::{Buyer, Contact, extend_params};
pub use kit::{Sync, instance_of};
pub use order::{Charging, Order};

use crate::{Entropy, Fields};
use serde_json::Value;

/// Why an instance gets a new expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// A trial becomes a formal subscription.
    TrialToFormal,
    /// The subscription is renewed.
    Renewal,
    /// A renewal is taken back; the expiry moves closer.
    CancelledRenewal,
    /// A renewal with another plan; V2 only.
    RenewalChange,
}

/// The call as the debugger and the daily probes send it: `testFlag` 1.
#[must_use]
pub fn debugging(mut fields: Fields) -> Fields {
    set(&mut fields, "testFlag", "1");
    fields
}

/// The call as the platform repeats it: the same business with a fresh `businessId`, where it has one.
#[must_use]
pub fn again(mut fields: Fields, entropy: &mut Entropy) -> Fields {
    if fields.contains_key("businessId") {
        set(&mut fields, "businessId", entropy.uuid());
    }
    fields
}

fn set(fields: &mut Fields, name: &str, value: impl Into<Value>) {
    fields.insert(name.to_owned(), value.into());
}
