//! The phase in an effect is that of the ledger once the effect is carried out.

use countersign_core::ledger::Outcome;

use super::life::{BOTH, DAY, Life, Tongue, Wish};
use super::world::{START, World, access, data, done, sold_out};

const FUTURE: u64 = START + 30 * DAY;

fn sent(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(kind, phase)| ((*kind).to_string(), (*phase).to_string())).collect()
}

#[test]
fn an_upgrade_behind_a_renewal_that_lifts_says_active() {
    for tongue in BOTH {
        let mut life = Life::opened(tongue);
        life.done(Wish::Freeze);
        life.ends(Wish::Renew("R1", FUTURE), &Outcome::Failed, "000005");
        assert_eq!(life.ask(Wish::Upgrade("U1")).code(), "000005");
        assert_eq!(life.drain(), sent(&[("renew", "active"), ("upgrade", "active")]));
        assert_eq!(life.phase(), "active");
    }
}

#[test]
fn what_waits_behind_trial_to_formal_is_no_trial() {
    let mut life = Life::trial();
    life.ends(Wish::ToFormal("R1", FUTURE), &Outcome::Failed, "000005");
    for wish in [Wish::Upgrade("U1"), Wish::Renew("R2", FUTURE + DAY), Wish::Unfreeze] {
        life.world.now += 10;
        assert_eq!(life.ask(wish).code(), "000005");
    }
    let expected = [("renew", "active"), ("upgrade", "active"), ("renew", "active"), ("unfreeze", "active")];
    assert_eq!(life.drain(), sent(&expected));
}

#[test]
fn what_waits_behind_a_create_never_says_reserved() {
    for (tongue, trial, phase) in
        [(Tongue::V1, false, "active"), (Tongue::V1, true, "trial"), (Tongue::V2, false, "active")]
    {
        let mut life = Life { world: World::new(), tongue };
        let (_, create) = life.create(trial).work();
        assert_eq!(data(&create)["phase"], phase);
        for wish in [Wish::Upgrade("U1"), Wish::Renew("R1", FUTURE)] {
            life.world.now += 10;
            assert_eq!(life.ask(wish).code(), "000005");
        }
        life.world.settle(&create.work, None, &access());
        assert_eq!(life.drain(), sent(&[("upgrade", phase), ("renew", phase)]));
        assert_eq!(life.phase(), phase);
    }
}

#[test]
fn a_freeze_taken_in_while_another_work_waits_is_in_its_next_send() {
    for tongue in BOTH {
        let mut life = Life::opened(tongue);
        let (_, first) = life.ask(Wish::Upgrade("U1")).work();
        assert_eq!(data(&first)["phase"], "active");
        life.world.settle(&first.work, None, &Outcome::Failed);
        life.world.now += 10;
        assert_eq!(life.ask(Wish::Freeze).code(), "000005");
        life.world.now += 1_000;
        let again = life.world.due().remove(0);
        assert_eq!(again.effect.id, first.effect.id);
        assert_eq!(data(&again)["phase"], "frozen", "the ledger is frozen, and stays so once this is done");
        life.world.settle(&again.work, None, &Outcome::Failed);
        life.world.now += 10;
        assert_eq!(life.ask(Wish::Unfreeze).code(), "000005");
        assert_eq!(life.drain(), sent(&[("upgrade", "active"), ("unfreeze", "active")]));
    }
}

#[test]
fn a_message_is_the_same_for_every_send_while_the_ledger_stands_where_it_stood() {
    for tongue in BOTH {
        let mut life = Life::opened(tongue);
        let without_token = |body: &str| {
            let mut event: serde_json::Value = serde_json::from_str(body).unwrap();
            event["fencingtoken"].take();
            event.to_string()
        };
        let (_, first) = life.ask(Wish::Renew("R1", FUTURE)).work();
        life.world.settle(&first.work, None, &Outcome::Failed);
        // Neither of these changes the phase.
        for wish in [Wish::Upgrade("U1"), Wish::Renew("R2", FUTURE + DAY)] {
            life.world.now += 10;
            assert_eq!(life.ask(wish).code(), "000005");
        }
        life.world.now += 1_000;
        let again = life.world.due().remove(0);
        assert_eq!(without_token(&again.effect.body), without_token(&first.effect.body));
    }
}

