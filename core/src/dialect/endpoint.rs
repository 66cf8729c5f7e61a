//! What a dialect is before and after it is opened.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use super::access_keys::AccessKeys;
use super::call::{Call, Context, Refused};
use super::fields::Activity;
use super::freshness::Freshness;
use super::instances::InstanceRules;
use super::reply::Reply;
use crate::answer::Answer;
use crate::config::{Problems, Table};
use crate::crypto::{Entropy, Secret};
use crate::event::Event;
use crate::reason::ReasonCode;
use crate::request::Arrived;

/// The kind of interface that a key is bound to at the platform. One key never serves two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interface {
    /// The production address of a SaaS product.
    Basic,
    /// What is of use to every kind of product: notices about orders.
    Generic,
    /// The delivery of license codes.
    LicenseCode,
    /// Tenants and what belongs to them.
    Kit,
    /// The same from an OrgID.
    OrgId,
    /// Events of an identity centre.
    Account,
}

impl Interface {
    /// Whether its calls are as small as those of a production address.
    pub(crate) const fn is_base(self) -> bool {
        match self {
            Self::Basic | Self::Generic | Self::LicenseCode => true,
            Self::Kit | Self::OrgId | Self::Account => false,
        }
    }
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

    /// The rules about instances; `None` where no call is about one.
    fn instances(&self) -> Option<&'static dyn InstanceRules>;

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

    /// What a test call is answered that asks for a licence; `None` where none does.
    fn test_license(&self) -> Option<&str> {
        None
    }

    /// The secret that a call carries under the seller's public key, in plain text; `None` if there is none, or no key
    /// opens it any more.
    fn reveal(&self, event: &Event) -> Option<Revealed> {
        let _ = event;
        None
    }

    /// How the signed time of a call is judged. Routes that judge it alike may take the same calls; `None` for a dialect
    /// that shares them with nobody.
    fn freshness(&self) -> Option<Freshness> {
        None
    }

    /// Its secrets, for what can only be seen across routes.
    fn rings(&self) -> Vec<Ring<'_>>;

    /// What the platform asks of an answer, whoever gave it; `None` where nobody can be asked instead of us.
    fn expectations(&self) -> Option<Expectations<'_>>;
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
