//! Wall clocks step both ways. Nothing that is owed waits longer than it legally may once the clock is right again, and no
//! signed bytes are taken twice.

use countersign_core::Verdict;
use countersign_core::ledger::{Assignment, Outcome, Settling};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::subscription::{BOTH, HOUR, Operation, Subscription};
use super::world::{
    START, Turn, World, access, call, data, done, freeze, order, renewal, sold_out, unfreeze,
};

const LEASE: u64 = 15_000;
const LONGEST_WAIT: u64 = 300_000;
/// By so much the clocks of hosts may differ.
const SKEW: u64 = 5_000;

#[test]
fn a_work_that_waits_is_sent_when_the_clock_steps_back_an_hour() {
    for dialect in BOTH {
        let mut subscription = Subscription::opened(dialect);
        subscription.ends(Operation::Freeze, &Outcome::Failed, "000005");
        subscription.world.now -= HOUR;
        let owed = subscription.world.owed();
        assert_eq!((owed.works[0].at, owed.next_at), (subscription.world.now, None), "it counts as over");
        let claim = subscription.world.due().remove(0);
        assert_eq!(subscription.world.settle(&claim.work, None, &done()).effect, Settling::Ended);
    }
}

#[test]
fn a_lease_taken_hours_ahead_is_over_when_the_clock_is_right_again() {
    for dialect in BOTH {
        let mut subscription = Subscription::opened(dialect);
        subscription.world.now += 3 * HOUR;
        // The gateway is killed while the clock is ahead.
        let (_, lost) = subscription.ask(Operation::Freeze).work();
        subscription.world.now -= 3 * HOUR - 2_000;
        let claim = subscription.world.due().remove(0);
        assert_eq!((&claim.effect.id, claim.attempt), (&lost.effect.id, 2));
        assert_eq!(
            subscription.world.settle(&lost.work, None, &done()).effect,
            Settling::Superseded,
            "fenced"
        );
        assert_eq!(subscription.world.settle(&claim.work, None, &done()).effect, Settling::Ended);

        // Or the platform is first.
        let mut subscription = Subscription::opened(dialect);
        subscription.world.now += 3 * HOUR;
        subscription.ask(Operation::Freeze).work();
        subscription.world.now -= 3 * HOUR - 2_000;
        subscription.done(Operation::Freeze);
    }
}

#[test]
fn a_wait_set_hours_ahead_is_over_when_the_clock_is_right_again() {
    for dialect in BOTH {
        let mut subscription = Subscription::opened(dialect);
        subscription.world.now += 3 * HOUR;
        subscription.ends(Operation::Freeze, &Outcome::Accepted, "000005");
        subscription.world.now -= 3 * HOUR;
        let claim = subscription.world.due().remove(0);
        subscription.world.settle(&claim.work, None, &done());
        assert_eq!(subscription.world.works(), 0);
        // What only waited for its turn as well.
        let (_, running) = subscription.ask(Operation::Unfreeze).work();
        assert_eq!(subscription.ask(Operation::Upgrade("U1")).code(), "000005");
        subscription.world.now += 3 * HOUR;
        subscription.world.settle(&running.work, None, &done());
        subscription.world.now -= 3 * HOUR;
        assert_eq!(subscription.world.due().len(), 1);
    }
}

#[test]
fn each_wait_is_measured_by_its_own_length() {
    let mut world = World::new();
    let (_, work) = world.v2(&order("CS1", "a")).work();
    world.settle(&work.work, None, &Outcome::Failed);
    // A second is what comes after the first send: five minutes are too long for it, though not for the ninth.
    world.now -= LONGEST_WAIT - 10_000;
    assert_eq!(world.due().len(), 1);
}

#[test]
fn clocks_that_differ_a_little_take_nothing_from_each_other() {
    let mut world = World::new();
    let (admission, work) = world.v2(&order("CS1", "a")).work();
    world.now -= SKEW - 1;
    assert!(world.due().is_empty(), "the other host holds it");
    assert!(matches!(world.v2(&order("CS1", "b")), Turn::Wait { .. }));
    world.settle(&work.work, Some(&admission), &Outcome::Failed);
    assert!(world.due().is_empty(), "nor is it sent again at once");
}

#[test]
fn a_status_removes_what_only_seems_to_be_held() {
    for dialect in BOTH {
        let mut subscription = Subscription::opened(dialect);
        subscription.world.now += 3 * HOUR;
        subscription.ask(Operation::Freeze).work();
        subscription.world.now -= 3 * HOUR - 10;
        subscription.done(Operation::Unfreeze);
        assert_eq!((subscription.world.works(), subscription.phase().as_str()), (0, "active"));
    }
}

