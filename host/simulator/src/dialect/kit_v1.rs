//! The kit, first version: POST JSON to a sub-path, `authToken` in the header.
//!
//! ```text
//! text      = name1=value1&name2=value2&…    the members of the body, names in ascending order of UTF-16 code units;
//!                                            texts as they are, anything else as compact JSON, null left out
//! authToken = Base64( HMAC-SHA256(accessKey + timeStamp, text) )    timeStamp: yyyyMMddHHmmssSSS, UTC+8
//! ```

use super::{Family, KIT_RESULT_CODES, Rules, nothing_required, saas_v1, saas_v2};
use crate::crypto::{base64, hmac_sha256};
use crate::fault::{self, Fault};
use crate::http::HttpRequest;
use crate::sign::{SignError, SignInput};
use crate::{Fields, stamp};
use serde_json::Value;
use zeroize::Zeroizing;

pub(super) const RULES: Rules = Rules {
    name: "kit-v1",
    family: Family::V1,
    sub_path: "/produceAPI",
    result_codes: KIT_RESULT_CODES,
    sign,
    required: nothing_required,
    ..saas_v1::RULES
};

/// The platform's wall clock is eight hours ahead of UTC.
const BEIJING_MS: u64 = 28_800_000;

const STAMP: &str = "timeStamp";

fn sign(input: &SignInput<'_>, faults: &[Fault]) -> Result<HttpRequest, SignError> {
    let mut members = input.fields.clone();
    match faults.iter().find(|fault| matches!(fault, Fault::ClockError { .. })) {
        Some(fault) if members.contains_key(STAMP) => return Err(fault.not_applicable()),
        _ => {}
    }
    let wall = fault::clock(input.now_ms, faults).saturating_add(BEIJING_MS);
    let stamp = members.entry(STAMP).or_insert_with(|| stamp::with_millis(wall).into());
    let stamp = stamp.as_str().unwrap_or_default().to_owned();
    let members = saas_v2::ordered(&members);
    let key = fault::signing_key(input.key, faults);
    let mac_key = Zeroizing::new(format!("{}{stamp}", key.reveal()));
    let token = base64(&hmac_sha256(mac_key.as_bytes(), signed_text(&members).as_bytes()));
    let mut body = saas_v2::sent(&members, faults)?;
    let mut tokens = vec![token];
    for fault in faults {
        match fault {
            Fault::MissingSignature => tokens.clear(),
            Fault::RepeatedParameter { name } if name == "authToken" => {
                tokens.extend(tokens.first().cloned());
            }
            Fault::RepeatedParameter { .. } => return Err(fault.not_applicable()),
            Fault::ChangedAfterSigning { field, value } => {
                let changed = saas_v2::changed(&members, field, value);
                body = saas_v2::sent(&changed.ok_or_else(|| fault.not_applicable())?, faults)?;
            }
            _ => {}
        }
    }
    let mut headers = vec![
        ("Host".to_owned(), input.host.to_owned()),
        ("Accept".to_owned(), "application/json".to_owned()),
        ("Content-Type".to_owned(), "application/json;charset=utf8".to_owned()),
    ];
    headers.extend(tokens.into_iter().map(|token| ("authToken".to_owned(), token)));
    Ok(HttpRequest { method: "POST", target: input.path.to_owned(), headers, body: body.into_bytes() })
}

fn signed_text(members: &Fields) -> String {
    let value = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => crate::json::value(other),
    };
    let pairs: Vec<String> = members.iter().map(|(name, one)| format!("{name}={}", value(one))).collect();
    pairs.join("&")
}
