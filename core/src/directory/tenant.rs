//! A tenant under one instance.

use alloc::string::{String, ToString};

use super::Action;
use super::head::DepartmentHead;
use super::moment::Moment;
use crate::ledger::row::codec::{record, words};

record! {
    /// The head of everything that belongs to the tenant.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    TenantRecord {
        standing: Standing,
        /// Raised by every removal that ends something.
        epoch: u64,
        /// Of the last call about the tenant itself.
        time: u64,
        /// When the call was signed with which the binding began that holds.
        [sparse] bound_at: Option<u64>,
        /// When the tenant was removed last; 0: never.
        ended_at: u64,
        /// Whether anything was written under this epoch that a removal would end.
        has_content: bool,
        [sparse] order_id: Option<String>,
        [sparse] tenant_code: Option<String>,
        [sparse] name: Option<String>,
        [sparse] domain_name: Option<String>,
        departments: DepartmentHead,
    }
}

words! {
    /// Whether the tenant is bound.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
    Standing {
        /// No call was about the tenant itself.
        #[default]
        Unknown = "unknown",
        Bound = "bound",
        Removed = "removed",
    }
}

/// What a call says of a tenant; what it does not say stays as it is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tenant<'a> {
    pub(crate) order_id: Option<&'a str>,
    pub(crate) tenant_code: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
    pub(crate) domain_name: Option<&'a str>,
}

impl TenantRecord {
    pub(crate) fn is_bound(&self) -> bool {
        self.standing == Standing::Bound
    }

    /// Whether any call was about the tenant itself.
    pub(crate) fn is_known(&self) -> bool {
        self.standing != Standing::Unknown
    }

    /// Takes in a call about the tenant. Whether there is an effect to tell of.
    pub(crate) fn apply(&mut self, action: Action, tenant: Tenant<'_>, at: Moment) -> bool {
        if at.is_before(self.time) {
            return false;
        }
        match (action, self.standing) {
            (Action::Remove | Action::Revoke, standing) => self.remove(standing, at),
            (Action::Update, Standing::Removed) => false,
            (Action::Add | Action::Update, Standing::Bound) => {
                self.time = at.recorded();
                self.merge(tenant)
            }
            (Action::Add | Action::Update, Standing::Unknown | Standing::Removed) => {
                self.time = at.recorded();
                self.standing = Standing::Bound;
                self.bound_at = Some(at.signed_at);
                self.merge(tenant);
                true
            }
        }
    }

    fn merge(&mut self, tenant: Tenant<'_>) -> bool {
        let Tenant { order_id, tenant_code, name, domain_name } = tenant;
        let said = [
            (&mut self.order_id, order_id),
            (&mut self.tenant_code, tenant_code),
            (&mut self.name, name),
            (&mut self.domain_name, domain_name),
        ];
        let mut changed = false;
        for (known, said) in said {
            changed |= set(known, said);
        }
        changed
    }

    /// A tombstone without data, under the next epoch. A second removal ends only what came in between.
    fn remove(&mut self, standing: Standing, at: Moment) -> bool {
        let ends = standing != Standing::Removed || self.has_content;
        let before = core::mem::take(self);
        *self = Self {
            standing: Standing::Removed,
            epoch: before.epoch.saturating_add(u64::from(ends)),
            time: at.recorded(),
            ended_at: at.recorded(),
            ..Self::default()
        };
        ends
    }
}

/// Takes over what a call says; whether that is something else than before.
pub(super) fn set(known: &mut Option<String>, said: Option<&str>) -> bool {
    match said {
        Some(said) if known.as_deref() != Some(said) => {
            *known = Some(said.to_string());
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Standing, Tenant, TenantRecord};
    use crate::directory::{Action, Moment};

    fn at(signed_at: u64) -> Moment {
        Moment { signed_at, now: 1_000_000 }
    }

    fn named(name: &str) -> Tenant<'_> {
        Tenant { name: Some(name), ..Tenant::default() }
    }

    #[test]
    fn what_is_said_is_merged_and_a_repeat_is_no_effect() {
        let mut tenant = TenantRecord::default();
        let both = Tenant { name: Some("n"), domain_name: Some("d"), ..Tenant::default() };
        assert!(tenant.apply(Action::Add, both, at(10)));
        assert!(tenant.is_bound() && tenant.bound_at == Some(10));
        assert!(!tenant.apply(Action::Add, both, at(20)), "the same again");
        assert!(tenant.apply(Action::Update, named("m"), at(30)));
        assert_eq!((tenant.name.as_deref(), tenant.domain_name.as_deref()), (Some("m"), Some("d")));
        assert!(!tenant.apply(Action::Update, named("late"), at(29)), "stale");
        assert!(tenant.apply(Action::Update, named("equal"), at(30)), "equal is not");
        assert_eq!((tenant.bound_at, tenant.epoch), (Some(10), 0));
    }

    #[test]
    fn an_update_binds_what_nobody_saw_and_not_what_was_removed() {
        let mut tenant = TenantRecord::default();
        assert!(tenant.apply(Action::Update, named("n"), at(10)));
        assert!(tenant.is_bound());
        assert!(tenant.apply(Action::Remove, Tenant::default(), at(20)));
        let removed = tenant.clone();
        assert!(!tenant.apply(Action::Update, named("n"), at(30)));
        assert_eq!(tenant, removed, "its time neither");
        assert!(tenant.apply(Action::Add, named("m"), at(25)));
        assert_eq!((tenant.bound_at, tenant.epoch, tenant.name.as_deref()), (Some(25), 1, Some("m")));
    }

    #[test]
    fn only_a_removal_raises_the_epoch_and_a_second_one_only_if_something_came_between() {
        let mut tenant = TenantRecord::default();
        assert!(tenant.apply(Action::Remove, Tenant::default(), at(10)), "of what nobody saw");
        assert_eq!((tenant.standing, tenant.epoch), (Standing::Removed, 1));
        assert!(!tenant.apply(Action::Remove, Tenant::default(), at(20)));
        assert_eq!((tenant.epoch, tenant.ended_at), (1, 20));
        tenant.has_content = true;
        assert!(!tenant.apply(Action::Remove, Tenant::default(), at(19)), "stale");
        assert!(tenant.apply(Action::Remove, Tenant::default(), at(30)));
        assert_eq!((tenant.epoch, tenant.has_content), (2, false));
    }

    #[test]
    fn a_time_that_cannot_have_come_yet_makes_nothing_stale() {
        let mut tenant = TenantRecord { time: 9_000_000, ..TenantRecord::default() };
        assert!(tenant.apply(Action::Add, named("n"), at(10)));
        assert_eq!(tenant.time, 10);
        let mut tenant = TenantRecord { time: 9_000_000, ..TenantRecord::default() };
        let ahead = Moment { signed_at: 8_000_000, now: 1_000_000 };
        assert!(!tenant.apply(Action::Add, named("n"), ahead), "unless the call is of the future too");
    }
}
