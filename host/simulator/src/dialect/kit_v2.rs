//! The kit, second version: POST JSON to a sub-path, the signature in the header.
//!
//! ```text
//! payload = the body: top-level names in ascending order of UTF-16 code units, compact, null members left out
//! x-sign  = hex( HMAC-SHA256(accessKey, accessKey + nonce + timestamp + payload) )
//! ```

use super::{Family, KIT_RESULT_CODES, Rules, nothing_required, saas_v2};
use crate::crypto::{AccessKey, hex_lower, hex_upper, hmac_sha1, hmac_sha256};
use crate::fault::{self, Fault};
use crate::http::HttpRequest;
use crate::sign::{SignError, SignInput};
use zeroize::Zeroizing;

pub(super) const RULES: Rules = Rules {
    name: "kit-v2",
    family: Family::V2,
    sub_path: "/produceAPI/v2",
    result_codes: KIT_RESULT_CODES,
    sign,
    required: nothing_required,
    ..saas_v2::RULES
};

/// An OrgID calls as the kit does, under a key of its own.
pub(super) const ORGID_RULES: Rules = Rules { name: "orgid-sync", ..RULES };

/// The same by SHA-1, which an administrator may have chosen.
pub(super) const ORGID_SHA1_RULES: Rules = Rules { sign: sign_sha1, ..ORGID_RULES };

type Digest = fn(&[u8], &[u8]) -> Vec<u8>;

fn sign(input: &SignInput<'_>, faults: &[Fault]) -> Result<HttpRequest, SignError> {
    signed(input, faults, |key, text| hmac_sha256(key, text).to_vec())
}

fn sign_sha1(input: &SignInput<'_>, faults: &[Fault]) -> Result<HttpRequest, SignError> {
    signed(input, faults, |key, text| hmac_sha1(key, text).to_vec())
}

fn signed(input: &SignInput<'_>, faults: &[Fault], digest: Digest) -> Result<HttpRequest, SignError> {
    let key = fault::signing_key(input.key, faults);
    let timestamp = fault::clock(input.now_ms, faults).to_string();
    let nonce = saas_v2::nonce(input.nonce, faults);
    let members = saas_v2::ordered(input.fields);
    let (mut body, payload) = saas_v2::body_and_payload(&members, faults)?;
    let signature = signature(&key, &nonce, &timestamp, &payload, digest);
    for fault in faults {
        if let Fault::ChangedAfterSigning { field, value } = fault {
            let changed = saas_v2::changed(&members, field, value);
            body = saas_v2::sent(&changed.ok_or_else(|| fault.not_applicable())?, faults)?;
        }
    }
    let lower = faults.contains(&Fault::LowerCaseHex);
    let signature = if lower { hex_lower(&signature) } else { hex_upper(&signature) };
    let mut stamp = vec![("x-sign", signature), ("x-timestamp", timestamp), ("x-nonce", nonce.into_owned())];
    for fault in faults {
        match fault {
            Fault::MissingSignature => stamp.retain(|(name, _)| *name != "x-sign"),
            Fault::MovedDigit => saas_v2::move_digit(&mut stamp, "x-nonce", "x-timestamp"),
            Fault::RepeatedParameter { name } => {
                let again = stamp.iter().find(|(sent, _)| sent == name).cloned();
                stamp.push(again.ok_or_else(|| fault.not_applicable())?);
            }
            _ => {}
        }
    }
    let mut headers = vec![
        ("Host".to_owned(), input.host.to_owned()),
        ("Accept".to_owned(), "application/json".to_owned()),
        ("Content-Type".to_owned(), "application/json;charset=utf8".to_owned()),
    ];
    headers.extend(stamp.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Ok(HttpRequest { method: "POST", target: input.path.to_owned(), headers, body: body.into_bytes() })
}

fn signature(key: &AccessKey, nonce: &str, timestamp: &str, payload: &str, digest: Digest) -> Vec<u8> {
    let secret = key.reveal();
    let text = Zeroizing::new(format!("{secret}{nonce}{timestamp}{payload}"));
    digest(secret.as_bytes(), text.as_bytes())
}
