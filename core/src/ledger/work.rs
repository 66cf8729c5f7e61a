//! The handle that a decision gives to the host and a settlement takes back.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::key;
use crate::frame::{FrameError, FrameReader, FrameWriter};
use crate::reason::ReasonCode;

const MARK: &[u8; 4] = b"csW2";

/// What a settlement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Handle {
    /// A work.
    Work {
        effect_id: String,
        /// The fencing token under which it was sent.
        token: u64,
        /// The key of the row of its subject.
        subject: String,
    },
    /// A create of an account: the row of its name is the work.
    Named {
        /// The key of that row.
        key: String,
        effect_id: String,
        /// The fencing token under which it was sent.
        token: u64,
    },
    /// A question: the admission says which.
    Question,
}

/// The rows with which the settlement of a handle begins; it asks for whatever else it needs. Of a question there are none.
pub(crate) fn settlement_keys(work: &[u8]) -> Vec<String> {
    match Handle::decode(work) {
        Ok(Handle::Work { effect_id, subject, .. }) => Vec::from([key::work(&effect_id), subject]),
        Ok(Handle::Named { key, .. }) => Vec::from([key]),
        Ok(Handle::Question) | Err(_) => Vec::new(),
    }
}

impl Handle {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut frame = FrameWriter::new();
        frame.raw(MARK);
        match self {
            Self::Work { effect_id, token, subject } => {
                frame.u8(1).u64(*token).bytes(effect_id.as_bytes()).bytes(subject.as_bytes())
            }
            Self::Question => frame.u8(2),
            Self::Named { key, effect_id, token } => {
                frame.u8(3).u64(*token).bytes(effect_id.as_bytes()).bytes(key.as_bytes())
            }
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
                let token = frame.u64()?;
                let (effect_id, subject) = (frame.text()?.to_string(), frame.text()?.to_string());
                Self::Work { effect_id, token, subject }
            }
            2 => Self::Question,
            3 => {
                let token = frame.u64()?;
                let (effect_id, key) = (frame.text()?.to_string(), frame.text()?.to_string());
                Self::Named { key, effect_id, token }
            }
            _ => return Ok(None),
        };
        frame.end()?;
        Ok(Some(handle))
    }
}
