//! The family of V1: GET, everything in the query string, signed by `authToken` (KooGallery SaaS access guide V1.0).

mod ambiguity;
mod token;

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::base::{Base, BaseDefaults};
use super::fields::{Activity, Reading};
use super::members::Members;
use super::result::ResultTable;
use super::{
    Call, Context, Dialect, Endpoint, Expectations, Freshness, InstanceRules, Interface, Refused, Reply,
    Ring, Target, refusals,
};
use crate::answer::Answer;
use crate::config::{Problems, Table};
use crate::crypto::Entropy;
use crate::event::{Datum, Event, InstanceEvent};
use crate::limits;
use crate::reason::{Reason, ReasonCode};
use crate::request::Arrived;
use crate::wire::{Form, time};

/// One dialect of the family: its tables, and the rules about its instances.
#[derive(Debug)]
pub(super) struct V1 {
    pub(super) name: &'static str,
    pub(super) interface: Interface,
    pub(super) activities: &'static [Activity],
    pub(super) instances: &'static dyn InstanceRules,
    /// Where a value has no ampersand.
    pub(super) strict: Strict,
    /// Whether `test_license` is a setting: what a test call is answered that asks for a licence.
    pub(super) issues_licenses: bool,
}

/// Which parameters an honest platform fills without an ampersand: whatever may be glued to one of them makes another call.
#[derive(Debug)]
pub(super) enum Strict {
    /// All of the tables but names of people and companies.
    AllButNames,
    /// These.
    Only(&'static [&'static str]),
}

/// A route of the family.
#[derive(Debug)]
struct V1Endpoint {
    tables: &'static V1,
    base: Base,
    /// Parameters without a value are part of the signed text; on a mismatch tried without. UNKNOWN; on.
    retry_without_empty: bool,
    /// Minutes east of UTC in which `expireTime` is written. UNKNOWN.
    expire_time_offset_minutes: i16,
    /// What a test call is answered that asks for a licence; the member is mandatory.
    test_license: Option<String>,
}

/// Names of the family's tables that stand in no activity's own.
const COMMON_NAMES: [&str; 5] = [TOKEN, TIME, "activity", "testFlag", "acceptanceTime"];
const TOKEN: &str = "authToken";
const TIME: &str = "timeStamp";

/// Base64 on the wire: a blank in one of them is a plus sign that arrived unescaped, or was decoded once too often.
const BASE64_NAMES: [&str; 3] = ["mobilePhone", "email", "saasExtendParams"];

/// The mode of pay-per-use orders: one order, one call per billing item.
pub(super) const PAY_PER_USE: &str = "0";

/// V1 knows no work in progress: the platform calls again.
const RESULTS: ResultTable =
    ResultTable { replayed: "000001", creating: None, none_yet: "000005", access_on_create: true };

impl Dialect for V1 {
    fn name(&self) -> &'static str {
        self.name
    }

    fn interface(&self) -> Interface {
        self.interface
    }

    fn targets(&self) -> &'static [Target] {
        &[Target { method: "GET", sub_path: "" }]
    }

    /// The platform waits 20 s.
    fn longest_answer_ms(&self) -> u64 {
        15_000
    }

    fn is_timeless(&self) -> bool {
        true
    }

    fn activities(&self) -> &'static [Activity] {
        self.activities
    }

    fn instances(&self) -> Option<&'static dyn InstanceRules> {
        Some(self.instances)
    }

    /// Beside what every production address has: `retry_without_empty` (on), `expire_time_offset_minutes` (0), and
    /// `test_license` where licences are issued.
    fn open(&'static self, table: &mut Table<'_>, problems: &mut Problems) -> Option<Box<dyn Endpoint>> {
        // Probes may replay saved calls, so there is no window unless the seller sets one.
        let defaults = BaseDefaults {
            window_ms: None,
            encrypts_credentials: true,
            has_contact_data: true,
            results: RESULTS,
        };
        let base = Base::read(table, defaults, problems);
        let retry_without_empty = table.flag("retry_without_empty", true, problems);
        let expire_time_offset_minutes = read_offset(table, problems);
        let test_license = self.issues_licenses.then(|| read_test_license(table, problems));
        let base = base?;
        Some(Box::new(V1Endpoint {
            tables: self,
            base,
            retry_without_empty,
            expire_time_offset_minutes,
            test_license,
        }))
    }
}

fn read_offset(table: &mut Table<'_>, problems: &mut Problems) -> i16 {
    let path = table.at("expire_time_offset_minutes");
    let Some(value) = table.value("expire_time_offset_minutes") else { return 0 };
    match value.as_number().and_then(|digits| digits.parse::<i16>().ok()) {
        Some(minutes) if (-720..=840).contains(&minutes) => minutes,
        Some(_) => {
            problems.add(&path, "out-of-range", "must be between -720 and 840");
            0
        }
        None => {
            problems.add(&path, "wrong-type", "must be a whole number");
            0
        }
    }
}

