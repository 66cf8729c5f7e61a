//! What is kept of a tenant, as an operator sees it: ended epochs left out, secrets never shown.

use alloc::string::String;
use alloc::vec::Vec;

use super::contract::Row;
use super::key;
use super::row::{self, ApplicationRow, DepartmentRow, MemberRow, TenantRow};
use crate::ledger::row::codec::{Json, ObjectWriter};
use crate::reason::ReasonCode;
use crate::wire::json;

/// Where the rows of a tenant under one instance stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryKeys {
    /// The key of the tenant's own row.
    pub tenant: String,
    /// The prefixes under which its applications, members and departments are found.
    pub prefixes: Vec<String>,
}

/// Where to look for everything that is kept of a tenant under one instance, which is empty where there is none.
#[must_use]
pub fn directory_keys(product: &str, tenant_id: &str, instance_id: &str) -> DirectoryKeys {
    DirectoryKeys {
        tenant: key::tenant(product, tenant_id, instance_id),
        // What stands before an id stands before an empty one.
        prefixes: Vec::from([
            key::application(product, tenant_id, instance_id, ""),
            key::members(product, tenant_id, instance_id),
            key::department(product, tenant_id, instance_id, ""),
        ]),
    }
}

/// What is kept of a tenant under one instance. Holds personal data of users.
#[derive(Clone, PartialEq, Eq)]
pub struct DirectoryView(String);

impl DirectoryView {
    /// One JSON object: `tenant`, `applications`, `members` and `departments`, each list in the order of its ids. `tenant` is
    /// `null` if no call was about it. Times are milliseconds, UTC.
    #[must_use]
    pub fn to_json(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Debug for DirectoryView {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str("DirectoryView(redacted)")
    }
}

/// Everything that is kept of a tenant under one instance, which is empty where there is none. The rows are those that
/// [`directory_keys`] names; what belongs to an ended binding is left out.
///
/// # Errors
/// [`ReasonCode::NewerRow`], [`ReasonCode::CorruptRow`].
pub fn view_directory(
    product: &str,
    tenant_id: &str,
    instance_id: &str,
    rows: &[Row],
) -> Result<DirectoryView, ReasonCode> {
    let keys = directory_keys(product, tenant_id, instance_id);
    let head = rows.iter().find(|row| row.key == keys.tenant).and_then(|row| row.value.as_ref());
    let head: Option<TenantRow> = head.map(|stored| row::decode(&stored.bytes)).transpose()?;
    let mut out = Vec::with_capacity(1_024);
    let Some(head) = head else {
        let nothing = r#"{"tenant":null,"applications":[],"members":[],"departments":[]}"#;
        return Ok(DirectoryView(String::from(nothing)));
    };
    let [applications, members, departments] = keys.prefixes.as_slice() else {
        return Err(ReasonCode::Internal);
    };
    let mut applications: Vec<ApplicationRow> = under(rows, applications)?;
    applications.retain(|row| row.record.is_current(&head.record));
    applications.sort_by(|left, right| left.app.cmp(&right.app));
    let mut members: Vec<MemberRow> = under(rows, members)?;
    members.retain(|row| row.record.is_current(&head.record));
    members.sort_by(|left, right| (&left.app, &left.user_name).cmp(&(&right.app, &right.user_name)));
    let mut departments: Vec<DepartmentRow> = under(rows, departments)?;
    departments.retain(|row| row.record.is_current(&head.record));
    departments.sort_by(|left, right| left.code.cmp(&right.code));

    out.extend_from_slice(b"{\"tenant\":");
    write_tenant(&head, &mut out);
    out.extend_from_slice(b",\"applications\":");
    write_list(&applications, &mut out, |row, object| {
        object.member("app_id", &row.app);
        object.sparse_member("client_id", &row.record.client_id);
        object.member("bound", &row.record.bound);
    });
    let is_bound = |app: &str| {
        head.record.is_bound() && applications.iter().any(|row| row.app == app && row.record.bound)
    };
    out.extend_from_slice(b",\"members\":");
    write_list(&members, &mut out, |row, object| {
        let authorised = row.record.is_authorised();
        object.member("app_id", &row.app);
        object.member("authorised", &authorised);
        let enabled = row.record.is_enabled();
        object.member("active", &(authorised && enabled && is_bound(&row.app)));
        write_user(row, object);
    });
    out.extend_from_slice(b",\"departments\":");
    write_list(&departments, &mut out, |row, object| {
        object.member("org_code", &row.code);
        object.sparse_member("name", &row.record.name);
        object.sparse_member("parent_code", &row.record.parent_code);
        object.member("present", &row.record.is_present(&head.record));
    });
    out.push(b'}');
    Ok(DirectoryView(String::from_utf8(out).unwrap_or_default()))
}

fn under<R: row::RowKind>(rows: &[Row], prefix: &str) -> Result<Vec<R>, ReasonCode> {
    let stored = rows.iter().filter(|row| row.key.starts_with(prefix)).filter_map(|row| row.value.as_ref());
    stored.map(|stored| row::decode(&stored.bytes)).collect()
}

fn write_tenant(head: &TenantRow, out: &mut Vec<u8>) {
    let record = &head.record;
    if !record.is_known() {
        return out.extend_from_slice(b"null");
    }
    let mut object = ObjectWriter::open(out);
    object.member("tenant_id", &head.tenant);
    object.member("instance_id", &head.instance);
    object.sparse_member("order_id", &record.order_id);
    object.sparse_member("tenant_code", &record.tenant_code);
    object.sparse_member("name", &record.name);
    object.sparse_member("domain_name", &record.domain_name);
    object.member("bound", &record.is_bound());
    object.member("epoch", &record.epoch);
    object.close();
}

/// His entry as it came; of one who is gone no more than his name says.
fn write_user(row: &MemberRow, object: &mut ObjectWriter<'_>) {
    let entry = row.record.user.as_ref().map(|user| json::read_own(user.0.as_bytes()));
    let document = entry.and_then(Result::ok);
    let Some(members) = document.as_ref().and_then(|document| document.value().as_object()) else {
        object.member("user_name", &row.user_name);
        object.member("role", &String::from("user"));
        object.member("enabled", &String::from("true"));
        return;
    };
    for (name, value) in members.iter() {
        object.member(name, &Json(crate::event::text_of(value)));
    }
}

fn write_list<T>(items: &[T], out: &mut Vec<u8>, write: impl Fn(&T, &mut ObjectWriter<'_>)) {
    out.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        let mut object = ObjectWriter::open(out);
        write(item, &mut object);
        object.close();
    }
    out.push(b']');
}
