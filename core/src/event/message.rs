//! The message of an account event, and the password in it.

use alloc::string::String;

use super::json::with_other;
use super::{Datum, Event, REDACTED};
use crate::wire::json;

/// Where the message stands, and the password in it.
const MESSAGE: &str = "message";
const PASSWORD: &str = "password";

impl Event {
    /// The message of an account as JSON text.
    pub(crate) fn message(&self) -> Option<&str> {
        match self.get(MESSAGE)? {
            Datum::Json(message) => Some(message),
            _ => None,
        }
    }

    /// The same event with another message.
    pub(crate) fn with_message(mut self, message: &str) -> Self {
        self.set(MESSAGE, Datum::Json(String::from(message)));
        self
    }

    /// The password in the message of an account; `None` where there is none.
    pub(crate) fn password(&self) -> Option<String> {
        let Some(Datum::Json(message)) = self.get(MESSAGE) else { return None };
        let document = json::read_own(message.as_bytes()).ok()?;
        document.value().get(PASSWORD)?.as_str().map(String::from)
    }

    /// The same event for whoever need not know the password in its message: it is replaced by [`REDACTED`].
    pub(crate) fn without_password(&self) -> Option<Self> {
        let Some(Datum::Json(message)) = self.get(MESSAGE) else { return None };
        let document = json::read_own(message.as_bytes()).ok()?;
        let members = document.value().as_object()?;
        members.first(PASSWORD).filter(|value| !value.is_null())?;
        let mut event = self.clone();
        event.set(MESSAGE, Datum::Json(with_other(members, PASSWORD, Some(REDACTED))));
        Some(event)
    }
}
