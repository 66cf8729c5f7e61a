//! The handle that a decision gives to the host and a settlement takes back.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::frame::{FrameError, FrameReader, FrameWriter};
use crate::reason::ReasonCode;

const MARK: &[u8; 4] = b"csW1";

/// What a settlement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Handle {
    /// A work and the fencing token under which it was sent; `None` when the backend reports by itself.
    Work { effect_id: String, token: Option<u64> },
    /// A question: the admission says which.
    Question,
}

impl Handle {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut frame = FrameWriter::new();
        frame.raw(MARK);
        match self {
            Self::Work { effect_id, token } => frame.u8(1).optional_u64(*token).bytes(effect_id.as_bytes()),
            Self::Question => frame.u8(2),
        };
        frame.finish()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, ReasonCode> {
        Self::read(FrameReader::new(bytes)).ok().flatten().ok_or(ReasonCode::MalformedWork)
    }

    fn read(mut frame: FrameReader<'_>) -> Result<Option<Self>, FrameError> {
        if frame.raw(MARK.len())? != MARK {
            return Ok(None);
        }
        let handle = match frame.u8()? {
            1 => {
                let token = frame.optional_u64()?;
                Self::Work { effect_id: frame.text()?.to_string(), token }
            }
            2 => Self::Question,
            _ => return Ok(None),
        };
        frame.end()?;
        Ok(Some(handle))
    }
}
