//! The query string of a request, and a body of type `application/x-www-form-urlencoded`.
//!
//! # Examples
//!
//! ```
//! use countersign_core::wire::{Form, FormError};
//!
//! let mut form = Form::parse(b"orderId=CS%201&memo=a+b&empty")?;
//! assert_eq!(form.get("memo"), Some("a b"));
//! assert_eq!(form.take("orderId").as_deref(), Some("CS 1"));
//! assert_eq!(form.get("orderId"), None);
//! assert_eq!(Form::parse(b"a=1&%61=2"), Err(FormError::RepeatedName));
//! # Ok::<(), FormError>(())
//! ```

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::percent::{self, FormError};
use super::repeat::any_repeated;
use super::scan;

/// The pairs in the order in which they arrived, decoded once.
///
/// Empty segments (`a=1&&b=2`) are skipped, a segment without `=` is a name with an empty value, and a value may
/// hold further `=`. Each item fails on its own, [`FormError::Percent`] before [`FormError::Utf8`], name before
/// value. Repeated names are not noticed here; see [`Form::parse`].
pub fn pairs(query: &[u8]) -> impl Iterator<Item = Result<(Cow<'_, str>, Cow<'_, str>), FormError>> {
    let mut rest = Some(query);
    let segments = core::iter::from_fn(move || {
        let (segment, behind) = scan::split(rest?, b'&');
        rest = behind;
        Some(segment)
    });
    segments.filter(|segment| !segment.is_empty()).map(|segment| {
        let (name, value) = scan::split(segment, b'=');
        let name = percent::decode(name)?;
        Ok((name, percent::decode(value.unwrap_or_default())?))
    })
}

/// A query string in which every name stands once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form<'q>(Vec<(Cow<'q, str>, Cow<'q, str>)>);

impl<'q> Form<'q> {
    /// Reads all pairs; see [`pairs`].
    ///
    /// Repeated names are refused: the platform's Java sample takes the first value, other frameworks the last, and
    /// the text that V1 signs does not tell them apart.
    ///
    /// # Errors
    ///
    /// The first [`FormError::Percent`] or [`FormError::Utf8`] of a pair, else [`FormError::RepeatedName`].
    pub fn parse(query: &'q [u8]) -> Result<Self, FormError> {
        let pairs: Vec<_> = pairs(query).collect::<Result<_, _>>()?;
        if any_repeated(pairs.iter().map(|(name, _)| &**name)) {
            return Err(FormError::RepeatedName);
        }
        Ok(Self(pairs))
    }

    /// The decoded value of a name, compared exactly; `Some("")` for a name without value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find_map(|(other, value)| (other == name).then_some(value))
    }

    /// Takes a name out: what remains is what the signature covers.
    pub fn take(&mut self, name: &str) -> Option<Cow<'q, str>> {
        let at = self.0.iter().position(|(other, _)| other == name)?;
        Some(self.0.remove(at).1)
    }

    /// The pairs themselves.
    #[must_use]
    pub fn into_pairs(self) -> Vec<(Cow<'q, str>, Cow<'q, str>)> {
        self.0
    }

    /// All pairs, decoded, in the order in which they arrived.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }
}
