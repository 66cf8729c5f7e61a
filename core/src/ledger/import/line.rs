//! One line of an import: an instance as a seller's own tables, or another ledger, know it. Every mistake is named with
//! its path. Names are ours or the platform's: `order_id` or `orderId`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::names::{ACCESS, LINE, find, put, shown};
use super::state::State;
use crate::config::Problems;
use crate::crypto::Entropy;
use crate::dialect::Delivery;
use crate::ledger::access::{self, Fault};
use crate::ledger::row::Access;
use crate::lifecycle::Phase;
use crate::limits;
use crate::seller::Seller;
use crate::wire::json::{self, Value};
use crate::wire::time;

/// What a line says, checked against the platform's limits.
pub(super) struct Line {
    pub(super) product: String,
    pub(super) instance_id: String,
    /// Empty where even the ledger that exported it never saw the order.
    pub(super) order_id: String,
    pub(super) order_line_id: Option<String>,
    pub(super) product_id: Option<String>,
    pub(super) sku_code: Option<String>,
    pub(super) customer_id: Option<String>,
    pub(super) charging_mode: Option<String>,
    /// Active, where the line says nothing.
    pub(super) phase: Option<Phase>,
    pub(super) trial: bool,
    pub(super) expire_time: Option<u64>,
    pub(super) access: Option<Access>,
    pub(super) license: Option<String>,
    pub(super) state: Option<State>,
}

/// 1973 to 2286: thirteen digits, perhaps twelve. Seconds and the digits of a date are no milliseconds.
const MILLIS: core::ops::Range<u64> = 100_000_000_000..10_000_000_000_000;

impl Line {
    /// `product` stands for a line that names none; empty where there is no such default.
    pub(super) fn read(
        seller: &Seller,
        product: &str,
        document: &[u8],
        entropy: &Entropy,
        problems: &mut Problems,
    ) -> Option<Self> {
        let document = json::read(document);
        let Some(members) = document.as_ref().ok().and_then(|document| document.value().as_object()) else {
            problems.add("", "wrong-type", "is not a JSON object, or repeats a name");
            return None;
        };
        let (mut here, mut inside) = (Vec::new(), Vec::new());
        for (name, value) in members.iter() {
            if let Some(ours) = find(&LINE, name) {
                put(&mut here, ours, value, ours, problems);
            } else if let Some(ours) = find(&ACCESS, name) {
                put(&mut inside, ours, value, ours, problems);
            } else {
                problems.add(&shown(name), "unknown-field", "is not a member of an instance");
            }
        }
        let mut fields = Fields { members: here, problems };
        let product =
            fields.text("product", limits::KEY_BYTES).or(Some(product).filter(|name| !name.is_empty()));
        let product = product.map(ToString::to_string);
        match &product {
            None => fields.problems.add("product", "missing", "is required: the configuration has several"),
            Some(product) if !seller.products().contains(&product.as_str()) => {
                fields.problems.add("product", "unknown-value", "is no product of the configuration");
            }
            Some(_) => {}
        }
        let instance_id = fields.instance_id();
        let opened_here =
            product.as_ref().is_none_or(|product| seller.delivery(product) != Delivery::Nothing);
        // Only another ledger may know an instance without its order, since it was adopted there; but for one that no order
        // opens here.
        let order_id = if opened_here && fields.get("state").is_none() {
            fields.required("order_id")
        } else {
            fields.text("order_id", limits::KEY_BYTES).map(ToString::to_string).or(Some(String::new()))
        };
        let owned = |text: Option<&str>| text.map(ToString::to_string);
        let order_line_id = owned(fields.text("order_line_id", limits::KEY_BYTES));
        let product_id = owned(fields.text("product_id", limits::KEY_BYTES));
        let sku_code = owned(fields.text("sku_code", limits::KEY_BYTES));
        let customer_id = owned(fields.text("customer_id", limits::KEY_BYTES));
        let charging_mode = fields.charging_mode();
        let phase = fields.phase();
        let trial = fields.flag("trial");
        let expire_time = fields.time("expire_time");
        let state = fields.state();
        let nested = fields.get("access");
        access_members(nested, &mut inside, fields.problems);
        let product = product.unwrap_or_default();
        let access = read_access(seller, &product, &inside, state.as_ref(), entropy, fields.problems);
        let delivery = seller.delivery(&product);
        let license = fields.license(delivery);
        let (name, is_there) = match delivery {
            Delivery::Access => ("front_end_url", access.is_some() || !inside.is_empty()),
            Delivery::License => {
                ("license", fields.get("license").is_some_and(|text| text.as_str() != Some("")))
            }
            Delivery::AccessIfAny | Delivery::Nothing => ("", true),
        };
        if !is_there && phase != Some(Phase::Released) {
            fields.problems.add(name, "missing", "is required while the instance is open");
        }
        Some(Self {
            product,
            instance_id: instance_id?,
            order_id: order_id?,
            order_line_id,
            product_id,
            sku_code,
            customer_id,
            charging_mode,
            phase,
            trial,
            expire_time,
            access,
            license,
            state,
        })
    }
}

