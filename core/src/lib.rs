//! The rules of Countersign: what a marketplace call means, whether it is genuine, whether it has been done
//! before, what the seller's application must do now and what exactly must be answered.
//!
//! The crate is sans-I/O: pure functions from bytes to bytes. The host owns sockets, clocks, randomness,
//! storage and the seller's application. Time is `u64` milliseconds since the Unix epoch, UTC.
//!
//! # Examples
//!
//! ```
//! use countersign_core::{Body, Request, Seller, Verdict};
//!
//! let configuration = br#"{"routes": [{"path": "/saas", "dialect": "saas-v2", "keys": ["test-access-key-0001"]}]}"#;
//! let seller = Seller::from_json(configuration)?;
//!
//! let target = b"/saas?timestamp=1700000000000&nonce=n&signature=forged";
//! let request = Request::new("POST", target, &[], Body::Bytes(b"{}"));
//! let Verdict::Refused(refusal) = seller.admit(&request, &[1; 16], 1_700_000_000_000) else { panic!("nobody signed it") };
//! assert_eq!(refusal.reason.code.code(), "signature-malformed");
//! assert_eq!(refusal.answer.body, br#"{"resultCode":"000001","resultMsg":"authentication failed."}"#);
//! # Ok::<(), countersign_core::ConfigError>(())
//! ```

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    expect(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects,
        clippy::std_instead_of_alloc,
        clippy::std_instead_of_core,
        reason = "a test stops at the first surprise"
    )
)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod abi;
mod admit;
mod answer;
pub mod compute;
mod config;
pub mod crypto;
mod detail;
mod dialect;
mod directory;
pub mod entitlement;
mod event;
pub mod flow;
pub mod frame;
pub mod ledger;
mod lifecycle;
mod limits;
pub mod manual;
mod personal;
mod reason;
mod request;
mod reveal;
mod seller;
mod shadow;
mod shape;
pub mod wire;

pub use admit::{Admitted, Refusal, Verdict};
pub use answer::Answer;
pub use config::{ConfigError, Problem, has_stray_characters};
pub use detail::{Detail, DetailValue};
pub use dialect::{
    EventDescription, FieldDescription, FieldShape, ShapeDescription, event_fields, event_types,
};
pub use event::{
    AccountEvent, Datum, DirectoryEvent, Event, EventKind, InstanceEvent, OrderEvent, REDACTED, Record,
};
pub use lifecycle::Phase;
pub use reason::{Reason, ReasonCode, Told};
pub use request::{Body, READ_HEADERS, Request, reads_header};
pub use reveal::RevealedSecret;
pub use seller::{Description, RouteDescription, Seller, SellerConfig, Settings, Warning};
pub use shadow::{Difference, DifferenceCode, OldAnswer, Seen, Shadowed};
