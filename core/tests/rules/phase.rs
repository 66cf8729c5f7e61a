//! The phase in an effect is that of the ledger once the effect is carried out.

use countersign_core::ledger::Outcome;

use super::subscription::{BOTH, DAY, Dialect, Operation, Subscription};
use super::world::{START, World, access, data, done, sold_out};

const FUTURE: u64 = START + 30 * DAY;

fn sent(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(kind, phase)| ((*kind).to_string(), (*phase).to_string())).collect()
}

#[test]
fn an_upgrade_behind_a_renewal_that_lifts_says_active() {
    for dialect in BOTH {
        let mut subscription = Subscription::opened(dialect);
        subscription.done(Operation::Freeze);
        subscription.ends(Operation::Renew("R1", FUTURE), &Outcome::Failed, "000005");
        assert_eq!(subscription.ask(Operation::Upgrade("U1")).code(), "000005");
        assert_eq!(subscription.drain(), sent(&[("renew", "active"), ("upgrade", "active")]));
        assert_eq!(subscription.phase(), "active");
    }
}

#[test]
fn what_waits_behind_trial_to_formal_is_no_trial() {
    let mut subscription = Subscription::trial();
    subscription.ends(Operation::ToFormal("R1", FUTURE), &Outcome::Failed, "000005");
    for operation in [Operation::Upgrade("U1"), Operation::Renew("R2", FUTURE + DAY), Operation::Unfreeze] {
        subscription.world.now += 10;
        assert_eq!(subscription.ask(operation).code(), "000005");
    }
    let expected = [("renew", "active"), ("upgrade", "active"), ("renew", "active"), ("unfreeze", "active")];
    assert_eq!(subscription.drain(), sent(&expected));
}

#[test]
fn what_waits_behind_a_create_never_says_reserved() {
    for (dialect, trial, phase) in
        [(Dialect::V1, false, "active"), (Dialect::V1, true, "trial"), (Dialect::V2, false, "active")]
    {
        let mut subscription = Subscription { world: World::new(), dialect };
        let (_, create) = subscription.create(trial).work();
        assert_eq!(data(&create)["phase"], phase);
        for operation in [Operation::Upgrade("U1"), Operation::Renew("R1", FUTURE)] {
            subscription.world.now += 10;
            assert_eq!(subscription.ask(operation).code(), "000005");
        }
        subscription.world.settle(&create.work, None, &access());
        assert_eq!(subscription.drain(), sent(&[("upgrade", phase), ("renew", phase)]));
        assert_eq!(subscription.phase(), phase);
    }
}

#[test]
fn a_freeze_taken_in_while_another_work_waits_is_in_its_next_send() {
    for dialect in BOTH {
        let mut subscription = Subscription::opened(dialect);
        let (_, first) = subscription.ask(Operation::Upgrade("U1")).work();
        assert_eq!(data(&first)["phase"], "active");
        subscription.world.settle(&first.work, None, &Outcome::Failed);
        subscription.world.now += 10;
        assert_eq!(subscription.ask(Operation::Freeze).code(), "000005");
        subscription.world.now += 1_000;
        let again = subscription.world.due().remove(0);
        assert_eq!(again.effect.id, first.effect.id);
        assert_eq!(data(&again)["phase"], "frozen", "the ledger is frozen, and stays so once this is done");
        subscription.world.settle(&again.work, None, &Outcome::Failed);
        subscription.world.now += 10;
        assert_eq!(subscription.ask(Operation::Unfreeze).code(), "000005");
        assert_eq!(subscription.drain(), sent(&[("upgrade", "active"), ("unfreeze", "active")]));
    }
}

#[test]
fn a_message_is_the_same_for_every_send_while_the_ledger_stands_where_it_stood() {
    for dialect in BOTH {
        let mut subscription = Subscription::opened(dialect);
        let without_token = |body: &str| {
            let mut event: serde_json::Value = serde_json::from_str(body).unwrap();
            event["fencingtoken"].take();
            event.to_string()
        };
        let (_, first) = subscription.ask(Operation::Renew("R1", FUTURE)).work();
        subscription.world.settle(&first.work, None, &Outcome::Failed);
        // Neither of these changes the phase.
        for operation in [Operation::Upgrade("U1"), Operation::Renew("R2", FUTURE + DAY)] {
            subscription.world.now += 10;
            assert_eq!(subscription.ask(operation).code(), "000005");
        }
        subscription.world.now += 1_000;
        let again = subscription.world.due().remove(0);
        assert_eq!(without_token(&again.effect.body), without_token(&first.effect.body));
    }
}

