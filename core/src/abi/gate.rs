//! One operation after the other: reads a frame, calls the core, writes a frame.

use alloc::vec::Vec;

use super::{CallError, Decode, FRAME_VERSION, fail, operation, succeed};
use crate::admit::Verdict;
use crate::frame::{FrameError, FrameReader};
use crate::ledger::{Outcome, Row, export_instance, view_instance};
use crate::reason::ReasonCode;
use crate::request::{Body, Request};
use crate::seller::{ConfigError, Seller};

/// What one instance of the module holds between calls: the opened sellers.
#[derive(Debug, Default)]
pub struct Gate {
    sellers: Vec<Option<Seller>>,
}

impl From<FrameError> for CallError {
    fn from(_: FrameError) -> Self {
        ReasonCode::MalformedFrame.into()
    }
}

impl From<ConfigError> for CallError {
    fn from(error: ConfigError) -> Self {
        let problems = serde_json::to_string(&error.problems).unwrap_or_default();
        Self { problems, ..ReasonCode::InvalidConfiguration.into() }
    }
}

impl Gate {
    /// An instance that holds nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { sellers: Vec::new() }
    }

    /// Carries out one operation. Never panics; anything wrong comes back as an error frame.
    pub fn call(&mut self, operation: u32, frame: &[u8]) -> Vec<u8> {
        self.dispatch(operation, FrameReader::new(frame)).unwrap_or_else(|error| fail(&error))
    }

    /// Drops and wipes everything that was opened.
    pub fn wipe(&mut self) {
        self.sellers = Vec::new();
    }

    fn dispatch(&mut self, operation: u32, mut frame: FrameReader<'_>) -> Result<Vec<u8>, CallError> {
        if frame.u16()? != FRAME_VERSION || frame.u16()? != 0 {
            return Err(ReasonCode::MalformedFrame.into());
        }
        let handle = frame.u32()?;
        if operation == operation::OPEN {
            return self.open(&mut frame);
        }
        let slot = usize::try_from(handle).ok().and_then(|handle| handle.checked_sub(1));
        let slot = slot.and_then(|slot| self.sellers.get_mut(slot));
        if operation == operation::CLOSE {
            frame.end()?;
            return slot.and_then(Option::take).map(|_| succeed(&())).ok_or(ReasonCode::UnknownSeller.into());
        }
        let seller = slot.and_then(|slot| slot.as_ref()).ok_or(ReasonCode::UnknownSeller);
        match operation {
            operation::ADMIT => admit(seller?, frame),
            operation::DECIDE => decide(seller?, frame),
            operation::SETTLE => settle(seller?, frame),
            operation::DUE => due(seller?, frame),
            operation::DECLINE => decline(seller?, frame),
            operation::REPORT => report(seller?, frame),
            operation::VIEW_INSTANCE => view(frame),
            operation::UPDATE_ACCESS => update_access(seller?, frame),
            operation::IMPORT_INSTANCE => import(seller?, frame),
            operation::EXPORT_INSTANCE => export(frame),
            _ => Err(ReasonCode::UnknownOperation.into()),
        }
    }

    /// Handles begin with 1 and are used again after a close.
    fn open(&mut self, frame: &mut FrameReader<'_>) -> Result<Vec<u8>, CallError> {
        let configuration = frame.bytes()?;
        frame.end()?;
        let seller = Seller::from_json(configuration)?;
        let slot = match self.sellers.iter().position(Option::is_none) {
            Some(slot) => slot,
            None => {
                self.sellers.push(None);
                self.sellers.len().saturating_sub(1)
            }
        };
        if let Some(place) = self.sellers.get_mut(slot) {
            *place = Some(seller);
        }
        let handle = u32::try_from(slot).ok().and_then(|slot| slot.checked_add(1));
        Ok(succeed(&handle.ok_or(ReasonCode::Internal)?))
    }
}