#[test]
fn a_duplicate_does_not_wait_for_a_clock_that_stepped_back() {
    let mut world = World::new();
    let (_, work) = world.v2(&order("CS1", "a")).work();
    let Verdict::Admitted(second) = world.admit_v2("/v2", &order("CS1", "b")) else { panic!() };
    assert!(matches!(world.decide(&second.admission, &second.keys), Turn::Wait { .. }));
    world.now -= HOUR;
    // Nobody seems to hold it now, so the call takes it up; under the old token nothing is settled any more.
    let (admission, taken) = world.decide(&second.admission, &second.keys).work();
    assert_eq!(taken.effect.id, work.effect.id);
    world.now += HOUR;
    assert_eq!(world.settle(&work.work, None, &access()).effect, Settling::Superseded);
    assert_eq!(world.settle(&taken.work, Some(&admission), &access()).effect, Settling::Ended);

    // Somebody takes the work while the clock is behind: whoever came before it stepped back waits no hour for him.
    let mut world = World::new();
    let (_, work) = world.v2(&order("CS1", "a")).work();
    world.settle(&work.work, None, &Outcome::Accepted);
    let Verdict::Admitted(second) = world.admit_v2("/v2", &order("CS1", "b")) else { panic!() };
    world.now -= HOUR;
    world.due().remove(0);
    let turn = world.decide(&second.admission, &second.keys);
    assert_eq!((turn.code().as_str(), turn.reason()), ("000004", "in-progress"));
}

#[test]
fn a_duplicate_waits_no_longer_than_its_answer() {
    let config = json!({
        "routes": [{"path": "/v2", "dialect": "saas-v2", "keys": [super::world::KEY], "product": "crm"}],
        "settings": {"duplicate_wait_ms": 14_000},
    });
    let mut world = World::new();
    world.seller = countersign_core::Seller::from_json(config.to_string().as_bytes()).unwrap();
    world.v2(&order("CS1", "a")).work();
    let Turn::Wait { until } = world.v2(&order("CS1", "b")) else { panic!("waits") };
    assert_eq!(until, START + 4_000, "the answer leaves by then");
}

#[test]
fn a_refusal_from_the_future_is_no_news() {
    let mut world = World::new();
    world.open("a");
    let upgrade = call("upgradeInstance", "a", &[("orderId", "U1"), ("orderLineId", "1")]);
    world.now += 3 * HOUR;
    assert_eq!(world.v2_through(&upgrade, &sold_out())["resultCode"], "000106");
    assert_eq!(world.v2_through(&order("CS1", "b"), &sold_out())["resultCode"], "000106");
    world.now -= 3 * HOUR - 10;
    // Calls that come now did not wait for what was refused hours ahead: each is another attempt.
    assert!(matches!(world.v2(&order("CS1", "c")), Turn::Work { .. }));
    assert!(matches!(world.v2(&upgrade), Turn::Work { .. }));
}

#[test]
fn what_was_recorded_hours_ahead_makes_no_honest_call_stale() {
    for dialect in BOTH {
        // The platform's clock was as wrong as ours.
        let mut subscription = Subscription::opened(dialect);
        subscription.world.now += 3 * HOUR;
        subscription.done(Operation::Freeze);
        subscription.done(Operation::Renew("R0", START + 1_000));
        subscription.ends(Operation::Upgrade("U1"), &sold_out(), "000106");
        subscription.done(Operation::Upgrade("U2"));
        subscription.world.now -= 3 * HOUR;
        subscription.done(Operation::Upgrade("U1"));
        subscription.done(Operation::Renew("R1", START + 90_000_000));
        assert_eq!(subscription.phase(), "active", "the freeze was before it, whatever its time says");
        subscription.done(Operation::Freeze);
        assert_eq!(subscription.phase(), "frozen");
        subscription.done(Operation::Unfreeze);
        assert_eq!(subscription.phase(), "active");
    }
}

#[test]
fn a_failure_from_the_future_is_no_news() {
    let mut world = World::new();
    world.now += 3 * HOUR;
    let (_, work) = world.v2(&order("CS1", "a")).work();
    world.settle(&work.work, None, &Outcome::Failed);
    world.now -= 3 * HOUR;
    let (_, again) = world.v2(&order("CS1", "b")).work();
    assert_eq!(again.effect.id, work.effect.id, "taken up, not told that it failed");
}

#[test]
fn signed_bytes_are_taken_once_whatever_the_clock_says() {
    let config = json!({"window_ms": 86_400_000_u64});
    for step in [-3, -1, 1, 3, 23] {
        let mut world = World::with(&config);
        world.open("a");
        let (signed_at, fields) = (world.now, freeze("a"));
        let verdict = world.admit_signed("/v2", &fields, signed_at, "nonce1");
        let turn = world.decide_verdict(verdict);
        world.through(turn, &done());
        world.now = world.now.checked_add_signed(step * 3_600_000).unwrap();
        let verdict = world.admit_signed("/v2", &fields, signed_at, "nonce1");
        assert_eq!(world.decide_verdict(verdict).reason(), "replayed", "{step} hours");
    }
    // Between its arrival and the decision the clock jumps beyond the time for which the row was kept.
    let mut world = World::new();
    let (signed_at, fields) = (world.now, freeze("zz"));
    let verdict = world.admit_signed("/v2", &fields, signed_at, "nonce1");
    assert_eq!(world.decide_verdict(verdict).reason(), "unknown-instance");
    let verdict = world.admit_signed("/v2", &fields, signed_at, "nonce1");
    world.now += 3 * HOUR;
    assert_eq!(world.decide_verdict(verdict).reason(), "replayed");
}

