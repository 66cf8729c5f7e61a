//! The members of a call, whether they came in a query string or in a JSON body.

use alloc::borrow::Cow;
use alloc::string::String;

use crate::event::text_of;
use crate::reason::{Reason, ReasonCode};
use crate::wire::json::{self, Value};

/// The members of one call, names unique.
#[derive(Debug, Clone, Copy)]
pub(super) enum Members<'a> {
    /// Parameters of a query string or form, decoded: every value is a text.
    Form(&'a [(Cow<'a, str>, Cow<'a, str>)]),
    /// Members of a JSON body.
    Json {
        members: json::Members<'a>,
        /// Of `1` and of `"1"` the signature says the same where scalars were signed as texts: so does the event.
        scalars_are_texts: bool,
        /// Of a member without a value nobody can say whether it was signed: it is as good as absent.
        drops_empty: bool,
    },
}

/// The value of one member as it arrived.
#[derive(Debug, Clone, Copy)]
pub(super) enum Member<'a> {
    Text(&'a str),
    Json(Value<'a>),
}

impl<'a> Members<'a> {
    /// Hands on each name with its value, in the order of the call.
    pub(super) fn for_each(&self, with: &mut dyn FnMut(&'a str, Member<'a>)) {
        match *self {
            Self::Form(pairs) => pairs.iter().for_each(|(name, value)| with(name, Member::Text(value))),
            Self::Json { members, scalars_are_texts, drops_empty } => {
                let said = members.iter().filter(|(_, value)| !(drops_empty && value.as_str() == Some("")));
                said.for_each(|(name, value)| with(name, Member::of(value, scalars_are_texts)));
            }
        }
    }

    pub(super) fn get(&self, wire: &str) -> Option<Member<'a>> {
        match *self {
            Self::Form(pairs) => {
                pairs.iter().find(|(name, _)| name == wire).map(|(_, value)| Member::Text(value))
            }
            Self::Json { members, scalars_are_texts, drops_empty } => {
                let said = members.first(wire).filter(|value| !(drops_empty && value.as_str() == Some("")));
                said.map(|value| Member::of(value, scalars_are_texts))
            }
        }
    }

    #[inline(never)]
    pub(super) fn text(&self, wire: &'static str) -> Result<Option<&'a str>, Reason> {
        self.get(wire).map_or(Ok(None), |member| member.text(wire))
    }
}

impl<'a> Member<'a> {
    const fn of(value: Value<'a>, scalars_are_texts: bool) -> Self {
        match value {
            Value::Number(digits) if scalars_are_texts => Self::Text(digits),
            Value::Bool(flag) if scalars_are_texts => Self::Text(if flag { "true" } else { "false" }),
            value => Self::Json(value),
        }
    }

    /// The text of a scalar; `None` for null. Numbers keep their digits.
    pub(super) fn text(self, field: &'static str) -> Result<Option<&'a str>, Reason> {
        match self {
            Self::Text(text) | Self::Json(Value::String(text) | Value::Number(text)) => Ok(Some(text)),
            Self::Json(Value::Bool(true)) => Ok(Some("true")),
            Self::Json(Value::Bool(false)) => Ok(Some("false")),
            Self::Json(Value::Null) => Ok(None),
            Self::Json(Value::Array(_) | Value::Object(_)) => {
                Err(Reason::about(ReasonCode::FieldMalformed, field))
            }
        }
    }

    pub(super) const fn is_text(self) -> bool {
        matches!(self, Self::Text(_) | Self::Json(Value::String(_)))
    }

    /// Whether it is as good as absent: null, or a parameter without a value. An empty text of a JSON body is signed and
    /// is something.
    pub(super) const fn says_nothing(self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Json(value) => value.is_null(),
        }
    }

    pub(super) fn to_json(self) -> String {
        match self {
            Self::Json(value) => text_of(value),
            Self::Text(text) => text_of(Value::String(text)),
        }
    }
}
