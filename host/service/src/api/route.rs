//! Which request is meant.

use countersign_core::wire::percent;
use hyper::header::{ALLOW, HeaderValue};
use hyper::{Method, StatusCode};

use super::answer::{Refusal, malformed, not_found, problem};
use crate::config::Scope;

/// One row of the table above; ids are decoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    Health,
    Ready,
    Metrics,
    Instances,
    Instance(String),
    Access(String),
    Effect(String),
}

impl Route {
    pub(super) fn of(method: &Method, path: &str) -> Result<Self, Refusal> {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let (route, takes) = match segments[..] {
            ["healthz"] => (Self::Health, "GET"),
            ["readyz"] => (Self::Ready, "GET"),
            ["metrics"] => (Self::Metrics, "GET"),
            ["v1", "instances"] => (Self::Instances, "GET"),
            ["v1", "instances", id] => (Self::Instance(decode(id)?), "GET"),
            ["v1", "instances", id, "access"] => (Self::Access(decode(id)?), "PUT"),
            ["v1", "effects", id] => (Self::Effect(decode(id)?), "POST"),
            _ => return Err(not_found("there is nothing under this path")),
        };
        if method.as_str() == takes {
            return Ok(route);
        }
        let message = format!("this path takes {takes}");
        Err(problem(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", message)
            .with(ALLOW, HeaderValue::from_static(takes)))
    }

    /// What a token must allow; `None`: none is needed.
    pub(super) fn scope(&self) -> Option<Scope> {
        match self {
            Self::Health | Self::Ready | Self::Metrics => None,
            Self::Instances | Self::Instance(_) => Some(Scope::Read),
            Self::Access(_) | Self::Effect(_) => Some(Scope::Operate),
        }
    }
}

/// In a path `+` is itself.
fn decode(segment: &str) -> Result<String, Refusal> {
    let segment = segment.replace('+', "%2B");
    let decoded = percent::decode(segment.as_bytes())
        .map_err(|_| malformed("the path is not percent-encoded UTF-8"))?;
    if decoded.is_empty() {
        return Err(not_found("there is nothing under this path"));
    }
    Ok(decoded.into_owned())
}
