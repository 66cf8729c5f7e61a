//! An application of a tenant.

use alloc::string::String;

use super::Action;
use super::moment::Moment;
use super::tenant::{TenantRecord, set};
use crate::ledger::row::codec::record;

record! {
    /// Whether it is bound, and with which credential.
    #[derive(Clone, Default, PartialEq, Eq)]
    ApplicationRecord {
        epoch: u64,
        time: u64,
        bound: bool,
        [sparse] client_id: Option<String>,
        /// The platform's ciphertext; nothing that comes of it is kept.
        [sparse] client_secret: Option<String>,
        /// How that is padded, where a private key opened it.
        [sparse] oaep: Option<String>,
    }
}

impl core::fmt::Debug for ApplicationRecord {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { epoch, time, bound, .. } = self;
        write!(out, "ApplicationRecord(epoch {epoch}, time {time}, bound {bound}, redacted)")
    }
}

/// What a call says of an application; what it does not say stays as it is.
#[derive(Clone, Copy, Default)]
pub(crate) struct Application<'a> {
    pub(crate) client_id: Option<&'a str>,
    pub(crate) client_secret: Option<&'a str>,
    pub(crate) oaep: Option<&'a str>,
}

impl ApplicationRecord {
    /// Whether it counts under this head.
    pub(crate) fn is_current(&self, head: &TenantRecord) -> bool {
        self.epoch == head.epoch
    }

    /// The record after a call, and whether there is an effect to tell of; `None` if nothing is to be written.
    pub(crate) fn apply(
        found: Option<&Self>,
        head: &TenantRecord,
        action: Action,
        application: Application<'_>,
        at: Moment,
    ) -> Option<(Self, bool)> {
        let known = found.filter(|record| record.is_current(head));
        if at.is_before(head.ended_at) || known.is_some_and(|record| at.is_before(record.time)) {
            return None;
        }
        let fresh = Self { epoch: head.epoch, time: at.recorded(), ..Self::default() };
        match (action, known) {
            (Action::Remove | Action::Revoke, _) => {
                let is_news = known.is_none_or(|record| record.bound);
                Some((fresh, is_news))
            }
            (Action::Update, Some(record)) if !record.bound => None,
            (Action::Add | Action::Update, known) => {
                let bound = known.filter(|record| record.bound);
                let mut record = Self { time: at.recorded(), bound: true, ..bound.cloned().unwrap_or(fresh) };
                let Application { client_id, client_secret, oaep } = application;
                let mut changed = set(&mut record.client_id, client_id);
                // Compared as ciphertext: one that was encrypted anew is a change.
                if set(&mut record.client_secret, client_secret) {
                    record.oaep = oaep.map(String::from);
                    changed = true;
                }
                Some((record, changed || bound.is_none()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Application, ApplicationRecord};
    use crate::directory::{Action, Moment, TenantRecord};

    fn at(signed_at: u64) -> Moment {
        Moment { signed_at, now: 1_000_000 }
    }

    fn secret(text: &str) -> Application<'_> {
        Application { client_id: Some("c"), client_secret: Some(text), oaep: Some("sha-1/sha-1") }
    }

    /// Takes in a call; says whether there was an effect.
    fn call(
        record: &mut Option<ApplicationRecord>,
        head: &TenantRecord,
        action: Action,
        application: Application<'_>,
        signed_at: u64,
    ) -> bool {
        let after = ApplicationRecord::apply(record.as_ref(), head, action, application, at(signed_at));
        let Some((after, effect)) = after else { return false };
        *record = Some(after);
        effect
    }

    #[test]
    fn a_secret_that_was_encrypted_anew_is_a_change() {
        let (mut record, head) = (None, TenantRecord::default());
        assert!(call(&mut record, &head, Action::Add, secret("one"), 10));
        assert!(!call(&mut record, &head, Action::Add, secret("one"), 11));
        assert!(call(&mut record, &head, Action::Add, secret("two"), 12));
        assert!(!call(&mut record, &head, Action::Add, secret("one"), 11), "stale");
        assert!(!call(&mut record, &head, Action::Update, Application::default(), 13), "nothing is said");
        let record = record.unwrap();
        assert_eq!((record.client_secret.as_deref(), record.time), (Some("two"), 13));
    }

    #[test]
    fn a_removal_leaves_a_tombstone_without_data() {
        let (mut record, head) = (None, TenantRecord::default());
        assert!(call(&mut record, &head, Action::Remove, Application::default(), 10), "of what nobody saw");
        assert!(!call(&mut record, &head, Action::Remove, Application::default(), 11));
        assert!(!call(&mut record, &head, Action::Update, secret("one"), 12), "only an add gives it back");
        assert!(!call(&mut record, &head, Action::Add, secret("one"), 10), "stale");
        assert!(call(&mut record, &head, Action::Add, secret("one"), 12));
        assert!(call(&mut record, &head, Action::Remove, Application::default(), 13));
        let tombstone = ApplicationRecord { time: 13, ..ApplicationRecord::default() };
        assert_eq!(record, Some(tombstone));
    }

    #[test]
    fn what_is_of_an_older_epoch_has_never_been() {
        let (mut record, mut head) = (None, TenantRecord::default());
        assert!(call(&mut record, &head, Action::Add, secret("one"), 10));
        head.epoch = 1;
        head.ended_at = 20;
        assert!(!call(&mut record, &head, Action::Add, secret("one"), 19), "signed before the end");
        assert!(call(&mut record, &head, Action::Update, Application::default(), 20));
        let record = record.unwrap();
        assert!(record.bound && record.client_secret.is_none() && record.epoch == 1);
    }
}