#[test]
fn a_send_after_a_crash_says_what_was_taken_in_while_it_ran() {
    for tongue in BOTH {
        let mut life = Life { world: World::new(), tongue };
        let (_, create) = life.create(false).work();
        life.world.now += 10;
        assert_eq!(life.ask(Wish::Freeze).code(), "000005", "the create is running");
        life.world.now += 15_000;
        let again = life.world.due().remove(0);
        assert_eq!((&again.effect.id, &data(&again)["phase"]), (&create.effect.id, &"frozen".into()));
        life.world.settle(&again.work, None, &access());
        assert_eq!(life.phase(), "frozen");
        assert_eq!(life.drain(), sent(&[("freeze", "frozen")]));
    }
}

#[test]
fn what_runs_while_a_release_is_taken_in_is_sent_again_as_released() {
    for tongue in BOTH {
        let mut life = Life::opened(tongue);
        let (_, running) = life.ask(Wish::Freeze).work();
        life.world.now += 10;
        assert_eq!(life.ask(Wish::Release).code(), "000005");
        life.world.settle(&running.work, None, &Outcome::Failed);
        assert_eq!(life.drain(), sent(&[("freeze", "released"), ("release", "released")]));
    }
}

#[test]
fn a_repeated_release_removes_what_has_stopped_running_since() {
    for tongue in BOTH {
        let mut life = Life::opened(tongue);
        let (_, running) = life.ask(Wish::Upgrade("U1")).work();
        life.world.now += 10;
        assert_eq!(life.ask(Wish::Release).code(), "000005");
        life.world.settle(&running.work, None, &Outcome::Failed);
        life.world.now += 10;
        // Whoever repeats it need not wait until the backend takes what is void anyway.
        let (admission, release) = life.ask(Wish::Release).work();
        assert_eq!(data(&release)["type"], "release");
        life.world.settle(&release.work, Some(&admission), &done());
        assert_eq!((life.world.works(), life.phase().as_str()), (0, "released"));
    }
}

#[test]
fn a_repeated_status_removes_the_other_that_has_stopped_running_since() {
    for tongue in BOTH {
        let mut life = Life::opened(tongue);
        let (_, running) = life.ask(Wish::Freeze).work();
        life.world.now += 10;
        assert_eq!(life.ask(Wish::Unfreeze).code(), "000005");
        life.world.settle(&running.work, None, &Outcome::Failed);
        life.world.now += 10;
        let (admission, unfreeze) = life.ask(Wish::Unfreeze).work();
        assert_eq!(
            (&data(&unfreeze)["type"], &data(&unfreeze)["phase"]),
            (&"unfreeze".into(), &"active".into())
        );
        life.world.settle(&unfreeze.work, Some(&admission), &done());
        assert_eq!((life.world.works(), life.phase().as_str()), (0, "active"));
    }
}

#[test]
fn a_create_that_runs_again_says_what_the_new_call_says() {
    let mut life = Life { world: World::new(), tongue: Tongue::V1 };
    let turn = life.create(true);
    life.world.through(turn, &sold_out());
    life.world.now += 10;
    let (admission, work) = life.create(false).work();
    assert_eq!(data(&work)["phase"], "active");
    life.world.settle(&work.work, Some(&admission), &access());
    assert_eq!(life.phase(), "active");
}

#[test]
fn adopting_calls_say_the_phase_that_the_instance_will_have() {
    let adopt = serde_json::json!({"unknown_instance": "adopt"});
    for tongue in BOTH {
        let world = World::of_routes(&[&adopt, &adopt, &serde_json::json!({})]);
        let mut life = Life { world, tongue };
        let (_, first) = life.ask(Wish::Upgrade("U1")).work();
        assert_eq!(data(&first)["phase"], "active");
        life.world.now += 10;
        assert_eq!(life.ask(Wish::Freeze).code(), "000005");
        life.world.settle(&first.work, None, &Outcome::Failed);
        life.world.now += 1_000;
        let again = life.world.due().remove(0);
        assert_eq!((&data(&again)["phase"], &data(&again)["adopted"]), (&"frozen".into(), &true.into()));
        life.world.settle(&again.work, None, &access());
        assert_eq!(life.phase(), "frozen");
    }
}
