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
//! | frozen | refreshInstance to a future expiry, signed after the freeze, not a cancellation | trial or active |
//! | trial, active | expireInstance, FREEZE | frozen |
//! | frozen | NORMAL, UNFREEZE | trial or active |
//! | any but released | releaseInstance | released |
//!
//! Phases move by calls only: no clock freezes or releases anything. Only *released* makes a call illegal: another
//! release succeeds, a repeated create gets its stored answer, everything else is told that the instance does not exist.

use serde::Serialize;

use crate::event::{Event, EventKind};
use crate::ledger::row::{Create, InstanceRow};

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

    /// Where it stands once this event is carried out.
    pub(crate) fn phase_after(&self, event: &Event, signed_at: u64, now: u64) -> Phase {
        match event.kind {
            EventKind::Release => Phase::Released,
            EventKind::Freeze => Phase::Frozen,
            EventKind::Unfreeze => self.open_phase(self.trial, false),
            EventKind::Subscribe => self.open_phase(is_trial(event), false),
            EventKind::Renew => {
                let trial = self.trial && scene(event) != TRIAL_TO_FORMAL;
                self.open_phase(trial, self.frozen.is_some() && !self.is_lifted_by(event, signed_at, now))
            }
            EventKind::Upgrade | EventKind::CheckChange | EventKind::QueryInstances => self.phase(),
        }
    }

    fn open_phase(&self, trial: bool, frozen: bool) -> Phase {
        match (frozen, trial) {
            (true, _) => Phase::Frozen,
            (false, true) => Phase::Trial,
            (false, false) => Phase::Active,
        }
    }

    /// A renewal to a future expiry lifts a freeze of earlier signed time. A cancelled renewal never does.
    pub(crate) fn is_lifted_by(&self, event: &Event, signed_at: u64, now: u64) -> bool {
        scene(event) != UNSUBSCRIBE_RENEWAL_PERIOD
            && event.millis("expire_time").is_some_and(|expiry| expiry > now)
            && self.frozen.is_some_and(|frozen| frozen < signed_at)
    }
}

pub(crate) const TRIAL_TO_FORMAL: &str = "TRIAL_TO_FORMAL";
pub(crate) const UNSUBSCRIBE_RENEWAL_PERIOD: &str = "UNSUBSCRIBE_RENEWAL_PERIOD";

pub(crate) fn scene(event: &Event) -> &str {
    event.text("scene").unwrap_or_default()
}

/// `trialFlag` has no documented type: `1` and `true` mean a trial.
pub(crate) fn is_trial(event: &Event) -> bool {
    event.text("trial_flag").is_some_and(|flag| flag == "1" || flag.eq_ignore_ascii_case("true"))
}
