//! What is overtaken is not applied, and success is never said for what was neither done nor overtaken.

use countersign_core::ledger::{Export, Import, Outcome, export_instance};
use serde_json::json;

use super::subscription::{BOTH, DAY, Dialect, HOUR, Operation, Subscription};
use super::world::{START, Turn, World, access, done, sold_out};

const FUTURE: u64 = START + 30 * DAY;

/// Answered with success, and nothing came of it.
fn assert_stale(subscription: &mut Subscription, operation: Operation<'_>, signed_at: u64, context: &str) {
    let before: Vec<_> =
        subscription.world.rows.iter().filter(|(key, _)| !key.starts_with("replay/")).collect();
    let before = format!("{before:?}");
    let turn = subscription.ask_at(operation, signed_at);
    let Turn::Answer { .. } = &turn else { panic!("{context}: {operation:?} is carried out: {turn:?}") };
    assert_eq!((turn.code().as_str(), turn.reason()), ("000000", ""), "{context}: {operation:?}");
    let after: Vec<_> =
        subscription.world.rows.iter().filter(|(key, _)| !key.starts_with("replay/")).collect();
    assert_eq!(format!("{after:?}"), before, "{context}: {operation:?} changed something");
}

#[test]
fn a_freeze_that_a_renewal_lifted_does_not_come_back() {
    for dialect in BOTH {
        let mut subscription = Subscription::opened(dialect);
        let frozen_at = subscription.world.now;
        subscription.done(Operation::Freeze);
        assert_eq!(subscription.phase(), "frozen");
        subscription.done(Operation::Renew("R1", FUTURE));
        assert_eq!(subscription.phase(), "active");
        assert_stale(&mut subscription, Operation::Freeze, frozen_at, "the same freeze again");
        assert_stale(
            &mut subscription,
            Operation::Freeze,
            frozen_at + 5,
            "another one, signed before the renewal",
        );
        assert_stale(&mut subscription, Operation::Unfreeze, frozen_at + 5, "older than the renewal");
        subscription.done(Operation::Freeze);
        assert_eq!(subscription.phase(), "frozen", "a freeze that is signed after it applies");
    }
}

#[test]
fn a_freeze_signed_before_a_renewal_and_arriving_after_it_is_stale() {
    for dialect in BOTH {
        for scene in [Operation::Renew("R1", FUTURE), Operation::ToFormal("R1", FUTURE)] {
            let mut subscription = Subscription::opened(dialect);
            let signed_at = subscription.world.now;
            subscription.world.now += 1_000;
            subscription.done(scene);
            assert_stale(&mut subscription, Operation::Freeze, signed_at, "nothing was frozen");
            assert_eq!(subscription.phase(), "active");
        }
    }
}

#[test]
fn it_is_stale_while_the_renewal_is_still_owed_too() {
    for dialect in BOTH {
        let mut subscription = Subscription::opened(dialect);
        let signed_at = subscription.world.now;
        subscription.world.now += 1_000;
        subscription.ends(Operation::Renew("R1", FUTURE), &Outcome::Failed, "000005");
        assert_stale(&mut subscription, Operation::Freeze, signed_at, "the renewal is owed");
        assert_eq!(subscription.drain(), [("renew".into(), "active".into())]);
        assert_eq!(subscription.phase(), "active");

        // Behind a work that is running, the renewal is only in the queue.
        let mut subscription = Subscription::opened(dialect);
        let signed_at = subscription.world.now;
        subscription.world.now += 1_000;
        let (_, running) = subscription.ask(Operation::Upgrade("U1")).work();
        assert_eq!(subscription.ask(Operation::Renew("R1", FUTURE)).code(), "000005");
        assert_stale(&mut subscription, Operation::Freeze, signed_at, "the renewal is queued");
        subscription.world.settle(&running.work, None, &done());
        subscription.drain();
        assert_eq!(subscription.phase(), "active");
    }
}

#[test]
fn a_freeze_signed_after_a_renewal_that_is_owed_holds() {
    for dialect in BOTH {
        let mut subscription = Subscription::opened(dialect);
        subscription.ends(Operation::Renew("R1", FUTURE), &Outcome::Failed, "000005");
        subscription.world.now += 1_000;
        assert_eq!(subscription.ask(Operation::Freeze).code(), "000005");
        assert_eq!(subscription.phase(), "frozen", "it counts from its reservation");
        assert_eq!(
            subscription.drain(),
            [("renew".into(), "frozen".into()), ("freeze".into(), "frozen".into())],
            "the renewal no longer says that the instance becomes active"
        );
        assert_eq!(subscription.phase(), "frozen");
    }
}

