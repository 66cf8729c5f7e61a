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
//! | `license_v1`, `license_online`, `license_code` | the same for the three ways in which licences are sold |
//! | `order_notify` | the table of its one activity |
//! | `v1`, `v2` | the two families of the production address: how a call is signed and read |
//! | `kit` | what the interfaces of a kit have in common: their tables, lists, secrets |
//! | `kit_v1`, `kit_v2` | the two signatures of a kit |
//! | `orgid_sync` | the second one with a digest of the tenant's choice |
//! | `endpoint` | what a dialect is before and after it is opened |
//! | `account` | events of an identity centre: encrypted, and answered in the same way |
//! | `base` | what both own: keys, window, answers |
//! | `fields` | from the members of a call to its event, by a table |
//! | `reply` | what is to be answered, free of codes, signature and encryption |
//! | `result` | answers of the production address |

mod access_keys;
mod account;
mod base;
mod body_sign;
mod call;
mod catalogue;
mod content;
mod endpoint;
mod fields;
mod freshness;
mod instances;
mod kit;
mod kit_v1;
mod kit_v2;
mod license_code;
mod license_online;
mod license_v1;
mod members;
mod order_notify;
mod orgid_sync;
mod refusals;
mod reply;
mod result;
mod saas_v1;
mod saas_v2;
mod v1;
mod v2;

pub(crate) use access_keys::AccessKey;
pub(crate) use call::{Call, Context, Refused, Replay};
pub use catalogue::{
    EventDescription, FieldDescription, FieldShape, ShapeDescription, event_fields, event_types,
};
pub(crate) use endpoint::{Dialect, Endpoint, Expectations, Interface, Revealed, Ring, Target};
pub(crate) use fields::share_an_activity;
pub(crate) use freshness::Freshness;
pub(crate) use instances::{
    Delivery, InstanceRules, OrderKey, Purchase, PurchaseKeys, is_common_code, is_common_refusal,
};
pub(crate) use reply::{AppInfo, Credential, InstanceInfo, InstanceReply, Reply, Usage};
pub(crate) use result::SUCCESS;

/// Every dialect, by name.
pub(crate) static ALL: &[&dyn Dialect] = &[
    &saas_v1::SAAS_V1,
    &saas_v2::SAAS_V2,
    &kit_v1::KIT_V1,
    &kit_v2::KIT_V2,
    &orgid_sync::ORGID_SYNC,
    &license_v1::LICENSE_V1,
    &license_online::LICENSE_ONLINE,
    &license_code::LICENSE_CODE,
    &order_notify::ORDER_NOTIFY,
    &account::ACCOUNT_EVENTS,
];

pub(crate) fn by_name(name: &str) -> Option<&'static dyn Dialect> {
    ALL.iter().copied().find(|dialect| dialect.name() == name)
}