/// `test_license`: 1 to 1 024 characters, `TEST-LICENSE`.
fn read_test_license(table: &mut Table<'_>, problems: &mut Problems) -> String {
    let text = table.text("test_license", problems).unwrap_or("TEST-LICENSE");
    if text.is_empty() || text.chars().count() > limits::LICENSE_TEXT {
        problems.add(&table.at("test_license"), "out-of-range", "must have 1 to 1 024 characters");
    }
    text.to_string()
}

impl Endpoint for V1Endpoint {
    fn admit(&self, _target: &Target, request: &Arrived<'_>, now: u64) -> Result<Call, Refused> {
        let query = request.target.query();
        let names = |name: &str| self.tables.table_name(name);
        let mut form = Form::parse(query).map_err(|error| refusals::query(error, query, &names))?;
        let token = form.take(TOKEN);
        let mut pairs = form.into_pairs();
        let about_time = |code| Reason::about(code, TIME);
        let stamp = pairs.iter().find(|(name, value)| name == TIME && !value.is_empty());
        let stamp = stamp.map(|(_, value)| value.clone());
        let stamp = stamp.ok_or_else(|| about_time(ReasonCode::TimestampMissing))?;
        let signed_at = time::parse_17(&stamp, time::UTC);
        let signed_at = signed_at.map_err(|_| about_time(ReasonCode::TimestampMalformed))?;
        self.base.window.check(signed_at, now, TIME)?;
        let key = self.verify(&mut pairs, token.as_deref(), &stamp)?;
        let context = Context::of_key(key);
        let refuse = |reason: Reason| Refused { reason, context: Some(context) };
        if let Some((name, _)) = pairs.iter().find(|(name, value)| self.tables.is_ambiguous(name, value)) {
            let field = self.tables.table_name(name).map(Cow::Borrowed);
            return Err(refuse(Reason { field, ..ReasonCode::AmbiguousText.into() }));
        }
        let ring = self.base.keys.of(context).ok_or(refuse(ReasonCode::Internal.into()))?;
        let reading = Reading {
            transport: &[TIME],
            unread: None,
            cipher: &ring.cipher,
            expire_time_offset_minutes: self.expire_time_offset_minutes,
        };
        let (event, test) = reading.called(self.tables.activities, &Members::Form(&pairs)).map_err(refuse)?;
        let event = complete(event).map_err(refuse)?;
        Ok(Call { event, test, signed_at, replay: None, context })
    }

    fn answer(&self, context: Context, reply: &Reply, _entropy: &Entropy) -> Answer {
        self.base.answer(Some(context), reply)
    }

    fn refuse(&self, context: Option<Context>, reason: ReasonCode) -> Answer {
        self.base.answer(context, &Reply::failure(reason))
    }

    fn result_code<'r>(&self, reply: &'r Reply) -> &'r str {
        self.base.form.table.of_reply(reply)
    }

    fn encrypts_credentials(&self) -> bool {
        self.base.form.credentials.are_encrypted()
    }

    fn test_license(&self) -> Option<&str> {
        self.test_license.as_deref()
    }

    fn freshness(&self) -> Option<Freshness> {
        Some(Freshness { window: self.base.window, in_seconds: false })
    }

    fn rings(&self) -> Vec<Ring<'_>> {
        self.base.rings()
    }

    /// The patience: CONFIRMED (FAQ of V1.0).
    fn expectations(&self) -> Option<Expectations<'_>> {
        let results = self.base.form.table;
        Some(Expectations {
            keys: &self.base.keys,
            signature: true,
            signs: self.base.form.body_sign.sends,
            app_on_create: results.access_on_create,
            creating: results.creating,
            encrypted: true,
            escaped_memo: true,
            patience_ms: 20_000,
        })
    }
}

/// What the tables say in prose.
fn complete(mut event: Event) -> Result<Event, Reason> {
    if event.opens_instance() && event.text("charging_mode") == Some(PAY_PER_USE) {
        match event.text("product_id") {
            None => return Err(Reason::about(ReasonCode::FieldMissing, "productId")),
            Some(product) if product.len() > limits::KEY_BYTES => {
                return Err(refusals::too_long("productId"));
            }
            Some(_) => {}
        }
    }
    if event.kind == InstanceEvent::Renew {
        let scene = scene_of(&event);
        event.set("scene", Datum::Text(scene.to_string()));
    }
    Ok(event)
}

/// V1 has no scene of its own; the words are those of V2.
fn scene_of(event: &Event) -> &'static str {
    let negative =
        |amount: &str| amount.starts_with('-') && amount.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    if event.text("trial_to_formal") == Some("1") {
        "TRIAL_TO_FORMAL"
    } else if event.text("order_amount").is_some_and(negative) {
        "UNSUBSCRIBE_RENEWAL_PERIOD"
    } else {
        "RENEWAL"
    }
}
