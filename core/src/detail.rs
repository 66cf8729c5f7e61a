//! What makes a reason plain to whoever has to act on it: further members of its JSON.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};

use crate::personal::looks_personal;

/// The value of a detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetailValue<'a> {
    /// A whole number.
    Number(i64),
    /// A text.
    Text(&'a str),
}

/// One row of the table.
macro_rules! details {
    ($($(#[$doc:meta])* $variant:ident($kind:ident $($inner:ty)?) = $name:literal;)*) => {
        /// One detail. Names never change their meaning; new ones may come.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Detail {
            $($(#[$doc])* $variant(details!(@type $kind $($inner)?)),)*
        }

        impl Detail {
            /// The name of the member.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)* }
            }

            /// Its value.
            #[must_use]
            pub fn value(&self) -> DetailValue<'_> {
                match self { $(Self::$variant(value) => details!(@value $kind value),)* }
            }

            /// A detail as it travelled; `None` for a name or a type that this version does not know.
            pub(crate) fn from_parts(name: &str, value: DetailValue<'_>) -> Option<Self> {
                match (name, value) {
                    $(($name, details!(@pattern $kind value)) => Some(Self::$variant(details!(@own $kind value))),)*
                    _ => None,
                }
            }
        }
    };
    (@type number) => { i64 };
    (@type text) => { Cow<'static, str> };
    (@value number $value:ident) => { DetailValue::Number(*$value) };
    (@value text $value:ident) => { DetailValue::Text($value) };
    (@pattern number $value:ident) => { DetailValue::Number($value) };
    (@pattern text $value:ident) => { DetailValue::Text($value) };
    (@own number $value:ident) => { $value };
    (@own text $value:ident) => { Cow::Owned($value.to_string()) };
}

details! {
    /// The signed time minus the time of arrival, milliseconds: below zero the call was signed in the past.
    DistanceMs(number) = "distance_ms";
    /// How many keys of the ring were tried, each over every form that may have been signed.
    KeysTried(number) = "keys_tried";
    /// The largest value that is taken: bytes, or a count.
    Limit(number) = "limit";
    /// Where reading stopped, bytes from the beginning of the body.
    At(number) = "at";
    /// The activity that the call names.
    Activity(text) = "activity";
    /// What stands there instead: a short value, or the name of another member.
    Found(text) = "found";
    /// What kind of mistake it is, where a code has several: lower case, words joined by hyphens.
    Cause(text) = "cause";
    /// The name that was probably meant.
    DidYouMean(text) = "did_you_mean";
}

/// The longest value of a call that is shown, bytes.
const SHOWN: usize = 48;

impl Detail {
    /// The activity of a call, if it is one that can be shown.
    pub(crate) fn activity(text: &str) -> Option<Self> {
        let named = text.starts_with(|first: char| first.is_ascii_alphabetic());
        shown(text).filter(|_| named).map(|text| Self::Activity(Cow::Owned(text)))
    }

    /// A value of a call, if it is one that can be shown.
    pub(crate) fn found(text: &str) -> Option<Self> {
        shown(text).map(|text| Self::Found(Cow::Owned(text)))
    }

    /// An id of a call: what it names is no person.
    pub(crate) fn id(text: &str) -> Option<Self> {
        is_word(text).then(|| Self::Found(Cow::Owned(text.to_string())))
    }

    pub(crate) const fn cause(word: &'static str) -> Self {
        Self::Cause(Cow::Borrowed(word))
    }

    /// Bytes from the beginning.
    pub(crate) fn at(at: usize) -> Self {
        Self::At(i64::try_from(at).unwrap_or(i64::MAX))
    }

    /// A size or a count.
    pub(crate) fn limit(limit: impl TryInto<i64>) -> Self {
        Self::Limit(limit.try_into().unwrap_or(i64::MAX))
    }
}

/// Short words and ids: nothing that a log or a terminal could mistake for anything else, nothing of a person.
fn shown(text: &str) -> Option<String> {
    (is_word(text) && !looks_personal(text)).then(|| text.to_string())
}

fn is_word(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    (1..=SHOWN).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::{Detail, DetailValue};
    use std::string::ToString;

    #[test]
    fn every_detail_survives_its_parts() {
        for detail in [
            Detail::DistanceMs(-61_000),
            Detail::KeysTried(2),
            Detail::limit(u64::MAX),
            Detail::Activity("upgrade".into()),
            Detail::cause("missing"),
            Detail::DidYouMean("front_end_url".into()),
        ] {
            assert_eq!(Detail::from_parts(detail.name(), detail.value()), Some(detail));
        }
        assert_eq!(Detail::from_parts("keys_tried", DetailValue::Text("2")), None);
        assert_eq!(Detail::from_parts("unheard-of", DetailValue::Number(2)), None);
    }

    #[test]
    fn only_short_plain_words_of_a_call_are_shown() {
        for text in ["modifyInstance", "upgrade2", "a.b-c_d:e"] {
            assert_eq!(Detail::activity(text), Some(Detail::Activity(text.to_string().into())));
        }
        for text in ["", "13800138000", "x13 800", "<b>", "a\nb", "a\u{1b}[0m", "升级", "\"", "9upgrade"] {
            assert_eq!(Detail::activity(text), None, "{text:?}");
        }
        assert_eq!(Detail::activity(&"a".repeat(49)), None);
        assert_eq!(Detail::found("13800138000"), None);
        assert_eq!(Detail::found("9"), Some(Detail::Found("9".into())));
    }
}
