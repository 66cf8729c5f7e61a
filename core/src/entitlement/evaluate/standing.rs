//! Steps 0 to 3: how fresh the directory is, which binding is in force, and where it stands.

use super::evaluation::{Evaluation, Wanted};
use super::report::{Report, said};
use crate::entitlement::code::CheckCode;
use crate::entitlement::decision::Datum;
use crate::entitlement::policy::Effect;
use crate::entitlement::store::slot::{InForce, InstanceRow, Tenant};
use crate::entitlement::world::{Origin, Phase, Tenant as TenantRow};

const DAY: u64 = 86_400_000;

/// What stands somewhere: an instance, or a binding without one.
#[derive(Clone, Copy)]
pub(super) enum Standing<'a> {
    Instance(&'a InstanceRow),
    Binding(Origin, TenantRow),
}

impl<R: Report> Evaluation<'_, R> {
    pub(super) fn freshness(&mut self) {
        let (stale, now) = (self.policy.source.stale, self.check.now);
        let Some(as_of) = self.store.as_of else { return };
        let age = now.saturating_sub(as_of);
        let values = || said(None, Datum::Number(stale.after_ms), Datum::Number(age));
        if age <= stale.after_ms {
            self.turns_at(Some(as_of.saturating_add(stale.after_ms).saturating_add(1)));
        } else if stale.denies {
            self.report.fail(CheckCode::DirectoryStale, values);
        } else {
            self.report.warn(CheckCode::DirectoryStale, values);
        }
    }

    /// The number of the binding in force.
    pub(super) fn binding(&mut self, tenant: Option<&Tenant>) -> Option<u32> {
        match tenant.map_or(InForce::Unknown, |tenant| tenant.in_force) {
            InForce::Unknown => {
                self.report.fail(CheckCode::TenantUnknown, || said(None, "bound", "unknown"));
                None
            }
            InForce::Unbound => {
                self.report.note(|notes| notes.tenant = "unbound".into());
                self.report.fail(CheckCode::TenantUnbound, || said(None, "bound", "unbound"));
                None
            }
            InForce::Binding(number) => Some(number),
        }
    }

    /// Finds out whether only reading is allowed, too.
    pub(super) fn standing(&mut self, standing: Standing<'_>) {
        let (now, phases, clock) = (self.check.now, self.policy.source.phases, self.policy.source.clock);
        let is_change = matches!(self.wanted, Wanted::Change);
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
                (origin.name(), self.policy.source.effect_of(origin), days, base, None, None)
            }
        };
        self.report.note(|notes| notes.facts.phase = Some(name));
        let end = base.zip(days).map(|(base, days)| base.saturating_add(days.saturating_mul(DAY)));
        if !is_change {
            self.turns_at(expire_time);
            self.turns_at(end);
        }
        let failed = match phase {
            Some(Phase::Reserved | Phase::Refused) => Some((CheckCode::InstanceNotOpen, "open")),
            Some(Phase::Released) => Some((CheckCode::InstanceReleased, "open")),
            // A change is judged of what is frozen, and at any time.
            _ if is_change => return,
            Some(Phase::Frozen) => Some((CheckCode::InstanceFrozen, "open")),
            Some(_) if effect == Effect::Deny => Some((CheckCode::PhaseDenied, "open")),
            None if effect == Effect::Deny => Some((CheckCode::BindingNotAllowed, "instance")),
            _ => None,
        };
        if let Some((code, expected)) = failed {
            self.report.fail(code, || said(None, expected, name));
            return;
        }
        if let Some(end) = end.filter(|end| now >= *end) {
            self.report.fail(CheckCode::Expired, || said(None, Datum::Instant(end), Datum::Instant(now)));
            return;
        }
        if let Some(end) = expire_time.filter(|_| name == "overdue") {
            self.report.warn(CheckCode::Overdue, || said(None, Datum::Instant(end), Datum::Instant(now)));
        }
        self.is_read_only = effect == Effect::ReadOnly;
    }
}
