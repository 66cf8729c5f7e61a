//! The five interfaces of a kit: tenants, their applications, the users who may use them, their departments.

use super::{Order, set};
use crate::Fields;
use serde_json::{Value, json};

/// A change of what the platform knows of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// tenantSync with this flag.
    Tenant(u8),
    /// applicationSync with this flag; the secret in plain text.
    Application(u8, &'static str),
    /// authSync with this flag, about these users; a star in front of a name makes him an administrator.
    Members(u8, &'static [&'static str]),
    /// singleOrgSync with this flag: code and parent.
    Department(u8, &'static str, &'static str),
    /// allOrgSync: codes and parents.
    Departments(&'static [(&'static str, &'static str)]),
}

impl Sync {
    /// The interface that it is sent to.
    #[must_use]
    pub fn interface(self) -> &'static str {
        match self {
            Self::Tenant(_) => "tenantSync",
            Self::Application(..) => "applicationSync",
            Self::Members(..) => "authSync",
            Self::Department(..) => "singleOrgSync",
            Self::Departments(_) => "allOrgSync",
        }
    }

    /// Its fields, about the tenant that bound the instance of an order. The first version calls the list of departments
    /// by another name.
    #[must_use]
    pub fn fields(self, tenant: &str, order: &Order, is_first_version: bool) -> Fields {
        let mut fields = Fields::new();
        set(&mut fields, "instanceId", instance_of(order));
        set(&mut fields, "tenantId", tenant);
        match self {
            Self::Tenant(flag) => {
                set(&mut fields, "orderId", &*order.order_id);
                set(&mut fields, "tenantCode", format!("code-{tenant}"));
                set(&mut fields, "name", "测试企业");
                set(&mut fields, "domainName", format!("https://{tenant}.example.com"));
                set(&mut fields, "flag", flag);
            }
            Self::Application(flag, secret) => {
                set(&mut fields, "appId", "app-1");
                set(&mut fields, "clientId", format!("client-{tenant}"));
                set(&mut fields, "clientSecret", secret);
                set(&mut fields, "flag", flag);
            }
            Self::Members(flag, users) => {
                set(&mut fields, "appId", "app-1");
                set(&mut fields, "userList", users.iter().copied().map(user).collect::<Vec<Value>>());
                set(&mut fields, "flag", flag);
            }
            Self::Department(flag, code, parent) => {
                set(&mut fields, "orgCode", code);
                set(&mut fields, "orgName", format!("部门 {code}"));
                set(&mut fields, "parentCode", parent);
                set(&mut fields, "flag", flag);
            }
            Self::Departments(list) => {
                let name = if is_first_version { "orgInfo" } else { "orgInfoList" };
                let name_of = if is_first_version { "name" } else { "orgName" };
                let entry = |(code, parent): &(&str, &str)| {
                    let mut entry = json!({ "orgCode": code, "parentCode": parent });
                    if let Some(members) = entry.as_object_mut() {
                        members.insert(name_of.to_owned(), format!("部门 {code}").into());
                    }
                    entry
                };
                set(&mut fields, name, list.iter().map(entry).collect::<Vec<Value>>());
            }
        }
        fields
    }
}

/// The instance that an order opened, as the platform names it to a kit.
#[must_use]
pub fn instance_of(order: &Order) -> String {
    format!("kit-{}", order.order_id)
}

fn user(name: &str) -> Value {
    let (name, role) = name.strip_prefix('*').map_or((name, "user"), |name| (name, "admin"));
    json!({
        "userName": name, "name": format!("用户 {name}"), "orgCode": "d1", "role": role, "enable": "true",
        "mobile": "13800138000", "email": format!("{name}@example.com"),
        "extension": { "costCenter": "7" },
    })
}
