//! Steps 1 to 3: which binding is in force, and where it stands.

use core::cmp::Reverse;

use super::evaluation::Evaluation;
use crate::entitlement::code::CheckCode;
use crate::entitlement::decision::Datum;
use crate::entitlement::policy::Effect;
use crate::entitlement::request::Target;
use crate::entitlement::world::{Binding, Instance, Origin, Phase, Tenant};

const DAY: u64 = 86_400_000;

/// What stands somewhere: an instance, or a binding without one.
#[derive(Clone, Copy)]
pub(super) enum Standing<'a> {
    Instance(&'a Instance),
    Binding(Origin, &'a Tenant),
}

impl<'a> Evaluation<'a> {
    /// The binding of a tenant that is in force.
    pub(super) fn binding(&mut self, tenant: &str) -> Option<(&'a Binding, &'a Tenant)> {
        let world = self.world;
        let first = (tenant.into(), alloc::string::String::new());
        let bindings = || world.tenants.range(first.clone()..).take_while(|((id, _), _)| id == tenant);
        if bindings().next().is_none() {
            self.fail(CheckCode::TenantUnknown, None, "bound", "unknown");
            return None;
        }
        let rank = |((_, id), _): &(&'a Binding, &'a Tenant)| {
            let instance = world.instances.get(id);
            let class = match instance.map(|instance| instance.phase) {
                _ if id.is_empty() => 3,
                Some(Phase::Active) => 0,
                Some(Phase::Trial) => 1,
                Some(Phase::Frozen) => 2,
                _ => 4,
            };
            let expires = instance.and_then(|instance| instance.expire_time).unwrap_or(u64::MAX);
            (class, Reverse(expires), id.clone())
        };
        let in_force = bindings().filter(|(_, row)| row.bound).min_by_key(rank);
        if in_force.is_none() {
            self.read.tenant = "unbound".into();
            self.fail(CheckCode::TenantUnbound, None, "bound", "unbound");
        }
        in_force
    }

    /// Whether only reading is allowed.
    pub(super) fn standing(&mut self, standing: Standing<'_>) -> bool {
        let (now, phases, clock) = (self.request.now, self.policy.phases, self.policy.clock);
        let is_change = matches!(self.request.target, Target::Change(_));
        let (name, effect, days, base, expire_time, phase) = match standing {
            Standing::Instance(instance) => {
                let running = matches!(instance.phase, Phase::Trial | Phase::Active);
                let is_overdue = running && instance.expire_time.is_some_and(|end| now >= end);
                let (own, days) = match instance.phase {
                    Phase::Trial => (phases.trial, clock.trial),
                    Phase::Active => (Effect::Allow, clock.active),
                    _ => (Effect::Allow, None),
                };
                let effect = if is_overdue { own.max(phases.overdue) } else { own };
                let name = if is_overdue { "overdue" } else { instance.phase.name() };
                let expire_time = instance.expire_time.filter(|_| running);
                (name, effect, days, instance.expire_time, expire_time, Some(instance.phase))
            }
            Standing::Binding(origin, row) => {
                let days = match origin {
                    Origin::Workbench => clock.workbench,
                    Origin::Seller => clock.seller,
                };
                let base = Some(row.expire_time.unwrap_or(row.bound_at));
                (origin.name(), self.policy.effect_of(origin), days, base, None, None)
            }
        };
        self.facts.phase = Some(name);
        let end = base.zip(days).map(|(base, days)| base.saturating_add(days.saturating_mul(DAY)));
        if !is_change {
            self.turns.extend(expire_time);
            self.turns.extend(end);
        }
        match phase {
            Some(Phase::Reserved | Phase::Refused) => {
                self.fail(CheckCode::InstanceNotOpen, None, "open", name);
                return false;
            }
            Some(Phase::Released) => {
                self.fail(CheckCode::InstanceReleased, None, "open", name);
                return false;
            }
            // A change is judged of what is frozen, and at any time.
            _ if is_change => return false,
            Some(Phase::Frozen) => {
                self.fail(CheckCode::InstanceFrozen, None, "open", name);
                return false;
            }
            Some(_) if effect == Effect::Deny => {
                self.fail(CheckCode::PhaseDenied, None, "open", name);
                return false;
            }
            None if effect == Effect::Deny => {
                self.fail(CheckCode::BindingNotAllowed, None, "instance", name);
                return false;
            }
            _ => {}
        }
        if let Some(end) = end.filter(|end| now >= *end) {
            self.fail(CheckCode::Expired, None, Datum::Instant(end), Datum::Instant(now));
            return false;
        }
        if let Some(end) = expire_time.filter(|_| name == "overdue") {
            self.warn(CheckCode::Overdue, None, Datum::Instant(end), Datum::Instant(now));
        }
        effect == Effect::ReadOnly
    }
}
