//! What a call of a kit is about: a tenant under an instance, and the rows below it.

use alloc::string::String;
use alloc::vec::Vec;

use super::key;
use crate::event::{Event, Record};

/// What the rows of a call are called.
pub(super) struct Place<'a> {
    product: &'a str,
    pub(super) tenant: &'a str,
    pub(super) instance: &'a str,
    pub(super) event: &'a Event,
}

impl<'a> Place<'a> {
    pub(super) fn of(product: &'a str, event: &'a Event) -> Self {
        let text = |name| event.text(name).unwrap_or_default();
        Self { product, tenant: text("tenant_id"), instance: text("instance_id"), event }
    }

    pub(super) fn head(&self) -> String {
        key::tenant(self.product, self.tenant, self.instance)
    }

    pub(super) fn app(&self) -> &'a str {
        self.event.text("app_id").unwrap_or_default()
    }

    pub(super) fn application(&self) -> String {
        key::application(self.product, self.tenant, self.instance, self.app())
    }

    pub(super) fn member(&self, user_name: &str) -> String {
        key::member(self.product, self.tenant, self.instance, self.app(), user_name)
    }

    pub(super) fn department(&self, code: &str) -> String {
        key::department(self.product, self.tenant, self.instance, code)
    }

    /// All of them, each once.
    pub(super) fn keys(&self) -> Vec<String> {
        let mut keys = Vec::from([self.head()]);
        if self.event.get("app_id").is_some() {
            keys.push(self.application());
        }
        keys.extend(self.users().iter().map(|(name, _)| self.member(name)));
        keys.extend(self.departments().iter().map(|(code, _)| self.department(code)));
        keys
    }

    pub(super) fn users(&self) -> Vec<(&'a str, &'a Record)> {
        last_of_each(self.event.records("users"), "user_name")
    }

    pub(super) fn departments(&self) -> Vec<(&'a str, &'a Record)> {
        last_of_each(self.event.records("departments"), "org_code")
    }
}

/// The entries of a list under their ids; of one that stands there twice, the last.
fn last_of_each<'a>(records: &'a [Record], id: &str) -> Vec<(&'a str, &'a Record)> {
    let mut named: Vec<(usize, &str, &Record)> = records
        .iter()
        .enumerate()
        .map(|(at, record)| (at, record.text(id).unwrap_or_default(), record))
        .collect();
    named.sort_by(|(left_at, left, _), (right_at, right, _)| left.cmp(right).then(right_at.cmp(left_at)));
    named.dedup_by(|(_, later, _), (_, first, _)| later == first);
    named.sort_by_key(|(at, _, _)| *at);
    named.into_iter().map(|(_, name, record)| (name, record)).collect()
}
