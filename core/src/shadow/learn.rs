//! What our answer would have been, and what the old handler's teaches the ledger.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::compare;
use super::difference::{Difference, DifferenceCode};
use super::observation::{OldAnswer, Seen};
use super::parse_answer::{ParsedAnswer, parse_answer};
use crate::crypto::Entropy;
use crate::dialect::{InstanceReply, Reply, SUCCESS};
use crate::event::{EventKind, InstanceEvent};
use crate::ledger::row::{Create, InstanceRow, OrderRow};
use crate::ledger::{
    Admission, Answered, Assignment, Change, Changes, Decision, DecisionContext, Outcome, Row, Ruling,
    Settlement, Settling, Snapshot, Stop, Stored, Write, access_data, check_replay, look_up, rule,
};
use crate::reason::{Reason, ReasonCode};
use crate::seller::Seller;

/// One call, the rows, and what to decide with.
pub(super) struct Observation<'a> {
    pub(super) seller: &'a Seller,
    pub(super) admission: &'a Admission<'a>,
    /// The same as the host holds it.
    pub(super) handle: &'a [u8],
    pub(super) rows: &'a [Row],
    pub(super) now: u64,
    pub(super) entropy: &'a [u8; 32],
}

/// What ours comes to.
struct Own {
    code: String,
    reason: Option<Reason>,
    commit: Vec<Write>,
    /// Of a query.
    listed: Option<Vec<String>>,
}

impl Own {
    fn code(code: &str, reason: Option<Reason>) -> Self {
        Self { code: code.to_string(), reason, commit: Vec::new(), listed: None }
    }
}

