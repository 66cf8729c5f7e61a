//! Routes that take the very same calls: which key signed a call decides whose it is.
//!
//! One production address serves several interfaces of a product, so the platform sends their calls to one place. Nothing that
//! is unverified may choose the route. So routes share a target only if no key is common to them, and no activity, since a
//! call must not mean one thing under this key and another under that; and if they judge the signed time alike, which is
//! done before any key is used.

use super::Route;
use crate::dialect::share_an_activity;

/// Why two routes cannot take the same calls; `None` if they can.
pub(super) fn hindrance(route: &Route, other: &Route) -> Option<&'static str> {
    let (Some(freshness), Some(others)) = (route.endpoint.freshness(), other.endpoint.freshness()) else {
        return Some("another route with this path takes the same calls");
    };
    if share_an_activity(route.dialect.activities(), other.dialect.activities()) {
        Some("another route with this path takes the same calls")
    } else if !route.rings_shared_with(other).is_empty() {
        Some(
            "another route with this path takes the same calls, and only a key of its own could tell them apart",
        )
    } else if freshness != others {
        Some("another route with this path takes the same calls, and judges their signed time otherwise")
    } else {
        None
    }
}
