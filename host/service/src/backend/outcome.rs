//! What a backend's answer means.
//!
//! | Status | Body | Outcome |
//! |---|---|---|
//! | 200, 201, 204 | a JSON object, or nothing | done |
//! | 202 | not looked at | accepted |
//! | 4xx | a JSON object with `code`, a string, and perhaps `message`, a string | refused |
//! | 401, 403 | the same with a `code` of six digits | refused |
//! | anything else, redirects too | | failed |

use countersign_core::ledger::Outcome;
use countersign_core::wire::json::{self, Value};
use hyper::StatusCode;

use super::client::BackendAnswer;

/// Why a send failed; for logs and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// No connection.
    Unreachable,
    /// The connection ended before the answer was complete, or what came is not HTTP.
    CutShort,
    /// No complete answer in time.
    Deadline,
    /// A body over 256 KiB.
    TooLarge,
    /// A status that means nothing here.
    Status,
    /// A redirect; none is followed.
    Redirect,
    /// A body that is not a JSON object, or repeats a name.
    NotJson,
    /// A 4xx without `code`, or with a `code` or `message` that is no string.
    NoCode,
    /// 401 or 403 without a result code of the platform: the backend does not take the signature, as a rule.
    Unauthorized,
    /// The request could not be made: a defect.
    Request,
    /// The configuration has no such product.
    NoBackend,
}

impl Cause {
    /// A stable name for logs and metrics.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::CutShort => "cut-short",
            Self::Deadline => "deadline",
            Self::TooLarge => "too-large",
            Self::Status => "status",
            Self::Redirect => "redirect",
            Self::NotJson => "not-json",
            Self::NoCode => "no-code",
            Self::Unauthorized => "unauthorized",
            Self::Request => "request",
            Self::NoBackend => "no-backend",
        }
    }

    /// Where to look first.
    #[must_use]
    pub const fn hint(self) -> Option<&'static str> {
        match self {
            Self::Unauthorized => Some(
                "does the backend verify webhook-signature with this backend's `secret`, over the exact bytes?",
            ),
            Self::Redirect => Some("`url` must be the address that answers: redirects are not followed"),
            _ => None,
        }
    }
}

pub(super) fn of(answer: &BackendAnswer) -> Result<Outcome, Cause> {
    match answer.status {
        StatusCode::ACCEPTED => Ok(Outcome::Accepted),
        StatusCode::OK | StatusCode::CREATED | StatusCode::NO_CONTENT => done(&answer.body),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => forbidden(&answer.body),
        status if status.is_client_error() => refused(&answer.body),
        status if status.is_redirection() => Err(Cause::Redirect),
        _ => Err(Cause::Status),
    }
}

fn done(body: &[u8]) -> Result<Outcome, Cause> {
    if !body.iter().all(u8::is_ascii_whitespace) {
        // A login page with status 200 is no success.
        let document = json::read(body).map_err(|_| Cause::NotJson)?;
        document.value().as_object().ok_or(Cause::NotJson)?;
        return Ok(Outcome::Done(body.to_vec()));
    }
    Ok(Outcome::Done(Vec::new()))
}

/// A refusal like any other where it names a result code. What a server's own access check says is none, even if it calls
/// something `code`.
fn forbidden(body: &[u8]) -> Result<Outcome, Cause> {
    match refused(body) {
        Ok(Outcome::Refused { code, message }) if is_result_code(&code) => {
            Ok(Outcome::Refused { code, message })
        }
        _ => Err(Cause::Unauthorized),
    }
}

/// Six digits; which of them mean something is for the core to say.
fn is_result_code(code: &str) -> bool {
    code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit())
}

fn refused(body: &[u8]) -> Result<Outcome, Cause> {
    let document = json::read(body).map_err(|_| Cause::NotJson)?;
    let document = document.value().as_object().ok_or(Cause::NotJson)?;
    let code = document.get("code").and_then(Value::as_str).ok_or(Cause::NoCode)?.to_owned();
    let message = match document.get("message") {
        None | Some(Value::Null) => String::new(),
        Some(message) => message.as_str().ok_or(Cause::NoCode)?.to_owned(),
    };
    Ok(Outcome::Refused { code, message })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: u16, body: &str) -> Result<Outcome, Cause> {
        let status = StatusCode::from_u16(status).unwrap();
        of(&BackendAnswer { status, body: body.to_owned().into() })
    }

    #[test]
    fn statuses_and_bodies_mean_what_the_table_says() {
        for status in [200, 201, 204] {
            assert_eq!(outcome(status, ""), Ok(Outcome::Done(Vec::new())));
            assert_eq!(outcome(status, "{\"a\":1}"), Ok(Outcome::Done(b"{\"a\":1}".to_vec())));
            for body in ["<html>", "[]", "1", "{\"a\":1,\"a\":2}", "{"] {
                assert_eq!(outcome(status, body), Err(Cause::NotJson), "{status} {body}");
            }
        }
        assert_eq!(outcome(202, "<html>"), Ok(Outcome::Accepted));
        let refused =
            |message: &str| Ok(Outcome::Refused { code: "000100".to_owned(), message: message.to_owned() });
        for status in [400, 404, 409, 422, 429, 499] {
            assert_eq!(outcome(status, r#"{"code":"000100","message":"sold out"}"#), refused("sold out"));
            assert_eq!(outcome(status, r#"{"code":"000100","message":null}"#), refused(""));
            assert_eq!(outcome(status, r#"{"code":"000100"}"#), refused(""));
            assert_eq!(outcome(status, r#"{"code":100}"#), Err(Cause::NoCode));
            assert_eq!(outcome(status, r#"{"code":"000100","message":1}"#), Err(Cause::NoCode));
            assert_eq!(outcome(status, "{}"), Err(Cause::NoCode));
            assert_eq!(outcome(status, "not found"), Err(Cause::NotJson));
        }
        for status in [401, 403] {
            assert_eq!(outcome(status, r#"{"code":"000100"}"#), refused(""));
            for body in ["", "<html>", "{}", r#"{"code":401}"#, r#"{"code":"unauthorized","message":"no"}"#] {
                assert_eq!(outcome(status, body), Err(Cause::Unauthorized), "{status} {body}");
            }
        }
        assert!(Cause::Unauthorized.hint().is_some_and(|hint| hint.contains("secret")));
        for status in [203, 206, 299, 500, 503, 599] {
            assert_eq!(outcome(status, "{}"), Err(Cause::Status));
        }
        for status in [301, 302, 303, 307, 308] {
            assert_eq!(outcome(status, "{}"), Err(Cause::Redirect));
        }
    }
}
