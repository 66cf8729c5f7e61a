//! Events of an identity centre: what a story needs to know of them; how they are signed stands in [`crate::account`].

use super::{Rules, nothing_required, saas_v2};
use crate::fault::Fault;
use crate::http::HttpRequest;
use crate::sign::{SignError, SignInput};

pub(super) const RULES: Rules = Rules {
    name: "account-events",
    result_codes: &["200", "400", "401", "404", "500"],
    time_limit_ms: 300_000,
    sign,
    body_sign_required: false,
    required: nothing_required,
    ..saas_v2::RULES
};

fn sign(_: &SignInput<'_>, _: &[Fault]) -> Result<HttpRequest, SignError> {
    Err(SignError::SignedByCentre)
}
