//! What is allowed and may still be a mistake: a host prints it when it opens the configuration.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use super::{Route, Seller};
use crate::crypto::Secret;

/// One warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Where: `routes[0].keys[1]`.
    pub path: String,
    /// `shared-key`: another product has the same key, and neither path nor time is signed; `short-key`.
    pub code: &'static str,
    /// A sentence. Holds no key.
    pub message: String,
}

/// The platform's own keys have 36 characters, the shortest of its examples 7; below this one guesses them.
const SHORT_KEY_CHARACTERS: usize = 16;

impl Seller {
    /// Everything that an operator should look at, in the order of the configuration.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        for (index, route) in self.routes.iter().enumerate() {
            if let Some(other) = self.routes.iter().position(|other| may_be_played_against(route, other)) {
                let message = format!(
                    "shares a key with routes[{other}], whose product is another: a captured call of one is genuine \
                     at the other, for ever; name the product_ids of both"
                );
                warnings.push(Warning { path: format!("routes[{index}]"), code: "shared-key", message });
            }
            for ring in route.endpoint.rings() {
                for (key, secret) in ring.secrets.iter().enumerate() {
                    if characters(secret) < SHORT_KEY_CHARACTERS {
                        let message =
                            format!("has fewer than {SHORT_KEY_CHARACTERS} characters: it can be guessed");
                        let path = format!("routes[{index}].{}[{key}]", ring.name);
                        warnings.push(Warning { path, code: "short-key", message });
                    }
                }
            }
        }
        warnings
    }
}

/// How long a key is; of bytes that are no text, their number.
fn characters(secret: &Secret) -> usize {
    let bytes = secret.expose();
    core::str::from_utf8(bytes).map_or(bytes.len(), |text| text.chars().count())
}

/// Whether a call that was signed for the other route is taken by this one.
fn may_be_played_against(route: &Route, other: &Route) -> bool {
    // Calls that name no product cannot be told apart by it.
    let names_product = route.dialect.activities().iter().any(|activity| activity.has_field("product_id"));
    route.product != other.product
        && (!names_product || route.policy.product_ids.is_empty())
        && route.dialect.is_timeless()
        && other.dialect.name() == route.dialect.name()
        && !route.rings_shared_with(other).is_empty()
}
