//! What is overtaken is not applied, and success is never said for what was neither done nor overtaken.

use countersign_core::ledger::{Export, Import, Outcome, export_instance};
use serde_json::json;

use super::life::{BOTH, DAY, HOUR, Life, Tongue, Wish};
use super::world::{START, Turn, World, access, done, sold_out};

const FUTURE: u64 = START + 30 * DAY;

/// Answered with success, and nothing came of it.
fn assert_stale(life: &mut Life, wish: Wish<'_>, signed_at: u64, context: &str) {
    let before: Vec<_> = life.world.rows.iter().filter(|(key, _)| !key.starts_with("replay/")).collect();
    let before = format!("{before:?}");
    let turn = life.ask_at(wish, signed_at);
    let Turn::Answer { .. } = &turn else { panic!("{context}: {wish:?} is carried out: {turn:?}") };
    assert_eq!((turn.code().as_str(), turn.reason()), ("000000", ""), "{context}: {wish:?}");
    let after: Vec<_> = life.world.rows.iter().filter(|(key, _)| !key.starts_with("replay/")).collect();
    assert_eq!(format!("{after:?}"), before, "{context}: {wish:?} changed something");
}

#[test]
fn a_freeze_that_a_renewal_lifted_does_not_come_back() {
    for tongue in BOTH {
        let mut life = Life::opened(tongue);
        let frozen_at = life.world.now;
        life.done(Wish::Freeze);
        assert_eq!(life.phase(), "frozen");
        life.done(Wish::Renew("R1", FUTURE));
        assert_eq!(life.phase(), "active");
        assert_stale(&mut life, Wish::Freeze, frozen_at, "the same freeze again");
        assert_stale(&mut life, Wish::Freeze, frozen_at + 5, "another one, signed before the renewal");
        assert_stale(&mut life, Wish::Unfreeze, frozen_at + 5, "older than the renewal");
        life.done(Wish::Freeze);
        assert_eq!(life.phase(), "frozen", "a freeze that is signed after it applies");
    }
}

#[test]
fn a_freeze_signed_before_a_renewal_and_arriving_after_it_is_stale() {
    for tongue in BOTH {
        for scene in [Wish::Renew("R1", FUTURE), Wish::ToFormal("R1", FUTURE)] {
            let mut life = Life::opened(tongue);
            let signed_at = life.world.now;
            life.world.now += 1_000;
            life.done(scene);
            assert_stale(&mut life, Wish::Freeze, signed_at, "nothing was frozen");
            assert_eq!(life.phase(), "active");
        }
    }
}

#[test]
fn it_is_stale_while_the_renewal_is_still_owed_too() {
    for tongue in BOTH {
        let mut life = Life::opened(tongue);
        let signed_at = life.world.now;
        life.world.now += 1_000;
        life.ends(Wish::Renew("R1", FUTURE), &Outcome::Failed, "000005");
        assert_stale(&mut life, Wish::Freeze, signed_at, "the renewal is owed");
        assert_eq!(life.drain(), [("renew".into(), "active".into())]);
        assert_eq!(life.phase(), "active");

        // Behind a work that is running, the renewal is only in the queue.
        let mut life = Life::opened(tongue);
        let signed_at = life.world.now;
        life.world.now += 1_000;
        let (_, running) = life.ask(Wish::Upgrade("U1")).work();
        assert_eq!(life.ask(Wish::Renew("R1", FUTURE)).code(), "000005");
        assert_stale(&mut life, Wish::Freeze, signed_at, "the renewal is queued");
        life.world.settle(&running.work, None, &done());
        life.drain();
        assert_eq!(life.phase(), "active");
    }
}

#[test]
fn a_freeze_signed_after_a_renewal_that_is_owed_holds() {
    for tongue in BOTH {
        let mut life = Life::opened(tongue);
        life.ends(Wish::Renew("R1", FUTURE), &Outcome::Failed, "000005");
        life.world.now += 1_000;
        assert_eq!(life.ask(Wish::Freeze).code(), "000005");
        assert_eq!(life.phase(), "frozen", "it counts from its reservation");
        assert_eq!(
            life.drain(),
            [("renew".into(), "frozen".into()), ("freeze".into(), "frozen".into())],
            "the renewal no longer says that the instance becomes active"
        );
        assert_eq!(life.phase(), "frozen");
    }
}

