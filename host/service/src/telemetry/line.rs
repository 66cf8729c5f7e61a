//! One line of the log: what it is about, what happened, and what makes a reason plain.

/// A text that is known.
pub(super) fn known(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// Logs at a level: a message, a [`Subject`](crate::gate::Subject), a [`Why`](super::why::Why), and further fields. What
/// is not known is no field.
macro_rules! line {
    ($level:ident, $message:literal, $subject:expr, $why:expr $(, $field:ident = $value:expr)* $(,)?) => {{
        let (subject, why): (&$crate::gate::Subject, $crate::telemetry::why::Why<'_>) = ($subject, $why);
        tracing::event!(
            tracing::Level::$level,
            request = known(&subject.request),
            dialect = known(&subject.dialect),
            product = known(&subject.product),
            order = known(&subject.order),
            instance = known(&subject.instance),
            $($field = $value,)*
            field = why.field,
            distance_ms = why.distance_ms,
            keys_tried = why.keys_tried,
            limit = why.limit,
            at = why.at,
            activity = why.activity,
            found = why.found,
            detail = why.cause,
            did_you_mean = why.did_you_mean,
            more = why.more,
            $message
        );
    }};
}

pub(super) use line;