impl Observation<'_> {
    pub(super) fn look(&self, old: &OldAnswer) -> Result<Seen, Stop> {
        let route = self.admission.route;
        if route.endpoint.expectations().is_none() {
            // What such an answer says, only the two who share its keys can read.
            return Ok(Seen::default());
        }
        let kind = self.admission.call.event.kind;
        let parsed = parse_answer(route, Some(self.admission.call.context), Some(kind), old);
        let mut differences = compare::faults(route, &parsed, old);
        let first = self.admission.keys();
        let snapshot = Snapshot::new(self.rows, &first);
        let entropy = Entropy::new(self.entropy);
        let scene = self.scene(&snapshot, &entropy, &parsed);

        let mut replay = Changes::default();
        if let Some(Decision::Answer(Answered { reason, .. })) = check_replay(&scene, &mut replay)? {
            let own = Own::code(self.admission.result_code(&Reply::failure(ReasonCode::Replayed)), reason);
            compare::codes(&own.code, &parsed, &mut differences);
            return Ok(self.seen(own, parsed, differences));
        }
        if let Some(clash) = self.clash(&snapshot, &parsed)? {
            differences.push(clash);
            // What is in the ledger stays: that is the one instance of the order.
            let own = Own { commit: snapshot.commit(replay), ..Own::code(SUCCESS, None) };
            return Ok(self.seen(own, parsed, differences));
        }
        let mut learned = Changes::default();
        if self.learn_access(&scene, &parsed, &entropy, &mut learned)? {
            let code = DifferenceCode::AccessChanged;
            differences.push(Difference { code, field: None, own: None, theirs: None });
        }
        learned.extend(replay);
        let own = self.own(&scene, &snapshot, &parsed, learned)?;
        compare::codes(&own.code, &parsed, &mut differences);
        if let Some(listed) = &own.listed
            && own.code == SUCCESS
            && parsed.code.as_deref() == Some(SUCCESS)
        {
            let listed: Vec<&str> = listed.iter().map(String::as_str).collect();
            compare::instances(&listed, &parsed, &mut differences);
        }
        Ok(self.seen(own, parsed, differences))
    }

    fn seen(&self, own: Own, parsed: ParsedAnswer, differences: Vec<Difference>) -> Seen {
        Seen { commit: own.commit, own: own.code, reason: own.reason, theirs: parsed.code, differences }
    }

    fn scene<'s>(
        &'s self,
        snapshot: &'s Snapshot<'s>,
        entropy: &'s Entropy,
        parsed: &'s ParsedAnswer,
    ) -> DecisionContext<'s> {
        DecisionContext {
            settings: &self.seller.settings,
            admission: self.admission,
            snapshot,
            now: self.now,
            entropy,
            adopts: self.seller.adopts(&self.admission.route.product),
            given_id: parsed.instance_id.as_deref(),
            observed: true,
        }
    }

    /// A create that got another instance than its order has, or the instance of another order.
    fn clash(&self, snapshot: &Snapshot<'_>, parsed: &ParsedAnswer) -> Result<Option<Difference>, Stop> {
        let (EventKind::Instance(InstanceEvent::Subscribe), Some(theirs)) =
            (self.admission.call.event.kind, &parsed.instance_id)
        else {
            return Ok(None);
        };
        Ok(match snapshot.get::<OrderRow>(&self.admission.order_key()?)? {
            Some(order) if order.instance != *theirs => {
                Some(compare::pair(DifferenceCode::SecondInstance, &order.instance, theirs))
            }
            Some(_) => None,
            None => {
                let is_taken = snapshot.is_taken(&self.admission.instance_key(theirs))?;
                is_taken.then(|| compare::pair(DifferenceCode::InstanceReused, "", theirs))
            }
        })
    }

    /// Access data that an answer carries go into the row of their instance; one that was being opened is open when it
    /// is listed. Says whether known data changed.
    fn learn_access(
        &self,
        scene: &DecisionContext<'_>,
        parsed: &ParsedAnswer,
        entropy: &Entropy,
        changes: &mut Changes,
    ) -> Result<bool, Stop> {
        let named = parsed.instance_id.iter().map(|id| (id, parsed.app.as_ref()));
        let listed = parsed.instances.iter().map(|(id, app)| (id, app.as_ref()));
        if self.admission.call.test || parsed.code.as_deref() != Some(SUCCESS) {
            return Ok(false);
        }
        let asked = self.admission.call.event.list("instance_ids");
        let is_query = self.admission.call.event.kind == InstanceEvent::QueryInstances;
        let mut changed = false;
        for (id, app) in named.chain(listed) {
            if is_query && !asked.contains(id) {
                continue;
            }
            let Some(mut row) = scene.instance(id)? else { continue };
            let pending = is_pending(&row, is_query);
            if row.released.is_some() || !(row.create == Create::Completed || pending) {
                continue;
            }
            let encrypts = self.admission.route.endpoint.encrypts_credentials();
            let revision = row.access.as_ref().map_or(0, |access| access.revision);
            let access = app.and_then(|app| access_data(&app.0, encrypts, revision, entropy).ok());
            let news = access.filter(|access| row.access.as_ref().is_none_or(|known| !known.says(access)));
            if news.is_none() && !pending {
                continue;
            }
            changed |= row.access.is_some() && news.is_some();
            row.access = news.or(row.access.take());
            row.create = Create::Completed;
            changes.put(self.admission.instance_key(id), &row);
        }
        Ok(changed)
    }

    fn own(
        &self,
        scene: &DecisionContext<'_>,
        snapshot: &Snapshot<'_>,
        parsed: &ParsedAnswer,
        learned: Changes,
    ) -> Result<Own, Stop> {
        let theirs = parsed.code.as_deref().unwrap_or_default();
        let kind = self.admission.call.event.kind;
        if kind == InstanceEvent::QueryInstances && !self.admission.call.test {
            return self.query(snapshot, parsed, learned);
        }
        Ok(match rule(scene)? {
            Ruling::Wait { .. } => {
                let creating = kind == InstanceEvent::Subscribe;
                let reply =
                    if creating { Reply::creating("") } else { Reply::failure(ReasonCode::InProgress) };
                Own::code(self.admission.result_code(&reply), Some(ReasonCode::InProgress.into()))
            }
            Ruling::Reply { reply, mut changes, reason, .. } => {
                // A state that the old handler did not take on is none to learn.
                if theirs != SUCCESS {
                    changes = Changes::default();
                }
                changes.extend(learned);
                Own {
                    commit: snapshot.commit(changes),
                    ..Own::code(self.admission.result_code(&reply), reason)
                }
            }
            // A test call succeeds; any other question is answered by the seller's application.
            Ruling::Ask { mut changes, .. } => {
                let code = if self.admission.call.test { SUCCESS } else { as_theirs(theirs) };
                changes.extend(learned);
                Own { commit: snapshot.commit(changes), ..Own::code(code, None) }
            }
            Ruling::Perform { assignment, changes } => {
                let outcome = self.outcome(parsed);
                let adopts = kind != InstanceEvent::Subscribe
                    && scene.instance(self.admission.instance_id())?.is_none();
                let turned_away = !adopts && REFUSED_AT_THE_DOOR.contains(&theirs);
                let code = if turned_away { SUCCESS } else { as_theirs(theirs) };
                match outcome {
                    Some(outcome) if !adopts => {
                        let mut changes = changes;
                        changes.extend(learned);
                        let commit = self.carry(snapshot.commit(changes), &assignment, &outcome)?;
                        Own { commit, ..Own::code(code, None) }
                    }
                    // An instance from before stays unknown until the backend is asked for it.
                    _ => Own { commit: snapshot.commit(learned), ..Own::code(code, None) },
                }
            }
        })
    }

    /// A query is answered from what the ledger has learned, this answer included.
    fn query(&self, snapshot: &Snapshot<'_>, parsed: &ParsedAnswer, learned: Changes) -> Result<Own, Stop> {
        let commit = snapshot.commit(learned);
        let rows = overlay(self.rows, &commit);
        let first = self.admission.keys();
        let after = Snapshot::new(&rows, &first);
        let entropy = Entropy::new(self.entropy);
        let scene = self.scene(&after, &entropy, parsed);
        let Ruling::Reply { reply, reason, .. } = look_up(&scene)? else {
            return Err(ReasonCode::Internal.into());
        };
        let listed = match &reply {
            Reply::Instance(InstanceReply::Listed(items)) => {
                items.iter().map(|item| item.instance_id.clone()).collect()
            }
            _ => Vec::new(),
        };
        let code = self.admission.result_code(&reply).to_string();
        Ok(Own { code, reason, commit, listed: Some(listed) })
    }

    /// What the old handler's answer says that the seller's application did; `None`: nothing that lasts.
    fn outcome(&self, parsed: &ParsedAnswer) -> Option<Outcome> {
        let code = parsed.code.as_deref()?;
        let kind = self.admission.call.event.kind;
        let creates = kind == InstanceEvent::Subscribe;
        match code {
            // Without an id there is nothing to remember the order by.
            SUCCESS if creates && parsed.instance_id.is_none() => None,
            SUCCESS => Some(Outcome::Done(parsed.app.as_ref().map(|app| app.0.clone()).unwrap_or_default())),
            // The platform was told the id: it is the order's from now on, and a later call carries it out.
            PROCESSING if creates && parsed.instance_id.is_some() => {
                Some(Outcome::Refused { code: PROCESSING.to_string(), message: String::new() })
            }
            // Should the platform send these bytes again after a newer upgrade, it is to hear the same.
            _ if kind == InstanceEvent::Upgrade
                && self
                    .admission
                    .rules()
                    .is_ok_and(|rules| rules.takes_refusal(InstanceEvent::Upgrade, code)) =>
            {
                Some(Outcome::Refused { code: code.to_string(), message: String::new() })
            }
            _ => None,
        }
    }

    /// The reservation and its end as one commit.
    fn carry(
        &self,
        reserve: Vec<Write>,
        assignment: &Assignment,
        outcome: &Outcome,
    ) -> Result<Vec<Write>, Stop> {
        let rows = overlay(self.rows, &reserve);
        let (handle, entropy) = (Some(self.handle), Entropy::new(self.entropy));
        let settlement =
            self.seller.settle_observed(&assignment.work, handle, &rows, outcome, self.now, &entropy)?;
        match settlement {
            Settlement::Need { keys } => Err(Stop::Need(keys)),
            Settlement::Settled(settled) if settled.effect == Settling::Ended => {
                Ok(merge(reserve, settled.commit))
            }
            Settlement::Settled(_) => Err(ReasonCode::Internal.into()),
        }
    }
}

