//! The stories that every gate must live through: a life, trouble at the seller, attacks, debugging.

mod accounts;
mod attacks;
mod codes;
mod debugging;
mod kits;
mod licenses;
mod life;
mod notices;
mod trouble;

pub use attacks::attacks;
pub use debugging::debugging;
pub use life::life;
pub use trouble::trouble;

use super::story::{Call, Step, Story};
use crate::{Dialect, Family, Fault};

/// All stories of a dialect, in telling order.
#[must_use]
pub fn stories(dialect: Dialect) -> Vec<Story> {
    match dialect {
        Dialect::SaasV1 | Dialect::SaasV2 => {
            vec![life(dialect), trouble(dialect), attacks(dialect), debugging(dialect)]
        }
        Dialect::LicenseV1 => licenses::first(),
        Dialect::LicenseOnline => licenses::online(),
        Dialect::LicenseCode => codes::stories(),
        Dialect::OrderNotify => notices::stories(),
        Dialect::KitV1 | Dialect::KitV2 | Dialect::OrgidSync | Dialect::OrgidSyncSha1 => {
            kits::stories(dialect)
        }
        Dialect::AccountEvents => accounts::stories(),
    }
}

/// What nobody may get through with: a wrong key, a changed body, no signature, a time that is over, the same bytes again.
fn strangers(dialect: Dialect, call: &Call, field: &str) -> Vec<Step> {
    let change =
        Fault::ChangedAfterSigning { field: field.to_owned(), value: "CS-of-somebody-else".to_owned() };
    let mut steps = vec![
        Step::new("under a wrong key", call.clone()).spoilt(Fault::WrongKey, dialect),
        Step::new("without a signature", call.clone()).spoilt(Fault::MissingSignature, dialect),
        Step::new("changed on the way", call.clone()).spoilt(change, dialect),
    ];
    if dialect.family() == Family::V2 {
        let stale = Fault::ClockError { ms: -61_000 };
        steps.extend([
            Step::new("signed too long ago", call.clone()).spoilt(stale, dialect),
            Step::new("names stand twice", call.clone()).spoilt(
                Fault::DuplicateName { field: field.to_owned(), value: "CS-other".to_owned() },
                dialect,
            ),
            Step::new("the same bytes come again", call.clone()).replayed(&["000001"]),
        ]);
    }
    steps
}

/// What a newInstance or queryInstance is answered while the work is still running: V2 has a code for it, V1 asks
/// ordinary sellers not to use that code, so the platform is made to try again.
fn unfinished(dialect: Dialect) -> &'static str {
    match dialect.family() {
        Family::V1 => "000005",
        Family::V2 => "000004",
    }
}
