//! A user of an application.

use super::Action;
use super::moment::Moment;
use super::tenant::TenantRecord;
use crate::ledger::row::codec::{Json, record, words};
use crate::wire::json;

record! {
    /// Whether he may use it, and his data.
    #[derive(Debug, Clone, PartialEq, Eq)]
    MemberRecord {
        epoch: u64,
        time: u64,
        status: Status,
        /// When the call was signed that authorised him last: seats are given in this order.
        [sparse] authorised_at: Option<u64>,
        /// His entry as it stands in events; of one who is gone nothing.
        [sparse] user: Option<Json>,
    }
}

words! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    Status {
        Authorised = "authorised",
        /// The right was taken away, the data stay.
        Cancelled = "cancelled",
        Removed = "removed",
    }
}

/// An entry of a call. It is the whole record, not a change of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User(pub(crate) Json);

/// Whether a change ends what the user has open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Yes,
    No,
}

/// What of an entry decides about sessions.
struct Rights {
    is_administrator: bool,
    is_enabled: bool,
}

impl Rights {
    /// Any role but `admin` counts as a user (workbench, E.1).
    fn of(user: &Json) -> Self {
        let document = json::read_own(user.0.as_bytes());
        let is = |name: &str, text: &str| {
            document
                .as_ref()
                .is_ok_and(|user| user.value().get(name).and_then(json::Value::as_str) == Some(text))
        };
        Self { is_administrator: is("role", "admin"), is_enabled: !is("enabled", "false") }
    }
}

impl MemberRecord {
    /// Whether he counts under this head.
    pub(crate) fn is_current(&self, head: &TenantRecord) -> bool {
        self.epoch == head.epoch
    }

    pub(crate) fn is_authorised(&self) -> bool {
        self.status == Status::Authorised
    }

    pub(crate) fn is_removed(&self) -> bool {
        self.status == Status::Removed
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.user.as_ref().is_some_and(|user| Rights::of(user).is_enabled)
    }

    /// The record after a call, and the effect to tell of, if there is one; `None` if nothing is to be written.
    pub(crate) fn apply(
        found: Option<&Self>,
        head: &TenantRecord,
        action: Action,
        user: &User,
        at: Moment,
    ) -> Option<(Self, Option<Ended>)> {
        let known = found.filter(|record| record.is_current(head));
        if at.is_before(head.ended_at) || known.is_some_and(|record| at.is_before(record.time)) {
            return None;
        }
        let (epoch, time) = (head.epoch, at.recorded());
        let status = known.map(|record| record.status);
        let before = known.and_then(|record| record.user.as_ref());
        let after = match (action, status) {
            (Action::Update, Some(Status::Removed)) => return None,
            (Action::Remove, _) => {
                Self { epoch, time, status: Status::Removed, authorised_at: None, user: None }
            }
            // Of one who is gone no data are known.
            (Action::Revoke, Some(Status::Removed)) => Self { time, ..known.cloned()? },
            (Action::Revoke, _) => {
                let user = before.or(Some(&user.0)).cloned();
                let authorised_at = known.and_then(|record| record.authorised_at);
                Self { epoch, time, status: Status::Cancelled, authorised_at, user }
            }
            (Action::Update, Some(Status::Cancelled)) => {
                let user = Some(user.0.clone());
                let authorised_at = known.and_then(|record| record.authorised_at);
                Self { epoch, time, status: Status::Cancelled, authorised_at, user }
            }
            (Action::Add | Action::Update, _) => {
                let since =
                    known.filter(|record| record.is_authorised()).and_then(|record| record.authorised_at);
                let authorised_at = since.or(Some(at.signed_at));
                Self { epoch, time, status: Status::Authorised, authorised_at, user: Some(user.0.clone()) }
            }
        };
        let is_news = status != Some(after.status) || before != after.user.as_ref();
        let ended = is_news.then(|| match action {
            Action::Remove | Action::Revoke => Ended::Yes,
            Action::Add | Action::Update => ended(before, &user.0),
        });
        Some((after, ended))
    }
}

/// Access ends for one who is not enabled any more, and changes for one who becomes an administrator or is none any more.
fn ended(before: Option<&Json>, user: &Json) -> Ended {
    let after = Rights::of(user);
    let before = before.map(Rights::of);
    let was_enabled = before.as_ref().is_none_or(|before| before.is_enabled);
    let other_role = before.is_some_and(|before| before.is_administrator != after.is_administrator);
    if was_enabled && !after.is_enabled || other_role { Ended::Yes } else { Ended::No }
}

#[cfg(test)]
mod tests {
    use super::{Ended, MemberRecord, Status, User};
    use crate::directory::{Action, Moment, TenantRecord};
    use crate::ledger::row::codec::Json;
    use std::format;

