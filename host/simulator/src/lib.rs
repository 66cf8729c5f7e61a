//! The platform's side of the conversation: a marketplace that calls a seller, well-behaved or faulty on purpose,
//! and checks every answer as the platform does.
//!
//! This crate shares no line with the rules it tests. It signs, encrypts and verifies with RustCrypto directly,
//! so that it and the gate check each other; it must never depend on the core.
//!
//! | Module | Holds |
//! |---|---|
//! | [`dialect`] | one file per callback protocol: how it signs, what it demands of an answer |
//! | [`sign()`](sign::sign) | fields in, one signed HTTP request out |
//! | [`fault`] | what can be wrong with a request on purpose, and the result code that each fault deserves |
//! | [`check()`](check::check) | one answer in, what it says or everything that is wrong with it out |
//! | [`account`] | events of an identity centre, and the answers to them |
//! | [`calls`] | realistic buyers, orders and the fields of every activity, drawn from a seed |
//! | [`transport`] | plain HTTP/1.1 that keeps the case of header names |
//! | [`scenario`] | reproducible stories: purchase, duplicates, renewal, freeze, release, attacks |
//!
//! **Hazard:** the access key of a route is all that separates the platform from an impostor. Point this crate at
//! your own gate with your own test key; whoever holds a production key can release instances with it.
//!
//! ```
//! use countersign_simulator::{AccessKey, Dialect, Fields, SignInput, sign};
//!
//! let key = AccessKey::new("test-access-key-0001");
//! let mut fields = Fields::new();
//! fields.insert("activity".into(), "queryInstance".into());
//! fields.insert("instanceId".into(), "10e758d0-31ad-4c4b-8f1b-81d03469a10e".into());
//! fields.insert("testFlag".into(), "1".into());
//! let request = sign(&SignInput {
//!     dialect: Dialect::SaasV2,
//!     key: &key,
//!     host: "isv.example.com",
//!     path: "/saas",
//!     fields: &fields,
//!     now_ms: 1_680_508_066_618,
//!     nonce: "50D83FDECAED6CCD8EF597F2A577950527928BA287D04E6036E92B2806FD17DA",
//! })?;
//! assert!(request.target.starts_with(
//!     "/saas?signature=4B226B9C287C55014D80C20B27428E273AF2C66E301AD596D23C6D68F7947E14&timestamp=1680508066618"
//! ));
//! # Ok::<(), countersign_simulator::SignError>(())
//! ```

#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::panic,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects
    )
)]

pub mod account;
pub mod calls;
pub mod check;
pub mod crypto;
pub mod dialect;
mod entropy;
pub mod fault;
mod http;
mod json;
mod percent;

pub mod scenario;
pub mod sign;
pub mod stamp;
pub mod transport;

pub use check::{CheckInput, Checked, Complaint, Rejected, check};
pub use crypto::AccessKey;
pub use dialect::{Dialect, Family};
pub use entropy::Entropy;
pub use fault::Fault;
pub use http::{HttpRequest, HttpResponse};
pub use sign::{SignError, SignInput, sign, sign_with};

/// The fields of one callback under the platform's own names (`activity`, `orderId`, …), in insertion order.
pub type Fields = serde_json::Map<String, serde_json::Value>;
