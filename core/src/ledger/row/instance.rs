//! Everything that is known about one instance.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::FORMAT;
use super::codec::{Field, record, row, words};
use crate::event::InstanceEvent;
use crate::ledger::instant;
use crate::ledger::lane::Lane;
use crate::lifecycle::{Opening, Phase, State};
use crate::seller::Route;
use crate::wire::json::{self, Value};

row! {
    /// Completed, frozen and released are separate fields; [`crate::lifecycle`] says what phase they make.
    InstanceRow {
        id: String,
        product: String,
        path: String,
        dialect: String,
        /// The order that opened it; empty for an adopted instance, whose order never came.
        order_id: String,
        [sparse] order_line_id: Option<String>,
        [sparse] customer_id: Option<String>,
        /// Over what must not change between repeats of a create; a difference raises an alarm and nothing else. Empty where
        /// no create was seen.
        fingerprint: String,
        created_at: u64,
        create: Create,
        /// Runs of the create so far: one more after every refusal.
        attempt: u32,
        [sparse] access: Option<Access>,
        trial: bool,
        /// The recorded time of the freeze that holds.
        [sparse] frozen: Option<u64>,
        /// The status last asked for.
        [sparse] requested: Option<Status>,
        /// When the release was taken in.
        [sparse] released: Option<u64>,
        [sparse] expire_time: Option<u64>,
        [sparse] sku_code: Option<String>,
        [sparse] product_id: Option<String>,
        /// `chargingMode` of the order, as far as it is known.
        [sparse] charging_mode: Option<String>,
        /// The price level under which an order row names the instance: one order of pay-per-use items opens several.
        [sparse] item: Option<String>,
        times: Times,
        [flat] lane: Lane,
        /// Renewals and upgrades that are done, by their identity.
        done: Vec<String>,
        /// Renewals and upgrades that the seller refused last time.
        [sparse] refused: Vec<RefusedOperation>,
        /// The licence that was issued for its order. It never changes.
        [sparse] license: Option<String>,
    }
}

/// How far the create is.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// A word, or for a refusal an object with one member of that name.
impl Field for Create {
    fn write(&self, out: &mut Vec<u8>) {
        let word = match self {
            Self::Reserved => "reserved",
            Self::Adopting => "adopting",
            Self::Completed => "completed",
            Self::Refused { code, message, at } => {
                let refused = Refusal { code: code.clone(), message: message.clone(), at: *at };
                return RefusedCreate { refused }.write(out);
            }
        };
        json::push_string(out, word);
    }

    fn read(value: &Value<'_>) -> Option<Self> {
        match value.as_str() {
            Some("reserved") => Some(Self::Reserved),
            Some("adopting") => Some(Self::Adopting),
            Some("completed") => Some(Self::Completed),
            Some(_) => None,
            None => {
                let Refusal { code, message, at } = RefusedCreate::read(value)?.refused;
                Some(Self::Refused { code, message, at })
            }
        }
    }
}

record! {
    RefusedCreate {
        refused: Refusal,
    }
}

record! {
    Refusal {
        code: String,
        message: String,
        at: u64,
    }
}

words! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    Status {
        Freeze = "freeze",
        Unfreeze = "unfreeze",
    }
}

record! {
    /// The times under which each field was last reserved: what was signed before is stale. Only calls that were carried out
    /// or still may be count; a refusal takes its time back.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    Times {
        status: u64,
        expiry: u64,
        plan: u64,
    }
}

record! {
    /// A refusal that is answered to those who were waiting for it, and to whoever repeats the call when it is stale.
    #[derive(Debug, Clone, PartialEq, Eq)]
    RefusedOperation {
        operation_id as once: String,
        code: String,
        message: String,
        at: u64,
        /// The time under which the refused call was reserved; 0 where it is not known.
        [sparse] recorded_at: u64,
    }
}

record! {
    /// How the buyer reaches the instance. The only place where credentials are stored.
    #[derive(Clone, PartialEq, Eq)]
    Access {
        /// A number that every change raises.
        revision: u64,
        front_end_url: String,
        [sparse] admin_url: Option<String>,
        [sparse] user_name: Option<String>,
        [sparse] password: Option<String>,
        [sparse] memo: Option<String>,
        /// One initialisation vector per encrypted field and revision, so that a replay is the same to the byte.
        user_name_iv: String,
        password_iv: String,
    }
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
            lane: Lane::default(),
            done: Vec::new(),
            refused: Vec::new(),
            license: None,
        }
    }

    /// What its phase is read from.
    pub(crate) fn state(&self) -> State {
        let opening = match self.create {
            Create::Reserved => Opening::Reserved,
            Create::Refused { .. } => Opening::Refused,
            Create::Completed | Create::Adopting => Opening::Open,
        };
        State { opening, trial: self.trial, frozen: self.frozen, released: self.released.is_some() }
    }

    /// Where the instance stands now.
    pub(crate) fn phase(&self) -> Phase {
        self.state().phase()
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
    pub(crate) fn time_of(&mut self, kind: InstanceEvent) -> &mut u64 {
        if kind == InstanceEvent::Renew { &mut self.times.expiry } else { &mut self.times.plan }
    }

    /// A call was refused that had set the time of its field: the next one that waits, or else the field, gets back what
    /// was there before, so that nobody is overtaken by what never happened.
    pub(crate) fn take_back(&mut self, kind: InstanceEvent, before: u64) {
        match self.lane.queue.iter_mut().find(|queued| queued.is(kind)) {
            Some(next) => next.before = Some(before),
            None => *self.time_of(kind) = before,
        }
    }

    /// Whether the platform may be told of it: opened by the backend and not released.
    pub(crate) fn is_listed(&self) -> bool {
        self.create == Create::Completed && self.released.is_none()
    }
}
