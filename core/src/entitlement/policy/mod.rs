//! The policy: what a seller writes, as it is held.

pub(super) mod access;
pub(super) mod compiled;
pub(super) mod read;
mod read_access;
mod regions;
pub(super) mod rules;

use alloc::string::String;
use alloc::vec::Vec;

use super::world::Origin;
use access::Access;

/// What a phase, or a binding without an instance, comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    Allow,
    ReadOnly,
    Deny,
}

/// One policy document.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    pub(super) version: String,
    pub(super) features: Vec<String>,
    pub(super) limits: Vec<(String, Limit)>,
    pub(super) seats: Option<String>,
    pub(super) actions: Vec<(String, Action)>,
    pub(super) roles: Vec<(String, Actions)>,
    /// For each of [`WIRE_ROLES`] the role that it means.
    pub(super) role_map: [String; 6],
    pub(super) plans: Vec<(String, Plan)>,
    pub(super) phases: Phases,
    pub(super) clock: Clock,
    pub(super) seller_tenants: Vec<String>,
    pub(super) access: Option<Access>,
    pub(super) stale: Stale,
    /// Of the document as it was loaded.
    pub(super) digest: String,
}

/// What a member record may call a role.
pub(super) const WIRE_ROLES: [&str; 6] = [
    "user",
    "admin",
    "orgid-creator",
    "orgid-organisation-administrator",
    "orgid-department-administrator",
    "orgid-member",
];

/// A limit that plans set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) is_soft: bool,
}

/// What the seller's code asks for.
#[derive(Debug, Clone)]
pub(super) struct Action {
    pub(super) writes: bool,
    pub(super) feature: Option<String>,
    pub(super) limit: Option<String>,
    pub(super) conditions: Vec<Condition>,
}

/// A condition on the member's extension.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    pub(super) field: String,
    pub(super) separator: Option<char>,
    pub(super) requested: bool,
    pub(super) one_of: Option<Vec<String>>,
}

/// What a role may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Actions {
    All,
    These(Vec<String>),
}

impl Actions {
    pub(super) fn have(&self, action: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(actions) => actions.iter().any(|known| known == action),
        }
    }
}

/// What is sold.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    pub(super) product_ids: Vec<String>,
    pub(super) sku_codes: Vec<String>,
    pub(super) trial: bool,
    pub(super) origins: Vec<Origin>,
    pub(super) instance_ids: Vec<String>,
    pub(super) is_default: bool,
    pub(super) features: Vec<String>,
    pub(super) limits: Vec<(String, Amount)>,
}

/// How much of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    Unlimited,
    Fixed(u64),
    Per(Attribute, u64),
}

/// What was bought, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attribute {
    Quantity,
    DiskSize,
    BandWidth,
}

impl Attribute {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Quantity => "quantity",
            Self::DiskSize => "disk_size",
            Self::BandWidth => "band_width",
        }
    }
}

/// What each phase comes to; active is always allowed, frozen and released never.
#[derive(Debug, Clone, Copy)]
pub(super) struct Phases {
    pub(super) trial: Effect,
    pub(super) overdue: Effect,
    pub(super) workbench: Effect,
    pub(super) seller: Effect,
}

/// After how many days the clock denies.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Clock {
    pub(super) active: Option<u64>,
    pub(super) trial: Option<u64>,
    pub(super) workbench: Option<u64>,
    pub(super) seller: Option<u64>,
}

/// What a directory means that is older than this.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stale {
    pub(super) after_ms: u64,
    pub(super) denies: bool,
}

/// The value of a name in a list of entries.
pub(super) fn find<'l, T>(entries: &'l [(String, T)], name: &str) -> Option<&'l T> {
    entries.iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

impl Policy {
    pub(super) fn effect_of(&self, origin: Origin) -> Effect {
        match origin {
            Origin::Workbench => self.phases.workbench,
            Origin::Seller => self.phases.seller,
        }
    }
}
