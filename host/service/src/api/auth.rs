//! Bearer tokens (RFC 6750) and what they allow.

use ctutils::{Choice, CtEq};
use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use sha2::{Digest, Sha256};

use super::answer::{Refusal, problem};
use crate::config::{Scope, TokenConfig};

/// Tokens as hashes: all of one length, and nothing to be read from memory.
pub(crate) struct Tokens(Vec<([u8; 32], Vec<Scope>)>);

/// What the caller may do.
#[derive(Debug, Default)]
pub(super) struct Granted(Vec<Scope>);

impl Granted {
    pub(super) fn has(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }
}

impl Tokens {
    pub(crate) fn new(tokens: &[TokenConfig]) -> Self {
        Self(tokens.iter().map(|one| (hash(one.token.as_bytes()), one.scopes.clone())).collect())
    }

    /// 401 without a known token, 403 without the scope. All tokens are compared, in constant time, whichever matches.
    pub(super) fn check(&self, headers: &HeaderMap, scope: Scope) -> Result<Granted, Refusal> {
        let Some(token) = bearer(headers) else {
            return Err(unauthorized("a bearer token is required", "Bearer"));
        };
        let given = hash(token);
        let mut found: Option<&Vec<Scope>> = None;
        for (known, scopes) in &self.0 {
            let same: Choice = known.ct_eq(&given);
            if same.to_bool() {
                found = Some(scopes);
            }
        }
        let Some(scopes) = found else {
            return Err(unauthorized("the bearer token is unknown", "Bearer error=\"invalid_token\""));
        };
        let granted = Granted(scopes.clone());
        if granted.has(scope) {
            return Ok(granted);
        }
        let message = format!("the token lacks the scope `{}`", scope.name());
        Err(problem(StatusCode::FORBIDDEN, "forbidden", message))
    }
}

fn hash(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// The scheme's name is compared without regard to case; a second `Authorization` field is nobody's.
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let mut fields = headers.get_all(AUTHORIZATION).iter();
    let (field, None) = (fields.next()?, fields.next()) else { return None };
    let (scheme, token) = field.as_bytes().split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then_some(token.trim_ascii()).filter(|token| !token.is_empty())
}

fn unauthorized(message: &str, challenge: &'static str) -> Refusal {
    problem(StatusCode::UNAUTHORIZED, "unauthorized", message)
        .with(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}
