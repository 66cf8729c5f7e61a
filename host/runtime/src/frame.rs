//! The heads of frames: all that a host has to understand of them.
//!
//! # Examples
//!
//! ```
//! use countersign_core::abi::operation;
//! use countersign_runtime::{Engine, NativeEngine, frame};
//!
//! let engine = NativeEngine::new();
//! let seller = engine.open(br#"{"routes":[{"path":"/v2","dialect":"saas-v2","keys":["test-access-key-0001"]}]}"#)?;
//! let description = engine.call(operation::DESCRIBE, &frame::head(Some(seller)))?;
//! assert_eq!(frame::status(&description), Some(0));
//!
//! // An operation that does not exist is an answer too: its status is the number of the error.
//! let refused = engine.call(0xffff, &frame::head(Some(seller)))?;
//! assert_ne!(frame::status(&refused), Some(0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use countersign_core::abi::VERSION;
use zeroize::Zeroizing;

use crate::engine::SellerHandle;
use crate::error::{EngineError, OpenError};

/// Opened through [`Engine::open`](crate::Engine::open), closed through [`Engine::close`](crate::Engine::close) only.
pub use countersign_core::abi::operation::{CLOSE, OPEN};

/// Where the seller's handle stands in a request, in bytes.
pub(crate) const SELLER: std::ops::Range<usize> = 4..8;

/// Version in the head of every frame: the major number of the core's.
const MAJOR: u16 = (VERSION >> 16) as u16;

/// The head of a request: `[u16 version][u16 0][u32 seller]`; the fields of the operation follow.
#[must_use]
pub fn head(seller: Option<SellerHandle>) -> [u8; 8] {
    numbered_head(seller.map_or(0, SellerHandle::get))
}

pub(crate) fn numbered_head(seller: u32) -> [u8; 8] {
    let [v0, v1] = MAJOR.to_le_bytes();
    let [s0, s1, s2, s3] = seller.to_le_bytes();
    [v0, v1, 0, 0, s0, s1, s2, s3]
}

/// The status of an answer: 0, or the core's error number. `None` if it is no frame of this version.
#[must_use]
pub fn status(answer: &[u8]) -> Option<u16> {
    let (version, rest) = answer.split_first_chunk()?;
    let (status, _) = rest.split_first_chunk()?;
    (u16::from_le_bytes(*version) == MAJOR).then(|| u16::from_le_bytes(*status))
}

/// The fields of an answer, after its head.
#[must_use]
pub fn fields(answer: &[u8]) -> &[u8] {
    answer.get(4..).unwrap_or_default()
}

/// The handle in a request; 0 if the frame is too short to have one, which the core will say.
pub(crate) fn seller(frame: &[u8]) -> u32 {
    frame.get(SELLER).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes)
}

/// The request of [`OPEN`]: its one field is the configuration, preceded by its length as `u32`.
pub(crate) fn open(configuration: &[u8]) -> Result<Zeroizing<Vec<u8>>, EngineError> {
    let len = u32::try_from(configuration.len()).map_err(|_| EngineError::TooLarge)?;
    // Reserved at once: a growing buffer would leave keys behind in freed memory.
    let mut frame = Zeroizing::new(Vec::with_capacity(12 + configuration.len()));
    frame.extend_from_slice(&head(None));
    frame.extend_from_slice(&len.to_le_bytes());
    frame.extend_from_slice(configuration);
    Ok(frame)
}

/// The handle that an instance gave to the seller that it opened.
pub(crate) fn opened(answer: Vec<u8>) -> Result<u32, OpenError> {
    match status(&answer) {
        Some(0) => match fields(&answer).first_chunk() {
            Some(handle) => Ok(u32::from_le_bytes(*handle)),
            None => Err(EngineError::Malformed.into()),
        },
        Some(status) => Err(OpenError::Refused { status, answer }),
        None => Err(EngineError::Malformed.into()),
    }
}