/// With these the old handler turned the call away; ours had let it in.
const REFUSED_AT_THE_DOOR: [&str; 3] = ["000001", "000002", "000003"];

/// Where ours depends on the seller's application, it is what the application is taken to have done.
fn as_theirs(theirs: &str) -> &str {
    if theirs.is_empty() { SUCCESS } else { theirs }
}

/// The platform was told its id and waits for it; a query shows that it is open.
fn is_pending(row: &InstanceRow, is_query: bool) -> bool {
    is_query && matches!(&row.create, Create::Refused { code, .. } if code == PROCESSING)
}

/// "Being processed".
const PROCESSING: &str = "000004";

/// The rows as they will be once these writes hold.
fn overlay(rows: &[Row], writes: &[Write]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    for write in writes {
        let value = match &write.change {
            Change::Check => continue,
            Change::Put { bytes, .. } => Some(Stored { bytes: bytes.clone(), version: u64::MAX }),
            Change::Delete => None,
        };
        rows.retain(|row| row.key != write.key);
        rows.push(Row { key: write.key.clone(), value });
    }
    rows
}

/// Two commits as one: the first says what the rows must be now, the second what becomes of them.
fn merge(mut first: Vec<Write>, second: Vec<Write>) -> Vec<Write> {
    for write in second {
        match first.iter_mut().find(|known| known.key == write.key) {
            Some(_) if write.change == Change::Check => {}
            Some(known) => known.change = write.change,
            None => first.push(write),
        }
    }
    first
}