#[test]
fn only_a_renewal_that_lifts_makes_older_statuses_stale() {
    for tongue in BOTH {
        for scene in [Wish::Cancel("R1", FUTURE), Wish::Renew("R1", START - DAY), Wish::Upgrade("U1")] {
            let mut life = Life::opened(tongue);
            let signed_at = life.world.now;
            life.world.now += 1_000;
            life.done(scene);
            let turn = life.ask_at(Wish::Freeze, signed_at);
            assert_eq!(life.world.through(turn, &done())["resultCode"], "000000");
            assert_eq!(life.phase(), "frozen", "{tongue:?} {scene:?}");
        }
    }
}

#[test]
fn a_renewal_lifts_by_its_own_word_however_long_it_is_owed() {
    for tongue in BOTH {
        let mut life = Life::opened(tongue);
        life.done(Wish::Freeze);
        let soon = life.world.now + HOUR;
        life.ends(Wish::Renew("R1", soon), &Outcome::Failed, "000005");
        life.world.now += DAY;
        assert_eq!(life.drain(), [("renew".into(), "active".into())]);
        assert_eq!(life.phase(), "active", "no clock decides a phase");
    }
}

#[test]
fn a_renewal_older_than_the_freeze_does_not_lift_it() {
    for tongue in BOTH {
        let mut life = Life::opened(tongue);
        let signed_at = life.world.now;
        life.world.now += 1_000;
        let frozen_at = life.world.now;
        life.done(Wish::Freeze);
        let turn = life.ask_at(Wish::Renew("R1", FUTURE), signed_at);
        assert_eq!(life.world.through(turn, &done())["resultCode"], "000000");
        assert_eq!(life.phase(), "frozen");
        assert_stale(&mut life, Wish::Unfreeze, frozen_at - 1, "older than the freeze still");
    }
}

#[test]
fn the_platforms_clock_ahead_makes_no_later_freeze_stale() {
    for tongue in BOTH {
        let mut life = Life::opened(tongue);
        let turn = life.ask_at(Wish::Renew("R1", FUTURE), life.world.now + 50_000);
        life.world.through(turn, &done());
        life.world.now += 10;
        life.done(Wish::Freeze);
        assert_eq!(life.phase(), "frozen");
        // One that arrives while such a renewal is owed is not lifted by it either.
        let mut life = Life::opened(tongue);
        let turn = life.ask_at(Wish::Renew("R1", FUTURE), life.world.now + 50_000);
        life.world.through(turn, &Outcome::Failed);
        life.world.now += 10;
        assert_eq!(life.ask(Wish::Freeze).code(), "000005");
        life.drain();
        assert_eq!(life.phase(), "frozen");
    }
}

#[test]
fn a_clock_that_fell_behind_neither_keeps_a_freeze_nor_brings_it_back() {
    // V1 signs no window: calls go on while our clock is an hour behind.
    let mut life = Life::opened(Tongue::V1);
    let frozen_at = life.world.now;
    life.done(Wish::Freeze);
    let renewed_at = life.world.now + 10;
    life.world.now -= HOUR;
    let turn = life.ask_at(Wish::Renew("R1", FUTURE), renewed_at);
    life.world.through(turn, &done());
    assert_eq!(life.phase(), "active");
    assert_stale(&mut life, Wish::Freeze, frozen_at, "the clock is still behind");
    life.world.now += HOUR;
    assert_stale(&mut life, Wish::Freeze, frozen_at, "the clock is right again");
}

#[test]
fn an_adopted_instance_has_the_same_rules() {
    for tongue in BOTH {
        let adopt = json!({"unknown_instance": "adopt"});
        let mut life = Life { world: World::of_routes(&[&adopt, &adopt, &json!({})]), tongue };
        let signed_at = life.world.now;
        life.world.now += 1_000;
        let turn = life.ask(Wish::Renew("R1", FUTURE));
        assert_eq!(life.world.through(turn, &access())["resultCode"], "000000");
        assert_stale(&mut life, Wish::Freeze, signed_at, "adopted by the renewal");
    }
}

#[test]
fn what_was_refused_is_never_said_to_be_done() {
    for tongue in BOTH {
        let mut life = Life::opened(tongue);
        let first_at = life.world.now;
        life.ends(Wish::Upgrade("U1"), &sold_out(), "000106");
        life.done(Wish::Upgrade("U2"));
        let turn = life.ask_at(Wish::Upgrade("U1"), first_at);
        assert_eq!((turn.code().as_str(), turn.reason()), ("000106", "backend-refused"));
        assert_eq!(turn.json()["resultMsg"], "sold out");
        assert_eq!(life.world.works(), 0, "and it does not run again");
        // A call that was signed later is another attempt.
        life.done(Wish::Upgrade("U1"));
        assert_stale(&mut life, Wish::Upgrade("U1"), first_at, "done by now");
    }
}

