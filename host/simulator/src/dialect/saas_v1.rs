//! SaaS access guide 1.0: GET, all parameters in the query string, each value percent-encoded UTF-8.
//!
//! ```text
//! text      = name1=value1&name2=value2&…    decoded values; names in ascending order of UTF-16 code units
//! authToken = Base64( HMAC-SHA256(accessKey + timeStamp, text) )
//! ```

use super::{Family, Required, Rules, SAAS_RESULT_CODES};
use crate::crypto::{base64, hmac_sha256};
use crate::fault::{self, Fault};
use crate::http::HttpRequest;
use crate::percent::{self, Blank};
use crate::sign::{SignError, SignInput};
use crate::stamp;
use serde_json::Value;

pub(super) const RULES: Rules = Rules {
    name: "saas-v1",
    family: Family::V1,
    sub_path: "",
    result_codes: SAAS_RESULT_CODES,
    time_limit_ms: 20_000,
    sign,
    body_sign_required: true,
    default_encrypt_type: Some("1"),
    memo_escaped: true,
    required,
};

/// The debugger's list: newInstance must return `instanceId` and `frontEndUrl`, queryInstance `instanceId`.
fn required(activity: &str, result_code: &str) -> Required {
    match (activity, result_code) {
        ("newInstance", "000000") => {
            Required { instance_id: true, front_end_url: true, ..Required::default() }
        }
        ("queryInstance", "000000") => Required { info: true, ..Required::default() },
        _ => Required::default(),
    }
}

fn sign(input: &SignInput<'_>, faults: &[Fault]) -> Result<HttpRequest, SignError> {
    let (parameters, time_stamp) = parameters(input, faults)?;
    let key = fault::signing_key(input.key, faults);
    let mac_key = zeroize::Zeroizing::new(format!("{}{time_stamp}", key.reveal()));
    let text = signed_text(&parameters, faults)?;
    let token = base64(&hmac_sha256(mac_key.as_bytes(), text.as_bytes()));

    let mut sent = vec![("authToken".to_owned(), token)];
    sent.extend(parameters);
    for fault in faults {
        spoil(&mut sent, fault)?;
    }
    Ok(HttpRequest {
        method: "GET",
        target: format!("{}?{}", input.path, query(&sent, faults)?),
        headers: vec![
            ("Host".to_owned(), input.host.to_owned()),
            ("Accept".to_owned(), "application/json".to_owned()),
        ],
        body: Vec::new(),
    })
}

/// All parameters but the token, in signing order, and the `timeStamp` among them.
fn parameters(input: &SignInput<'_>, faults: &[Fault]) -> Result<(Vec<(String, String)>, String), SignError> {
    let mut parameters = Vec::new();
    let mut given_stamp = None;
    for (name, value) in input.fields {
        if name == "authToken" {
            return Err(SignError::FieldReserved { field: name.clone() });
        }
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            Value::Bool(truth) => truth.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Array(_) | Value::Object(_) => {
                return Err(SignError::FieldNotText { field: name.clone() });
            }
        };
        if name == "timeStamp" {
            given_stamp = Some(text.clone());
        }
        parameters.push((name.clone(), text));
    }
    let time_stamp = match given_stamp {
        Some(stamp) => match faults.iter().find(|fault| matches!(fault, Fault::ClockError { .. })) {
            Some(fault) => return Err(fault.not_applicable()),
            None => stamp,
        },
        None => {
            let stamp = stamp::with_millis(fault::clock(input.now_ms, faults));
            parameters.push(("timeStamp".to_owned(), stamp.clone()));
            stamp
        }
    };
    parameters.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    Ok((parameters, time_stamp))
}

fn signed_text(parameters: &[(String, String)], faults: &[Fault]) -> Result<String, SignError> {
    let decoded = joined(parameters, str::to_owned);
    if !faults.contains(&Fault::SignedStillEncoded) {
        return Ok(decoded);
    }
    let encoded = joined(parameters, |text| percent::encode(text, Blank::Escaped));
    if encoded == decoded { Err(Fault::SignedStillEncoded.not_applicable()) } else { Ok(encoded) }
}

fn joined(parameters: &[(String, String)], spelling: impl Fn(&str) -> String) -> String {
    let pairs: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{}={}", spelling(name), spelling(value))).collect();
    pairs.join("&")
}

fn spoil(sent: &mut Vec<(String, String)>, fault: &Fault) -> Result<(), SignError> {
    match fault {
        Fault::MissingSignature => sent.retain(|(name, _)| name != "authToken"),
        Fault::ChangedAfterSigning { field, value } => {
            match sent.iter_mut().find(|(name, _)| name == field) {
                Some((_, old)) if old == value => return Err(fault.not_applicable()),
                Some((_, old)) => old.clone_from(value),
                None => sent.push((field.clone(), value.clone())),
            }
        }
        Fault::RepeatedParameter { name } => {
            let again = sent.iter().find(|(sent_name, _)| sent_name == name).cloned();
            sent.push(again.ok_or_else(|| fault.not_applicable())?);
        }
        Fault::SmuggledParameter { name } => smuggle(sent, name).ok_or_else(|| fault.not_applicable())?,
        _ => {}
    }
    Ok(())
}

/// Moves a parameter into the value of the one before it; the token's place at the front does not count.
fn smuggle(sent: &mut Vec<(String, String)>, name: &str) -> Option<()> {
    let at = sent.iter().position(|(sent_name, _)| sent_name == name)?;
    sent.get(at.checked_sub(1)?).filter(|(before, _)| before != "authToken")?;
    let (name, value) = sent.remove(at);
    let (_, before) = sent.get_mut(at.checked_sub(1)?)?;
    before.push_str(&format!("&{name}={value}"));
    Some(())
}

fn query(sent: &[(String, String)], faults: &[Fault]) -> Result<String, SignError> {
    let escaped = joined(sent, |text| percent::encode(text, Blank::Escaped));
    if !faults.contains(&Fault::PlusForBlank) {
        return Ok(escaped);
    }
    let plus = joined(sent, |text| percent::encode(text, Blank::Plus));
    if plus == escaped { Err(Fault::PlusForBlank.not_applicable()) } else { Ok(plus) }
}
