//! Bearer tokens (RFC 6750) and what they allow.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use ctutils::{Choice, CtEq};
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use hyper::http::request::Parts;
use sha2::{Digest, Sha256};

use super::Api;
use super::problem::{FORBIDDEN, Refusal, UNAUTHORIZED};
use crate::config::{Scope, TokenConfig};

/// Tokens as hashes: all of one length, and nothing to be read from memory.
pub(crate) struct Tokens(Vec<([u8; 32], Vec<Scope>)>);

/// The scope that an operation asks for, as a type.
pub(super) trait Required: Send {
    const SCOPE: Scope;
}

/// See instances.
pub(super) struct Read;

impl Required for Read {
    const SCOPE: Scope = Scope::Read;
}

/// Change instances, report effects.
pub(super) struct Operate;

impl Required for Operate {
    const SCOPE: Scope = Scope::Operate;
}

/// The caller has a token that allows what the operation asks for, and perhaps more.
pub(super) struct Bearer<R> {
    granted: Vec<Scope>,
    required: PhantomData<R>,
}

impl<R> Bearer<R> {
    pub(super) fn has(&self, scope: Scope) -> bool {
        self.granted.contains(&scope)
    }
}

impl<R: Required> FromRequestParts<Arc<Api>> for Bearer<R> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Refusal> {
        let granted = api.terms.get().tokens.check(&parts.headers, R::SCOPE)?;
        Ok(Self { granted, required: PhantomData })
    }
}

impl Tokens {
    pub(crate) fn new(tokens: &[TokenConfig]) -> Self {
        Self(tokens.iter().map(|one| (hash(one.token.as_bytes()), one.scopes.clone())).collect())
    }

    /// 401 without a known token, 403 without the scope. All tokens are compared, in constant time, whichever matches.
    fn check(&self, headers: &HeaderMap, scope: Scope) -> Result<Vec<Scope>, Refusal> {
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
        if scopes.contains(&scope) {
            return Ok(scopes.clone());
        }
        Err(FORBIDDEN.because(format!("the token lacks the scope `{}`", scope.name())))
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
    UNAUTHORIZED.because(message).with(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}
