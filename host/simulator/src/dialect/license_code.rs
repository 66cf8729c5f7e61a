//! License code 2.0: POST, JSON, signed as SaaS 2.0, answered with a result code and nothing else.

use super::{COMMON_RESULT_CODES, Rules, nothing_required, saas_v2};

pub(super) const RULES: Rules = Rules {
    name: "license-code",
    result_codes: COMMON_RESULT_CODES,
    required: nothing_required,
    ..saas_v2::RULES
};
