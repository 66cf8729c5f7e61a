//! The kit, version 1: POST JSON, signed by the header `authToken` over the members of the body (KooGallery §C.2; workbench
//! §A.1, §B.1).

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::base::Base;
use super::fields::Activity;
use super::freshness::Window;
use super::kit::{self, PrivateKeys, tables};
use super::members::Members;
use super::{
    Call, Context, Dialect, Endpoint, Expectations, InstanceRules, Interface, Refused, Reply, Revealed, Ring,
    Target, content, refusals,
};
use crate::answer::Answer;
use crate::config::{Problems, Table};
use crate::crypto::{Entropy, compare, hmac_sha256};
use crate::event::{Event, text_of};
use crate::reason::{Reason, ReasonCode};
use crate::request::{Arrived, Body};
use crate::wire::json::{self, Value};
use crate::wire::{base64, time, utf16};

/// With the key of the kit.
pub(super) static KIT_V1: KitV1 = KitV1;

#[derive(Debug)]
pub(super) struct KitV1;

/// A route of the dialect.
#[derive(Debug)]
struct KitV1Endpoint {
    base: Base,
    private_keys: PrivateKeys,
    /// Members without a value are part of the signed text; on a mismatch tried without. UNKNOWN; on.
    retry_without_empty: bool,
}

const TOKEN: &str = "authToken";
const TIME: &str = "timeStamp";

impl Dialect for KitV1 {
    fn name(&self) -> &'static str {
        "kit-v1"
    }

    fn interface(&self) -> Interface {
        Interface::Kit
    }

    fn targets(&self) -> &'static [Target] {
        tables::V1_TARGETS
    }

    /// UNKNOWN how long the platform waits; V1 of the production address waits 20 s.
    fn longest_answer_ms(&self) -> u64 {
        15_000
    }

    fn is_timeless(&self) -> bool {
        true
    }

    fn activities(&self) -> &'static [Activity] {
        tables::V1
    }

    fn instances(&self) -> Option<&'static dyn InstanceRules> {
        None
    }

    /// `keys`, `private_keys`, `window_ms` (none), `clock_allowance_ms`, `sign_answers`, `body_sign_blank` and
    /// `retry_without_empty` (on).
    fn open(&'static self, table: &mut Table<'_>, problems: &mut Problems) -> Option<Box<dyn Endpoint>> {
        let window = Window::read(table, None, problems);
        let base = kit::base(table, window, "000001", problems);
        let private_keys = PrivateKeys::read(table, problems);
        let retry_without_empty = table.flag("retry_without_empty", true, problems);
        Some(Box::new(KitV1Endpoint { base, private_keys, retry_without_empty }))
    }
}

/// The members that are signed, as name and text: null is not among them.
type Pairs<'a> = Vec<(&'a str, Cow<'a, str>)>;

/// Texts as they are, numbers with the digits of the wire, what is nested as compact JSON in the order in which it arrived.
fn pairs(members: json::Members<'_>) -> Pairs<'_> {
    let mut pairs: Pairs<'_> = Vec::with_capacity(members.len());
    for (name, value) in members.iter() {
        let text = match value {
            Value::Null => continue,
            Value::String(text) => Cow::Borrowed(text),
            Value::Number(digits) => Cow::Borrowed(digits),
            Value::Bool(flag) => Cow::Owned(flag.to_string()),
            Value::Array(_) | Value::Object(_) => Cow::Owned(text_of(value)),
        };
        pairs.push((name, text));
    }
    pairs.sort_by(|(left, _), (right, _)| utf16::compare(left, right));
    pairs
}

/// `name=value&name=value…`, names ascending.
fn signed_text(pairs: &Pairs<'_>, take: impl Fn(&str) -> bool) -> Vec<u8> {
    let mut text = Vec::with_capacity(1_024);
    for (name, value) in pairs.iter().filter(|(_, value)| take(value)) {
        if !text.is_empty() {
            text.push(b'&');
        }
        text.extend_from_slice(name.as_bytes());
        text.push(b'=');
        text.extend_from_slice(value.as_bytes());
    }
    text
}

/// Fields that become part of a ledger key.
const KEYS: [&str; 4] = ["instanceId", "tenantId", "appId", "orgCode"];

/// Names and values are joined unescaped, so one text has several readings. What an honest call never has is refused: a
/// name with `&` or `=`; a value with `&`, a name of the tables and `=`; any `&` in what becomes part of a key.
fn is_ambiguous(name: &str, value: &str) -> bool {
    let Some((_, glued)) = value.split_once('&') else { return name.contains(['&', '=']) };
    let imitates = |part: &str| part.split_once('=').is_some_and(|(name, _)| table_name(name).is_some());
    name.contains(['&', '=']) || KEYS.contains(&name) || glued.split('&').any(imitates)
}

/// The same name, if the tables have it.
fn table_name(name: &str) -> Option<&'static str> {
    let of_all = [TOKEN, TIME, "testFlag", "flag", "orgName", "OrgName", "parentCode"];
    let of_tables = tables::V1.iter().flat_map(|activity| activity.fields).map(|field| field.wire);
    of_all.into_iter().chain(of_tables).find(|known| *known == name)
}