#[test]
fn only_a_renewal_that_lifts_makes_older_statuses_stale() {
    for dialect in BOTH {
        for scene in
            [Operation::Cancel("R1", FUTURE), Operation::Renew("R1", START - DAY), Operation::Upgrade("U1")]
        {
            let mut subscription = Subscription::opened(dialect);
            let signed_at = subscription.world.now;
            subscription.world.now += 1_000;
            subscription.done(scene);
            let turn = subscription.ask_at(Operation::Freeze, signed_at);
            assert_eq!(subscription.world.through(turn, &done())["resultCode"], "000000");
            assert_eq!(subscription.phase(), "frozen", "{dialect:?} {scene:?}");
        }
    }
}

#[test]
fn a_renewal_lifts_by_its_own_word_however_long_it_is_owed() {
    for dialect in BOTH {
        let mut subscription = Subscription::opened(dialect);
        subscription.done(Operation::Freeze);
        let soon = subscription.world.now + HOUR;
        subscription.ends(Operation::Renew("R1", soon), &Outcome::Failed, "000005");
        subscription.world.now += DAY;
        assert_eq!(subscription.drain(), [("renew".into(), "active".into())]);
        assert_eq!(subscription.phase(), "active", "no clock decides a phase");
    }
}

#[test]
fn a_renewal_older_than_the_freeze_does_not_lift_it() {
    for dialect in BOTH {
        let mut subscription = Subscription::opened(dialect);
        let signed_at = subscription.world.now;
        subscription.world.now += 1_000;
        let frozen_at = subscription.world.now;
        subscription.done(Operation::Freeze);
        let turn = subscription.ask_at(Operation::Renew("R1", FUTURE), signed_at);
        assert_eq!(subscription.world.through(turn, &done())["resultCode"], "000000");
        assert_eq!(subscription.phase(), "frozen");
        assert_stale(&mut subscription, Operation::Unfreeze, frozen_at - 1, "older than the freeze still");
    }
}

#[test]
fn the_platforms_clock_ahead_makes_no_later_freeze_stale() {
    for dialect in BOTH {
        let mut subscription = Subscription::opened(dialect);
        let turn = subscription.ask_at(Operation::Renew("R1", FUTURE), subscription.world.now + 50_000);
        subscription.world.through(turn, &done());
        subscription.world.now += 10;
        subscription.done(Operation::Freeze);
        assert_eq!(subscription.phase(), "frozen");
        // One that arrives while such a renewal is owed is not lifted by it either.
        let mut subscription = Subscription::opened(dialect);
        let turn = subscription.ask_at(Operation::Renew("R1", FUTURE), subscription.world.now + 50_000);
        subscription.world.through(turn, &Outcome::Failed);
        subscription.world.now += 10;
        assert_eq!(subscription.ask(Operation::Freeze).code(), "000005");
        subscription.drain();
        assert_eq!(subscription.phase(), "frozen");
    }
}

#[test]
fn a_clock_that_fell_behind_neither_keeps_a_freeze_nor_brings_it_back() {
    // V1 signs no window: calls go on while our clock is an hour behind.
    let mut subscription = Subscription::opened(Dialect::V1);
    let frozen_at = subscription.world.now;
    subscription.done(Operation::Freeze);
    let renewed_at = subscription.world.now + 10;
    subscription.world.now -= HOUR;
    let turn = subscription.ask_at(Operation::Renew("R1", FUTURE), renewed_at);
    subscription.world.through(turn, &done());
    assert_eq!(subscription.phase(), "active");
    assert_stale(&mut subscription, Operation::Freeze, frozen_at, "the clock is still behind");
    subscription.world.now += HOUR;
    assert_stale(&mut subscription, Operation::Freeze, frozen_at, "the clock is right again");
}

#[test]
fn an_adopted_instance_has_the_same_rules() {
    for dialect in BOTH {
        let adopt = json!({"unknown_instance": "adopt"});
        let mut subscription =
            Subscription { world: World::of_routes(&[&adopt, &adopt, &json!({})]), dialect };
        let signed_at = subscription.world.now;
        subscription.world.now += 1_000;
        let turn = subscription.ask(Operation::Renew("R1", FUTURE));
        assert_eq!(subscription.world.through(turn, &access())["resultCode"], "000000");
        assert_stale(&mut subscription, Operation::Freeze, signed_at, "adopted by the renewal");
    }
}

#[test]
fn what_was_refused_is_never_said_to_be_done() {
    for dialect in BOTH {
        let mut subscription = Subscription::opened(dialect);
        let first_at = subscription.world.now;
        subscription.ends(Operation::Upgrade("U1"), &sold_out(), "000106");
        subscription.done(Operation::Upgrade("U2"));
        let turn = subscription.ask_at(Operation::Upgrade("U1"), first_at);
        assert_eq!((turn.code().as_str(), turn.reason()), ("000106", "backend-refused"));
        assert_eq!(turn.json()["resultMsg"], "sold out");
        assert_eq!(subscription.world.works(), 0, "and it does not run again");
        // A call that was signed later is another attempt.
        subscription.done(Operation::Upgrade("U1"));
        assert_stale(&mut subscription, Operation::Upgrade("U1"), first_at, "done by now");
    }
}

