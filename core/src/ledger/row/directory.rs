//! A tenant and what belongs to it. Their keys say whose they are; here stands what `directory` makes of the calls.

use alloc::string::String;

use super::FORMAT;
use super::codec::row;
use crate::directory::{ApplicationRecord, DepartmentRecord, MemberRecord, TenantRecord};
use crate::ledger::lane::Lane;

row! {
    /// A tenant under one instance, and the lane of what the backend is told of it.
    TenantRow {
        product: String,
        tenant: String,
        /// Empty where the seller's own credential or a test tenant is bound.
        instance: String,
        [flat] record: TenantRecord,
        [flat] lane: Lane,
    }
}

row! {
    ApplicationRow {
        app: String,
        [flat] record: ApplicationRecord,
    }
}

row! {
    MemberRow {
        app: String,
        user_name: String,
        [flat] record: MemberRecord,
    }
}

row! {
    DepartmentRow {
        code: String,
        [flat] record: DepartmentRecord,
    }
}

impl TenantRow {
    /// A tenant of which nothing is known.
    pub(crate) fn new(product: &str, tenant: &str, instance: &str) -> Self {
        Self {
            format: FORMAT,
            product: product.into(),
            tenant: tenant.into(),
            instance: instance.into(),
            record: TenantRecord::default(),
            lane: Lane::default(),
        }
    }
}

impl ApplicationRow {
    pub(crate) fn new(app: &str, record: ApplicationRecord) -> Self {
        Self { format: FORMAT, app: app.into(), record }
    }
}

impl MemberRow {
    pub(crate) fn new(app: &str, user_name: &str, record: MemberRecord) -> Self {
        Self { format: FORMAT, app: app.into(), user_name: user_name.into(), record }
    }
}

impl DepartmentRow {
    pub(crate) fn new(code: &str, record: DepartmentRecord) -> Self {
        Self { format: FORMAT, code: code.into(), record }
    }
}
