//! The callback protocols. A new one is a file with its tables, perhaps a family with its signature rule, and one line in
//! [`ALL`].
//!
//! A [`Dialect`] is what there is to know before a configuration is read. [`Dialect::open`] reads the members of a
//! route's table that are its own and makes an [`Endpoint`] of them, which owns keys and settings: it admits calls and
//! answers them. A setting that a dialect lacks is a mistake because nobody reads it. What only dialects have whose calls
//! are about instances stands in [`InstanceRules`].
//!
//! | file | |
//! |---|---|
//! | `saas_v1`, `saas_v2` | tables of activities, and the rules about instances |
//! | `v1`, `v2` | the two families of the production address: how a call is signed and read |
//! | `kit` | what the interfaces of a kit have in common: their tables, lists, secrets |
//! | `kit_v1`, `kit_v2` | the two signatures of a kit |
//! | `orgid_sync` | the second one with a digest of the tenant's choice |
//! | `base` | what both own: keys, window, answers |
//! | `fields` | from the members of a call to its event, by a table |
//! | `reply` | what is to be answered, free of codes, signature and encryption |
//! | `result` | answers of the production address |

mod access_keys;
mod base;
mod body_sign;
mod call;
mod catalogue;
mod content;
mod fields;
mod freshness;
mod instances;
mod kit;
mod kit_v1;
mod kit_v2;
mod orgid_sync;
mod refusals;
mod reply;
mod result;
mod saas_v1;
mod saas_v2;
mod v1;
mod v2;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

pub(crate) use access_keys::{AccessKey, AccessKeys};
pub(crate) use call::{Call, Context, Refused, Replay};
pub use catalogue::{FieldDescription, event_fields};
pub(crate) use fields::Activity;
pub(crate) use instances::{InstanceRules, NO_INSTANCES, OrderKey, Purchase, PurchaseKeys};
pub(crate) use reply::{AppInfo, Credential, InstanceInfo, InstanceReply, Reply, Usage};
pub(crate) use result::SUCCESS;

use crate::answer::Answer;
use crate::config::{Problems, Table};
use crate::crypto::{Entropy, Secret};
use crate::event::Event;
use crate::reason::ReasonCode;
use crate::request::Arrived;

/// Every dialect, by name.
pub(crate) static ALL: &[&dyn Dialect] =
    &[&saas_v1::SAAS_V1, &saas_v2::SAAS_V2, &kit_v1::KIT_V1, &kit_v2::KIT_V2, &orgid_sync::ORGID_SYNC];

pub(crate) fn by_name(name: &str) -> Option<&'static dyn Dialect> {
    ALL.iter().copied().find(|dialect| dialect.name() == name)
}

/// The kind of interface that a key is bound to at the platform. One key never serves two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interface {
    /// The production address of a SaaS product.
    Basic,
    /// Tenants and what belongs to them.
    Kit,
    /// The same from an OrgID.
    OrgId,
}

/// What a dialect takes: a method, and what stands behind the path of the route. Both are compared exactly.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) method: &'static str,
    /// Empty, or with a slash in front.
    pub(crate) sub_path: &'static str,
}

/// One callback protocol.
pub(crate) trait Dialect: Sync + fmt::Debug {
    /// The name in `dialect`.
    fn name(&self) -> &'static str;

    fn interface(&self) -> Interface;

    /// What selects it among the routes of a path.
    fn targets(&self) -> &'static [Target];

    /// The largest `answer_within_ms`.
    fn longest_answer_ms(&self) -> u64;

    /// Whether a call stays genuine for ever, wherever it is sent: no window, no replay row, and a text that names no path.
    fn is_timeless(&self) -> bool;

    /// The tables of its activities.
    fn activities(&self) -> &'static [Activity];

    /// The rules about instances; `None` where calls are about something else.
    fn instances(&self) -> Option<&'static dyn InstanceRules> {
        None
    }

    /// Reads the members of a route's table that are its own. `None` where they cannot be used: a problem says why.
    fn open(&'static self, table: &mut Table<'_>, problems: &mut Problems) -> Option<Box<dyn Endpoint>>;
}

/// One route's dialect, opened: it owns its keys and settings.
pub(crate) trait Endpoint: Send + Sync + fmt::Debug {
    /// Freshness, authenticity, decryption, meaning, in this order. Route and sizes were judged before.
    fn admit(&self, target: &Target, request: &Arrived<'_>, now: u64) -> Result<Call, Refused>;

    /// The answer to a call, signed and encrypted as the call was.
    fn answer(&self, context: Context, reply: &Reply, entropy: &Entropy) -> Answer;

    /// The answer to a call that was refused, or to one of which nothing else can be said. The context is that of a call
    /// which a key authenticated.
    fn refuse(&self, context: Option<Context>, reason: ReasonCode) -> Answer;

    /// The result code that stands in the answer with this reply.
    fn result_code<'r>(&self, reply: &'r Reply) -> &'r str;

    /// What the platform is told when the seller says no to a change without a code of the table.
    fn change_refusal_code(&self) -> &'static str {
        ReasonCode::BackendFailed.result_code()
    }

    /// Whether credentials go out encrypted.
    fn encrypts_credentials(&self) -> bool;

    /// The secret that a call carries under the seller's public key, in plain text; `None` if there is none, or no key
    /// opens it any more.
    fn reveal(&self, event: &Event) -> Option<Revealed> {
        let _ = event;
        None
    }

    /// Its secrets, for what can only be seen across routes.
    fn rings(&self) -> Vec<Ring<'_>>;

    /// What the platform asks of an answer, whoever gave it.
    fn expectations(&self) -> Expectations<'_>;
}

/// A secret in plain text, under its name in JSON.
#[derive(Debug)]
pub(crate) struct Revealed {
    pub(crate) name: &'static str,
    pub(crate) secret: Secret,
}

/// The secrets of one ring, in its order.
pub(crate) struct Ring<'e> {
    /// What the ring is called in the configuration.
    pub(crate) name: &'static str,
    pub(crate) secrets: Vec<&'e Secret>,
}

/// What the platform asks of an answer of the production address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expectations<'e> {
    /// Any of them may have signed; credentials are encrypted with the one that authenticated the call.
    pub(crate) keys: &'e AccessKeys,
    /// Without `Body-Sign` an answer counts for nothing.
    pub(crate) signature: bool,
    /// Ours would have sent `Body-Sign`.
    pub(crate) signs: bool,
    /// A create's success carries the access data.
    pub(crate) app_on_create: bool,
    /// With this code a create that goes on names its instance id.
    pub(crate) creating: Option<&'static str>,
    /// Credentials are ciphertexts, of AES-256 where `encryptType` does not say otherwise.
    pub(crate) encrypted: bool,
    /// Text beyond ASCII in a memo is written as `\u` escapes.
    pub(crate) escaped_memo: bool,
    /// So long the platform waits, milliseconds.
    pub(crate) patience_ms: u64,
}