#[test]
fn a_refusal_is_repeated_while_the_newer_one_is_owed_or_refused_too() {
    for dialect in BOTH {
        for outcome in [Outcome::Failed, sold_out()] {
            let mut subscription = Subscription::opened(dialect);
            let first_at = subscription.world.now;
            subscription.ends(Operation::Upgrade("U1"), &sold_out(), "000106");
            let turn = subscription.ask(Operation::Upgrade("U2"));
            subscription.world.through(turn, &outcome);
            subscription.world.now += 10;
            let turn = subscription.ask_at(Operation::Upgrade("U1"), first_at);
            assert_eq!((turn.code().as_str(), turn.reason()), ("000106", "backend-refused"), "{outcome:?}");
        }
    }
}

#[test]
fn a_refused_upgrade_overtakes_nobody() {
    for dialect in BOTH {
        let mut subscription = Subscription::opened(dialect);
        let early = subscription.world.now;
        subscription.world.now += 1_000;
        subscription.ends(Operation::Upgrade("U2"), &sold_out(), "000106");
        let turn = subscription.ask_at(Operation::Upgrade("U1"), early);
        assert!(matches!(turn, Turn::Work { .. }), "{turn:?}");
        assert_eq!(subscription.world.through(turn, &done())["resultCode"], "000000");

        // A row of refusals behind one that was done leaves only that one.
        let mut subscription = Subscription::opened(dialect);
        let times: Vec<u64> = (0..4).map(|step| subscription.world.now + step * 100).collect();
        subscription.world.now += 1_000;
        let (_, first) = subscription.ask_at(Operation::Upgrade("U1"), times[1]).work();
        for (order, signed_at) in [("U2", times[2]), ("U3", times[3])] {
            assert_eq!(subscription.ask_at(Operation::Upgrade(order), signed_at).code(), "000005");
        }
        subscription.world.settle(&first.work, None, &done());
        for _ in 0..2 {
            let claims = subscription.world.due();
            subscription.world.settle(&claims[0].work, None, &sold_out());
        }
        assert_stale(&mut subscription, Operation::Upgrade("U0"), times[0], "the first was done");
        let turn = subscription.ask_at(Operation::Upgrade("U4"), times[1] + 50);
        assert!(matches!(turn, Turn::Work { .. }), "those after it were refused: {turn:?}");
    }
}

#[test]
fn a_refusal_survives_an_export_and_an_import() {
    let mut subscription = Subscription::opened(Dialect::V2);
    let first_at = subscription.world.now;
    subscription.ends(Operation::Upgrade("U1"), &sold_out(), "000106");
    subscription.done(Operation::Upgrade("U2"));
    let key = countersign_core::ledger::instance_key("crm", "a");
    let exported = export_instance(&subscription.world.rows[&key].0, true).unwrap();
    let Export::Line { instance, .. } = exported else { panic!("{exported:?}") };
    let mut other = Subscription { world: World::new(), dialect: Dialect::V2 };
    other.world.now = subscription.world.now;
    let line = serde_json::from_str(&instance).unwrap();
    assert!(matches!(other.world.import(&line), Import::Commit(_)));
    let turn = other.ask_at(Operation::Upgrade("U1"), first_at);
    assert_eq!((turn.code().as_str(), turn.reason()), ("000106", "backend-refused"));
}

#[test]
fn a_create_that_is_refused_takes_with_it_what_was_asked_meanwhile() {
    for dialect in BOTH {
        let mut subscription = Subscription { world: World::new(), dialect };
        let (_, create) = subscription.create(false).work();
        subscription.world.now += 10;
        let frozen_at = subscription.world.now;
        assert_eq!(subscription.ask(Operation::Freeze).code(), "000005");
        assert_eq!(subscription.ask(Operation::Renew("R1", FUTURE)).code(), "000005");
        subscription.world.settle(&create.work, None, &sold_out());
        subscription.world.now += 10;
        let turn = subscription.create(false);
        assert_eq!(subscription.world.through(turn, &access())["resultCode"], "000000");
        assert_eq!(subscription.phase(), "active", "the freeze was void with the create");
        // Neither counts as done, nor as overtaken.
        let turn = subscription.ask_at(Operation::Freeze, frozen_at);
        assert_eq!(subscription.world.through(turn, &done())["resultCode"], "000000");
        assert_eq!(subscription.phase(), "frozen");
        assert!(matches!(subscription.ask_at(Operation::Renew("R1", FUTURE), frozen_at), Turn::Work { .. }));
    }
}
