//! SaaS access guide 2.0: POST, JSON, three query parameters.
//!
//! ```text
//! payload   = the body: top-level names in ascending order of UTF-16 code units, compact, null members left out
//! inner     = lower-case hex( HMAC-SHA256(accessKey, payload) )
//! signature = hex( HMAC-SHA256(accessKey, accessKey + nonce + timestamp + inner) )
//! ```
//!
//! Only the top level is sorted; nested objects keep the order in which they were given.

use super::{Family, Required, Rules, SAAS_RESULT_CODES};
use crate::crypto::{AccessKey, hex_lower, hex_upper, hmac_sha256};
use crate::fault::{self, Fault};
use crate::http::HttpRequest;
use crate::sign::{SignError, SignInput};
use crate::{Fields, json};
use serde_json::Value;
use std::borrow::Cow;
use zeroize::Zeroizing;

/// The documents contradict each other on whether answers are signed: the status page of 2024-05-16 and the European
/// rule page say so, newer pages are silent. A signed answer satisfies both readings, so an unsigned one is a complaint.
const BODY_SIGN_REQUIRED: bool = true;

/// The European page says 5 s, the questions page 20 s: who answers within 5 s satisfies both.
const TIME_LIMIT_MS: u64 = 5_000;

pub(super) const RULES: Rules = Rules {
    name: "saas-v2",
    family: Family::V2,
    sub_path: "",
    result_codes: SAAS_RESULT_CODES,
    time_limit_ms: TIME_LIMIT_MS,
    sign,
    body_sign_required: BODY_SIGN_REQUIRED,
    default_encrypt_type: None,
    memo_escaped: false,
    required,
};

/// `instanceId` is mandatory with newInstance, done (000000) or accepted (000004).
fn required(activity: &str, result_code: &str) -> Required {
    match (activity, result_code) {
        ("newInstance", "000000" | "000004") => Required { instance_id: true, ..Required::default() },
        ("queryInstance", "000000") => Required { info: true, ..Required::default() },
        _ => Required::default(),
    }
}

fn sign(input: &SignInput<'_>, faults: &[Fault]) -> Result<HttpRequest, SignError> {
    let key = fault::signing_key(input.key, faults);
    let timestamp = fault::clock(input.now_ms, faults).to_string();
    let nonce = nonce(input.nonce, faults);
    let members = ordered(input.fields);

    let (mut body, payload) = body_and_payload(&members, faults)?;
    let signature = signature(&key, &nonce, &timestamp, &payload);
    for fault in faults {
        if let Fault::ChangedAfterSigning { field, value } = fault {
            body = sent(&changed(&members, field, value).ok_or_else(|| fault.not_applicable())?, faults)?;
        }
    }
    let query = query(&signature, &timestamp, &nonce, faults)?;
    Ok(HttpRequest {
        method: "POST",
        target: if query.is_empty() { input.path.to_owned() } else { format!("{}?{query}", input.path) },
        headers: vec![
            ("Host".to_owned(), input.host.to_owned()),
            ("Accept".to_owned(), "application/json".to_owned()),
            ("Content-Type".to_owned(), "application/json;charset=utf8".to_owned()),
        ],
        body: body.into_bytes(),
    })
}

