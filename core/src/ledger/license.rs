//! Licences: what a backend may say of one, and what is kept of those that are asked for one by one.

use alloc::string::{String, ToString};

use super::access::{Fault, document, misspelt, text_of};
use super::context::DecisionContext;
use super::ending::Sent;
use super::lane::{LaneRow, Queued};
use super::queue::{Reservation, Works};
use super::reserve;
use super::row::codec::row;
use super::row::{FORMAT, InstanceRow};
use super::ruling::Ruling;
use super::snapshot::{Changes, Stop};
use super::{effect, instant, key};
use crate::crypto::hmac_sha256;
use crate::dialect::{InstanceReply, Reply};
use crate::event::Event;
use crate::limits;
use crate::reason::{Reason, ReasonCode};
use crate::wire::json::Value;
use crate::wire::{base64, hex};

/// The licence of an order: `{"license": text of 1 to 65 536 bytes}`.
///
/// # Errors
/// [`ReasonCode::BackendAnswerInvalid`] with the member that it is about.
pub(super) fn read(answer: &[u8]) -> Result<String, Reason> {
    let document = document(answer)?;
    let document = document.value();
    misspelt(document, &["license"]).map_or(Ok(()), Err)?;
    match document.get("license") {
        Some(Value::String(text)) if text.len() > limits::LICENSE_BYTES => {
            Err(Fault::OverLimit("license", limits::LICENSE_BYTES).into())
        }
        Some(Value::String(text)) if !text.is_empty() => Ok(text.to_string()),
        None | Some(Value::Null | Value::String(_)) => Err(Fault::Missing("license").into()),
        Some(_) => Err(Fault::WrongType("license").into()),
    }
}

row! {
    /// A licence that was asked for by itself. It never changes.
    LicenseRow {
        instance: String,
        event_id: String,
        issued_at: u64,
        [sparse] license: Option<String>,
        [sparse] file_name: Option<String>,
        [sparse] content_base64: Option<String>,
    }
}

/// What a backend says of a licence that is asked for by itself: its text, its file, or nothing, since it hands it to the
/// platform itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Issued {
    license: Option<String>,
    file: Option<(String, String)>,
}

/// `{"license": text of 1 to 1 024 characters}`, `{"license_file": {"name", "content_base64"}}`, or neither.
///
/// # Errors
/// [`ReasonCode::BackendAnswerInvalid`] with the member that it is about.
pub(super) fn read_issued(answer: &[u8]) -> Result<Issued, Reason> {
    let document = document(if answer.is_empty() { b"{}" } else { answer })?;
    let document = document.value();
    misspelt(document, &NAMES).map_or(Ok(()), Err)?;
    let license = text_of("license", document.get("license"), limits::LICENSE_TEXT)?;
    if license.is_none() && document.get("license").is_some_and(|value| !value.is_null()) {
        return Err(Fault::Missing("license").into());
    }
    let file = match document.get("license_file") {
        None | Some(Value::Null) => None,
        Some(file @ Value::Object(_)) => Some(read_file(file)?),
        Some(_) => return Err(Fault::WrongType("license_file").into()),
    };
    match (&license, &file) {
        // Which of the two would be the licence?
        (Some(_), Some(_)) => Err(Fault::Malformed("license_file").into()),
        _ => Ok(Issued { license, file }),
    }
}

/// What an answer about a licence of a device may say.
pub(super) const NAMES: [&str; 2] = ["license", "license_file"];
pub(super) const FILE_NAMES: [&str; 2] = ["name", "content_base64"];

fn read_file(file: Value<'_>) -> Result<(String, String), Reason> {
    misspelt(file, &FILE_NAMES).map_or(Ok(()), Err)?;
    let name = text_of("name", file.get("name"), limits::LICENSE_TEXT)?;
    let name = name.ok_or(Fault::Missing("license_file.name"))?;
    let content = text_of("content_base64", file.get("content_base64"), limits::LICENSE_FILE)?;
    let content = content.ok_or(Fault::Missing("license_file.content_base64"))?;
    base64::decode(content.as_bytes()).map_err(|_| Fault::Malformed("license_file.content_base64"))?;
    Ok((name, content))
}

/// What makes two requests for a licence the same: event and device.
pub(super) fn identity(event: &Event) -> String {
    let text = |name| event.text(name).unwrap_or_default().as_bytes();
    let digest = hmac_sha256(&[b"license"], &[text("event_id"), &[0], text("device_fingerprint")]);
    hex::encode(digest.get(..16).unwrap_or_default())
}

/// A licence of an instance that is open, once for each event and device.
pub(super) fn decide(context: &DecisionContext<'_>, mut instance: InstanceRow) -> Result<Ruling, Stop> {
    let operation_id = identity(&context.admission.call.event);
    if instance.done.contains(&operation_id) {
        return Ok(Ruling::success());
    }
    let is_same = |queued: &Queued| queued.operation_id == operation_id;
    if instance.lane.has(is_same) {
        let works = Works::load(&instance.lane, context.snapshot)?;
        let Some(work) = works.find(&instance.lane, is_same) else {
            return Err(ReasonCode::CorruptRow.into());
        };
        return reserve::join(context, &instance, work, unfinished());
    }
    // Whoever was waiting takes the outcome of the attempt that it joined; any other call runs again.
    let refusal = instance.refused.iter().find(|refusal| refusal.operation_id == operation_id);
    if let Some(refusal) = refusal
        && instant::is_since(refusal.at, context.admission.received_at, context.now)
    {
        let reply = Reply::refusal(&refusal.code, &refusal.message);
        return Ok(Ruling::refuse_with(reply, ReasonCode::BackendRefused));
    }
    instance.refused.retain(|refusal| refusal.operation_id != operation_id);
    let reservation = Reservation { operation_id, ..Reservation::default() };
    let event = effect::event_of(&context.admission.call.event, &instance.id);
    let works = Works::default();
    Ok(reserve::append(context, &mut instance, works, reservation, event, Changes::default(), unfinished()))
}

/// The platform asks again.
fn unfinished() -> Ruling {
    Ruling::refuse_with(Reply::Instance(InstanceReply::NoneYet), ReasonCode::InProgress)
}

/// Records what the backend issued. A row that is there already stays: a licence never changes.
pub(super) fn record(
    instance: &InstanceRow,
    event: &Event,
    operation_id: &str,
    issued: Issued,
    sent: &mut Sent<'_>,
) -> Result<(), Stop> {
    let key = key::license(instance.product(), &instance.id, operation_id);
    if sent.snapshot.get::<LicenseRow>(&key)?.is_some() {
        return Ok(());
    }
    let (file_name, content_base64) = issued.file.unzip();
    let row = LicenseRow {
        format: FORMAT,
        instance: instance.id.clone(),
        event_id: event.text("event_id").unwrap_or_default().to_string(),
        issued_at: sent.context.now,
        license: issued.license,
        file_name,
        content_base64,
    };
    sent.changes.put(key, &row);
    Ok(())
}
