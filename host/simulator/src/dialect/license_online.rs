//! Online activation of licences: POST, JSON, signed as SaaS 2.0.

use super::{Rules, saas_v2};

pub(super) const RULES: Rules =
    Rules { name: "license-online", result_codes: RESULT_CODES, ..saas_v2::RULES };

/// Beside the common table four codes of licences.
const RESULT_CODES: &[&str] = &[
    "000000", "000001", "000002", "000003", "000004", "000005", "000100", "000101", "000102", "000103",
    "000104", "000105", "000106", "000107", "000900", "000901", "000902", "000903",
];
