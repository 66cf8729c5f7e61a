//! What the seller's application answers to each type of event, for documents and bindings.

use super::account::create::ID as ACCOUNT_ID;
use super::{access, license};
use crate::event::{AccountEvent, EventKind, InstanceEvent};
use crate::limits;

/// A member of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerField {
    /// Its name. Another one is refused as `backend-answer-invalid`.
    pub name: &'static str,
    /// What stands in it.
    pub shape: AnswerShape,
    /// Whether the answer is refused without it.
    pub required: bool,
}

/// What stands in a member of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerShape {
    /// A text of at most so many characters.
    Text(usize),
    /// An address, `http` or `https`.
    Address,
    /// A number with at most eight digits before its point and four behind it, or the same as a text.
    Quantity,
    /// An object.
    Object(&'static [AnswerField]),
    /// Objects.
    Objects(&'static [AnswerField]),
}

const fn field(name: &'static str, shape: AnswerShape, required: bool) -> AnswerField {
    AnswerField { name, shape, required }
}

const ACCESS: &[AnswerField] = &[
    field(access::NAMES[0], AnswerShape::Address, true),
    field(access::NAMES[1], AnswerShape::Address, false),
    field(access::NAMES[2], AnswerShape::Text(limits::CREDENTIAL), false),
    field(access::NAMES[3], AnswerShape::Text(limits::CREDENTIAL), false),
    field(access::NAMES[4], AnswerShape::Text(limits::MEMO), false),
];

const USAGE: &[AnswerField] = &[field(
    "usage",
    AnswerShape::Objects(&[
        field(access::USAGE_NAMES[0], AnswerShape::Text(limits::INSTANCE_ID), true),
        field(access::USAGE_NAMES[1], AnswerShape::Quantity, true),
        field(access::USAGE_NAMES[2], AnswerShape::Text(17), true),
        field(access::USAGE_NAMES[3], AnswerShape::Text(limits::INSTANCE_ID), false),
        field(access::USAGE_NAMES[4], AnswerShape::Address, false),
    ]),
    true,
)];

/// To a licence of an order: its text. To one of a device: its text, its file, or neither.
const LICENSE: &[AnswerField] = &[
    field(license::NAMES[0], AnswerShape::Text(limits::LICENSE_BYTES), false),
    field(
        license::NAMES[1],
        AnswerShape::Object(&[
            field(license::FILE_NAMES[0], AnswerShape::Text(limits::LICENSE_TEXT), true),
            field(license::FILE_NAMES[1], AnswerShape::Text(limits::LICENSE_FILE), true),
        ]),
        false,
    ),
];

const ID: &[AnswerField] = &[field("id", AnswerShape::Text(ACCOUNT_ID), true)];

/// What an event of this kind is answered; nothing where there is nothing to say.
///
/// A `subscribe` of `license-online` or of an adopted license code needs no address: then the whole answer may be empty.
#[must_use]
pub const fn answer_fields(kind: EventKind) -> &'static [AnswerField] {
    match kind {
        EventKind::Instance(InstanceEvent::Subscribe) => ACCESS,
        EventKind::Instance(InstanceEvent::QueryInstances) => USAGE,
        EventKind::Instance(InstanceEvent::IssueLicense) => LICENSE,
        EventKind::Account(AccountEvent::Create | AccountEvent::OrganizationCreate) => ID,
        EventKind::Instance(_) | EventKind::Order(_) | EventKind::Directory(_) | EventKind::Account(_) => &[],
    }
}
