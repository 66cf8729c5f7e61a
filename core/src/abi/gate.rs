//! One operation after the other: reads a frame, calls the core, writes a frame.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{CallError, Decode, FRAME_VERSION, fail, operation, succeed};
use crate::compute::{self, ComputeError};
use crate::config::{ConfigError, Problem};
use crate::detail::Detail;
use crate::flow::{ChangeRequest, Input};
use crate::frame::{FrameError, FrameReader, FrameWriter};
use crate::ledger::{Outcome, Row, export_instance, view_instance};
use crate::reason::{Reason, ReasonCode};
use crate::request::{Body, Request};
use crate::seller::Seller;
use crate::wire::json;

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
        problems(ReasonCode::InvalidConfiguration, &error.problems)
    }
}

/// The field that a reason is about stands among the problems, with its cause.
impl From<Reason> for CallError {
    fn from(reason: Reason) -> Self {
        let Some(field) = &reason.field else { return reason.code.into() };
        let cause = reason.details.iter().find_map(|detail| match detail {
            Detail::Cause(cause) => Some(cause.as_ref()),
            _ => None,
        });
        let (code, message) = (cause.unwrap_or(reason.code.code()), reason.code.message());
        // One problem, its code perhaps one that was read from a frame.
        let mut out = b"[".to_vec();
        for (start, text) in
            [("{\"path\":", field.as_ref()), (",\"code\":", code), (",\"message\":", message)]
        {
            out.extend_from_slice(start.as_bytes());
            json::push_string(&mut out, text);
        }
        out.extend_from_slice(b"}]");
        CallError { problems: String::from_utf8(out).unwrap_or_default(), ..reason.code.into() }
    }
}

impl From<ComputeError> for CallError {
    fn from(error: ComputeError) -> Self {
        match error {
            ComputeError::UnknownPrimitive => ReasonCode::UnknownPrimitive.into(),
            ComputeError::InputRefused { input, cause } => {
                let reason = ReasonCode::InputRefused;
                let message = reason.message().to_string();
                problems(reason, &[Problem { path: input.to_string(), code: cause, message }])
            }
        }
    }
}

fn problems(reason: ReasonCode, problems: &[Problem]) -> CallError {
    CallError { problems: serde_json::to_string(problems).unwrap_or_default(), ..reason.into() }
}

impl Gate {
    /// An instance that holds nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { sellers: Vec::new() }
    }

    /// Carries out one operation. Never panics; anything wrong comes back as an error frame.
    pub fn call(&mut self, operation: u32, frame: &[u8]) -> Vec<u8> {
        let mut answer = Vec::new();
        self.call_into(operation, frame, &mut answer);
        answer
    }

    /// The same into a buffer that is kept between calls; what it held is overwritten or gone.
    pub fn call_into(&mut self, operation: u32, frame: &[u8], answer: &mut Vec<u8>) {
        let mut out = FrameWriter::over(core::mem::take(answer));
        if let Err(error) = self.dispatch(operation, FrameReader::new(frame), &mut out) {
            fail(&error, &mut out);
        }
        *answer = out.finish();
    }

    /// Drops and wipes everything that was opened.
    pub fn wipe(&mut self) {
        self.sellers = Vec::new();
    }

    /// Writes the answer at the end of each operation, so that an error finds an empty frame.
    fn dispatch(
        &mut self,
        operation: u32,
        mut frame: FrameReader<'_>,
        out: &mut FrameWriter,
    ) -> Result<(), CallError> {
        if frame.u16()? != FRAME_VERSION || frame.u16()? != 0 {
            return Err(ReasonCode::MalformedFrame.into());
        }
        let handle = frame.u32()?;
        if operation == operation::OPEN {
            return self.open(&mut frame, out);
        }
        if operation == operation::COMPUTE {
            return compute(frame, out);
        }
        let slot = usize::try_from(handle).ok().and_then(|handle| handle.checked_sub(1));
        let slot = slot.and_then(|slot| self.sellers.get_mut(slot));
        if operation == operation::CLOSE {
            frame.end()?;
            slot.and_then(Option::take).ok_or(ReasonCode::UnknownSeller)?;
            succeed(&(), out);
            return Ok(());
        }
        let seller = slot.and_then(|slot| slot.as_ref()).ok_or(ReasonCode::UnknownSeller);
        match operation {
            operation::ADMIT => admit(seller?, frame, out),
            operation::BEGIN => begin(seller?, frame, out),
            operation::ADVANCE => advance(seller?, frame, out),
            operation::TAKE_UP => take_up(seller?, frame, out),
            operation::CHANGE => change(seller?, frame, out),
            operation::DECIDE => decide(seller?, frame, out),
            operation::SETTLE => settle(seller?, frame, out),
            operation::DUE => due(seller?, frame, out),
            operation::CLAIM => claim(seller?, frame, out),
            operation::DECLINE => decline(seller?, frame, out),
            operation::REPORT => report(seller?, frame, out),
            operation::VIEW_INSTANCE => view(frame, out),
            operation::UPDATE_ACCESS => update_access(seller?, frame, out),
            operation::DESCRIBE => describe(seller?, &frame, out),
            operation::IMPORT_INSTANCE => import(seller?, frame, out),
            operation::EXPORT_INSTANCE => export(frame, out),
            operation::BODY_LIMIT => body_limit(seller?, frame, out),
            _ => Err(ReasonCode::UnknownOperation.into()),
        }
    }

    fn open(&mut self, frame: &mut FrameReader<'_>, out: &mut FrameWriter) -> Result<(), CallError> {
        let configuration = frame.bytes()?;
        frame.end()?;
        let handle = self.insert(Seller::from_json(configuration)?);
        succeed(&handle.ok_or(ReasonCode::Internal)?, out);
        Ok(())
    }

    /// Takes a seller that a host compiled itself. Handles begin with 1 and are used again after a close; `None` when
    /// all numbers are taken.
    pub fn insert(&mut self, seller: Seller) -> Option<u32> {
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
        u32::try_from(slot).ok().and_then(|slot| slot.checked_add(1))
    }
}

