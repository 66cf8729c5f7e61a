//! The records of one product as they are read by a check: interned, found by a keyed hash, and with everything that does not
//! depend on the clock worked out already.

mod apply;
pub(super) mod member;
mod seats;
mod settle;
pub(super) mod slot;
pub(super) mod table;

use alloc::vec::Vec;

use super::number::at;
use super::policy::compiled::{Compiled, Purchase};
use super::world::{Bought, Origin, Phase};
use member::{Members, Record};
use slot::{Application, Binding, Department, Dirty, Instance, Tenant};
use table::{Seed, Table};

/// All records.
#[derive(Debug, Clone)]
pub(super) struct Store {
    seed: Seed,
    pub(super) as_of: Option<u64>,
    pub(super) instances: Vec<Instance>,
    instance_table: Table,
    pub(super) tenants: Vec<Tenant>,
    tenant_table: Table,
    pub(super) bindings: Vec<Binding>,
    pub(super) applications: Vec<Application>,
    application_table: Table,
    pub(super) departments: Vec<Department>,
    department_table: Table,
    pub(super) members: Members,
    /// What has to be worked out anew.
    dirty: Dirty,
}

impl Store {
    pub(super) fn new(seed: [u8; 16]) -> Self {
        Self {
            seed: Seed::new(seed),
            as_of: None,
            instances: Vec::new(),
            instance_table: Table::default(),
            tenants: Vec::new(),
            tenant_table: Table::default(),
            bindings: Vec::new(),
            applications: Vec::new(),
            application_table: Table::default(),
            departments: Vec::new(),
            department_table: Table::default(),
            members: Members::default(),
            dirty: Dirty::default(),
        }
    }

    fn instance_number(&self, id: &str) -> Option<u32> {
        self.instance_table.find(self.seed.hash(0, id), |index| {
            at(&self.instances, index).is_some_and(|slot| *slot.id == *id)
        })
    }

    /// An instance that there is a record of.
    pub(super) fn instance(&self, id: &str) -> Option<&Instance> {
        at(&self.instances, self.instance_number(id)?).filter(|slot| slot.row.is_some())
    }

    fn tenant_number(&self, id: &str) -> Option<u32> {
        self.tenant_table
            .find(self.seed.hash(0, id), |index| at(&self.tenants, index).is_some_and(|slot| *slot.id == *id))
    }

    pub(super) fn tenant(&self, id: &str) -> Option<&Tenant> {
        at(&self.tenants, self.tenant_number(id)?)
    }

    /// The binding of a tenant and an instance, or none of the latter.
    fn binding_number(&self, tenant: u32, instance: Option<u32>) -> Option<u32> {
        let bindings = &at(&self.tenants, tenant)?.bindings;
        bindings.get(&instance).copied()
    }

    pub(super) fn application_number(&self, binding: u32, app: &str) -> Option<u32> {
        self.application_table.find(self.seed.hash(binding, app), |index| {
            at(&self.applications, index).is_some_and(|slot| slot.binding == binding && *slot.app == *app)
        })
    }

    fn department_number(&self, binding: u32, code: &str) -> Option<u32> {
        self.department_table.find(self.seed.hash(binding, code), |index| {
            at(&self.departments, index).is_some_and(|slot| slot.binding == binding && *slot.code == *code)
        })
    }

    pub(super) fn member(&self, application: u32, name: &str) -> Option<u32> {
        self.members.find(self.seed, application, name)
    }

    /// A member's departments, from his own upwards. Around a circle it ends with the one that was met already.
    pub(super) fn departments_of(&self, member: &Record) -> impl Iterator<Item = &Department> {
        let own = at(&self.departments, member.department);
        let binding = own.and_then(|own| at(&self.bindings, own.binding));
        let most = binding.map_or(0, |binding| binding.departments.len());
        let above = |one: &&Department| at(&self.departments, one.row.flatten()?);
        core::iter::successors(own, above).take(most.saturating_add(1))
    }

    /// The plan of a binding, and how much was bought.
    pub(super) fn plan_of_binding(&self, policy: &Compiled, binding: &Binding) -> (Option<u32>, Bought) {
        match binding.instance {
            None => (policy.plan_of_origin(self.origin(binding)), Bought::default()),
            Some(instance) => match at(&self.instances, instance) {
                Some(slot) => (slot.plan, slot.row.as_ref().map_or_else(Bought::default, |row| row.bought)),
                None => (None, Bought::default()),
            },
        }
    }

    pub(super) fn origin(&self, binding: &Binding) -> Origin {
        at(&self.tenants, binding.tenant).map_or(Origin::Workbench, |tenant| tenant.origin)
    }

    /// Everybody who takes a seat of an instance: in all of its bound tenants and all applications.
    pub(super) fn seats_of_instance(&self, instance: &Instance) -> u64 {
        let bindings = instance.bindings.iter().filter_map(|number| at(&self.bindings, *number));
        let bound = bindings.filter(|binding| binding.row.is_some_and(|row| row.bound));
        let applications = bound
            .flat_map(|binding| &binding.applications)
            .filter_map(|number| at(&self.applications, *number));
        applications.map(|application| u64::from(application.seats.taken())).sum()
    }

    /// Whether a member stands at or behind the first who has no seat.
    pub(super) fn has_no_seat(&self, application: &Application, member: u32) -> bool {
        application.first_without.is_some_and(|first| self.members.compare(first, member).is_le())
    }
}

impl Instance {
    fn choose_plan(&mut self, policy: &Compiled) {
        self.plan = self.row.as_ref().and_then(|row| {
            policy.plan_of(&Purchase {
                instance_id: &self.id,
                is_trial: row.phase == Phase::Trial,
                product_id: row.product_id.as_deref(),
                sku_code: row.sku_code.as_deref(),
            })
        });
    }
}
