//! What went wrong in a call, as it travels.

use alloc::string::{String, ToString};

use crate::compute::ComputeError;
use crate::config::{ConfigError, Problem};
use crate::detail::Detail;
use crate::frame::FrameError;
use crate::reason::{Reason, ReasonCode};
use crate::wire::json;

/// Anything that went wrong in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallError {
    /// The stable code.
    pub code: String,
    /// The stable number.
    pub number: u16,
    /// A sentence without secrets.
    pub message: String,
    /// The mistakes of a configuration, or the input that a primitive refused, as a JSON array of
    /// [`Problem`](crate::Problem); empty otherwise.
    pub problems: String,
}

impl core::fmt::Display for CallError {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str(&self.message)
    }
}

impl core::error::Error for CallError {}

impl From<ReasonCode> for CallError {
    fn from(reason: ReasonCode) -> Self {
        Self {
            code: reason.code().to_string(),
            number: reason.number(),
            message: reason.message().to_string(),
            problems: String::new(),
        }
    }
}

impl From<FrameError> for CallError {
    fn from(_: FrameError) -> Self {
        ReasonCode::MalformedFrame.into()
    }
}

impl From<ConfigError> for CallError {
    fn from(error: ConfigError) -> Self {
        problems(ReasonCode::InvalidConfiguration, &error.problems)
    }
}

/// The field that a reason is about stands among the problems, with its cause.
impl From<Reason> for CallError {
    fn from(reason: Reason) -> Self {
        let Some(field) = &reason.field else { return reason.code.into() };
        let cause = reason.details.iter().find_map(|detail| match detail {
            Detail::Cause(cause) => Some(cause.as_ref()),
            _ => None,
        });
        let (code, message) = (cause.unwrap_or(reason.code.code()), reason.code.message());
        // One problem, its code perhaps one that was read from a frame.
        let mut out = b"[".to_vec();
        for (start, text) in
            [("{\"path\":", field.as_ref()), (",\"code\":", code), (",\"message\":", message)]
        {
            out.extend_from_slice(start.as_bytes());
            json::push_string(&mut out, text);
        }
        out.extend_from_slice(b"}]");
        CallError { problems: String::from_utf8(out).unwrap_or_default(), ..reason.code.into() }
    }
}

impl From<ComputeError> for CallError {
    fn from(error: ComputeError) -> Self {
        match error {
            ComputeError::UnknownPrimitive => ReasonCode::UnknownPrimitive.into(),
            ComputeError::InputRefused { input, cause } => {
                let reason = ReasonCode::InputRefused;
                let message = reason.message().to_string();
                problems(reason, &[Problem { path: input.to_string(), code: cause, message }])
            }
        }
    }
}

fn problems(reason: ReasonCode, problems: &[Problem]) -> CallError {
    CallError { problems: serde_json::to_string(problems).unwrap_or_default(), ..reason.into() }
}
