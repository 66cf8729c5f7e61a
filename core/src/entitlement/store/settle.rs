//! What follows from rows without a clock, worked out anew where rows changed: the binding in force, who has no seat, which access
//! policies name a member or his departments.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::Store;
use super::slot::{Binding, InForce, MOST_NAMED, Tenant};
use crate::entitlement::number::{at, at_mut, next};
use crate::entitlement::policy::access::AccessPolicy;
use crate::entitlement::policy::compiled::Compiled;
use crate::entitlement::world::Phase;

impl Store {
    pub(super) fn tenant_changed(&mut self, number: u32) {
        if let Some(slot) = at_mut(&mut self.tenants, number)
            && !core::mem::replace(&mut slot.is_dirty, true)
        {
            self.dirty.tenants.push(number);
        }
    }

    pub(super) fn application_changed(&mut self, number: u32) {
        if let Some(slot) = at_mut(&mut self.applications, number)
            && !core::mem::replace(&mut slot.is_dirty, true)
        {
            self.dirty.applications.push(number);
        }
    }

    pub(super) fn departments_changed(&mut self, binding: u32) {
        if let Some(slot) = at_mut(&mut self.bindings, binding)
            && !core::mem::replace(&mut slot.is_dirty, true)
        {
            self.dirty.bindings.push(binding);
        }
    }

    /// Phase, expiry and plan may be others: for the tenants that are bound to it, and for who has a seat.
    pub(super) fn instance_changed(&mut self, number: u32) {
        let bindings = at(&self.instances, number).map(|slot| slot.bindings.clone()).unwrap_or_default();
        for binding in bindings {
            let Some(slot) = at(&self.bindings, binding) else { continue };
            let (tenant, applications) = (slot.tenant, slot.applications.clone());
            self.tenant_changed(tenant);
            applications.into_iter().for_each(|application| self.application_changed(application));
        }
    }

    pub(super) fn settle(&mut self, policy: &Compiled) {
        let dirty = core::mem::take(&mut self.dirty);
        for number in dirty.tenants {
            let in_force = at(&self.tenants, number).map(|tenant| self.choose(tenant));
            if let (Some(slot), Some(in_force)) = (at_mut(&mut self.tenants, number), in_force) {
                slot.in_force = in_force;
                slot.is_dirty = false;
            }
        }
        for binding in dirty.bindings {
            self.settle_departments(policy, binding);
        }
        for number in dirty.applications {
            let Some(slot) = at_mut(&mut self.applications, number) else { continue };
            slot.is_dirty = false;
            slot.seats.settle(&self.members);
            let value = at(&self.applications, number)
                .and_then(|slot| at(&self.bindings, slot.binding))
                .and_then(|binding| self.seats_of(policy, binding));
            if let Some(slot) = at_mut(&mut self.applications, number) {
                slot.first_without = value.and_then(|value| slot.seats.nth(value));
            }
        }
    }

    /// Takes another policy: whatever was worked out under the one before is worked out anew.
    pub(in crate::entitlement) fn adopt(&mut self, policy: &Compiled) {
        for tenant in &mut self.tenants {
            tenant.origin = policy.origin_of(&tenant.id);
            tenant.policies = policy.policies_of(&tenant.id).into();
        }
        self.instances.iter_mut().for_each(|instance| instance.choose_plan(policy));
        (0..next(&self.applications)).for_each(|number| self.application_changed(number));
        (0..next(&self.bindings)).for_each(|number| self.departments_changed(number));
        let mut members = core::mem::take(&mut self.members);
        members.name_all(|application, name| {
            let binding = at(&self.applications, application).map(|slot| slot.binding);
            binding.map_or(0, |binding| self.named(policy, binding, name))
        });
        self.members = members;
        self.settle(policy);
    }

    /// How many seats a binding has, where a hard limit says so.
    fn seats_of(&self, policy: &Compiled, binding: &Binding) -> Option<u64> {
        let seats = policy.seats.filter(|limit| !policy.is_soft(*limit))?;
        let (plan, bought) = self.plan_of_binding(policy, binding);
        policy.value(plan?, seats, bought).ok().flatten()
    }