/// Top-level members sorted, null ones left out.
pub(super) fn ordered(fields: &Fields) -> Fields {
    let mut members: Vec<_> = fields.iter().filter(|(_, value)| !value.is_null()).collect();
    members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    members.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// What goes over the wire, and what is signed. In a normal request they are the same text.
pub(super) fn body_and_payload(members: &Fields, faults: &[Fault]) -> Result<(String, String), SignError> {
    let mut body = sent(members, faults)?;
    let mut payload = json::compact(signed(members, faults)?.as_ref());
    for fault in faults {
        let spoilt = match fault {
            Fault::DuplicateName { field, value } if members.contains_key(field) => {
                let open = body.strip_suffix('}').unwrap_or(&body);
                format!("{open},{}:{}}}", json::text(field), json::text(value))
            }
            Fault::TruncatedBody => body.strip_suffix('}').unwrap_or_default().to_owned(),
            Fault::DuplicateName { .. } => return Err(fault.not_applicable()),
            _ => continue,
        };
        body.clone_from(&spoilt);
        payload = spoilt;
    }
    Ok((body, payload))
}

pub(super) fn sent(members: &Fields, faults: &[Fault]) -> Result<String, SignError> {
    let mut members = Cow::Borrowed(members);
    for fault in faults {
        match fault {
            Fault::NullMember => {
                let name = unused_name(&members);
                members.to_mut().insert(name, Value::Null);
            }
            Fault::PrettyBody if members.is_empty() => return Err(fault.not_applicable()),
            Fault::ReversedOrder if members.len() < 2 => return Err(fault.not_applicable()),
            Fault::ReversedOrder => members = Cow::Owned(members.into_owned().into_iter().rev().collect()),
            _ => {}
        }
    }
    Ok(if faults.contains(&Fault::PrettyBody) { json::pretty(&members) } else { json::compact(&members) })
}

fn unused_name(members: &Fields) -> String {
    let mut name = "remark".to_owned();
    while members.contains_key(&name) {
        name.push('_');
    }
    name
}

fn signed<'a>(members: &'a Fields, faults: &[Fault]) -> Result<Cow<'a, Fields>, SignError> {
    let mut form = Cow::Borrowed(members);
    for fault in faults {
        let spoilt: Fields = match fault {
            Fault::NestedSorted => {
                form.iter().map(|(name, value)| (name.clone(), json::sorted(value))).collect()
            }
            Fault::ScalarsSignedAsText => {
                form.iter().map(|(name, value)| (name.clone(), quoted(value))).collect()
            }
            _ => continue,
        };
        if json::compact(&spoilt) == json::compact(&form) {
            return Err(fault.not_applicable());
        }
        form = Cow::Owned(spoilt);
    }
    Ok(form)
}

fn quoted(value: &Value) -> Value {
    match value {
        Value::Bool(truth) => Value::String(truth.to_string()),
        Value::Number(number) => Value::String(number.to_string()),
        other => other.clone(),
    }
}

pub(super) fn changed(members: &Fields, field: &str, value: &str) -> Option<Fields> {
    let mut changed = members.clone();
    let old = changed.insert(field.to_owned(), Value::String(value.to_owned()));
    (old.as_ref().and_then(Value::as_str) != Some(value)).then(|| ordered(&changed))
}

fn signature(key: &AccessKey, nonce: &str, timestamp: &str, payload: &str) -> [u8; 32] {
    let secret = key.reveal();
    let inner = hex_lower(&hmac_sha256(secret.as_bytes(), payload.as_bytes()));
    let request = Zeroizing::new(format!("{secret}{nonce}{timestamp}{inner}"));
    hmac_sha256(secret.as_bytes(), request.as_bytes())
}

/// A nonce that is going to lose a digit must end in one; a leading zero would leave the number as it was.
pub(super) fn nonce<'a>(nonce: &'a str, faults: &[Fault]) -> Cow<'a, str> {
    if faults.contains(&Fault::MovedDigit) && !nonce.ends_with(|last| ('1'..='9').contains(&last)) {
        Cow::Owned(format!("{nonce}7"))
    } else {
        Cow::Borrowed(nonce)
    }
}

fn query(signature: &[u8; 32], timestamp: &str, nonce: &str, faults: &[Fault]) -> Result<String, SignError> {
    let lower = faults.contains(&Fault::LowerCaseHex);
    let signature = if lower { hex_lower(signature) } else { hex_upper(signature) };
    let mut parameters = vec![
        ("signature", signature),
        ("timestamp", timestamp.to_owned()),
        ("nonce", crate::percent::encode(nonce, crate::percent::Blank::Escaped)),
    ];
    for fault in faults {
        match fault {
            Fault::MissingSignature => parameters.retain(|(name, _)| *name != "signature"),
            Fault::MovedDigit => move_digit(&mut parameters, "nonce", "timestamp"),
            Fault::RepeatedParameter { name } => {
                let again = parameters.iter().find(|(sent, _)| sent == name).cloned();
                parameters.push(again.ok_or_else(|| fault.not_applicable())?);
            }
            _ => {}
        }
    }
    let pairs: Vec<String> = parameters.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    Ok(pairs.join("&"))
}

pub(super) fn move_digit(parameters: &mut [(&str, String)], from: &str, to: &str) {
    let digit = parameters.iter_mut().find(|(name, _)| *name == from).and_then(|(_, nonce)| nonce.pop());
    if let (Some(digit), Some((_, stamp))) = (digit, parameters.iter_mut().find(|(name, _)| *name == to)) {
        stamp.insert(0, digit);
    }
}
