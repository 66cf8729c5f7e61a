//! Rows in and out.

use alloc::vec::Vec;

use super::Store;
use super::slot::{Application, Binding, Department, InForce, Instance, InstanceRow, Tenant, Usage};
use crate::entitlement::number::{NONE, at, at_mut, next};
use crate::entitlement::policy::compiled::Compiled;
use crate::entitlement::world::{BindingKey, Member, MemberKey, Owner, Part};

impl Store {
    /// Takes rows in. Nothing of it can fail.
    pub(in crate::entitlement) fn apply(&mut self, policy: &Compiled, part: Part<'_>) {
        if let Some(as_of) = part.as_of {
            self.as_of = as_of;
        }
        for (id, row) in part.instances {
            let number = self.instance_slot(id);
            let Some(slot) = at_mut(&mut self.instances, number) else { continue };
            slot.row = row.map(|row| InstanceRow {
                phase: row.phase,
                sku_code: row.sku_code.map(Into::into),
                product_id: row.product_id.map(Into::into),
                bought: row.bought,
                expire_time: row.expire_time,
            });
            slot.choose_plan(policy);
            self.instance_changed(number);
        }
        for (key, row) in part.tenants {
            let number = self.binding_slot(policy, key);
            let Some(slot) = at_mut(&mut self.bindings, number) else { continue };
            slot.row = row;
            let tenant = slot.tenant;
            self.tenant_changed(tenant);
        }
        for ((key, app), bound) in part.applications {
            let number = self.application_slot(policy, key, app);
            if let Some(slot) = at_mut(&mut self.applications, number) {
                slot.bound = bound;
            }
        }
        for ((key, code), row) in part.departments {
            let binding = self.binding_slot(policy, key);
            let number = self.department_slot(binding, code);
            self.departments_changed(binding);
            let row = row.map(|parent| parent.map(|parent| self.department_slot(binding, parent)));
            if let Some(slot) = at_mut(&mut self.departments, number) {
                slot.row = row;
            }
        }
        for (key, row) in part.members {
            self.put_member(policy, key, row);
        }
        for ((owner, limit), used) in part.usage {
            self.put_usage(policy, owner, limit, used);
        }
        self.settle(policy);
    }

    fn put_member(&mut self, policy: &Compiled, (key, app, user): MemberKey<'_>, row: Option<Member<'_>>) {
        let application = self.application_slot(policy, key, app);
        let before = self.members.find(self.seed, application, user);
        let seated = before.filter(|member| self.members.get(*member).is_some_and(|one| one.is_seated()));
        if let (Some(member), Some(slot)) = (seated, at_mut(&mut self.applications, application)) {
            slot.seats.remove(member, &self.members);
            self.application_changed(application);
        }
        let Some(row) = row else {
            if let Some(member) = before {
                self.members.remove(self.seed, member);
            }
            return;
        };
        let Some(binding) = at(&self.applications, application).map(|slot| slot.binding) else { return };
        let department = row.org_code.map_or(NONE, |code| self.department_slot(binding, code));
        let named = self.named(policy, binding, user);
        let member = self.members.put(self.seed, (application, user), (department, named), row);
        let is_seated = self.members.get(member).is_some_and(|one| one.is_seated());
        if is_seated && let Some(slot) = at_mut(&mut self.applications, application) {
            slot.seats.add(member);
            self.application_changed(application);
        }
    }

    fn put_usage(&mut self, policy: &Compiled, owner: Owner<'_>, limit: &str, used: Option<u64>) {
        let usage = match owner {
            Owner::Instance(id) => {
                let number = self.instance_slot(id);
                at_mut(&mut self.instances, number).map(|slot| &mut slot.usage)
            }
            Owner::Tenant(id) => {
                let number = self.tenant_slot(policy, id);
                at_mut(&mut self.tenants, number).map(|slot| &mut slot.usage)
            }
        };
        if let Some(usage) = usage {
            usage.put(limit, used);
        }
    }

    fn instance_slot(&mut self, id: &str) -> u32 {
        self.instance_number(id).unwrap_or_else(|| {
            let number = next(&self.instances);
            self.instance_table.insert(self.seed.hash(0, id), number);
            let usage = Usage::default();
            self.instances.push(Instance {
                id: id.into(),
                row: None,
                plan: None,
                usage,
                bindings: Vec::new(),
            });
            number
        })
    }

    fn tenant_slot(&mut self, policy: &Compiled, id: &str) -> u32 {
        self.tenant_number(id).unwrap_or_else(|| {
            let number = next(&self.tenants);
            self.tenant_table.insert(self.seed.hash(0, id), number);
            self.tenants.push(Tenant {
                id: id.into(),
                origin: policy.origin_of(id),
                usage: Usage::default(),
                policies: policy.policies_of(id).into(),
                in_force: InForce::Unknown,
                bindings: Default::default(),
                is_dirty: false,
            });
            number
        })
    }

    fn binding_slot(&mut self, policy: &Compiled, (tenant, instance): BindingKey<'_>) -> u32 {
        let tenant = self.tenant_slot(policy, tenant);
        let instance = (!instance.is_empty()).then(|| self.instance_slot(instance));
        self.binding_number(tenant, instance).unwrap_or_else(|| {
            let number = next(&self.bindings);
            if let Some(slot) = at_mut(&mut self.tenants, tenant) {
                slot.bindings.insert(instance, number);
            }
            if let Some(slot) = instance.and_then(|instance| at_mut(&mut self.instances, instance)) {
                slot.bindings.push(number);
            }
            self.bindings.push(Binding {
                tenant,
                instance,
                row: None,
                applications: Vec::new(),
                departments: Vec::new(),
                is_dirty: false,
            });
            number
        })
    }

    fn application_slot(&mut self, policy: &Compiled, key: BindingKey<'_>, app: &str) -> u32 {
        let binding = self.binding_slot(policy, key);
        self.application_number(binding, app).unwrap_or_else(|| {
            let number = next(&self.applications);
            self.application_table.insert(self.seed.hash(binding, app), number);
            if let Some(slot) = at_mut(&mut self.bindings, binding) {
                slot.applications.push(number);
            }
            self.applications.push(Application {
                binding,
                app: app.into(),
                bound: None,
                seats: Default::default(),
                first_without: None,
                is_dirty: false,
            });
            number
        })
    }

    fn department_slot(&mut self, binding: u32, code: &str) -> u32 {
        self.department_number(binding, code).unwrap_or_else(|| {
            self.departments_changed(binding);
            let number = next(&self.departments);
            self.department_table.insert(self.seed.hash(binding, code), number);
            if let Some(slot) = at_mut(&mut self.bindings, binding) {
                slot.departments.push(number);
            }
            self.departments.push(Department {
                binding,
                code: code.into(),
                row: None,
                named: 0,
                is_complete: false,
            });
            number
        })
    }
}
