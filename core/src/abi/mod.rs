//! The byte face of the core: one call, one frame in, one frame out. Artefact A, the native engine and every
//! binding speak it, so that all of them run the same validated logic.
//!
//! Numbers are little-endian; byte strings and texts have four bytes of length before them, lists four bytes of count.
//!
//! ```text
//! request   u16 version (1)   u16 0   u32 seller (0: none)   fields
//! answer    u16 version (1)   u16 status                     fields
//! ```
//!
//! Status 0 is success; anything else is the number of a [`ReasonCode`], and the fields are its code and its message
//! (texts), and for an `invalid-configuration` the list of mistakes as JSON, for an `input-refused` the input.

mod codec;
mod gate;

pub use codec::{Decode, Encode};
pub(crate) use codec::{encode_list, fields, lists, variants};
pub use gate::Gate;

use alloc::string::{String, ToString};

use crate::frame::{FrameError, FrameReader, FrameWriter};
use crate::reason::ReasonCode;

/// `major << 16 | minor` of the frames. A host refuses another major.
pub const VERSION: u32 = 1 << 16;

/// The version that stands at the head of every frame.
pub const FRAME_VERSION: u16 = 1;

/// The memory of one instance of the module, bytes: the maximum that it declares.
pub const MEMORY_BYTES: u64 = 256 << 20;

/// The largest request that the module takes, bytes. A quarter of its memory: the rest is for what the request becomes.
pub const MAX_REQUEST_BYTES: u64 = MEMORY_BYTES / 4;

/// Operations. The fields of each request and answer stand beside it.
pub mod operation {
    /// configuration JSON → seller: u32
    pub const OPEN: u32 = 1;
    /// – → –
    pub const CLOSE: u32 = 2;
    /// request id: 16 bytes, now: u64, method, target, headers: list of (name, value), oversized: u8, body → [`crate::Verdict`]
    pub const ADMIT: u32 = 3;
    /// admission, now: u64, entropy: 32 bytes, rows → [`crate::ledger::Decision`]
    pub const DECIDE: u32 = 4;
    /// work, admission (empty: none), now: u64, entropy: 32 bytes, outcome, rows → [`crate::ledger::Settlement`]
    pub const SETTLE: u32 = 5;
    /// now: u64, rows → [`crate::ledger::Due`]
    pub const DUE: u32 = 6;
    /// admission → [`crate::Answer`]
    pub const DECLINE: u32 = 7;
    /// effect id, now: u64, entropy: 32 bytes, outcome, rows → [`crate::ledger::Settlement`]
    pub const REPORT: u32 = 8;
    /// instance row, with access: u8 → JSON
    pub const VIEW_INSTANCE: u32 = 9;
    /// product, instance id, access JSON, entropy: 32 bytes, rows → [`crate::ledger::AccessUpdate`]
    pub const UPDATE_ACCESS: u32 = 10;
    /// name, inputs: list of byte strings → output. Takes no seller. See [`crate::compute`].
    pub const COMPUTE: u32 = 11;
    /// product (empty: each line names its own), instance JSON, now: u64, entropy: 32 bytes, rows → [`crate::ledger::Import`]
    pub const IMPORT_INSTANCE: u32 = 12;
    /// – → JSON: what a host needs of the configuration, without keys
    pub const DESCRIBE: u32 = 13;
    /// instance row, with access: u8 → [`crate::ledger::Export`]
    pub const EXPORT_INSTANCE: u32 = 14;
    /// now: u64, entropy: 32 bytes, row → [`crate::ledger::Assignment`], or none
    pub const CLAIM: u32 = 15;
    /// method, target → largest body in bytes: optional u64, none where no route takes such a call
    pub const BODY_LIMIT: u32 = 16;
    /// as [`ADMIT`] → [`crate::flow::Advance`]
    pub const BEGIN: u32 = 17;
    /// flow, now: u64, entropy: 32 bytes, input → [`crate::flow::Advance`]
    pub const ADVANCE: u32 = 18;
    /// now: u64, entropy: 32 bytes, row → [`crate::flow::Advance`], or none
    pub const TAKE_UP: u32 = 19;
    /// now: u64, entropy: 32 bytes, request → [`crate::flow::Advance`]
    pub const CHANGE: u32 = 20;
}

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

impl core::fmt::Display for CallError {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str(&self.message)
    }
}

impl core::error::Error for CallError {}

/// Begins a request: the head, then whatever the operation takes.
#[must_use]
pub fn request(seller: u32) -> FrameWriter {
    let mut frame = FrameWriter::new();
    frame.u16(FRAME_VERSION).u16(0).u32(seller);
    frame
}

/// Reads an answer: its fields, or the error that it is.
///
/// # Errors
/// The [`CallError`] that the answer states; [`ReasonCode::MalformedFrame`] for what is no answer.
pub fn answer<T: Decode>(frame: &[u8]) -> Result<T, CallError> {
    let malformed = |_: FrameError| CallError::from(ReasonCode::MalformedFrame);
    let mut reader = FrameReader::new(frame);
    if reader.u16().map_err(malformed)? != FRAME_VERSION {
        return Err(ReasonCode::MalformedFrame.into());
    }
    match reader.u16().map_err(malformed)? {
        0 => {
            let value = T::decode(&mut reader).map_err(malformed)?;
            reader.end().map_err(malformed)?;
            Ok(value)
        }
        number => {
            let mut text = || Ok(reader.text()?.to_string());
            let (code, message, problems) =
                (text().map_err(malformed)?, text().map_err(malformed)?, text().map_err(malformed)?);
            Err(CallError { code, number, message, problems })
        }
    }
}

pub(super) fn succeed(value: &impl Encode, out: &mut FrameWriter) {
    out.u16(FRAME_VERSION).u16(0);
    value.encode(out);
}

pub(super) fn fail(error: &CallError, out: &mut FrameWriter) {
    out.u16(FRAME_VERSION).u16(error.number);
    out.bytes(error.code.as_bytes()).bytes(error.message.as_bytes()).bytes(error.problems.as_bytes());
}
