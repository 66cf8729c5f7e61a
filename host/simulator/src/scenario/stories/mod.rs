//! The stories that every gate must live through: a life, trouble at the seller, attacks, debugging.

mod attacks;
mod debugging;
mod life;
mod trouble;

pub use attacks::attacks;
pub use debugging::debugging;
pub use life::life;
pub use trouble::trouble;

use super::story::Story;
use crate::Dialect;

/// All stories of a dialect, in telling order.
#[must_use]
pub fn stories(dialect: Dialect) -> Vec<Story> {
    vec![life(dialect), trouble(dialect), attacks(dialect), debugging(dialect)]
}

/// What a newInstance or queryInstance is answered while the work is still running: V2 has a code for it, V1 asks
/// ordinary sellers not to use that code, so the platform is made to try again.
fn unfinished(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::SaasV1 => "000005",
        Dialect::SaasV2 => "000004",
    }
}
