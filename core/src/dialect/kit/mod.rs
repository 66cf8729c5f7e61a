//! What the interfaces of a kit have in common, however they are signed: tenants, their applications, the users who may
//! use them, their departments (KooGallery §C; workbench §A).

pub(super) mod lists;
mod loose;
mod private_keys;
pub(super) mod tables;

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec::Vec;

pub(super) use private_keys::PrivateKeys;
use tables::{CLIENT_SECRET, OWNED, REQUIRED_OF, SINGLE};

use super::access_keys::AccessKeys;
use super::base::Base;
use super::body_sign::BodySign;
use super::fields::{Activity, FLAG, Reading};
use super::freshness::Window;
use super::members::Members;
use super::result::{Credentials, ResultForm, ResultTable};
use super::{Expectations, Target};
use crate::config::{Problems, Table};
use crate::crypto::{CbcKey, KeyLength, OaepHashes};
use crate::event::{Datum, Event};
use crate::reason::{Reason, ReasonCode};
use crate::request::Arrived;
use crate::wire::json::{self, Value};

/// A kit answers with a result code and a message, nothing else.
const RESULTS: ResultTable =
    ResultTable { replayed: "000001", creating: None, none_yet: "000005", access_on_create: false };

/// Keys, window and answers of a route: those of a production address that never carries credentials.
pub(super) fn base(
    table: &mut Table<'_>,
    window: Window,
    replayed: &'static str,
    problems: &mut Problems,
) -> Base {
    let secrets = AccessKeys::read(table, problems);
    let body_sign = BodySign::read(table, problems);
    let form =
        ResultForm { table: ResultTable { replayed, ..RESULTS }, credentials: Credentials::Plain, body_sign };
    // Nothing is encrypted under an access key: the length is that of nothing.
    Base { keys: AccessKeys::new(secrets, KeyLength::Aes256), window, form }
}

/// What the platform asks of an answer. `Body-Sign` in the second version is UNKNOWN: its pages do not name it.
pub(super) fn expectations(base: &Base, signature: bool, patience_ms: u64) -> Expectations<'_> {
    Expectations {
        keys: &base.keys,
        signature,
        signs: base.form.body_sign.sends,
        app_on_create: false,
        creating: None,
        encrypted: false,
        escaped_memo: false,
        patience_ms,
    }
}

/// The interface that is called at a target.
pub(super) fn interface(
    activities: &'static [Activity],
    targets: &'static [Target],
    target: &Target,
) -> Result<&'static Activity, ReasonCode> {
    let at = targets.iter().position(|known| known == target);
    at.and_then(|at| activities.get(at)).ok_or(ReasonCode::Internal)
}

/// The body without what its interface repeats: at the top of `singleOrgSync` the last `instanceId` counts (CONFIRMED:
/// published samples, workbench A.5). `None` for a body that stays as it is.
pub(super) fn without_repeats(activity: &Activity, body: &[u8]) -> Option<Vec<u8>> {
    const REPEATED: &str = "instanceId";
    if activity.wire != SINGLE {
        return None;
    }
    let Ok((document, true)) = json::read_repeated(body) else { return None };
    let members: Vec<(&str, Value<'_>)> = document.value().as_object()?.iter().collect();
    let last = members.iter().rposition(|(name, _)| *name == REPEATED)?;
    let kept = members.iter().enumerate().filter(|(at, (name, _))| *name != REPEATED || *at == last);
    let mut text = Vec::with_capacity(body.len());
    text.push(b'{');
    for (index, (_, (name, value))) in kept.enumerate() {
        if index > 0 {
            text.push(b',');
        }
        json::push_string(&mut text, name);
        text.push(b':');
        json::push_value(&mut text, *value);
    }
    text.push(b'}');
    Some(text)
}

/// What an authenticated call means: whether it is meant for this interface, what its secret is, its fields.
pub(super) fn read(
    activity: &'static Activity,
    members: &Members<'_>,
    private_keys: &PrivateKeys,
    cipher: &CbcKey,
) -> Result<(Event, bool), Reason> {
    if let Some(name) = foreign(activity, members) {
        return Err(Reason::about(ReasonCode::ForeignMember, name));
    }
    let opened = open_secret(activity, members, private_keys)?;
    let of_department: &[&str] = &["orgName", "OrgName", "name", "parentCode"];
    let transport = if activity.wire == SINGLE { of_department } else { &[] };
    // Removals succeed, whatever secret they carry.
    let unread = is_removal(members).then_some(CLIENT_SECRET);
    let reading = Reading { transport, unread, cipher, expire_time_offset_minutes: 0 };
    let (mut event, test) = reading.about(activity, members)?;
    let missing =
        REQUIRED_OF.iter().find(|(kind, name, _)| event.kind == *kind && event.text(name).is_none());
    if let Some((_, _, wire)) = missing {
        return Err(Reason::about(ReasonCode::FieldMissing, wire));
    }
    if activity.wire == SINGLE {
        lists::complete_department(&mut event, members)?;
    }
    if let Some(hashes) = opened {
        let at = event.fields.iter().position(|(name, _)| name == "client_secret");
        let oaep = (Cow::Borrowed("oaep"), Datum::Text(hashes.name().to_string()));
        event.fields.insert(at.map_or(0, |at| at.saturating_add(1)), oaep);
    }
    Ok((event, test))
}

/// A member that only other interfaces have. No signature covers the path: a captured call that takes users away, sent to
/// the address of tenants, would take a whole tenant away. OURS.
fn foreign(activity: &Activity, members: &Members<'_>) -> Option<&'static str> {
    let is_there = |wanted: &str| members.get(wanted).is_some_and(|member| !member.says_nothing());
    let strangers = OWNED.iter().filter(|(_, interfaces)| !interfaces.contains(&activity.wire));
    strangers.map(|(name, _)| *name).find(|name| is_there(name))
}

/// Opens the client secret of a call that adds or changes an application; without any private key it stays as it came, and
/// so does that of a call which removes one: deletes succeed.
fn open_secret(
    activity: &Activity,
    members: &Members<'_>,
    private_keys: &PrivateKeys,
) -> Result<Option<OaepHashes>, Reason> {
    if activity.wire != "applicationSync" {
        return Ok(None);
    }
    if is_removal(members) {
        return Ok(None);
    }
    match members.text(CLIENT_SECRET) {
        Ok(Some(secret)) if !secret.is_empty() && !private_keys.is_empty() => {
            let opened = private_keys.open(secret);
            let refusal = || Reason::about(ReasonCode::UndecryptableSecret, CLIENT_SECRET);
            opened.map(|(_, hashes)| Some(hashes)).ok_or_else(refusal)
        }
        _ => Ok(None),
    }
}

fn is_removal(members: &Members<'_>) -> bool {
    members.text(FLAG).ok().flatten() == Some("0")
}

/// The value of a header that a dialect reads; `None` where it is absent or empty.
///
/// # Errors
/// [`ReasonCode::RepeatedHeader`].
pub(super) fn header<'a>(request: &Arrived<'a>, name: &'static str) -> Result<Option<&'a [u8]>, Reason> {
    let mut values = request.header(name);
    let first = values.next();
    if values.next().is_some() {
        return Err(Reason::about(ReasonCode::RepeatedHeader, name));
    }
    Ok(first.filter(|value| !value.is_empty()))
}
