//! The `Body-Sign` header: `sign_type="HMAC-SHA256", signature= "<Base64>"` over the exact body bytes.

use super::{CheckInput, Complaint};
use crate::crypto::verify_base64;
use crate::http::HttpResponse;

const NAME: &str = "Body-Sign";

pub(super) fn check(input: &CheckInput<'_>, response: &HttpResponse, complaints: &mut Vec<Complaint>) {
    let Some(value) = response.header_exactly(NAME) else {
        let similar = response.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(NAME));
        if let Some((name, _)) = similar {
            complaints.push(Complaint::BodySignName { got: name.clone() });
        } else if input.dialect.rules().body_sign_required {
            complaints.push(Complaint::BodySignMissing);
        }
        return;
    };
    match signature(value) {
        None => complaints.push(Complaint::BodySignForm { got: value.to_owned() }),
        Some(signature) if !verify_base64(input.key.reveal().as_bytes(), &response.body, signature) => {
            complaints.push(Complaint::BodySignWrong);
        }
        Some(_) => {}
    }
}

/// What stands between the quotes of the documented form; the blank after `signature=` may be missing.
fn signature(value: &str) -> Option<&str> {
    let rest = value.strip_prefix(r#"sign_type="HMAC-SHA256", signature="#)?;
    let quoted = rest.strip_prefix(' ').unwrap_or(rest);
    quoted.strip_prefix('"')?.strip_suffix('"').filter(|signature| !signature.contains('"'))
}
