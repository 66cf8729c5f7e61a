//! The family of V2: POST JSON, signed in the query string (KooGallery SaaS access guide V2.0).

mod signature;
mod stamp;

use alloc::boxed::Box;
use alloc::vec::Vec;

use stamp::Stamp;

use super::base::{Base, BaseDefaults};
use super::fields::{Activity, Reading};
use super::members::Members;
use super::result::ResultTable;
use super::{
    Call, Context, Dialect, Endpoint, Expectations, Freshness, InstanceRules, Interface, Refused, Replay,
    Reply, Ring, Target, content,
};
use crate::answer::Answer;
use crate::config::{Problems, Table};
use crate::crypto::Entropy;
use crate::reason::{Reason, ReasonCode};
use crate::request::{Arrived, Body};
use crate::wire::json::Value;

/// One dialect of the family: its tables, and the rules about its instances.
#[derive(Debug)]
pub(super) struct V2 {
    pub(super) name: &'static str,
    pub(super) interface: Interface,
    pub(super) activities: &'static [Activity],
    /// Reads the settings that only this dialect has.
    pub(super) own: fn(&mut Table<'_>, &mut Problems),
    pub(super) instances: Option<&'static dyn InstanceRules>,
}

/// A route of the family.
#[derive(Debug)]
struct V2Endpoint {
    tables: &'static V2,
    base: Base,
    /// Reads a 10-digit timestamp as seconds. UNKNOWN (older pages say seconds, examples have 13 digits); off.
    timestamp_in_seconds: bool,
    /// Also tries names in descending order. UNKNOWN (older pages say z to a); off.
    descending_order: bool,
    /// The result code when the backend says no to changeInstanceCheck without a code. UNKNOWN; 000005.
    change_refusal_code: &'static str,
}

impl Dialect for V2 {
    fn name(&self) -> &'static str {
        self.name
    }

    fn interface(&self) -> Interface {
        self.interface
    }

    fn targets(&self) -> &'static [Target] {
        &[Target { method: "POST", sub_path: "" }]
    }

    /// The platform waits 5 s.
    fn longest_answer_ms(&self) -> u64 {
        4_900
    }

    fn is_timeless(&self) -> bool {
        false
    }

    fn activities(&self) -> &'static [Activity] {
        self.activities
    }

    fn instances(&self) -> Option<&'static dyn InstanceRules> {
        self.instances
    }

    /// Beside what every production address has: `timestamp_in_seconds` (off), `descending_order` (off), `replayed_code`
    /// (`000001`) and `change_refusal_code` (`000005`).
    fn open(&'static self, table: &mut Table<'_>, problems: &mut Problems) -> Option<Box<dyn Endpoint>> {
        // The result code of a replayed call is UNKNOWN. Never a success: a replayed create would be told that it worked,
        // without its instance id.
        let replayed = [("000001", "000001"), ("000002", "000002"), ("000005", "000005")];
        let refusals = [("000005", "000005"), ("000002", "000002"), ("000100", "000100")];
        let replayed = table.choice("replayed_code", &replayed, problems);
        let results = ResultTable {
            replayed: replayed.unwrap_or_default(),
            creating: Some("000004"),
            none_yet: "000004",
            access_on_create: false,
        };
        let defaults = BaseDefaults {
            // CONFIRMED (signature page).
            window_ms: Some(60_000),
            encrypts_credentials: false,
            has_contact_data: false,
            results,
        };
        let base = Base::read(table, defaults, problems);
        (self.own)(table, problems);
        let change_refusal_code = table.choice("change_refusal_code", &refusals, problems);
        let timestamp_in_seconds = table.flag("timestamp_in_seconds", false, problems);
        let descending_order = table.flag("descending_order", false, problems);
        // Every setting was asked for before the first that is wrong ends it, so that none counts as unknown.
        replayed?;
        Some(Box::new(V2Endpoint {
            tables: self,
            base: base?,
            timestamp_in_seconds,
            descending_order,
            change_refusal_code: change_refusal_code?,
        }))
    }
}

impl Endpoint for V2Endpoint {
    fn admit(&self, _target: &Target, request: &Arrived<'_>, now: u64) -> Result<Call, Refused> {
        let Body::Bytes(body) = request.body else { return Err(ReasonCode::BodyTooLarge.into()) };
        let query = request.target.query();
        let stamp = Stamp::read(query, self.timestamp_in_seconds, &self.base.window, now)?;
        let signature = stamp.signature()?;
        let unreadable = content::unreadable(request, body);
        let verified = match (self.verify(&stamp, &signature, body), &unreadable) {
            (Err(_), Some(why)) => return Err(why.clone().with(self.base.keys.tried()).into()),
            (verified, _) => verified?,
        };
        let context = Context::of_key(verified.key);
        let refuse = |reason: Reason| Refused { reason, context: Some(context) };
        if let Some(why) = unreadable {
            return Err(refuse(why));
        }
        let document = verified.document.map_err(refuse)?;
        let Value::Object(members) = document.value() else {
            return Err(refuse(ReasonCode::MalformedJson.into()));
        };
        let members =
            Members::Json { members, scalars_are_texts: verified.scalars_are_texts, drops_empty: false };
        let ring = self.base.keys.of(context).ok_or(refuse(ReasonCode::Internal.into()))?;
        let reading =
            Reading { transport: &[], unread: None, cipher: &ring.cipher, expire_time_offset_minutes: 0 };
        let (event, test) = reading.called(self.tables.activities, &members).map_err(refuse)?;
        let replay = Some(Replay { signature, fresh_until: self.base.window.end(stamp.signed_at) });
        Ok(Call { event, test, signed_at: stamp.signed_at, replay, context })
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

    fn change_refusal_code(&self) -> &'static str {
        self.change_refusal_code
    }

    fn encrypts_credentials(&self) -> bool {
        self.base.form.credentials.are_encrypted()
    }

    fn freshness(&self) -> Option<Freshness> {
        Some(Freshness { window: self.base.window, in_seconds: self.timestamp_in_seconds })
    }

    fn rings(&self) -> Vec<Ring<'_>> {
        self.base.rings()
    }

    /// The patience: CONFIRMED on one page; another says 20 s.
    fn expectations(&self) -> Option<Expectations<'_>> {
        let results = self.base.form.table;
        Some(Expectations {
            keys: &self.base.keys,
            signature: false,
            signs: self.base.form.body_sign.sends,
            app_on_create: results.access_on_create,
            creating: results.creating,
            encrypted: self.base.form.credentials.are_encrypted(),
            escaped_memo: false,
            patience_ms: 5_000,
        })
    }
}