impl KitV1Endpoint {
    /// The key whose token stands in the header; all members take part, then all but the empty ones.
    fn verify(&self, request: &Arrived<'_>, pairs: &Pairs<'_>, stamp: &str) -> Result<usize, Reason> {
        let reason = |code| Reason::about(code, TOKEN);
        let token = kit::header(request, TOKEN)?.ok_or_else(|| reason(ReasonCode::SignatureMissing))?;
        // The samples show the value in double quotes (CONFIRMED, workbench A.1).
        let unquoted = token.strip_prefix(b"\"").and_then(|token| token.strip_suffix(b"\""));
        let token = unquoted.unwrap_or(token);
        if token.is_empty() {
            return Err(reason(ReasonCode::SignatureMissing));
        }
        let signature = base64::decode_32(token).map_err(|_| reason(ReasonCode::SignatureMalformed))?;
        let matching = |text: &[u8]| {
            self.base.keys.find(|key| {
                let made = hmac_sha256(&[key.secret.expose(), stamp.as_bytes()], &[text]);
                compare::equal(&signature, &made)
            })
        };
        let has_empty = || self.retry_without_empty && pairs.iter().any(|(_, value)| value.is_empty());
        let without = || matching(&signed_text(pairs, |value| !value.is_empty()));
        let found = matching(&signed_text(pairs, |_| true)).or_else(|| has_empty().then(without).flatten());
        found.ok_or_else(|| self.mismatch())
    }

    fn mismatch(&self) -> Reason {
        Reason::from(ReasonCode::SignatureMismatch).with(self.base.keys.tried())
    }
}

impl Endpoint for KitV1Endpoint {
    fn admit(&self, target: &Target, request: &Arrived<'_>, now: u64) -> Result<Call, Refused> {
        let Body::Bytes(body) = request.body else { return Err(ReasonCode::BodyTooLarge.into()) };
        let activity = kit::interface(tables::V1, tables::V1_TARGETS, target)?;
        // Repeated before anything else, as in every dialect.
        kit::header(request, TOKEN)?;
        let unreadable = content::unreadable(request, body);
        let why =
            || unreadable.clone().map_or_else(|| self.mismatch(), |why| why.with(self.base.keys.tried()));
        let cleaned = kit::without_repeats(activity, body);
        let text = cleaned.as_deref().unwrap_or(body);
        // Of what is no object nobody can say what was signed.
        let Ok((document, is_repeated)) = json::read_repeated(text) else { return Err(why().into()) };
        let Some(members) = document.value().as_object() else { return Err(why().into()) };
        let about_time = |code| Reason::about(code, TIME);
        let pairs = pairs(members);
        let stamp = pairs.iter().rev().find(|(name, value)| *name == TIME && !value.is_empty());
        let (_, stamp) = stamp.ok_or_else(|| about_time(ReasonCode::TimestampMissing))?;
        let signed_at = time::parse_17(stamp, time::BEIJING);
        let signed_at = signed_at.map_err(|_| about_time(ReasonCode::TimestampMalformed))?;
        self.base.window.check(signed_at, now, TIME)?;
        let key = match (self.verify(request, &pairs, stamp), &unreadable) {
            (Err(reason), Some(_)) if reason.code == ReasonCode::SignatureMismatch => {
                return Err(why().into());
            }
            (verified, _) => verified?,
        };
        let context = Context::of_key(key);
        let refuse = |reason: Reason| Refused { reason, context: Some(context) };
        if let Some(why) = unreadable {
            return Err(refuse(why));
        }
        if is_repeated {
            return Err(refuse(refusals::json(json::JsonError::DuplicateName)));
        }
        if let Some((name, _)) = pairs.iter().find(|(name, value)| is_ambiguous(name, value)) {
            let field = table_name(name).map(Cow::Borrowed);
            return Err(refuse(Reason { field, ..ReasonCode::AmbiguousText.into() }));
        }
        // Of a member without a value nobody can say whether the platform signed it.
        let members = Members::Json { members, scalars_are_texts: false, drops_empty: true };
        let ring = self.base.keys.of(context).ok_or(refuse(ReasonCode::Internal.into()))?;
        let (event, test) =
            kit::read(activity, &members, &self.private_keys, &ring.cipher).map_err(refuse)?;
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
        false
    }

    fn reveal(&self, event: &Event) -> Option<Revealed> {
        self.private_keys.reveal(event)
    }

    fn rings(&self) -> Vec<Ring<'_>> {
        self.base.rings()
    }

    /// The signature: CONFIRMED; the patience: that of V1 of the production address.
    fn expectations(&self) -> Option<Expectations<'_>> {
        Some(kit::expectations(&self.base, true, 20_000))
    }
}
