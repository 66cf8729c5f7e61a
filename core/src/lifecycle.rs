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

use crate::event::{Event, EventKind};
use crate::ledger::row::{Create, InstanceRow, WorkRow};

/// Where an instance stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The id is fixed, the backend has not opened it yet.
    Reserved,
    /// The seller refused to open it.
    Refused,
    /// Open, as a trial.
    Trial,
    /// Open.
    Active,
    /// Unusable, data kept.
    Frozen,
    /// Deleted.
    Released,
}

impl Phase {
    /// The name in JSON.
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

impl InstanceRow {
    /// Where the instance stands now.
    pub(crate) fn phase(&self) -> Phase {
        match &self.create {
            _ if self.released.is_some() => Phase::Released,
            Create::Reserved => Phase::Reserved,
            Create::Refused { .. } => Phase::Refused,
            Create::Completed | Create::Adopting => self.open_phase(self.trial, self.frozen.is_some()),
        }
    }

    /// Where it stands once this work, which is at the front of its queue, is carried out. Statuses and the release count
    /// from their reservation, so that one which is taken in meanwhile is in it as well.
    pub(crate) fn phase_after(&self, event: &Event, work: &WorkRow) -> Phase {
        if self.released.is_some() {
            return Phase::Released;
        }
        let standing = self.standing_after(event, work);
        self.open_phase(standing.trial, standing.frozen.is_some())
    }

    /// What a work that is carried out makes of the fields that the phase is read from.
    pub(crate) fn standing_after(&self, event: &Event, work: &WorkRow) -> Standing {
        let to_formal = event.kind == EventKind::Renew && scene(event) == TRIAL_TO_FORMAL;
        Standing {
            trial: self.trial && !to_formal,
            frozen: self
                .frozen
                .filter(|frozen| !(revives(event, work.created_at) && *frozen < work.recorded_at())),
        }
    }

    fn open_phase(&self, trial: bool, frozen: bool) -> Phase {
        match (frozen, trial) {
            (true, _) => Phase::Frozen,
            (false, true) => Phase::Trial,
            (false, false) => Phase::Active,
        }
    }
}

/// The fields of an instance that the phase is read from and that works change.
pub(crate) struct Standing {
    pub(crate) trial: bool,
    /// The recorded time of the freeze that holds.
    pub(crate) frozen: Option<u64>,
}

/// Whether a call is a renewal to a future expiry: it lifts a freeze of earlier recorded time, and no older freeze comes
/// back after it. A cancelled renewal never does. `taken_in_at` is the moment of its reservation, milliseconds.
pub(crate) fn revives(event: &Event, taken_in_at: u64) -> bool {
    event.kind == EventKind::Renew
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
