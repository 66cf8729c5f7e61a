//! A subject that is no instance, made up for this test: the outbox of a tenant. It shows that lanes, leases, fencing, what
//! is owed and what ends a work are the same for whoever has works; all that it brings of its own stands here.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::admission::Admission;
use super::context::SettlementContext;
use super::contract::{Change, Row, Stored, Write};
use super::decision::{Assignment, Outcome, Settled, Settling};
use super::ending::{Fate, Sent, SubjectRow};
use super::key;
use super::lane::{Lane, LaneRow};
use super::queue::{NewWork, Reservation, Works};
use super::row::codec::row;
use super::row::{End, EndedWork, FORMAT, TakenIn, WorkRow, decode};
use super::settle::settle_work;
use super::snapshot::{Changes, Snapshot, Stop};
use super::subject::Subject;
use super::work::{Handle, settlement_keys};
use crate::crypto::Entropy;
use crate::dialect::Reply;
use crate::event::{Datum, Event, EventKind, InstanceEvent};
use crate::reason::ReasonCode;
use crate::seller::Seller;

row! {
    /// What the backend is told of a tenant, in order.
    OutboxRow {
        product: String,
        tenant: String,
        instance: String,
        bound: bool,
        [flat] lane: Lane,
    }
}

impl LaneRow for OutboxRow {
    fn subject(&self) -> Subject {
        Subject::Tenant { tenant: self.tenant.clone(), instance: self.instance.clone() }
    }

    fn product(&self) -> &str {
        &self.product
    }

    fn lane(&self) -> &Lane {
        &self.lane
    }

    fn lane_mut(&mut self) -> &mut Lane {
        &mut self.lane
    }

    fn complete(&self, event: &mut Event, _: TakenIn) {
        event.set("bound", Datum::Flag(self.bound));
    }

    fn put(&self, changes: &mut Changes) {
        changes.put(self.key(), self);
    }
}

impl SubjectRow for OutboxRow {
    fn settle(&mut self, sent: &mut Sent<'_>) -> Result<Fate, Stop> {
        let end = match sent.context.outcome {
            Outcome::Done(_) => End::Done,
            // One bad record must not stop a tenant.
            Outcome::Refused { .. } => End::Refused,
            Outcome::Accepted => return Ok(Fate::Accepted),
            Outcome::Failed => return Ok(Fate::Failed(ReasonCode::BackendFailed.into())),
            Outcome::Running => return Ok(Fate::Running),
        };
        if end == End::Refused {
            sent.alarm("effect-refused");
        }
        sent.finish(self, end);
        self.put(&mut sent.changes);
        Ok(Fate::Over(None))
    }

    /// Nobody waits: the call was answered when its work was appended.
    fn reply(&self, _: &Admission<'_>) -> (Reply, Option<ReasonCode>) {
        (Reply::success(), None)
    }
}

fn find_row(
    subject: &Subject,
    key: &str,
    snapshot: &Snapshot<'_>,
) -> Result<Option<Box<dyn SubjectRow>>, Stop> {
    let Subject::Tenant { .. } = subject else { return Err(ReasonCode::Internal.into()) };
    let row = snapshot.get::<OutboxRow>(key)?;
    Ok(row.map(|row| -> Box<dyn SubjectRow> { Box::new(row) }))
}

const START: u64 = 1_700_000_000_000;
const CONFIGURATION: &str =
    r#"{"routes": [{"path": "/v2", "dialect": "saas-v2", "keys": ["0123456789abcdef0123456789abcdef"]}]}"#;

/// A seller, a store and a clock.
struct World {
    seller: Seller,
    rows: BTreeMap<String, (Vec<u8>, u64)>,
    version: u64,
    now: u64,
}

impl World {
    /// With three works in the outbox of one tenant.
    fn new() -> Self {
        let seller = Seller::from_json(CONFIGURATION.as_bytes()).unwrap();
        let mut world = Self { seller, rows: BTreeMap::new(), version: 0, now: START };
        let row = OutboxRow {
            format: FORMAT,
            product: "crm".to_string(),
            tenant: "t".to_string(),
            instance: "a".to_string(),
            bound: true,
            lane: Lane::default(),
        };
        let mut changes = Changes::default();
        row.put(&mut changes);
        let writes = Snapshot::new(&[], &[row.key()]).commit(changes);
        world.commit(writes);
        world.append(&["one", "two", "three"]);
        world
    }

    fn load(&self, keys: &[String]) -> Vec<Row> {
        let stored = |key| {
            self.rows.get(key).map(|(bytes, version)| Stored { bytes: bytes.clone(), version: *version })
        };
        keys.iter().map(|key| Row { key: key.clone(), value: stored(key) }).collect()
    }

