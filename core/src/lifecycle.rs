//! The phases of an instance and the moves between them (KooGallery access guides V1.0 and V2.0, lifecycle).
//!
//! | from | call | to |
//! |---|---|---|
//! | – | newInstance | reserved, then trial or active |
//! | – | any call that changes an instance, where the route adopts and the seller knows the instance | what the call says |
//! | reserved | the seller refuses | refused |
//! | refused | newInstance again | reserved |
//! | trial | refreshInstance, trial to formal | active |
//! | trial, active, frozen | refreshInstance | the same with the expiry that the call states |
//! | frozen | refreshInstance to a future expiry, recorded after the freeze, not a cancellation | trial or active |
//! | trial, active | expireInstance, FREEZE | frozen |
//! | frozen | NORMAL, UNFREEZE | trial or active |
//! | any but released | releaseInstance | released |
//!
//! Phases move by calls only: no clock freezes or releases anything, and whether a renewal is to a future expiry is judged
//! at the moment at which it is taken in, however long the seller's backend then takes. Only *released* makes a call
//! illegal: another release succeeds, a repeated create gets its stored answer, everything else is told that the instance
//! does not exist.

use serde::Serialize;

use crate::event::{Event, InstanceEvent};

/// Where an instance stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The id is fixed, the backend has not opened it yet.
    Reserved,
    /// The seller refused to open it.
    Refused,
    /// It is open, as a trial.
    Trial,
    /// It is open.
    Active,
    /// It cannot be used, and its data are kept.
    Frozen,
    /// It is deleted, or will be as soon as the backend has heard of it.
    Released,
}

impl Phase {
    /// The name that it has in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Refused => "refused",
            Self::Trial => "trial",
            Self::Active => "active",
            Self::Frozen => "frozen",
            Self::Released => "released",
        }
    }
}

/// How far the opening of an instance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opening {
    /// The id is fixed, the backend has not opened it yet.
    Reserved,
    /// The seller refused to open it.
    Refused,
    /// The backend opened it, or opened it before the ledger knew of it.
    Open,
}

/// What the phase of an instance is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) opening: Opening,
    pub(crate) trial: bool,
    /// The recorded time of the freeze that holds, milliseconds.
    pub(crate) frozen: Option<u64>,
    /// Whether its release was taken in.
    pub(crate) released: bool,
}

/// A call that changes an instance. Times are milliseconds, UTC.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Move<'a> {
    pub(crate) event: &'a Event,
    /// The moment of its reservation.
    pub(crate) taken_in_at: u64,
    /// The time under which it counts among the calls that set the same field.
    pub(crate) recorded_at: u64,
}

impl State {
    /// Where the instance stands.
    pub(crate) const fn phase(self) -> Phase {
        match self {
            Self { released: true, .. } => Phase::Released,
            Self { opening: Opening::Reserved, .. } => Phase::Reserved,
            Self { opening: Opening::Refused, .. } => Phase::Refused,
            Self { frozen: Some(_), .. } => Phase::Frozen,
            Self { trial: true, .. } => Phase::Trial,
            Self { .. } => Phase::Active,
        }
    }

    /// The state once a call is carried out. Statuses and the release count from their reservation: they are in the state
    /// before it as well, and so is one that is taken in while the call waits for its turn.
    pub(crate) fn after(self, call: Move<'_>) -> Self {
        let Move { event, taken_in_at, recorded_at } = call;
        let to_formal = event.kind == InstanceEvent::Renew && scene(event) == TRIAL_TO_FORMAL;
        let lifts = revives(event, taken_in_at);
        Self {
            opening: Opening::Open,
            trial: self.trial && !to_formal,
            frozen: self.frozen.filter(|frozen| !(lifts && *frozen < recorded_at)),
            released: self.released,
        }
    }
}

/// Whether a call is a renewal to a future expiry: it lifts a freeze of earlier recorded time, and no older freeze comes
/// back after it. A cancelled renewal never does. `taken_in_at` is the moment of its reservation, milliseconds.
pub(crate) fn revives(event: &Event, taken_in_at: u64) -> bool {
    event.kind == InstanceEvent::Renew
        && scene(event) != UNSUBSCRIBE_RENEWAL_PERIOD
        && event.millis("expire_time").is_some_and(|expiry| expiry > taken_in_at)
}

const TRIAL_TO_FORMAL: &str = "TRIAL_TO_FORMAL";
const UNSUBSCRIBE_RENEWAL_PERIOD: &str = "UNSUBSCRIBE_RENEWAL_PERIOD";

pub(crate) fn scene(event: &Event) -> &str {
    event.text("scene").unwrap_or_default()
}

/// `trialFlag` has no documented type: `1` and `true` mean a trial.
pub(crate) fn is_trial(event: &Event) -> bool {
    event.text("trial_flag").is_some_and(|flag| flag == "1" || flag.eq_ignore_ascii_case("true"))
}
