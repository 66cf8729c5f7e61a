//! What there is one of: an instance, a tenant, a binding, an application, a department. Whatever is named somewhere has a slot;
//! whether there is a record of it, its row says.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::seats::Seats;
use crate::entitlement::world::{Bought, Origin, Phase, Tenant as TenantRow};

/// How much is used, by limit. A counter that nobody wrote is 0.
#[derive(Debug, Clone, Default)]
pub(in crate::entitlement) struct Usage(Vec<(Box<str>, u64)>);

impl Usage {
    pub(in crate::entitlement) fn get(&self, limit: &str) -> u64 {
        self.0.iter().find(|(known, _)| **known == *limit).map_or(0, |(_, used)| *used)
    }

    pub(super) fn put(&mut self, limit: &str, used: Option<u64>) {
        self.0.retain(|(known, _)| **known != *limit);
        self.0.extend(used.map(|used| (limit.into(), used)));
    }
}

/// The record of an instance.
#[derive(Debug, Clone)]
pub(in crate::entitlement) struct InstanceRow {
    pub(in crate::entitlement) phase: Phase,
    pub(in crate::entitlement) sku_code: Option<Box<str>>,
    pub(in crate::entitlement) product_id: Option<Box<str>>,
    pub(in crate::entitlement) bought: Bought,
    pub(in crate::entitlement) expire_time: Option<u64>,
}

/// An instance.
#[derive(Debug, Clone)]
pub(in crate::entitlement) struct Instance {
    pub(in crate::entitlement) id: Box<str>,
    pub(in crate::entitlement) row: Option<InstanceRow>,
    pub(in crate::entitlement) plan: Option<u32>,
    pub(in crate::entitlement) usage: Usage,
    pub(super) bindings: Vec<u32>,
}

/// Which binding of a tenant counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::entitlement) enum InForce {
    /// There is no record of any.
    Unknown,
    /// None is bound.
    Unbound,
    /// The one with this number.
    Binding(u32),
}

/// A tenant.
#[derive(Debug, Clone)]
pub(in crate::entitlement) struct Tenant {
    pub(in crate::entitlement) id: Box<str>,
    pub(in crate::entitlement) origin: Origin,
    pub(in crate::entitlement) usage: Usage,
    /// His access policies, by number, in order.
    pub(in crate::entitlement) policies: Box<[u32]>,
    pub(in crate::entitlement) in_force: InForce,
    /// By instance.
    pub(super) bindings: BTreeMap<Option<u32>, u32>,
    pub(super) is_dirty: bool,
}

/// A tenant under an instance, or under none.
#[derive(Debug, Clone)]
pub(in crate::entitlement) struct Binding {
    pub(in crate::entitlement) tenant: u32,
    pub(in crate::entitlement) instance: Option<u32>,
    pub(in crate::entitlement) row: Option<TenantRow>,
    pub(super) applications: Vec<u32>,
    pub(super) departments: Vec<u32>,
    pub(super) is_dirty: bool,
}

/// An application of a binding.
#[derive(Debug, Clone)]
pub(in crate::entitlement) struct Application {
    pub(in crate::entitlement) binding: u32,
    pub(in crate::entitlement) app: Box<str>,
    /// Whether it is bound; `None` without a record.
    pub(in crate::entitlement) bound: Option<bool>,
    pub(in crate::entitlement) seats: Seats,
    /// The first in the order of seats who has none.
    pub(super) first_without: Option<u32>,
    pub(super) is_dirty: bool,
}

/// A department of a binding.
#[derive(Debug, Clone)]
pub(in crate::entitlement) struct Department {
    pub(in crate::entitlement) binding: u32,
    pub(in crate::entitlement) code: Box<str>,
    /// With a record, the one above, if any.
    pub(in crate::entitlement) row: Option<Option<u32>>,
    /// Bit i: the i-th access policy of the tenant names this one, or one above.
    pub(in crate::entitlement) named: u64,
    /// Whether the way up ends at a top.
    pub(in crate::entitlement) is_complete: bool,
}

/// More access policies of one tenant than bits: they are looked at one by one.
pub(in crate::entitlement) const MOST_NAMED: usize = 64;

/// What has to be worked out anew.
#[derive(Debug, Clone, Default)]
pub(super) struct Dirty {
    pub(super) tenants: Vec<u32>,
    pub(super) applications: Vec<u32>,
    /// Whose departments changed.
    pub(super) bindings: Vec<u32>,
}
