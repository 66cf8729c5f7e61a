//! The five interfaces of a kit, field by field (workbench, A.2 to A.6), in both versions: the second one has more flags
//! and another name for the list of all departments.

use super::super::Target;
use super::super::fields::Syntax::{Department, Departments, Key, Name, Text, Users};
use super::super::fields::{Activity, Field, Meaning, optional, required};
use crate::event::DirectoryEvent::{
    ApplicationAdd, ApplicationRemove, ApplicationUpdate, DepartmentAdd, DepartmentRemove,
    DepartmentSnapshot, DepartmentUpdate, MembersAdd, MembersRemove, MembersRevoke, MembersUpdate, TenantAdd,
    TenantRemove, TenantUpdate,
};
use crate::event::{DirectoryEvent, EventKind};

const fn is(event: DirectoryEvent) -> EventKind {
    EventKind::Directory(event)
}

macro_rules! activities {
    ($list:literal, tenant [$($tenant:tt)*], application [$($application:tt)*], members [$($members:tt)*]) => {
        &[
            Activity { wire: "tenantSync", meaning: Meaning::ByFlag(&[$($tenant)*]), fields: TENANT },
            Activity { wire: "applicationSync", meaning: Meaning::ByFlag(&[$($application)*]), fields: APPLICATION },
            Activity { wire: "authSync", meaning: Meaning::ByFlag(&[$($members)*]), fields: MEMBERS },
            Activity {
                wire: SINGLE,
                meaning: Meaning::ByFlag(&[
                    ("1", is(DepartmentAdd)),
                    ("2", is(DepartmentUpdate)),
                    ("0", is(DepartmentRemove)),
                ]),
                fields: DEPARTMENT,
            },
            Activity {
                wire: "allOrgSync",
                meaning: Meaning::Is(is(DepartmentSnapshot)),
                fields: &[
                    optional("instanceId", "instance_id", Key),
                    required("tenantId", "tenant_id", Key),
                    required($list, "departments", Departments),
                    optional("timeStamp", "time_stamp", Text),
                ],
            },
        ]
    };
}

/// Version 1.
pub(crate) static V1: &[Activity] = activities!(
    "orgInfo",
    tenant [("1", is(TenantAdd)), ("0", is(TenantRemove))],
    application [("1", is(ApplicationAdd)), ("0", is(ApplicationRemove))],
    members [("1", is(MembersAdd)), ("2", is(MembersUpdate)), ("0", is(MembersRemove))]
);

/// Version 2.
pub(crate) static V2: &[Activity] = activities!(
    "orgInfoList",
    tenant [("1", is(TenantAdd)), ("2", is(TenantUpdate)), ("0", is(TenantRemove))],
    application [("1", is(ApplicationAdd)), ("2", is(ApplicationUpdate)), ("0", is(ApplicationRemove))],
    members [
        ("1", is(MembersAdd)),
        ("2", is(MembersUpdate)),
        ("3", is(MembersRevoke)),
        ("0", is(MembersRemove)),
    ]
);

static TENANT: &[Field] = &[
    optional("instanceId", "instance_id", Key),
    optional("orderId", "order_id", Text),
    required("tenantId", "tenant_id", Key),
    optional("tenantCode", "tenant_code", Text),
    optional("name", "name", Name),
    optional("domainName", "domain_name", Text),
    required("flag", "flag", Text),
    optional("timeStamp", "time_stamp", Text),
];

static APPLICATION: &[Field] = &[
    optional("instanceId", "instance_id", Key),
    required("tenantId", "tenant_id", Key),
    required("appId", "app_id", Key),
    optional("clientId", "client_id", Text),
    optional(CLIENT_SECRET, "client_secret", Text),
    required("flag", "flag", Text),
    optional("timeStamp", "time_stamp", Text),
];

static MEMBERS: &[Field] = &[
    optional("instanceId", "instance_id", Key),
    required("tenantId", "tenant_id", Key),
    required("appId", "app_id", Key),
    required("userList", "users", Users),
    required("flag", "flag", Text),
    optional("currentSyncTime", "current_sync_time", Text),
    optional("timeStamp", "time_stamp", Text),
];

static DEPARTMENT: &[Field] = &[
    optional("instanceId", "instance_id", Key),
    required("tenantId", "tenant_id", Key),
    required("orgCode", "departments", Department),
    required("flag", "flag", Text),
    optional("timeStamp", "time_stamp", Text),
];

/// The one interface whose published samples repeat a name (workbench, A.5).
pub(super) const SINGLE: &str = "singleOrgSync";

pub(super) const CLIENT_SECRET: &str = "clientSecret";

/// What a call must bring beyond what its interface always asks for.
pub(crate) static REQUIRED_OF: &[(DirectoryEvent, &str, &str)] = &[
    (TenantAdd, "domain_name", "domainName"),
    (ApplicationAdd, "client_id", "clientId"),
    (ApplicationAdd, "client_secret", CLIENT_SECRET),
];

/// Members that tell an interface from others, and the interfaces that have each.
pub(super) static OWNED: &[(&str, &[&str])] = &[
    ("tenantCode", &["tenantSync"]),
    ("domainName", &["tenantSync"]),
    ("appId", &["applicationSync", "authSync"]),
    ("clientId", &["applicationSync"]),
    (CLIENT_SECRET, &["applicationSync"]),
    ("userList", &["authSync"]),
    ("currentSyncTime", &["authSync"]),
    ("orgCode", &[SINGLE]),
    ("orgName", &[SINGLE]),
    ("parentCode", &[SINGLE]),
    ("orgInfo", &["allOrgSync"]),
    ("orgInfoList", &["allOrgSync"]),
];

macro_rules! targets {
    ($prefix:literal) => {
        &[
            Target { method: "POST", sub_path: concat!($prefix, "tenantSync") },
            Target { method: "POST", sub_path: concat!($prefix, "applicationSync") },
            Target { method: "POST", sub_path: concat!($prefix, "authSync") },
            Target { method: "POST", sub_path: concat!($prefix, "singleOrgSync") },
            Target { method: "POST", sub_path: concat!($prefix, "allOrgSync") },
        ]
    };
}

/// Behind the address of the route, in the order of the interfaces (workbench, A.0).
pub(crate) static V1_TARGETS: &[Target] = targets!("/produceAPI/");
pub(crate) static V2_TARGETS: &[Target] = targets!("/produceAPI/v2/");

#[cfg(test)]
mod tests {
    use super::{OWNED, V1, V1_TARGETS, V2, V2_TARGETS};

    #[test]
    fn every_interface_has_an_address_of_its_own() {
        for (activities, targets, prefix) in
            [(V1, V1_TARGETS, "/produceAPI/"), (V2, V2_TARGETS, "/produceAPI/v2/")]
        {
            let names = activities.iter().map(|activity| std::format!("{prefix}{}", activity.wire));
            assert!(names.eq(targets.iter().map(|target| target.sub_path)));
        }
    }

    #[test]
    fn what_tells_interfaces_apart_belongs_to_interfaces_that_there_are() {
        for (name, interfaces) in OWNED {
            for interface in *interfaces {
                assert!(V2.iter().any(|activity| activity.wire == *interface), "{name}: {interface}");
            }
        }
    }
}
