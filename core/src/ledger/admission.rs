//! What `admit` hands to the host for `decide`: opaque bytes, bound to one configuration.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::key::{self, Space};
use super::place::Place;
use crate::answer::Answer;
use crate::crypto::Entropy;
use crate::dialect::{Call, Context, InstanceRules, OrderKey, Replay, Reply};
use crate::event::{AccountEvent, Event, EventKind, InstanceEvent};
use crate::frame::{FrameError, FrameReader, FrameWriter};
use crate::limits;
use crate::reason::ReasonCode;
use crate::seller::{Route, Seller};
use crate::wire::hex;

/// A genuine call between `admit` and its answer.
#[derive(Debug)]
pub(crate) struct Admission<'s> {
    pub(crate) route: &'s Route,
    pub(crate) call: Call,
    /// Drawn by the host for this HTTP request. Lower-case hex.
    pub(crate) request: String,
    /// When the call arrived, milliseconds.
    pub(crate) received_at: u64,
}

const MARK: &[u8; 4] = b"csA3";

/// Bytes before the first field of varying length: mark, fingerprint, route, context, test, three times.
const HEAD: usize = 4 + 16 + 4 + 4 + 1 + 8 + 8 + 8;

impl<'s> Admission<'s> {
    pub(crate) fn encode(&self, seller: &Seller) -> Vec<u8> {
        let index =
            seller.routes.iter().position(|route| core::ptr::eq(route, self.route)).unwrap_or_default();
        // A password stands apart: whoever looks into an admission for its event does not see it.
        let masked = self.call.event.without_password();
        let message = masked.as_ref().and_then(|_| self.call.event.message()).unwrap_or_default();
        let event = masked.as_ref().unwrap_or(&self.call.event).to_json();
        let mut frame = FrameWriter::with_capacity(HEAD.saturating_add(112).saturating_add(event.len()));
        frame
            .raw(MARK)
            .raw(&seller.fingerprint)
            .count(index)
            .u32(self.call.context.0)
            .u8(u8::from(self.call.test));
        let fresh_until = self.call.replay.map_or(0, |replay| replay.fresh_until);
        frame.u64(self.received_at).u64(self.call.signed_at).u64(fresh_until);
        frame.bytes(self.request.as_bytes());
        frame.bytes(self.call.replay.as_ref().map_or(&[], |replay| replay.signature.as_slice()));
        frame.bytes(message.as_bytes());
        frame.bytes(event.as_bytes());
        frame.finish()
    }

    pub(crate) fn decode(seller: &'s Seller, bytes: &[u8]) -> Result<Self, ReasonCode> {
        Self::read(seller, FrameReader::new(bytes)).ok().flatten().ok_or(ReasonCode::ForeignAdmission)
    }

    fn read(seller: &'s Seller, mut frame: FrameReader<'_>) -> Result<Option<Self>, FrameError> {
        if frame.raw(MARK.len())? != MARK || frame.raw(16)? != seller.fingerprint {
            return Ok(None);
        }
        let (index, context, test) = (frame.u32()?, Context(frame.u32()?), frame.u8()? == 1);
        let (received_at, signed_at, fresh_until) = (frame.u64()?, frame.u64()?, frame.u64()?);
        let request = String::from(frame.text()?);
        let signature = frame.bytes()?.try_into().ok();
        let replay = signature.map(|signature| Replay { signature, fresh_until });
        let message = frame.text()?;
        let event = Event::from_json(frame.bytes()?);
        let event = event.map(|event| if message.is_empty() { event } else { event.with_message(message) });
        frame.end()?;
        let route = usize::try_from(index).ok().and_then(|index| seller.routes.get(index));
        Ok(route.zip(event).map(|(route, event)| {
            let call = Call { event, test, signed_at, replay, context };
            Self { route, call, request, received_at }
        }))
    }

    /// The event's JSON in an encoded admission, which ends with it.
    pub(crate) fn event_text(encoded: &[u8]) -> Result<&[u8], FrameError> {
        let mut frame = FrameReader::new(encoded);
        frame.raw(HEAD)?;
        for _request_signature_and_message in 0..3 {
            frame.bytes()?;
        }
        frame.bytes()
    }

    pub(crate) fn space(&self) -> Space {
        if self.call.test { Space::Test } else { Space::Production }
    }