fn admit(seller: &Seller, mut frame: FrameReader<'_>) -> Result<Vec<u8>, CallError> {
    let request_id = frame.array::<16>()?;
    let now = frame.u64()?;
    let method = frame.text()?;
    let target = frame.bytes()?;
    let mut headers = Vec::new();
    for _ in 0..frame.count()? {
        headers.push((frame.text()?, frame.bytes()?));
    }
    let body = match (frame.u8()?, frame.bytes()?) {
        (0, bytes) => Body::Bytes(bytes),
        (1, []) => Body::Oversized,
        _ => return Err(ReasonCode::MalformedFrame.into()),
    };
    frame.end()?;
    let verdict: Verdict =
        seller.admit(&Request { method, target, headers: &headers, body }, &request_id, now);
    Ok(succeed(&verdict))
}

fn decide(seller: &Seller, mut frame: FrameReader<'_>) -> Result<Vec<u8>, CallError> {
    let admission = frame.bytes()?;
    let (now, entropy) = (frame.u64()?, frame.array::<32>()?);
    let rows = Vec::<Row>::decode(&mut frame)?;
    frame.end()?;
    Ok(succeed(&seller.decide(admission, &rows, now, &entropy)?))
}

fn settle(seller: &Seller, mut frame: FrameReader<'_>) -> Result<Vec<u8>, CallError> {
    let (work, admission) = (frame.bytes()?, frame.bytes()?);
    let admission = Some(admission).filter(|bytes| !bytes.is_empty());
    let (now, entropy) = (frame.u64()?, frame.array::<32>()?);
    let outcome = Outcome::decode(&mut frame)?;
    let rows = Vec::<Row>::decode(&mut frame)?;
    frame.end()?;
    Ok(succeed(&seller.settle(work, admission, &rows, &outcome, now, &entropy)?))
}

fn due(seller: &Seller, mut frame: FrameReader<'_>) -> Result<Vec<u8>, CallError> {
    let (now, entropy) = (frame.u64()?, frame.array::<32>()?);
    let rows = Vec::<Row>::decode(&mut frame)?;
    frame.end()?;
    Ok(succeed(&seller.due(&rows, now, &entropy)))
}

fn decline(seller: &Seller, mut frame: FrameReader<'_>) -> Result<Vec<u8>, CallError> {
    let admission = frame.bytes()?;
    frame.end()?;
    Ok(succeed(&seller.decline(admission)?))
}

fn report(seller: &Seller, mut frame: FrameReader<'_>) -> Result<Vec<u8>, CallError> {
    let effect_id = frame.text()?;
    let (now, entropy) = (frame.u64()?, frame.array::<32>()?);
    let outcome = Outcome::decode(&mut frame)?;
    let rows = Vec::<Row>::decode(&mut frame)?;
    frame.end()?;
    Ok(succeed(&seller.report(effect_id, &rows, &outcome, now, &entropy)?))
}

fn view(mut frame: FrameReader<'_>) -> Result<Vec<u8>, CallError> {
    let (row, with_access) = (frame.bytes()?, frame.u8()? == 1);
    frame.end()?;
    let view = view_instance(row, with_access)?;
    Ok(succeed(&serde_json::to_vec(&view).map_err(|_| ReasonCode::Internal)?))
}

fn update_access(seller: &Seller, mut frame: FrameReader<'_>) -> Result<Vec<u8>, CallError> {
    let (product, instance, access) = (frame.text()?, frame.text()?, frame.bytes()?);
    let entropy = frame.array::<32>()?;
    let rows = Vec::<Row>::decode(&mut frame)?;
    frame.end()?;
    Ok(succeed(&seller.update_access(product, instance, access, &rows, &entropy)?))
}

fn import(seller: &Seller, mut frame: FrameReader<'_>) -> Result<Vec<u8>, CallError> {
    let (product, instance) = (frame.text()?, frame.bytes()?);
    let (now, entropy) = (frame.u64()?, frame.array::<32>()?);
    let rows = Vec::<Row>::decode(&mut frame)?;
    frame.end()?;
    Ok(succeed(&seller.import_instance(product, instance, &rows, now, &entropy)?))
}

fn export(mut frame: FrameReader<'_>) -> Result<Vec<u8>, CallError> {
    let (row, with_access) = (frame.bytes()?, frame.u8()? == 1);
    frame.end()?;
    Ok(succeed(&export_instance(row, with_access)?))
}
