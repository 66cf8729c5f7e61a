//! Instances as an operator sees them, and the one change that an operator may make: the access data.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;

use super::access;
use super::contract::{Row, Write};
use super::key::{self, Space};
use super::row::{self, Access, Create, InstanceRow};
use super::snapshot::{Changes, Snapshot, Stop};
use crate::crypto::Entropy;
use crate::lifecycle::Phase;
use crate::reason::{Reason, ReasonCode};
use crate::seller::Seller;

/// One instance. Times are milliseconds, UTC.
#[derive(Debug, Serialize)]
pub struct InstanceView {
    /// The product that it belongs to.
    pub product: String,
    /// The id that the platform knows.
    pub instance_id: String,
    /// The phase in which it stands.
    pub phase: Phase,
    /// The order that opened it; absent for an adopted instance, whose order never came.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub order_id: String,
    /// The line of that order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_line_id: Option<String>,
    /// The account of the buyer at the marketplace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// The specification that was bought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku_code: Option<String>,
    /// The price level that was bought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    /// When it runs out, as far as it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expire_time: Option<u64>,
    /// When the ledger first heard of it.
    pub created_at: u64,
    /// When its release was taken in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub released_at: Option<u64>,
    /// How often its create was run: once more after every refusal.
    pub attempt: u32,
    /// Effects that are still owed, in order.
    pub owed: Vec<OwedEffect>,
    /// How the buyer reaches it: only where the caller may see secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<AccessView>,
}

/// An effect that is still owed.
#[derive(Debug, Serialize)]
pub struct OwedEffect {
    /// The effect id, which is the `webhook-id`.
    pub id: String,
    /// The type of its event.
    pub r#type: String,
}

/// How the buyer reaches an instance. Holds secrets.
#[derive(Serialize)]
pub struct AccessView {
    /// A number that every change raises.
    pub revision: u64,
    /// The address where users begin.
    pub front_end_url: String,
    /// The address where administrators begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin_url: Option<String>,
    /// The name of the first account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// The password of that account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// What the buyer should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
}

impl core::fmt::Debug for AccessView {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(out, "AccessView(revision {}, redacted)", self.revision)
    }
}

/// The end of an operator's change.
#[derive(Debug)]
pub enum AccessUpdate {
    /// Load these rows and call again.
    Need {
        /// The keys of the rows that are needed.
        keys: Vec<String>,
    },
    /// Commit; on a conflict load and call again.
    Commit(Vec<Write>),
    /// The product has no such instance, or it is not open.
    Unknown,
}

/// The prefix of all instance rows, for `scan`.
pub const INSTANCE_PREFIX: &str = key::INSTANCES;

/// The prefix of all work rows, for `scan`.
pub const WORK_PREFIX: &str = key::WORKS;

/// The row of an instance.
#[must_use]
pub fn instance_key(product: &str, instance_id: &str) -> String {
    key::instance(Space::Production, product, instance_id)
}

/// An instance row as an operator sees it.
///
/// # Errors
/// [`ReasonCode::NewerRow`], [`ReasonCode::CorruptRow`]; [`ReasonCode::UnknownInstance`] for a row that nobody may be
/// told of yet, because the backend has not said that it knows the instance. Whoever lists rows passes over it.
pub fn view_instance(row: &[u8], with_access: bool) -> Result<InstanceView, ReasonCode> {
    let row: InstanceRow = row::decode(row)?;
    if row.create == Create::Adopting {
        return Err(ReasonCode::UnknownInstance);
    }
    let phase = row.phase();
    let access = row.access.filter(|_| with_access).map(AccessView::from);
    let owed =
        row.lane.queue.into_iter().map(|queued| OwedEffect { id: queued.id, r#type: queued.kind }).collect();
    Ok(InstanceView {
        product: row.product,
        instance_id: row.id,
        phase,
        order_id: row.order_id,
        order_line_id: row.order_line_id,
        customer_id: row.customer_id,
        sku_code: row.sku_code,
        product_id: row.product_id,
        expire_time: row.expire_time,
        created_at: row.created_at,
        released_at: row.released,
        attempt: row.attempt,
        owed,
        access,
    })
}

impl From<Access> for AccessView {
    fn from(access: Access) -> Self {
        Self {
            revision: access.revision,
            front_end_url: access.front_end_url,
            admin_url: access.admin_url,
            user_name: access.user_name,
            password: access.password,
            memo: access.memo,
        }
    }
}

impl Seller {
    /// Replaces the access data of an open instance: `{"front_end_url", "admin_url", "user_name", "password", "memo"}`.
    /// Every later answer is built anew with them.
    ///
    /// # Errors
    /// [`ReasonCode::BackendAnswerInvalid`] with the member that the platform would not take, [`ReasonCode::NewerRow`],
    /// [`ReasonCode::CorruptRow`].
    pub fn update_access(
        &self,
        product: &str,
        instance_id: &str,
        access: &[u8],
        rows: &[Row],
        entropy: &[u8; 32],
    ) -> Result<AccessUpdate, Reason> {
        let snapshot = Snapshot::new(rows, &[]);
        let key = instance_key(product, instance_id);
        let mut instance: InstanceRow = match snapshot.get(&key) {
            Ok(Some(instance)) => instance,
            Ok(None) => return Ok(AccessUpdate::Unknown),
            Err(Stop::Need(keys)) => return Ok(AccessUpdate::Need { keys }),
            Err(Stop::Fail(code)) => return Err(code.into()),
        };
        if instance.create != Create::Completed || instance.released.is_some() {
            return Ok(AccessUpdate::Unknown);
        }
        let encrypts = self.encrypts_credentials(product, Some(&instance.dialect));
        let revision = instance.access.as_ref().map_or(0, |access| access.revision);
        instance.access = Some(access::read(access, encrypts, revision, &Entropy::new(entropy))?);
        let mut changes = Changes::default();
        changes.put(key.to_string(), &instance);
        Ok(AccessUpdate::Commit(snapshot.commit(changes)))
    }
}
