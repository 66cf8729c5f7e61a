//! A reason as fields of a log line, under the names that it has in JSON.

use countersign_core::{Detail, DetailValue, Reason};

/// What a reason says beside its code; what it does not say is no field of the line.
#[derive(Debug, Default)]
pub(super) struct Why<'a> {
    pub(super) field: Option<&'a str>,
    pub(super) distance_ms: Option<i64>,
    pub(super) keys_tried: Option<i64>,
    pub(super) limit: Option<i64>,
    pub(super) at: Option<i64>,
    pub(super) activity: Option<&'a str>,
    pub(super) found: Option<&'a str>,
    pub(super) cause: Option<&'a str>,
    pub(super) did_you_mean: Option<&'a str>,
    /// Details that have no field of their own here yet.
    pub(super) more: Option<String>,
}

impl<'a> Why<'a> {
    pub(super) fn of(reason: Option<&'a Reason>) -> Self {
        let Some(reason) = reason else { return Self::default() };
        let mut why = Self { field: reason.field.as_deref(), ..Self::default() };
        for detail in &reason.details {
            why.take(detail);
        }
        why
    }

    fn take(&mut self, detail: &'a Detail) {
        match (detail.name(), detail.value()) {
            ("distance_ms", DetailValue::Number(number)) => self.distance_ms = Some(number),
            ("keys_tried", DetailValue::Number(number)) => self.keys_tried = Some(number),
            ("limit", DetailValue::Number(number)) => self.limit = Some(number),
            ("at", DetailValue::Number(number)) => self.at = Some(number),
            ("activity", DetailValue::Text(text)) => self.activity = Some(text),
            ("found", DetailValue::Text(text)) => self.found = Some(text),
            ("cause", DetailValue::Text(text)) => self.cause = Some(text),
            ("did_you_mean", DetailValue::Text(text)) => self.did_you_mean = Some(text),
            (name, value) => {
                let more = self.more.get_or_insert_default();
                if !more.is_empty() {
                    more.push(' ');
                }
                more.push_str(name);
                more.push('=');
                match value {
                    DetailValue::Number(number) => more.push_str(&number.to_string()),
                    DetailValue::Text(text) => more.push_str(text),
                }
            }
        }
    }
}