    fn commit(&mut self, writes: Vec<Write>) {
        for write in writes {
            assert_eq!(self.rows.get(&write.key).map(|(_, version)| *version), write.expect, "{}", write.key);
            self.version += 1;
            match write.change {
                Change::Put { bytes, .. } => drop(self.rows.insert(write.key, (bytes, self.version))),
                Change::Delete => drop(self.rows.remove(&write.key)),
                Change::Check => {}
            }
        }
    }

    fn outbox(&self) -> OutboxRow {
        decode(&self.rows["tenant/crm/t/a"].0).unwrap()
    }

    fn append(&mut self, ids: &[&str]) {
        let row = self.outbox();
        let mut keys: Vec<String> = row.lane.queue.iter().map(|queued| key::work(&queued.id)).collect();
        keys.push(row.key());
        let rows = self.load(&keys);
        let absent: Vec<String> = ids.iter().map(|id| key::work(id)).collect();
        let snapshot = Snapshot::new(&rows, &absent);
        let mut row = snapshot.get::<OutboxRow>(&row.key()).unwrap().unwrap();
        let mut works = Works::load(&row.lane, &snapshot).unwrap();
        let mut changes = Changes::default();
        for id in ids {
            let work = NewWork {
                id: id.to_string(),
                path: "/kit".to_string(),
                dialect: "kit-v2".to_string(),
                event: Event {
                    kind: EventKind::Instance(InstanceEvent::Renew),
                    fields: Vec::new(),
                    extra: Vec::new(),
                },
                signed_at: self.now,
                created_at: self.now,
            };
            let work = works.append(&mut row, work, Reservation::default(), &mut changes);
            changes.put(key::work(id), &work);
        }
        row.put(&mut changes);
        let writes = snapshot.commit(changes);
        self.commit(writes);
    }

    /// The ids of the works that may be sent, each with the time from which it is due.
    fn due(&self) -> Vec<(String, u64)> {
        let keys: Vec<String> = self.rows.keys().filter(|key| key.starts_with("work/")).cloned().collect();
        let due = self.seller.due(&self.load(&keys), self.now);
        assert!(due.unreadable.is_empty());
        assert!(due.works.iter().all(|work| work.instance == "a" && work.product == "crm"));
        due.works.into_iter().map(|work| (work.key.replace("work/", ""), work.at)).collect()
    }

    fn claim(&mut self, id: &str) -> Option<Assignment> {
        let row = self.load(&[key::work(id)]).remove(0);
        let mut assignment = self.seller.claim(&row, self.now, &[7; 32]).unwrap()?;
        self.commit(core::mem::take(&mut assignment.commit));
        Some(assignment)
    }

    fn settle(&mut self, work: &[u8], outcome: &Outcome) -> Settled {
        let Ok(Handle::Work { effect_id, token, .. }) = Handle::decode(work) else { panic!("{work:?}") };
        assert_eq!(settlement_keys(work), [key::work(&effect_id), "tenant/crm/t/a".to_string()]);
        self.settle_under(&effect_id, Some(token), outcome)
    }

    fn settle_under(&mut self, id: &str, token: Option<u64>, outcome: &Outcome) -> Settled {
        let entropy = Entropy::new(&[7; 32]);
        let context = SettlementContext {
            seller: &self.seller,
            outcome,
            now: self.now,
            entropy: &entropy,
            observed: false,
        };
        let mut keys = Vec::new();
        let mut settled = loop {
            match settle_work(&context, id, token, None, &self.load(&keys), find_row) {
                Ok(settled) => break settled,
                Err(Stop::Need(more)) => keys.extend(more),
                Err(Stop::Fail(code)) => panic!("{code:?}"),
            }
        };
        self.commit(core::mem::take(&mut settled.commit));
        settled
    }

    fn end(&self, id: &str) -> EndedWork {
        decode(&self.rows[&key::report(id)].0).unwrap()
    }
}

fn done() -> Outcome {
    Outcome::Done(Vec::new())
}

fn message(assignment: &Assignment) -> serde_json::Value {
    serde_json::from_str(&assignment.effect.body).unwrap()
}

fn token(assignment: &Assignment) -> u64 {
    message(assignment)["fencingtoken"].as_u64().unwrap()
}

#[test]
fn works_are_delivered_in_their_order() {
    let mut world = World::new();
    let mut tokens = Vec::new();
    for (id, left) in [("one", 2), ("two", 1), ("three", 0)] {
        assert_eq!(world.due(), [(id.to_string(), START)]);
        if id == "one" {
            assert!(world.claim("two").is_none() && world.claim("three").is_none(), "they stand behind it");
        }
        let sent = world.claim(id).unwrap();
        let body = message(&sent);
        let subject = (body["id"].as_str(), body["subject"].as_str(), body["type"].as_str());
        assert_eq!(subject, (Some(id), Some("t"), Some("countersign.renew")));
        assert_eq!(body["data"]["bound"], true);
        tokens.push(token(&sent));
        let settled = world.settle(&sent.work, &done());
        assert_eq!((settled.effect, settled.promoted), (Settling::Ended, left > 0));
        assert_eq!((settled.instance.as_deref(), world.outbox().lane.queue.len()), (Some("a"), left));
    }
    assert_eq!(tokens, [1, 2, 3]);
    assert_eq!((world.due(), world.outbox().lane.token), (Vec::new(), 3));
}

