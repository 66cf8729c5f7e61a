//! Answers to account events: a code, a message, and data that are encrypted as those of the call were (workbench C.6).

use alloc::string::ToString;
use alloc::vec::Vec;

use super::route::{AccountEndpoint, framed};
use crate::answer::Answer;
use crate::crypto::Entropy;
use crate::dialect::reply::Ending;
use crate::dialect::{Context, Reply};
use crate::reason::{ReasonCode, Told};
use crate::wire::json;

impl AccountEndpoint {
    /// Data are framed anew and encrypted under a fresh IV, so no answer is like another. Refusals are never encrypted.
    pub(super) fn write(&self, context: Context, reply: &Reply, entropy: &Entropy) -> Answer {
        let code = code(reply);
        let message = match reply {
            Reply::Bare(Ending::Refusal { message, .. }) if !message.is_empty() => message,
            _ => message_of(code),
        };
        let Reply::Account(data) = reply else { return self.print(code, message, None) };
        let (layout, key) = self.sealed_as(context);
        let sealed = match key {
            Some(key) => layout.seal(key, framed(data, entropy).as_bytes(), entropy),
            None => Some(data.to_string()),
        };
        self.print(code, message, sealed.as_deref())
    }

    pub(super) fn print(&self, code: &str, message: &str, data: Option<&str>) -> Answer {
        let mut body = Vec::with_capacity(256);
        let members = [("{\"code\":", Some(code)), (",\"message\":", Some(message)), (",\"data\":", data)];
        for (before, text) in members.into_iter().filter_map(|(before, text)| Some((before, text?))) {
            body.extend_from_slice(before.as_bytes());
            json::push_string(&mut body, text);
        }
        body.push(b'}');
        let status = if self.status_is_code { code.parse().unwrap_or(500) } else { 200 };
        let headers = Vec::from([("Content-Type".to_string(), "application/json".to_string())]);
        Answer { status, headers, body }
    }
}

/// The code of a reply.
pub(super) fn code(reply: &Reply) -> &str {
    match reply {
        Reply::Bare(Ending::Failure(reason)) => code_of(*reason),
        Reply::Bare(Ending::Refusal { code, .. }) => code,
        Reply::Bare(Ending::Success) | Reply::Account(_) => "200",
        // No call about an account is answered so.
        Reply::Instance(_) => "500",
    }
}

/// The code of a reason.
pub(super) const fn code_of(reason: ReasonCode) -> &'static str {
    match reason.told() {
        Told::Authentication => "401",
        Told::Parameter | Told::Credential => "400",
        Told::Instance => "404",
        Told::Failure | Told::Nobody | Told::Backend => "500",
    }
}

/// What stands beside a code when the backend gave no message of its own.
pub(super) fn message_of(code: &str) -> &'static str {
    match code {
        "200" => "success",
        "400" => "invalid request parameter",
        "401" => "authentication failed",
        "404" => "record does not exist",
        _ => "system busy",
    }
}
