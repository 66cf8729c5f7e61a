//! The callback protocols: one file each, one line in the list.

mod account_events;
mod kit_v1;
mod kit_v2;
mod license_code;
mod license_online;
mod license_v1;
mod order_notify;
mod saas_v1;
mod saas_v2;

use crate::fault::Fault;
use crate::http::HttpRequest;
use crate::sign::{SignError, SignInput};

/// A callback protocol of the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// SaaS access guide 1.0: GET, everything in the query string, `authToken`.
    SaasV1,
    /// SaaS access guide 2.0: POST JSON, `signature`, `timestamp` and `nonce` in the query string.
    SaasV2,
    /// License 1.0: signed as SaaS 1.0.
    LicenseV1,
    /// Online activation of licences: signed as SaaS 2.0.
    LicenseOnline,
    /// License code 2.0: signed as SaaS 2.0.
    LicenseCode,
    /// Notices about orders: signed as SaaS 2.0.
    OrderNotify,
    /// The kit, first version: POST JSON to a sub-path, `authToken` in the header.
    KitV1,
    /// The kit, second version: POST JSON to a sub-path, the signature in the header.
    KitV2,
    /// The same from an OrgID.
    OrgidSync,
    /// The same by SHA-1, which its administrator may choose.
    OrgidSyncSha1,
    /// Events of an identity centre, which no access key signs: [`account`](crate::account) does.
    AccountEvents,
}

/// The generation whose rules a dialect follows. In the kits what V1 and V2 put into the query string stands in headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// GET, everything in the query string, `authToken`.
    V1,
    /// POST JSON, `signature`, `timestamp` and `nonce` in the query string.
    V2,
}

impl Dialect {
    /// All dialects whose calls an access key signs, as they are signed if nobody chooses otherwise.
    pub const ALL: [Self; 9] = [
        Self::SaasV1,
        Self::SaasV2,
        Self::LicenseV1,
        Self::LicenseOnline,
        Self::LicenseCode,
        Self::OrderNotify,
        Self::KitV1,
        Self::KitV2,
        Self::OrgidSync,
    ];

    /// All dialects that stories are told in.
    pub fn told() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().chain([Self::AccountEvents])
    }

    /// Those of SaaS products.
    pub const SAAS: [Self; 2] = [Self::SaasV1, Self::SaasV2];

    /// How it is signed.
    #[must_use]
    pub fn family(self) -> Family {
        self.rules().family
    }

    /// The stable name: `saas-v1`, `order-notify`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.rules().name
    }

    /// The dialect of a stable name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name)
    }

    /// What the platform appends to the path of the production address; empty where it appends nothing.
    #[must_use]
    pub fn sub_path(self) -> &'static str {
        self.rules().sub_path
    }

    /// Whether its calls are about tenants, each interface at a sub-path of its own.
    #[must_use]
    pub fn is_kit(self) -> bool {
        !self.sub_path().is_empty()
    }

    /// The result codes of the dialect's table.
    #[must_use]
    pub fn result_codes(self) -> &'static [&'static str] {
        self.rules().result_codes
    }

    /// How long the platform waits for an answer, in milliseconds.
    #[must_use]
    pub fn time_limit_ms(self) -> u64 {
        self.rules().time_limit_ms
    }

    pub(crate) fn rules(self) -> &'static Rules {
        match self {
            Self::SaasV1 => &saas_v1::RULES,
            Self::SaasV2 => &saas_v2::RULES,
            Self::LicenseV1 => &license_v1::RULES,
            Self::LicenseOnline => &license_online::RULES,
            Self::LicenseCode => &license_code::RULES,
            Self::OrderNotify => &order_notify::RULES,
            Self::KitV1 => &kit_v1::RULES,
            Self::KitV2 => &kit_v2::RULES,
            Self::OrgidSync => &kit_v2::ORGID_RULES,
            Self::OrgidSyncSha1 => &kit_v2::ORGID_SHA1_RULES,
            Self::AccountEvents => &account_events::RULES,
        }
    }
}

/// Where two dialects differ.
pub(crate) struct Rules {
    pub(crate) name: &'static str,
    pub(crate) family: Family,
    /// Behind the path of the production address; the name of the interface follows.
    pub(crate) sub_path: &'static str,
    pub(crate) result_codes: &'static [&'static str],
    pub(crate) time_limit_ms: u64,
    pub(crate) sign: fn(&SignInput<'_>, &[Fault]) -> Result<HttpRequest, SignError>,
    /// Whether an answer without `Body-Sign` is a complaint.
    pub(crate) body_sign_required: bool,
    /// What `encryptType` an answer with credentials means when it says none: `None` is plain text.
    pub(crate) default_encrypt_type: Option<&'static str>,
    /// Whether `memo` must write characters beyond ASCII as `\uXXXX`.
    pub(crate) memo_escaped: bool,
    /// What an answer must hold, by activity and result code.
    pub(crate) required: fn(activity: &str, result_code: &str) -> Required,
}

/// Members that an answer must hold beyond `resultCode`.
#[derive(Clone, Copy, Default)]
pub(crate) struct Required {
    pub(crate) instance_id: bool,
    pub(crate) front_end_url: bool,
    pub(crate) info: bool,
    pub(crate) license: bool,
}

/// The table that both SaaS guides print. The international page of V1 (2025-07-03) lists only 000100 of the
/// second half; the Chinese pages list all.
const SAAS_RESULT_CODES: &[&str] = &[
    "000000", "000001", "000002", "000003", "000004", "000005", "000100", "000101", "000102", "000103",
    "000104", "000105", "000106", "000107",
];

/// The first half of that table: what a dialect has whose calls no seller refuses for reasons of its own.
const COMMON_RESULT_CODES: &[&str] = &["000000", "000001", "000002", "000003", "000004", "000005"];

/// The kits have one code of their own: a client secret that cannot be decrypted.
const KIT_RESULT_CODES: &[&str] = &["000000", "000001", "000002", "000003", "000005", "000101"];

/// For activities that are answered with a result code and nothing else.
fn nothing_required(_activity: &str, _result_code: &str) -> Required {
    Required::default()
}