    fn choose(&self, tenant: &Tenant) -> InForce {
        let rows = || {
            let bindings = tenant.bindings.values();
            bindings
                .filter_map(|number| Some((*number, at(&self.bindings, *number)?)))
                .filter_map(|(number, binding)| Some((number, binding, binding.row?)))
        };
        if rows().next().is_none() {
            return InForce::Unknown;
        }
        let rank = |(_, binding, _): &(u32, &Binding, _)| {
            let Some(number) = binding.instance else { return (3, Reverse(u64::MAX), "") };
            let instance = at(&self.instances, number);
            let row = instance.and_then(|instance| instance.row.as_ref());
            let class = match row.map(|row| row.phase) {
                Some(Phase::Active) => 0,
                Some(Phase::Trial) => 1,
                Some(Phase::Frozen) => 2,
                _ => 4,
            };
            let expires = row.and_then(|row| row.expire_time).unwrap_or(u64::MAX);
            (class, Reverse(expires), instance.map_or("", |instance| &*instance.id))
        };
        let bound = rows().filter(|(_, _, row)| row.bound).min_by_key(rank);
        bound.map_or(InForce::Unbound, |(number, ..)| InForce::Binding(number))
    }

    /// Which access policies of a binding's tenant name a user.
    pub(super) fn named(&self, policy: &Compiled, binding: u32, user: &str) -> u64 {
        self.naming(policy, binding, |one| one.users.as_ref().is_some_and(|users| users.contains(user)))
    }

    fn naming(&self, policy: &Compiled, binding: u32, names: impl Fn(&AccessPolicy) -> bool) -> u64 {
        let tenant = at(&self.bindings, binding).and_then(|binding| at(&self.tenants, binding.tenant));
        let Some(tenant) = tenant.filter(|tenant| tenant.policies.len() <= MOST_NAMED) else { return 0 };
        let bits = (0_u32..)
            .zip(&tenant.policies)
            .filter(|(_, number)| policy.access_policy(**number).is_some_and(&names));
        bits.fold(0, |mask, (bit, _)| mask | 1_u64.checked_shl(bit).unwrap_or_default())
    }

    /// From the top down, each once: what names the one above names the one below too.
    fn settle_departments(&mut self, policy: &Compiled, binding: u32) {
        let Some(slot) = at_mut(&mut self.bindings, binding) else { return };
        slot.is_dirty = false;
        let numbers = slot.departments.clone();
        let mut done = BTreeSet::new();
        for number in numbers {
            let mut way = Vec::new();
            let mut on_way = BTreeSet::new();
            let mut next = Some(number);
            // What stands above the way: nothing that names, and whether it ends at a top.
            let mut above = (0_u64, true);
            while let Some(current) = next {
                if done.contains(&current) {
                    above =
                        at(&self.departments, current).map_or((0, false), |one| (one.named, one.is_complete));
                    break;
                }
                if !on_way.insert(current) {
                    // A circle: each of its departments stands above each other one.
                    let from = way.iter().position(|one| *one == current).unwrap_or_default();
                    let circle = way.get(from..).unwrap_or_default();
                    above = (
                        circle
                            .iter()
                            .fold(0, |mask, one| mask | self.naming_department(policy, binding, *one)),
                        false,
                    );
                    break;
                }
                way.push(current);
                match at(&self.departments, current).and_then(|one| one.row) {
                    None => {
                        above = (0, false);
                        break;
                    }
                    Some(parent) => next = parent,
                }
            }
            for current in way.into_iter().rev() {
                above.0 |= self.naming_department(policy, binding, current);
                if let Some(slot) = at_mut(&mut self.departments, current) {
                    (slot.named, slot.is_complete) = above;
                }
                done.insert(current);
            }
        }
    }

    fn naming_department(&self, policy: &Compiled, binding: u32, number: u32) -> u64 {
        let code = at(&self.departments, number).map_or("", |one| &*one.code);
        self.naming(policy, binding, |one| one.departments.as_ref().is_some_and(|codes| codes.contains(code)))
    }
}