fn compute(mut frame: FrameReader<'_>, out: &mut FrameWriter) -> Result<(), CallError> {
    let name = frame.text()?;
    let mut inputs = Vec::new();
    for _ in 0..frame.count()? {
        inputs.push(frame.bytes()?);
    }
    frame.end()?;
    succeed(&compute::compute(name, &inputs)?, out);
    Ok(())
}

fn admit(seller: &Seller, frame: FrameReader<'_>, out: &mut FrameWriter) -> Result<(), CallError> {
    arrived(frame, |request, request_id, now| succeed(&seller.admit(request, request_id, now), out))
}

fn begin(seller: &Seller, frame: FrameReader<'_>, out: &mut FrameWriter) -> Result<(), CallError> {
    arrived(frame, |request, request_id, now| succeed(&seller.begin(request, request_id, now), out))
}

/// Reads a request as it arrived.
fn arrived(
    mut frame: FrameReader<'_>,
    judge: impl FnOnce(&Request<'_>, &[u8; 16], u64),
) -> Result<(), CallError> {
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
    judge(&Request { method, target, headers: &headers, body }, &request_id, now);
    Ok(())
}

fn advance(seller: &Seller, mut frame: FrameReader<'_>, out: &mut FrameWriter) -> Result<(), CallError> {
    let flow = frame.bytes()?;
    let (now, entropy) = (frame.u64()?, frame.array::<32>()?);
    let input = Input::decode(&mut frame)?;
    frame.end()?;
    succeed(&seller.advance(flow, input, now, &entropy)?, out);
    Ok(())
}

fn take_up(seller: &Seller, mut frame: FrameReader<'_>, out: &mut FrameWriter) -> Result<(), CallError> {
    let (now, entropy) = (frame.u64()?, frame.array::<32>()?);
    let row = Row::decode(&mut frame)?;
    frame.end()?;
    succeed(&seller.take_up(&row, now, &entropy)?, out);
    Ok(())
}

fn change(seller: &Seller, mut frame: FrameReader<'_>, out: &mut FrameWriter) -> Result<(), CallError> {
    let (now, entropy) = (frame.u64()?, frame.array::<32>()?);
    let request = ChangeRequest::decode(&mut frame)?;
    frame.end()?;
    succeed(&seller.change(request, now, &entropy)?, out);
    Ok(())
}

fn body_limit(seller: &Seller, mut frame: FrameReader<'_>, out: &mut FrameWriter) -> Result<(), CallError> {
    let (method, target) = (frame.text()?, frame.bytes()?);
    frame.end()?;
    succeed(&seller.body_limit(method, target), out);
    Ok(())
}

fn decide(seller: &Seller, mut frame: FrameReader<'_>, out: &mut FrameWriter) -> Result<(), CallError> {
    let admission = frame.bytes()?;
    let (now, entropy) = (frame.u64()?, frame.array::<32>()?);
    let rows = Vec::<Row>::decode(&mut frame)?;
    frame.end()?;
    succeed(&seller.decide(admission, &rows, now, &entropy)?, out);
    Ok(())
}

fn settle(seller: &Seller, mut frame: FrameReader<'_>, out: &mut FrameWriter) -> Result<(), CallError> {
    let (work, admission) = (frame.bytes()?, frame.bytes()?);
    let admission = Some(admission).filter(|bytes| !bytes.is_empty());
    let (now, entropy) = (frame.u64()?, frame.array::<32>()?);
    let outcome = Outcome::decode(&mut frame)?;
    let rows = Vec::<Row>::decode(&mut frame)?;
    frame.end()?;
    succeed(&seller.settle(work, admission, &rows, &outcome, now, &entropy)?, out);
    Ok(())
}

fn due(seller: &Seller, mut frame: FrameReader<'_>, out: &mut FrameWriter) -> Result<(), CallError> {
    let now = frame.u64()?;
    let rows = Vec::<Row>::decode(&mut frame)?;
    frame.end()?;
    succeed(&seller.due(&rows, now), out);
    Ok(())
}

fn claim(seller: &Seller, mut frame: FrameReader<'_>, out: &mut FrameWriter) -> Result<(), CallError> {
    let (now, entropy) = (frame.u64()?, frame.array::<32>()?);
    let row = Row::decode(&mut frame)?;
    frame.end()?;
    succeed(&seller.claim(&row, now, &entropy)?, out);
    Ok(())
}

fn decline(seller: &Seller, mut frame: FrameReader<'_>, out: &mut FrameWriter) -> Result<(), CallError> {
    let admission = frame.bytes()?;
    frame.end()?;
    succeed(&seller.decline(admission)?, out);
    Ok(())
}

fn report(seller: &Seller, mut frame: FrameReader<'_>, out: &mut FrameWriter) -> Result<(), CallError> {
    let effect_id = frame.text()?;
    let (now, entropy) = (frame.u64()?, frame.array::<32>()?);
    let outcome = Outcome::decode(&mut frame)?;
    let rows = Vec::<Row>::decode(&mut frame)?;
    frame.end()?;
    succeed(&seller.report(effect_id, &rows, &outcome, now, &entropy)?, out);
    Ok(())
}

fn view(mut frame: FrameReader<'_>, out: &mut FrameWriter) -> Result<(), CallError> {
    let (row, with_access) = (frame.bytes()?, frame.u8()? == 1);
    frame.end()?;
    let view = view_instance(row, with_access)?;
    succeed(&serde_json::to_vec(&view).map_err(|_| ReasonCode::Internal)?, out);
    Ok(())
}

fn update_access(
    seller: &Seller,
    mut frame: FrameReader<'_>,
    out: &mut FrameWriter,
) -> Result<(), CallError> {
    let (product, instance, access) = (frame.text()?, frame.text()?, frame.bytes()?);
    let entropy = frame.array::<32>()?;
    let rows = Vec::<Row>::decode(&mut frame)?;
    frame.end()?;
    succeed(&seller.update_access(product, instance, access, &rows, &entropy)?, out);
    Ok(())
}

fn describe(seller: &Seller, frame: &FrameReader<'_>, out: &mut FrameWriter) -> Result<(), CallError> {
    frame.end()?;
    succeed(&serde_json::to_vec(&seller.describe()).map_err(|_| ReasonCode::Internal)?, out);
    Ok(())
}

fn import(seller: &Seller, mut frame: FrameReader<'_>, out: &mut FrameWriter) -> Result<(), CallError> {
    let (product, instance) = (frame.text()?, frame.bytes()?);
    let (now, entropy) = (frame.u64()?, frame.array::<32>()?);
    let rows = Vec::<Row>::decode(&mut frame)?;
    frame.end()?;
    succeed(&seller.import_instance(product, instance, &rows, now, &entropy)?, out);
    Ok(())
}

fn export(mut frame: FrameReader<'_>, out: &mut FrameWriter) -> Result<(), CallError> {
    let (row, with_access) = (frame.bytes()?, frame.u8()? == 1);
    frame.end()?;
    succeed(&export_instance(row, with_access)?, out);
    Ok(())
}
