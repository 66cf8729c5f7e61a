//! What the seller's application knows of tenants, from what it was told: who may work, in which binding.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Product, tenant and instance.
pub(in crate::demo) type Binding = (String, String, String);

/// One tenant under one instance.
#[derive(Debug, Default)]
struct Tenant {
    is_bound: bool,
    /// The applications that are bound.
    applications: BTreeSet<String>,
    /// Who is authorised, by application.
    members: BTreeSet<(String, String)>,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Tenants(BTreeMap<Binding, Tenant>);

/// Whether an event is about a tenant.
pub(super) fn is_about_tenants(kind: &str) -> bool {
    ["tenant_", "application_", "members_", "department_"].iter().any(|family| kind.starts_with(family))
}

impl Tenants {
    /// Takes in what an event says.
    pub(super) fn take(&mut self, product: &str, kind: &str, data: &Value) {
        let text = |name| data.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let app = text("app_id");
        let tenant = self.0.entry((product.to_owned(), text("tenant_id"), text("instance_id"))).or_default();
        let users = data.get("users").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let names = users.iter().filter_map(|user| user.get("user_name").and_then(Value::as_str));
        let members = names.map(|name| (app.clone(), name.to_owned()));
        match kind {
            "tenant_add" | "tenant_update" => tenant.is_bound = true,
            // Whatever belonged to the binding has ended with it.
            "tenant_remove" => *tenant = Tenant::default(),
            "application_add" | "application_update" => {
                tenant.applications.insert(app);
            }
            "application_remove" => {
                tenant.applications.remove(&app);
            }
            "members_add" => tenant.members.extend(members),
            "members_revoke" | "members_remove" => {
                let gone: Vec<_> = members.collect();
                tenant.members.retain(|member| !gone.contains(member));
            }
            _ => {}
        }
    }

    /// Who may work in each binding, in their order.
    pub(super) fn active(&self) -> BTreeMap<Binding, Vec<String>> {
        let names = |tenant: &Tenant| {
            let members =
                tenant.members.iter().filter(|(app, _)| tenant.is_bound && tenant.applications.contains(app));
            members.map(|(_, name)| name.clone()).collect()
        };
        self.0.iter().map(|(binding, tenant)| (binding.clone(), names(tenant))).collect()
    }
}
