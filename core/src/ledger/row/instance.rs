//! Everything that is known about one instance.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::FORMAT;
use super::codec::row;
use crate::event::EventKind;
use crate::ledger::instant;
use crate::seller::Route;

row! {
    /// Completed, frozen and released are separate fields; [`crate::lifecycle`] says what phase they make.
    InstanceRow {
        id: String,
        product: String,
        path: String,
        dialect: String,
        /// The order that opened it; empty for an adopted instance, whose order never came.
        order_id: String,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        order_line_id: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        customer_id: Option<String>,
        /// Over what must not change between repeats of a create; a difference raises an alarm and nothing else. Empty where
        /// no create was seen.
        fingerprint: String,
        created_at: u64,
        create: Create,
        /// Runs of the create so far: one more after every refusal.
        attempt: u32,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        access: Option<Access>,
        trial: bool,
        /// The recorded time of the freeze that holds.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        frozen: Option<u64>,
        /// The status last asked for.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        requested: Option<Status>,
        /// When the release was taken in.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        released: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        expire_time: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        sku_code: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        product_id: Option<String>,
        /// `chargingMode` of the order, as far as it is known.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        charging_mode: Option<String>,
        /// The price level under which an order row names the instance: one order of pay-per-use items opens several.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        item: Option<String>,
        times: Times,
        /// The highest fencing token of a work that is over.
        token: u64,
        /// Works that are not over, in order; only the first is leased and sent.
        queue: Vec<Queued>,
        /// Renewals and upgrades that are done, by their identity.
        done: Vec<String>,
        /// Renewals and upgrades that the seller refused last time.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        refused: Vec<RefusedOnce>,
    }
}

/// How far the create is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Create {
    /// The instance id is fixed, the backend has not answered.
    Reserved,
    /// A call came for an instance that the ledger never saw, and the backend has not said yet that it knows it. Nobody
    /// is told of the row before.
    Adopting,
    Completed,
    /// The seller refused; the next call runs it again.
    Refused {
        code: String,
        message: String,
        at: u64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Freeze,
    Unfreeze,
}

/// The times under which each field was last reserved: what was signed before is stale. Only calls that were carried out
/// or still may be count; a refusal takes its time back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Times {
    pub(crate) status: u64,
    pub(crate) expiry: u64,
    pub(crate) plan: u64,
}

/// A work in the queue of its instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Queued {
    pub(crate) id: String,
    pub(crate) kind: String,
    /// The identity of a renewal or an upgrade; empty for the rest.
    pub(crate) once: String,
    /// The time of its field before it was reserved: a refusal restores it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) before: Option<u64>,
}

impl Queued {
    pub(crate) fn is(&self, kind: EventKind) -> bool {
        self.kind == kind.name()
    }

    pub(crate) fn is_status(&self) -> bool {
        self.is(EventKind::Freeze) || self.is(EventKind::Unfreeze)
    }
}

/// A refusal that is answered to those who were waiting for it, and to whoever repeats the call when it is stale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RefusedOnce {
    pub(crate) once: String,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) at: u64,
    /// The time under which the refused call was reserved; 0 where it is not known.
    #[serde(default)]
    pub(crate) recorded_at: u64,
}

/// How the buyer reaches the instance. The only place where credentials are stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Access {
    /// Raised by every change.
    pub(crate) revision: u64,
    pub(crate) front_end_url: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) admin_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) user_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) password: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) memo: Option<String>,
    /// One initialisation vector per encrypted field and revision, so that a replay is the same to the byte.
    pub(crate) user_name_iv: String,
    pub(crate) password_iv: String,
}

impl Access {
    /// Whether the buyer is told the same by both.
    pub(crate) fn says(&self, other: &Self) -> bool {
        self.front_end_url == other.front_end_url
            && self.admin_url == other.admin_url
            && self.user_name == other.user_name
            && self.password == other.password
            && self.memo == other.memo
    }
}

impl core::fmt::Debug for Access {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(out, "Access(revision {}, redacted)", self.revision)
    }
}

impl InstanceRow {
    /// An instance of which nothing is known but its id.
    pub(crate) fn new(route: &Route, id: &str, create: Create, now: u64) -> Self {
        Self {
            format: FORMAT,
            id: id.to_string(),
            product: route.product.clone(),
            path: route.path.clone(),
            dialect: route.dialect.name().to_string(),
            order_id: String::new(),
            order_line_id: None,
            customer_id: None,
            fingerprint: String::new(),
            created_at: now,
            create,
            attempt: 1,
            access: None,
            trial: false,
            frozen: None,
            requested: None,
            released: None,
            expire_time: None,
            sku_code: None,
            product_id: None,
            charging_mode: None,
            item: None,
            times: Times::default(),
            token: 0,
            queue: Vec::new(),
            done: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// Forgets recorded times that cannot have come yet: the clock was ahead when they were recorded, and until it has
    /// caught up with them every honest call would count as stale. Nobody may know it from a clock that is behind now, so
    /// this is for calls that are not signed in the future themselves.
    pub(crate) fn forget_future(&mut self, now: u64) {
        let Times { status, expiry, plan } = &mut self.times;
        let refused = self.refused.iter_mut().map(|refusal| &mut refusal.recorded_at);
        for recorded in [status, expiry, plan].into_iter().chain(&mut self.frozen).chain(refused) {
            if instant::is_future(*recorded, now) {
                *recorded = 0;
            }
        }
    }

    /// The time of the field that a renewal or an upgrade sets.
    pub(crate) fn time_of(&mut self, kind: EventKind) -> &mut u64 {
        match kind {
            EventKind::Renew => &mut self.times.expiry,
            _ => &mut self.times.plan,
        }
    }

    /// A call was refused that had set the time of its field: the next one that waits, or else the field, gets back what
    /// was there before, so that nobody is overtaken by what never happened.
    pub(crate) fn take_back(&mut self, kind: EventKind, before: u64) {
        match self.queue.iter_mut().find(|queued| queued.is(kind)) {
            Some(next) => next.before = Some(before),
            None => *self.time_of(kind) = before,
        }
    }

    /// Whether the platform may be told of it: opened by the backend and not released.
    pub(crate) fn is_listed(&self) -> bool {
        self.create == Create::Completed && self.released.is_none()
    }
}