/// One thing that may happen.
#[derive(Debug, Clone)]
enum Step {
    Call {
        kind: u8,
        order: u8,
    },
    /// Bytes that were taken before.
    Replay {
        which: usize,
    },
    End {
        which: usize,
        outcome: u8,
    },
    Due,
    Sleep {
        millis: u64,
    },
    /// The wall clock is so far from the truth from now on.
    Clock {
        millis: i64,
    },
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    let clock = prop_oneof![
        2 => Just(0_i64),
        1 => -4_000..4_000_i64,
        1 => -120_000..120_000_i64,
        2 => -11_000_000..11_000_000_i64,
    ];
    prop_oneof![
        6 => (0..6_u8, 0..3_u8).prop_map(|(kind, order)| Step::Call { kind, order }),
        2 => any::<usize>().prop_map(|which| Step::Replay { which }),
        6 => (any::<usize>(), 0..6_u8).prop_map(|(which, outcome)| Step::End { which, outcome }),
        3 => Just(Step::Due),
        2 => prop_oneof![1..50_u64, 900..4_000_u64, 15_000..400_000_u64].prop_map(|millis| Step::Sleep { millis }),
        3 => clock.prop_map(|millis| Step::Clock { millis }),
        1 => Just(Step::Crash),
    ]
}

fn outcome(number: u8, event: &Value) -> Outcome {
    match number {
        0 | 1 if event["type"] == "subscribe" => access(),
        0 | 1 => done(),
        2 => sold_out(),
        3 | 4 => Outcome::Failed,
        _ => Outcome::Accepted,
    }
}

proptest! {
    #[test]
    fn however_the_clock_steps_nothing_is_forgotten_or_taken_twice(
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        let mut world = World::with(&json!({"window_ms": 86_400_000_u64}));
        let mut truth = START;
        let mut off = 0_i64;
        let mut held: Vec<Assignment> = Vec::new();
        let mut taken: Vec<(Value, u64, String)> = Vec::new();
        for (index, step) in steps.into_iter().enumerate() {
            truth += 1;
            world.now = truth.checked_add_signed(off).unwrap();
            match step {
                Step::Call { kind, order: number } => {
                    let (name, id) = (format!("CS{number}"), format!("i{number}"));
                    let fields = match kind {
                        0 | 1 => order(&name, &id),
                        2 => renewal(&id, &format!("R{index}"), START + 90_000_000),
                        3 => freeze(&id),
                        4 => unfreeze(&id),
                        _ => call("upgradeInstance", &id, &[("orderId", &name), ("orderLineId", "1")]),
                    };
                    let nonce = format!("nonce-{index}");
                    let verdict = world.admit_signed("/v2", &fields, truth, &nonce);
                    match world.decide_verdict(verdict) {
                        Turn::Work { assignment, .. } => held.push(assignment),
                        Turn::Wait { until } => {
                            prop_assert!(until > world.now && until <= world.now + 4_000);
                            continue;
                        }
                        _ => {}
                    }
                    taken.push((fields, truth, nonce));
                }
                Step::Replay { which } => {
                    if taken.is_empty() {
                        continue;
                    }
                    let (fields, signed_at, nonce) = &taken[which % taken.len()];
                    let verdict = world.admit_signed("/v2", fields, *signed_at, nonce);
                    prop_assert_eq!(world.decide_verdict(verdict).reason(), "replayed");
                }
                Step::End { which, outcome: number } => {
                    if !held.is_empty() {
                        let work = held.swap_remove(which % held.len());
                        world.settle(&work.work, None, &outcome(number, &data(&work)));
                    }
                }
                Step::Due => held.extend(world.due()),
                Step::Sleep { millis } => truth += millis,
                Step::Clock { millis } => off = millis,
                Step::Crash => held.clear(),
            }
        }
        // The clock is right again, and whoever held works is gone.
        world.now = truth + 1;
        let latest = world.now + LONGEST_WAIT.max(LEASE) + SKEW;
        for work in world.owed().works {
            prop_assert!(work.at <= latest, "{work:?} waits until {}", work.at - world.now);
        }
        // Each queue holds a few works. Whoever carries them out looks when the next one's turn comes, and not only at the
        // end: a lease from a clock that was ahead is none now, but seems sound when the time that it names is near.
        while world.works() > 0 {
            let turn = world.owed().works.iter().map(|work| work.at).min();
            world.now = world.now.max(turn.unwrap_or(world.now));
            prop_assert!(world.now <= latest, "what is owed comes up in time");
            let claims = world.due();
            prop_assert!(!claims.is_empty(), "what is owed comes up");
            for claim in claims {
                prop_assert_eq!(
                    world.settle(&claim.work, None, &outcome(0, &data(&claim))).effect,
                    Settling::Ended
                );
            }
        }
    }
}