#[test]
fn a_refusal_is_repeated_while_the_newer_one_is_owed_or_refused_too() {
    for tongue in BOTH {
        for outcome in [Outcome::Failed, sold_out()] {
            let mut life = Life::opened(tongue);
            let first_at = life.world.now;
            life.ends(Wish::Upgrade("U1"), &sold_out(), "000106");
            let turn = life.ask(Wish::Upgrade("U2"));
            life.world.through(turn, &outcome);
            life.world.now += 10;
            let turn = life.ask_at(Wish::Upgrade("U1"), first_at);
            assert_eq!((turn.code().as_str(), turn.reason()), ("000106", "backend-refused"), "{outcome:?}");
        }
    }
}

#[test]
fn a_refused_upgrade_overtakes_nobody() {
    for tongue in BOTH {
        let mut life = Life::opened(tongue);
        let early = life.world.now;
        life.world.now += 1_000;
        life.ends(Wish::Upgrade("U2"), &sold_out(), "000106");
        let turn = life.ask_at(Wish::Upgrade("U1"), early);
        assert!(matches!(turn, Turn::Work { .. }), "{turn:?}");
        assert_eq!(life.world.through(turn, &done())["resultCode"], "000000");

        // A row of refusals behind one that was done leaves only that one.
        let mut life = Life::opened(tongue);
        let times: Vec<u64> = (0..4).map(|step| life.world.now + step * 100).collect();
        life.world.now += 1_000;
        let (_, first) = life.ask_at(Wish::Upgrade("U1"), times[1]).work();
        for (order, signed_at) in [("U2", times[2]), ("U3", times[3])] {
            assert_eq!(life.ask_at(Wish::Upgrade(order), signed_at).code(), "000005");
        }
        life.world.settle(&first.work, None, &done());
        for _ in 0..2 {
            let claims = life.world.due();
            life.world.settle(&claims[0].work, None, &sold_out());
        }
        assert_stale(&mut life, Wish::Upgrade("U0"), times[0], "the first was done");
        let turn = life.ask_at(Wish::Upgrade("U4"), times[1] + 50);
        assert!(matches!(turn, Turn::Work { .. }), "those after it were refused: {turn:?}");
    }
}

#[test]
fn a_refusal_survives_an_export_and_an_import() {
    let mut life = Life::opened(Tongue::V2);
    let first_at = life.world.now;
    life.ends(Wish::Upgrade("U1"), &sold_out(), "000106");
    life.done(Wish::Upgrade("U2"));
    let key = countersign_core::ledger::instance_key("crm", "a");
    let exported = export_instance(&life.world.rows[&key].0, true).unwrap();
    let Export::Line { instance, .. } = exported else { panic!("{exported:?}") };
    let mut other = Life { world: World::new(), tongue: Tongue::V2 };
    other.world.now = life.world.now;
    let line = serde_json::from_str(&instance).unwrap();
    assert!(matches!(other.world.import(&line), Import::Commit(_)));
    let turn = other.ask_at(Wish::Upgrade("U1"), first_at);
    assert_eq!((turn.code().as_str(), turn.reason()), ("000106", "backend-refused"));
}

#[test]
fn a_create_that_is_refused_takes_with_it_what_was_asked_meanwhile() {
    for tongue in BOTH {
        let mut life = Life { world: World::new(), tongue };
        let (_, create) = life.create(false).work();
        life.world.now += 10;
        let frozen_at = life.world.now;
        assert_eq!(life.ask(Wish::Freeze).code(), "000005");
        assert_eq!(life.ask(Wish::Renew("R1", FUTURE)).code(), "000005");
        life.world.settle(&create.work, None, &sold_out());
        life.world.now += 10;
        let turn = life.create(false);
        assert_eq!(life.world.through(turn, &access())["resultCode"], "000000");
        assert_eq!(life.phase(), "active", "the freeze was void with the create");
        // Neither counts as done, nor as overtaken.
        let turn = life.ask_at(Wish::Freeze, frozen_at);
        assert_eq!(life.world.through(turn, &done())["resultCode"], "000000");
        assert_eq!(life.phase(), "frozen");
        assert!(matches!(life.ask_at(Wish::Renew("R1", FUTURE), frozen_at), Turn::Work { .. }));
    }
}
