//! The records of one product, as they are at present.

pub(super) mod read;

use alloc::collections::BTreeMap;
use alloc::string::String;

use super::json::Json;
pub(super) use crate::lifecycle::Phase;

/// Why a binding has no instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Workbench,
    Seller,
}

impl Origin {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Workbench => "workbench",
            Self::Seller => "seller",
        }
    }
}

/// An instance.
#[derive(Debug, Clone)]
pub(super) struct Instance {
    pub(super) phase: Phase,
    pub(super) sku_code: Option<String>,
    pub(super) product_id: Option<String>,
    pub(super) quantity: Option<u64>,
    pub(super) disk_size: Option<u64>,
    pub(super) band_width: Option<u64>,
    pub(super) expire_time: Option<u64>,
}

/// A binding of a tenant.
#[derive(Debug, Clone)]
pub(super) struct Tenant {
    pub(super) bound: bool,
    pub(super) bound_at: u64,
    pub(super) expire_time: Option<u64>,
}

/// An application of a tenant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Application {
    pub(super) bound: bool,
}

/// What became of an authorisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Authorised,
    Cancelled,
    Removed,
}

impl Status {
    pub(super) const ALL: &'static [(&'static str, Self)] =
        &[("authorised", Self::Authorised), ("cancelled", Self::Cancelled), ("removed", Self::Removed)];

    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, status)| *status == self).map_or("", |(name, _)| name)
    }
}

/// A member.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) role: String,
    pub(super) enabled: bool,
    pub(super) status: Status,
    pub(super) org_code: Option<String>,
    pub(super) authorised_at: u64,
    pub(super) extension: Json,
}

impl Member {
    /// Authorised and enabled: takes a seat.
    pub(super) fn is_seated(&self) -> bool {
        self.enabled && self.status == Status::Authorised
    }
}

/// Tenant and instance; an empty instance is none.
pub(super) type Binding = (String, String);

/// Whose usage it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    Instance(String),
    Tenant(String),
}

/// All records.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    pub(super) instances: BTreeMap<String, Instance>,
    pub(super) tenants: BTreeMap<Binding, Tenant>,
    pub(super) applications: BTreeMap<(Binding, String), Application>,
    /// The parent of each department.
    pub(super) departments: BTreeMap<(Binding, String), Option<String>>,
    /// By binding, application and user.
    pub(super) members: BTreeMap<(Binding, String, String), Member>,
    pub(super) usage: BTreeMap<(Owner, String), u64>,
    pub(super) as_of: Option<u64>,
}