    fn user(role: &str, enabled: &str) -> User {
        User(Json(format!(r#"{{"user_name":"a","role":"{role}","enabled":"{enabled}"}}"#)))
    }

    /// Takes in a call; says what there was to tell of.
    fn call(record: &mut Option<MemberRecord>, action: Action, user: &User, signed_at: u64) -> Option<Ended> {
        let at = Moment { signed_at, now: 1_000_000 };
        let (after, ended) =
            MemberRecord::apply(record.as_ref(), &TenantRecord::default(), action, user, at)?;
        *record = Some(after);
        ended
    }

    fn status(record: &Option<MemberRecord>) -> Status {
        record.as_ref().unwrap().status
    }

    #[test]
    fn sessions_end_where_access_ends() {
        let mut record = None;
        assert_eq!(call(&mut record, Action::Add, &user("user", "true"), 10), Some(Ended::No));
        assert_eq!(call(&mut record, Action::Add, &user("user", "true"), 11), None, "a repeat");
        assert_eq!(call(&mut record, Action::Update, &user("admin", "true"), 12), Some(Ended::Yes));
        assert_eq!(call(&mut record, Action::Update, &user("user", "true"), 13), Some(Ended::Yes));
        assert_eq!(call(&mut record, Action::Update, &user("other", "true"), 14), Some(Ended::No));
        assert_eq!(call(&mut record, Action::Update, &user("other", "false"), 15), Some(Ended::Yes));
        assert_eq!(
            call(&mut record, Action::Update, &user("user", "false"), 16),
            Some(Ended::No),
            "was so before"
        );
        assert_eq!(call(&mut record, Action::Update, &user("user", "true"), 17), Some(Ended::No));
        assert_eq!(call(&mut record, Action::Revoke, &user("user", "true"), 18), Some(Ended::Yes));
        assert_eq!(call(&mut record, Action::Revoke, &user("user", "true"), 19), None);
        assert_eq!(call(&mut record, Action::Remove, &user("user", "true"), 20), Some(Ended::Yes));
        assert_eq!(call(&mut record, Action::Remove, &user("user", "true"), 21), None);
        let mut stranger = None;
        assert_eq!(call(&mut stranger, Action::Add, &user("user", "false"), 10), Some(Ended::Yes));
    }

    #[test]
    fn only_an_add_gives_the_right_back() {
        let mut record = None;
        call(&mut record, Action::Add, &user("user", "true"), 10);
        call(&mut record, Action::Revoke, &user("", ""), 20);
        assert_eq!(record.as_ref().unwrap().user, Some(user("user", "true").0), "the data stay");
        assert_eq!(call(&mut record, Action::Update, &user("admin", "true"), 30), Some(Ended::Yes));
        assert_eq!(status(&record), Status::Cancelled);
        call(&mut record, Action::Add, &user("admin", "true"), 40);
        assert_eq!((status(&record), record.as_ref().unwrap().authorised_at), (Status::Authorised, Some(40)));
        call(&mut record, Action::Remove, &user("admin", "true"), 50);
        assert_eq!(call(&mut record, Action::Update, &user("admin", "true"), 60), None);
        assert_eq!(record.as_ref().unwrap().time, 50);
        assert_eq!(call(&mut record, Action::Revoke, &user("admin", "true"), 60), None);
        assert_eq!((status(&record), record.as_ref().unwrap().time), (Status::Removed, 60));
        assert_eq!(call(&mut record, Action::Add, &user("admin", "true"), 59), None, "stale");
    }

    #[test]
    fn an_update_adds_whom_nobody_knew_and_a_revocation_keeps_him() {
        let mut record = None;
        assert_eq!(call(&mut record, Action::Update, &user("user", "true"), 10), Some(Ended::No));
        assert_eq!((status(&record), record.as_ref().unwrap().authorised_at), (Status::Authorised, Some(10)));
        let mut record = None;
        assert_eq!(call(&mut record, Action::Revoke, &user("user", "true"), 10), Some(Ended::Yes));
        assert_eq!(status(&record), Status::Cancelled);
        let mut record = None;
        assert_eq!(call(&mut record, Action::Remove, &user("user", "true"), 10), Some(Ended::Yes));
        assert_eq!(record.unwrap().user, None);
    }

    #[test]
    fn who_is_authorised_stays_so_since_the_first_time() {
        let mut record = None;
        call(&mut record, Action::Add, &user("user", "true"), 10);
        call(&mut record, Action::Add, &user("admin", "true"), 20);
        call(&mut record, Action::Update, &user("user", "true"), 30);
        assert_eq!(record.unwrap().authorised_at, Some(10));
    }
}
