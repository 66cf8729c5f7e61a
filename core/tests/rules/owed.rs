//! Works that nobody runs: listed all at once, claimed one at a time.

use countersign_core::ledger::{Outcome, Row, Stored};

use super::world::{START, World, access, freeze, order, renewal};

const LEASE: u64 = 15_000;

#[test]
fn a_look_claims_nothing_and_says_whose_turn_it_is() {
    let mut world = World::new();
    world.open("a");
    let (_, create) = world.v2(&order("CS1", "b")).work();
    world.v2(&freeze("a"));
    world.v2(&renewal("a", "R1", START + 90_000_000));
    let owed = world.owed();
    assert_eq!(owed, world.owed(), "looking changes nothing");
    let mut seen: Vec<(&str, &str, u64, u32)> =
        owed.works.iter().map(|work| (&*work.instance, &*work.order, work.at, work.sends)).collect();
    seen.sort_unstable();
    // The renewal stands behind the freeze: its turn has not come.
    assert_eq!(seen, [("a", "", START + LEASE, 1), ("b", "CS1", START + LEASE, 1)]);
    assert_eq!(owed.next_at, Some(START + LEASE));
    let one = owed.works.iter().find(|work| work.instance == "b").unwrap();
    assert_eq!((&*one.product, &*one.path, &*one.dialect, one.accepted), ("crm", "/v2", "saas-v2", None));
    assert_eq!(one.key, format!("work/{}", create.effect.id));
    world.settle(&create.work, None, &Outcome::Accepted);
    let owed = world.owed();
    let one = owed.works.iter().find(|work| work.instance == "b").unwrap();
    assert_eq!((one.at, one.accepted), (START + 1_000, Some(true)));
}

#[test]
fn a_claim_is_of_one_work_whose_time_has_come() {
    let mut world = World::new();
    let (_, one) = world.v2(&order("CS1", "a")).work();
    world.v2(&order("CS2", "b")).work();
    let key = format!("work/{}", one.effect.id);
    assert_eq!(world.claim(&key), None, "somebody holds it");
    world.now += LEASE;
    let rows = world.load(std::slice::from_ref(&key));
    let claim = world.claim(&key).unwrap();
    assert_eq!((&*claim.effect.id, claim.attempt), (&*one.effect.id, 2));
    assert_eq!((&*claim.instance, &*claim.order), ("a", "CS1"));
    assert_eq!(claim.commit.len(), 1, "the other work is nobody's business");
    let rival = world.seller.claim(&rows[0], world.now, &[9; 32]).unwrap().unwrap();
    assert!(!world.commit(&rival.commit), "one claim holds");
    world.settle(&claim.work, None, &access());
    assert_eq!(world.claim(&key), None, "it is over");
    assert_eq!(world.due().len(), 1);
}

#[test]
fn a_work_behind_another_cannot_be_claimed() {
    let mut world = World::new();
    world.open("a");
    let (_, front) = world.v2(&freeze("a")).work();
    world.v2(&renewal("a", "R1", START + 90_000_000));
    world.now += LEASE;
    let front = format!("work/{}", front.effect.id);
    let behind = world.work_rows().into_iter().find(|row| row.key != front).unwrap();
    assert_eq!(world.claim(&behind.key), None);
    assert!(world.claim(&front).is_some());
}

#[test]
fn a_row_that_cannot_be_read_is_named_and_stops_nobody() {
    let mut world = World::new();
    world.v2(&order("CS1", "a")).work();
    world.now += LEASE;
    let mut rows = world.work_rows();
    let stored = Some(Stored { bytes: b"{}".to_vec(), version: 7 });
    let damaged = Row { key: "work/damaged".into(), value: stored };
    rows.insert(0, damaged.clone());
    let owed = world.seller.due(&rows, world.now);
    assert_eq!(owed.works.len(), 1);
    let named: Vec<(&str, &str)> =
        owed.unreadable.iter().map(|row| (&*row.key, row.reason.code.code())).collect();
    assert_eq!(named, [("work/damaged", "corrupt-row")]);
    let error = world.seller.claim(&damaged, world.now, &[1; 32]).unwrap_err();
    assert_eq!(error.code(), "corrupt-row");
}
