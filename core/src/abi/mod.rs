//! The byte face of the core: one call, one frame in, one frame out. Artefact A, the native engine and every
//! binding speak it, so that all of them run the same validated logic.
//!
//! Numbers are little-endian; byte strings and texts have four bytes of length before them, lists four bytes of count.
//!
//! ```text
//! request   u16 version (2)   u16 0   u32 seller (0: none)   fields
//! answer    u16 version (2)   u16 status                     fields
//! ```
//!
//! Status 0 is success; anything else is the number of a [`ReasonCode`], and the fields are its code and its message
//! (texts), and for an `invalid-configuration` the list of mistakes as JSON, for an `input-refused` the input.

mod argument;
mod codec;
pub mod describe;
mod dispatcher;
mod error;
mod kind;
mod operations;
pub mod table;

pub use codec::{Decode, Encode};
pub(crate) use codec::{encode_list, fields, lists, read_fields, variants};
pub use dispatcher::Dispatcher;
pub use error::CallError;
pub use operations::{OPERATIONS, operation, requests};

use alloc::string::ToString;

use crate::frame::{FrameError, FrameReader, FrameWriter};
use crate::reason::ReasonCode;

/// `major << 16 | minor` of the frames. A host refuses another major.
pub const VERSION: u32 = 2 << 16;

/// The version that stands at the head of every frame.
pub const FRAME_VERSION: u16 = 2;

/// The memory of one instance of the module, bytes: the maximum that it declares.
pub const MEMORY_BYTES: u64 = 256 << 20;

/// The largest request that the module takes, bytes. A quarter of its memory: the rest is for what the request becomes.
pub const MAX_REQUEST_BYTES: u64 = MEMORY_BYTES / 4;

/// The types that arguments of operations have beside numbers, texts and bytes.
pub mod values {
    pub use crate::flow::{ChangeRequest, Input};
    pub use crate::ledger::{Outcome, Row};
}

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