#[test]
fn a_send_after_a_crash_says_what_was_taken_in_while_it_ran() {
    for dialect in BOTH {
        let mut subscription = Subscription { world: World::new(), dialect };
        let (_, create) = subscription.create(false).work();
        subscription.world.now += 10;
        assert_eq!(subscription.ask(Operation::Freeze).code(), "000005", "the create is running");
        subscription.world.now += 15_000;
        let again = subscription.world.due().remove(0);
        assert_eq!((&again.effect.id, &data(&again)["phase"]), (&create.effect.id, &"frozen".into()));
        subscription.world.settle(&again.work, None, &access());
        assert_eq!(subscription.phase(), "frozen");
        assert_eq!(subscription.drain(), sent(&[("freeze", "frozen")]));
    }
}

#[test]
fn what_runs_while_a_release_is_taken_in_is_sent_again_as_released() {
    for dialect in BOTH {
        let mut subscription = Subscription::opened(dialect);
        let (_, running) = subscription.ask(Operation::Freeze).work();
        subscription.world.now += 10;
        assert_eq!(subscription.ask(Operation::Release).code(), "000005");
        subscription.world.settle(&running.work, None, &Outcome::Failed);
        assert_eq!(subscription.drain(), sent(&[("freeze", "released"), ("release", "released")]));
    }
}

#[test]
fn a_repeated_release_removes_what_has_stopped_running_since() {
    for dialect in BOTH {
        let mut subscription = Subscription::opened(dialect);
        let (_, running) = subscription.ask(Operation::Upgrade("U1")).work();
        subscription.world.now += 10;
        assert_eq!(subscription.ask(Operation::Release).code(), "000005");
        subscription.world.settle(&running.work, None, &Outcome::Failed);
        subscription.world.now += 10;
        // Whoever repeats it need not wait until the backend takes what is void anyway.
        let (admission, release) = subscription.ask(Operation::Release).work();
        assert_eq!(data(&release)["type"], "release");
        subscription.world.settle(&release.work, Some(&admission), &done());
        assert_eq!((subscription.world.works(), subscription.phase().as_str()), (0, "released"));
    }
}

#[test]
fn a_repeated_status_removes_the_other_that_has_stopped_running_since() {
    for dialect in BOTH {
        let mut subscription = Subscription::opened(dialect);
        let (_, running) = subscription.ask(Operation::Freeze).work();
        subscription.world.now += 10;
        assert_eq!(subscription.ask(Operation::Unfreeze).code(), "000005");
        subscription.world.settle(&running.work, None, &Outcome::Failed);
        subscription.world.now += 10;
        let (admission, unfreeze) = subscription.ask(Operation::Unfreeze).work();
        assert_eq!(
            (&data(&unfreeze)["type"], &data(&unfreeze)["phase"]),
            (&"unfreeze".into(), &"active".into())
        );
        subscription.world.settle(&unfreeze.work, Some(&admission), &done());
        assert_eq!((subscription.world.works(), subscription.phase().as_str()), (0, "active"));
    }
}

#[test]
fn a_create_that_runs_again_says_what_the_new_call_says() {
    let mut subscription = Subscription { world: World::new(), dialect: Dialect::V1 };
    let turn = subscription.create(true);
    subscription.world.through(turn, &sold_out());
    subscription.world.now += 10;
    let (admission, work) = subscription.create(false).work();
    assert_eq!(data(&work)["phase"], "active");
    subscription.world.settle(&work.work, Some(&admission), &access());
    assert_eq!(subscription.phase(), "active");
}

#[test]
fn adopting_calls_say_the_phase_that_the_instance_will_have() {
    let adopt = serde_json::json!({"unknown_instance": "adopt"});
    for dialect in BOTH {
        let world = World::of_routes(&[&adopt, &adopt, &serde_json::json!({})]);
        let mut subscription = Subscription { world, dialect };
        let (_, first) = subscription.ask(Operation::Upgrade("U1")).work();
        assert_eq!(data(&first)["phase"], "active");
        subscription.world.now += 10;
        assert_eq!(subscription.ask(Operation::Freeze).code(), "000005");
        subscription.world.settle(&first.work, None, &Outcome::Failed);
        subscription.world.now += 1_000;
        let again = subscription.world.due().remove(0);
        assert_eq!((&data(&again)["phase"], &data(&again)["adopted"]), (&"frozen".into(), &true.into()));
        subscription.world.settle(&again.work, None, &access());
        assert_eq!(subscription.phase(), "frozen");
    }
}