#[test]
fn what_is_not_over_holds_up_the_rest_and_is_sent_again() {
    let mut world = World::new();
    for (outcome, wait) in [(Outcome::Failed, 1_000), (Outcome::Accepted, 2_000), (Outcome::Failed, 4_000)] {
        let sent = world.claim("one").unwrap();
        assert_eq!(world.settle(&sent.work, &outcome).effect, Settling::Owed);
        assert_eq!(world.due(), [("one".to_string(), world.now + wait)]);
        assert!(world.claim("one").is_none() && world.claim("two").is_none());
        world.now += wait;
    }
    let sent = world.claim("one").unwrap();
    assert_eq!((sent.attempt, token(&sent)), (4, 4));
    assert_eq!(world.settle(&sent.work, &Outcome::Running).effect, Settling::Owed);
    assert_eq!(world.due(), [("one".to_string(), world.now + 15_000)], "its lease goes on");
    world.settle(&sent.work, &done());
    assert_eq!(world.due(), [("two".to_string(), world.now)]);
}

#[test]
fn a_refusal_ends_a_work_and_the_lane_goes_on() {
    let mut world = World::new();
    let sent = world.claim("one").unwrap();
    let refused = Outcome::Refused { code: "000003".to_string(), message: "no such user".to_string() };
    let settled = world.settle(&sent.work, &refused);
    assert_eq!((settled.effect, settled.promoted), (Settling::Ended, true));
    let alarms: Vec<(&str, &str)> =
        settled.alarms.iter().map(|alarm| (&*alarm.code, &*alarm.instance)).collect();
    assert_eq!(alarms, [("effect-refused", "a")]);
    let ended = world.end("one");
    let subject = Subject::Tenant { tenant: "t".to_string(), instance: "a".to_string() };
    assert_eq!((ended.subject, ended.end), (subject, End::Refused));
    // Reported once more, by the backend itself.
    assert_eq!(world.settle_under("one", None, &refused).effect, Settling::Repeated);
    assert_eq!(world.settle_under("one", None, &done()).effect, Settling::Superseded);
    let next = world.claim("two").unwrap();
    assert!(token(&next) > token(&sent));
    assert_eq!(world.settle(&next.work, &done()).effect, Settling::Ended);
}

#[test]
fn a_worker_that_lost_its_lease_settles_nothing() {
    let mut world = World::new();
    let lost = world.claim("one").unwrap();
    assert!(world.claim("one").is_none(), "it is leased");
    world.now += 15_000;
    let held = world.claim("one").unwrap();
    assert_eq!((token(&lost), token(&held)), (1, 2));
    let before = world.rows.clone();
    for outcome in [done(), Outcome::Failed, Outcome::Accepted] {
        assert_eq!(world.settle(&lost.work, &outcome).effect, Settling::Superseded);
    }
    assert_eq!(world.rows, before);
    assert_eq!(world.settle(&held.work, &done()).effect, Settling::Ended);
    assert_eq!(world.settle(&lost.work, &done()).effect, Settling::Repeated, "it is over, as it says");
}

#[test]
fn a_backend_that_reports_by_itself_ends_no_work_before_its_turn() {
    let mut world = World::new();
    let before = world.rows.clone();
    assert_eq!(world.settle_under("two", None, &done()).effect, Settling::Superseded);
    assert_eq!(world.settle_under("nobody", None, &done()).effect, Settling::Unknown);
    assert_eq!(world.rows, before);
    assert_eq!(world.settle_under("one", None, &done()).effect, Settling::Ended);
    assert_eq!(world.settle_under("two", None, &done()).effect, Settling::Ended);
}

#[test]
fn a_work_that_joins_a_lane_later_waits_for_those_before_it() {
    let mut world = World::new();
    for id in ["one", "two"] {
        let sent = world.claim(id).unwrap();
        world.append(&[if id == "one" { "four" } else { "five" }]);
        world.settle(&sent.work, &done());
    }
    let order: Vec<String> = world.outbox().lane.queue.into_iter().map(|queued| queued.id).collect();
    assert_eq!(order, ["three", "four", "five"]);
    let waiting: WorkRow = decode(&world.rows["work/five"].0).unwrap();
    assert!(waiting.queued && waiting.owner.is_none());
}

#[test]
fn a_version_that_knows_instances_alone_finds_none_in_such_a_work() {
    let world = World::new();
    let row: serde_json::Value = serde_json::from_slice(&world.rows["work/one"].0).unwrap();
    assert!(row.get("instance").is_none());
    assert_eq!(row["subject"], serde_json::json!({"kind": "tenant", "id": "t", "instance": "a"}));
    assert_eq!(row["kind"], "renew");
}
