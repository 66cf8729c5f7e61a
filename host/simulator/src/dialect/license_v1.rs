//! License 1.0: GET, signed as SaaS 1.0; a licence comes with the answer.

use super::{Required, Rules, saas_v1};

pub(super) const RULES: Rules = Rules { name: "license-v1", required, ..saas_v1::RULES };

/// getLicense must return both; early versions without renewal left the id empty.
fn required(activity: &str, result_code: &str) -> Required {
    match (activity, result_code) {
        ("getLicense", "000000") => Required { instance_id: true, license: true, ..Required::default() },
        _ => Required::default(),
    }
}
