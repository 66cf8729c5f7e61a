//! Readers and writers of the encodings on the wire.
//!
//! All of them are strict: what two readers could understand differently is refused. None of the readers is constant-time;
//! what they read arrived over the wire. Of the writers [`hex`] is: a MAC that is still secret passes through it.
//!
//! # Examples
//!
//! ```
//! use countersign_core::wire::{Target, percent};
//!
//! let target = Target::parse(b"http://seller.example.com/saas?orderId=CS%201");
//! assert_eq!((target.path(), target.query()), (&b"/saas"[..], &b"orderId=CS%201"[..]));
//! assert_eq!(percent::encode("CS 1".as_bytes()), "CS%201");
//! ```

pub mod address;
pub mod base64;
mod civil;
pub mod form;
pub mod hex;
pub mod json;
pub mod percent;
mod repeat;
mod scan;
mod target;
pub mod time;
pub mod utf16;
#[cfg(test)]
mod vectors;
pub(crate) mod visible;

pub use base64::Base64Error;
pub use form::Form;
pub use hex::HexError;
pub use percent::FormError;
pub use target::Target;
pub use time::TimeError;