fn access_members<'v>(
    nested: Option<Value<'v>>,
    inside: &mut Vec<(&'static str, Value<'v>)>,
    problems: &mut Problems,
) {
    match nested {
        None => {}
        Some(Value::Object(members)) => {
            for (name, value) in members.iter() {
                let path = format!("access.{}", shown(name));
                match find(&ACCESS, name) {
                    Some(ours) => put(inside, ours, value, &path, problems),
                    None => problems.add(&path, "unknown-field", "is not a member of the access data"),
                }
            }
        }
        Some(_) => problems.add("access", "wrong-type", "must be an object"),
    }
}

fn read_access(
    seller: &Seller,
    product: &str,
    members: &[(&'static str, Value<'_>)],
    state: Option<&State>,
    entropy: &Entropy,
    problems: &mut Problems,
) -> Option<Access> {
    if members.is_empty() {
        return None;
    }
    let encrypts = seller.encrypts_credentials(product, None);
    let member = |name| members.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    match access::from_members(member, encrypts, 0, entropy) {
        Ok(access) => Some(state.map_or(access.clone(), |state| state.access(access))),
        Err(fault) => {
            let (code, message) = match fault {
                Fault::Missing(_) => ("missing", "is required beside other access data"),
                Fault::NotAnAddress(_) => ("malformed", "must be an http or https address"),
                Fault::WrongType(_) | Fault::OverLimit(..) | Fault::Malformed(_) => {
                    ("out-of-range", "must be a text within the platform's limit")
                }
            };
            problems.add(fault.field(), code, message);
            None
        }
    }
}

struct Fields<'p, 'v> {
    members: Vec<(&'static str, Value<'v>)>,
    problems: &'p mut Problems,
}

impl<'v> Fields<'_, 'v> {
    fn get(&self, name: &str) -> Option<Value<'v>> {
        self.members.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// A text of 1 to `limit` bytes; an empty one is as good as absent.
    fn text(&mut self, name: &'static str, limit: usize) -> Option<&'v str> {
        match self.get(name)? {
            Value::String(text) if text.len() <= limit => Some(text).filter(|text| !text.is_empty()),
            Value::String(_) => {
                self.problems.add(name, "out-of-range", &format!("at most {limit} bytes"));
                None
            }
            _ => {
                self.problems.add(name, "wrong-type", "must be a string");
                None
            }
        }
    }

    fn required(&mut self, name: &'static str) -> Option<String> {
        let is_empty = matches!(self.get(name), Some(Value::String(text)) if text.is_empty());
        if self.get(name).is_none() || is_empty {
            self.problems.add(name, "missing", "is required");
        }
        self.text(name, limits::KEY_BYTES).map(ToString::to_string)
    }

    /// The licence of an order, where the product issues any.
    fn license(&mut self, delivery: Delivery) -> Option<String> {
        self.get("license")?;
        if delivery != Delivery::License {
            self.problems.add("license", "unknown-field", "the product issues no licence with an order");
            return None;
        }
        self.text("license", limits::LICENSE_BYTES).map(ToString::to_string)
    }

    /// An id that calls can name: queries join ids by commas and trim them.
    fn instance_id(&mut self) -> Option<String> {
        let id = self.required("instance_id")?;
        if limits::is_instance_id(&id) {
            return Some(id);
        }
        let message = "at most 64 characters, no comma, no control character, no blank at its ends";
        self.problems.add("instance_id", "out-of-range", message);
        None
    }

    /// Digits, as a text or a number.
    fn charging_mode(&mut self) -> Option<String> {
        let digits = match self.get("charging_mode")? {
            Value::String(text) => text,
            Value::Number(digits) => digits,
            _ => "",
        };
        if (1..=18).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(digits.to_string());
        }
        self.problems.add("charging_mode", "out-of-range", "must be a whole number");
        None
    }

    fn phase(&mut self) -> Option<Phase> {
        let text = self.text("phase", limits::KEY_BYTES)?;
        let open = [Phase::Trial, Phase::Active, Phase::Frozen, Phase::Released];
        let found = open.into_iter().find(|phase| phase.name() == text);
        if found.is_none() {
            self.problems.add("phase", "unknown-value", "must be one of: trial, active, frozen, released");
        }
        found
    }

    fn flag(&mut self, name: &'static str) -> bool {
        match self.get(name) {
            None => false,
            Some(Value::Bool(flag)) => flag,
            Some(_) => {
                self.problems.add(name, "wrong-type", "must be true or false");
                false
            }
        }
    }

    /// Milliseconds, or RFC 3339, or the platform's 14 or 17 digits in UTC.
    fn time(&mut self, name: &'static str) -> Option<u64> {
        let found = match self.get(name)? {
            Value::Number(digits) => digits.parse().ok().filter(|millis| MILLIS.contains(millis)),
            Value::String("") => return None,
            Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                time::parse_expiry(text, time::UTC).ok()
            }
            Value::String(text) => time::parse_rfc3339(text).ok(),
            _ => None,
        };
        if found.is_none() {
            let message = "must be milliseconds since 1970 UTC, RFC 3339, or a text of 14 or 17 digits";
            self.problems.add(name, "out-of-range", message);
        }
        found
    }

    fn state(&mut self) -> Option<State> {
        let value = self.get("state")?;
        let state = State::read(&value);
        if state.is_none() {
            self.problems.add("state", "wrong-type", "is not what an export of this release writes");
        }
        state
    }
}
