//! The records of one product, as rows of a document.

pub(super) mod read;

use alloc::vec::Vec;

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

/// How much was bought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Bought {
    pub(super) quantity: Option<u64>,
    pub(super) disk_size: Option<u64>,
    pub(super) band_width: Option<u64>,
}

/// An instance.
#[derive(Debug, Clone, Copy)]
pub(super) struct Instance<'d> {
    pub(super) phase: Phase,
    pub(super) sku_code: Option<&'d str>,
    pub(super) product_id: Option<&'d str>,
    pub(super) bought: Bought,
    pub(super) expire_time: Option<u64>,
}

/// A binding of a tenant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tenant {
    pub(super) bound: bool,
    pub(super) bound_at: u64,
    pub(super) expire_time: Option<u64>,
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
pub(super) struct Member<'d> {
    pub(super) role: &'d str,
    pub(super) enabled: bool,
    pub(super) status: Status,
    pub(super) org_code: Option<&'d str>,
    pub(super) authorised_at: u64,
    pub(super) extension: Json,
}

/// Tenant and instance; an empty instance is none.
pub(super) type BindingKey<'d> = (&'d str, &'d str);

/// Binding, application and user.
pub(super) type MemberKey<'d> = (BindingKey<'d>, &'d str, &'d str);

/// Whose usage it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner<'d> {
    Instance(&'d str),
    Tenant(&'d str),
}

/// Rows by their keys; `None` takes one out.
pub(super) type Rows<K, T> = Vec<(K, Option<T>)>;

/// Some rows, or all of them.
#[derive(Debug, Default)]
pub(super) struct Part<'d> {
    /// Where it is named: since when, or that nobody says.
    pub(super) as_of: Option<Option<u64>>,
    pub(super) instances: Rows<&'d str, Instance<'d>>,
    pub(super) tenants: Rows<BindingKey<'d>, Tenant>,
    /// Whether it is bound.
    pub(super) applications: Rows<(BindingKey<'d>, &'d str), bool>,
    /// The parent of each department.
    pub(super) departments: Rows<(BindingKey<'d>, &'d str), Option<&'d str>>,
    pub(super) members: Rows<MemberKey<'d>, Member<'d>>,
    pub(super) usage: Rows<(Owner<'d>, &'d str), u64>,
}