    /// The rules of the dialect about instances; every dialect has them whose calls are about any.
    pub(crate) fn rules(&self) -> Result<&'static dyn InstanceRules, ReasonCode> {
        self.route.dialect.instances().ok_or(ReasonCode::Internal)
    }

    /// The result code that stands in the answer with this reply.
    pub(crate) fn result_code<'r>(&self, reply: &'r Reply) -> &'r str {
        self.route.endpoint.result_code(reply)
    }

    /// The bytes of a reply, signed and encrypted as the call was.
    pub(crate) fn answer(&self, reply: &Reply, entropy: &Entropy) -> Answer {
        self.route.endpoint.answer(self.call.context, reply, entropy)
    }

    /// The instance that a reply names, or else the call.
    pub(crate) fn named(&self, reply: &Reply) -> Option<String> {
        let named = reply.instance_id().unwrap_or(self.instance_id());
        Some(named).filter(|id| !id.is_empty()).map(ToString::to_string)
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.call.event.text(name).unwrap_or_default()
    }

    /// The instance that the call names; empty where it names none.
    pub(crate) fn instance_id(&self) -> &str {
        let rules = self.route.dialect.instances();
        self.text(rules.map_or("instance_id", InstanceRules::instance_field))
    }

    pub(crate) fn replay_key(&self) -> Option<String> {
        self.call.replay.as_ref().map(|replay| key::replay(&replay.signature))
    }

    pub(crate) fn order_key(&self) -> Result<String, ReasonCode> {
        Ok(key::order(self.space(), &self.route.product, &self.rules()?.order_key(&self.call.event)))
    }

    /// The price level that stands in the order's key.
    pub(crate) fn order_item(&self) -> Option<String> {
        match self.rules().ok()?.order_key(&self.call.event) {
            OrderKey::Product(_, item) => Some(item),
            OrderKey::Order(_) | OrderKey::Line(..) => None,
        }
    }

    pub(crate) fn instance_key(&self, instance_id: &str) -> String {
        key::instance(self.space(), &self.route.product, instance_id)
    }

    /// The businessId, where it may serve as an instance id.
    pub(crate) fn proposed_id(&self) -> Option<&str> {
        Some(self.text("business_id")).filter(|id| limits::serves_as_instance_id(id))
    }

    /// The rows with which `decide` begins.
    pub(crate) fn keys(&self) -> Vec<String> {
        let mut keys = Vec::with_capacity(4);
        keys.extend(self.replay_key());
        let kind = match self.call.event.kind {
            EventKind::Instance(kind) => kind,
            // Test calls have no state of their own.
            EventKind::Account(kind) => {
                match kind {
                    AccountEvent::Create | AccountEvent::OrganizationCreate => keys.push(self.named_key()),
                    AccountEvent::Update | AccountEvent::Delete => {
                        keys.push(key::account(&self.route.product, self.text("id")));
                    }
                    AccountEvent::OrganizationUpdate | AccountEvent::OrganizationDelete => {
                        keys.push(key::organization(&self.route.product, self.text("id")));
                    }
                    AccountEvent::UrlCheck | AccountEvent::Unknown => {}
                }
                return keys;
            }
            EventKind::Order(_) | EventKind::Directory(_) if self.call.test => return keys,
            EventKind::Order(_) => {
                keys.push(self.notice_key());
                keys.extend(self.noticed_orders());
                return keys;
            }
            EventKind::Directory(_) => {
                keys.extend(Place::of(&self.route.product, &self.call.event).keys());
                return keys;
            }
        };
        match kind {
            _ if self.call.event.opens_instance() => {
                keys.extend(self.order_key());
                if let Some(id) = self.proposed_id() {
                    keys.push(self.instance_key(id));
                    keys.extend(self.token_key(id));
                }
            }
            _ if self.call.test => {}
            InstanceEvent::QueryInstances => {
                keys.extend(self.call.event.list("instance_ids").iter().map(|id| self.instance_key(id)));
            }
            InstanceEvent::CheckChange => keys.push(self.instance_key(self.instance_id())),
            InstanceEvent::Subscribe
            | InstanceEvent::IssueLicense
            | InstanceEvent::Renew
            | InstanceEvent::Upgrade
            | InstanceEvent::Freeze
            | InstanceEvent::Unfreeze
            | InstanceEvent::Release => {
                keys.push(self.instance_key(self.instance_id()));
                keys.extend(self.token_key(self.instance_id()));
            }
        }
        keys
    }

    /// What is owed of the order that a notice is about.
    pub(crate) fn notice_key(&self) -> String {
        key::notice(&self.route.product, self.text("order_id"))
    }

    /// Where dialects with instances may remember the order that a notice is about: under its line, or under itself. Which
    /// price level of an order of pay-per-use items is meant, a notice does not say.
    pub(crate) fn noticed_orders(&self) -> impl Iterator<Item = String> {
        let order = self.text("order_id").to_string();
        let line = self.call.event.text("order_line_id");
        let by_line = line.map(|line| OrderKey::Line(order.clone(), line.to_string()));
        let keys = by_line.into_iter().chain([OrderKey::Order(order)]);
        keys.map(|order| key::order(Space::Production, &self.route.product, &order))
    }

    /// The row that a failed adoption leaves, where this call may give the instance a row of its own.
    fn token_key(&self, instance_id: &str) -> Option<String> {
        let adopts = self.route.policy.adopts_unknown && !self.call.test;
        adopts.then(|| key::token(&self.route.product, instance_id))
    }

    /// The request as it stands in rows.
    pub(crate) fn request_hex(request_id: &[u8; 16]) -> String {
        hex::encode(request_id)
    }
}
