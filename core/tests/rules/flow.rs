//! The loop as a state machine: what it asks of its host, and that it loses nothing whatever the host says.

use std::collections::BTreeSet;

use countersign_core::ReasonCode;
use countersign_core::flow::{Advance, ChangeRequest, Changed, Input, Note, Step};
use countersign_core::ledger::{Outcome, Settling};
use proptest::prelude::*;
use serde_json::json;

use super::world::{World, access, body, code, done, freeze, order, release, sold_out};

/// What a host without faults says about a step that needs no backend and no patience.
fn carry_out(world: &mut World, step: &Step) -> Option<Input> {
    Some(match step {
        Step::Load { keys, .. } => Input::Loaded(world.load(keys)),
        Step::Commit { writes, .. } if world.commit(writes) => Input::Committed,
        Step::Commit { .. } => Input::Conflicted,
        Step::Wait { until } => {
            world.now = world.now.max(*until);
            Input::Woken
        }
        Step::Send { .. } | Step::Answer(_) | Step::Done(_) => return None,
    })
}

/// Goes on until the flow sends or ends.
fn run(world: &mut World, mut advance: Advance) -> Advance {
    for _ in 0..400 {
        match carry_out(world, &advance.step) {
            Some(input) => advance = world.advance(&advance.flow, input),
            None => return advance,
        }
    }
    panic!("does not end: {advance:?}")
}

fn sent(world: &mut World, advance: &Advance, outcome: Outcome) -> Advance {
    assert!(matches!(advance.step, Step::Send { .. }), "{advance:?}");
    let next = world.advance(&advance.flow, Input::Sent(outcome));
    run(world, next)
}

fn answer(advance: &Advance) -> String {
    match &advance.step {
        Step::Answer(answer) => code(answer),
        other => panic!("no answer: {other:?}"),
    }
}

fn names(notes: &[Note]) -> Vec<&'static str> {
    notes.iter().map(Note::name).collect()
}

#[test]
fn a_purchase_loads_commits_sends_loads_commits_and_answers() {
    let mut world = World::new();
    let mut advance = world.begin(&order("CS1", "b-1"));
    let mut steps = Vec::new();
    let mut seen = names(&advance.notes);
    loop {
        let input = match &advance.step {
            Step::Send { effect, until, give_up_at } => {
                steps.push("send");
                assert!(effect.body.contains("\"b-1\"") && until < give_up_at);
                Input::Sent(access())
            }
            Step::Answer(_) => break,
            step => {
                steps.push(if matches!(step, Step::Load { .. }) { "load" } else { "commit" });
                carry_out(&mut world, step).unwrap()
            }
        };
        advance = world.advance(&advance.flow, input);
        seen.extend(names(&advance.notes));
    }
    assert_eq!(steps, ["load", "commit", "send", "load", "commit"]);
    assert_eq!(seen, ["admitted", "performed", "settled"]);
    assert_eq!(answer(&advance), "000000");
    assert!(advance.flow.is_empty() && advance.detached.is_none());
    assert_eq!(world.phase("b-1"), "active");
}

#[test]
fn a_refused_request_is_answered_by_the_first_step() {
    let mut world = World::new();
    let advance = world.begin(&json!({"activity": "noSuchThing"}));
    assert_eq!(answer(&advance), "000002");
    let [Note::Refused { dialect, product, .. }] = &advance.notes[..] else { panic!("{advance:?}") };
    assert_eq!((dialect.as_deref(), product.as_deref()), (Some("saas-v2"), Some("crm")));
}

#[test]
fn an_answer_that_cannot_wait_leaves_the_send_to_a_flow_of_its_own() {
    let mut world = World::new();
    let first = world.begin(&order("CS1", "b-1"));
    let send = run(&mut world, first);
    world.now += 3_900;
    let late = world.advance(&send.flow, Input::Late);
    assert_eq!(names(&late.notes), ["out-of-time"]);
    let detached = late.detached.clone().unwrap();
    let early = run(&mut world, late);
    assert_eq!(answer(&early), "000004");
    assert_eq!(world.phase("b-1"), "reserved");
    world.now += 2_000;
    let back = world.advance(&detached, Input::Sent(access()));
    let end = run(&mut world, back);
    assert_eq!(end.step, Step::Done(None));
    assert_eq!(world.phase("b-1"), "active");
}

#[test]
fn every_wait_has_the_deadline_of_the_answer_and_a_question_that_of_its_own() {
    let mut world = World::new();
    let answer_by = world.now + 4_000;
    let advance = world.begin(&order("CS1", "b-1"));
    assert!(matches!(&advance.step, Step::Load { until, .. } if *until == answer_by - 20));
    let rows = Input::Loaded(Vec::new());
    let advance = world.advance(&advance.flow, rows);
    assert!(matches!(&advance.step, Step::Commit { until, .. } if *until == answer_by - 20));
    assert!(carry_out(&mut world, &advance.step) == Some(Input::Committed));
    let advance = world.advance(&advance.flow, Input::Committed);
    assert!(matches!(&advance.step, Step::Send { until, .. } if *until == answer_by - 100));
}

#[test]
fn a_reservation_that_holds_after_its_call_was_answered_is_sent() {
    let mut world = World::new();
    let advance = world.begin(&order("CS1", "b-1"));
    let reserving = world.advance(&advance.flow, Input::Loaded(Vec::new()));
    let declined = world.advance(&reserving.flow, Input::Late);
    assert_eq!(answer(&declined), "000005");
    let held = carry_out(&mut world, &reserving.step).unwrap();
    let send = world.advance(&declined.detached.unwrap(), held);
    assert!(matches!(send.step, Step::Send { until: u64::MAX, .. }), "{send:?}");
    let end = sent(&mut world, &send, access());
    assert_eq!(end.step, Step::Done(None));
    let again = world.begin(&order("CS1", "b-2"));
    assert_eq!(answer(&run(&mut world, again)), "000000");
}

#[test]
fn a_store_that_is_late_or_fails_is_answered_in_time_and_named() {
    for (input, cause) in
        [(Input::Late, "store-unavailable"), (Input::Failed("disk-full".into()), "disk-full")]
    {
        let mut world = World::new();
        let advance = world.begin(&order("CS1", "b-1"));
        let declined = world.advance(&advance.flow, input.clone());
        assert_eq!(answer(&declined), "000005");
        assert_eq!(declined.notes, [Note::Failed { code: cause.into() }]);

        let loaded = world.advance(&advance.flow, Input::Loaded(Vec::new()));
        let declined = world.advance(&loaded.flow, input);
        assert_eq!(answer(&declined), "000005");
        assert_eq!(declined.notes, [Note::Failed { code: cause.into() }]);
    }
}

#[test]
fn what_the_backend_said_is_kept_when_the_store_is_late_to_take_it() {
    for fails_at_commit in [false, true] {
        let mut world = World::new();
        let first = world.begin(&order("CS1", "b-1"));
        let send = run(&mut world, first);
        let mut settling = world.advance(&send.flow, Input::Sent(access()));
        if fails_at_commit {
            let rows = carry_out(&mut world, &settling.step).unwrap();
            settling = world.advance(&settling.flow, rows);
            assert!(matches!(settling.step, Step::Commit { .. }));
        }
        let declined = world.advance(&settling.flow, Input::Late);
        assert_eq!(answer(&declined), "000005");
        // The step under way comes to its end all the same.
        let input = carry_out(&mut world, &settling.step).unwrap();
        let resumed = world.advance(&declined.detached.unwrap(), input);
        let end = run(&mut world, resumed);
        assert_eq!(end.step, Step::Done(None));
        assert_eq!(world.phase("b-1"), "active", "the send is not repeated for nothing");
    }
}

#[test]
fn an_uncertain_commit_is_recognised_and_sends_once() {
    let mut world = World::new();
    let advance = world.begin(&order("CS1", "b-1"));
    let loaded = world.advance(&advance.flow, Input::Loaded(Vec::new()));
    let Step::Commit { writes, .. } = &loaded.step else { panic!("{loaded:?}") };
    assert!(world.commit(writes));
    let unsure = world.advance(&loaded.flow, Input::Uncertain("timeout".into()));
    assert_eq!(unsure.notes, [Note::Uncertain { code: "timeout".into() }]);
    let send = run(&mut world, unsure);
    assert_eq!(world.works(), 1);
    let end = sent(&mut world, &send, access());
    assert_eq!(answer(&end), "000000");
}

#[test]
fn rivals_without_end_and_commits_that_nobody_knows_of_end_with_their_own_cause() {
    for (input, cause) in
        [(Input::Conflicted, "too-many-conflicts"), (Input::Uncertain("disk-full".into()), "disk-full")]
    {
        let mut world = World::new();
        let mut advance = world.begin(&order("CS1", "b-1"));
        for round in 0.. {
            assert!(round < 300, "a bound holds");
            let said = match &advance.step {
                Step::Commit { .. } => input.clone(),
                Step::Answer(_) => break,
                step => carry_out(&mut world, step).unwrap(),
            };
            advance = world.advance(&advance.flow, said);
        }
        assert_eq!(answer(&advance), "000005");
        assert_eq!(advance.notes.last(), Some(&Note::Failed { code: cause.into() }));
    }
}

#[test]
fn a_duplicate_watches_before_it_loads_and_takes_the_answer_of_the_first() {
    let mut world = World::new();
    let first = world.begin(&order("CS1", "b-1"));
    let send = run(&mut world, first);

    let second = world.begin(&order("CS1", "b-2"));
    let mut advance = second;
    let watched = loop {
        match &advance.step {
            Step::Load { watch, .. } if !watch.is_empty() => break watch.clone(),
            step => {
                let input = carry_out(&mut world, step).unwrap();
                advance = world.advance(&advance.flow, input);
            }
        }
    };
    assert!(watched.iter().any(|key| key.starts_with("work/")));
    let waiting = loop {
        let input = carry_out(&mut world, &advance.step).unwrap();
        advance = world.advance(&advance.flow, input);
        if matches!(advance.step, Step::Wait { .. }) {
            break advance;
        }
    };
    assert!(matches!(waiting.step, Step::Wait { until } if until <= world.now + 200), "{:?}", waiting.step);

    let end = sent(&mut world, &send, access());
    assert_eq!(answer(&end), "000000");
    let woken = world.advance(&waiting.flow, Input::Woken);
    let end = run(&mut world, woken);
    let Step::Answer(answer) = &end.step else { panic!("{end:?}") };
    assert_eq!(body(answer)["instanceId"], "b-1");
}

#[test]
fn an_owed_work_is_claimed_sent_and_settled_by_its_own_flow() {
    let mut world = World::new();
    let first = world.begin(&order("CS1", "b-1"));
    let send = run(&mut world, first);
    let end = sent(&mut world, &send, Outcome::Failed);
    assert_eq!(answer(&end), "000005");
    let key = world.owed().works[0].key.clone();
    let entropy = world.draw();
    let row = world.load(std::slice::from_ref(&key)).remove(0);
    assert_eq!(world.seller.take_up(&row, world.now, &entropy), Ok(None), "not before its time");
    world.now += 1_000;
    let claim = world.seller.take_up(&row, world.now, &entropy).unwrap().unwrap();
    let send = run(&mut world, claim);
    assert!(matches!(&send.notes[..], [Note::Performed { attempt: 2, .. }]), "{:?}", send.notes);
    assert!(matches!(send.step, Step::Send { until: u64::MAX, .. }));
    let end = sent(&mut world, &send, access());
    assert_eq!(end.step, Step::Done(None));
    assert_eq!(world.phase("b-1"), "active");
    let row = world.load(&[key]).remove(0);
    assert_eq!(world.seller.take_up(&row, world.now, &entropy), Ok(None), "gone");
}

#[test]
fn a_work_whose_claim_was_taken_by_another_ends_without_a_send() {
    let mut world = World::new();
    let first = world.begin(&order("CS1", "b-1"));
    let send = run(&mut world, first);
    sent(&mut world, &send, Outcome::Failed);
    world.now += 1_000;
    let row = world.load(&[world.owed().works[0].key.clone()]).remove(0);
    let [ours, theirs] = [(); 2].map(|()| {
        let entropy = world.draw();
        world.seller.take_up(&row, world.now, &entropy).unwrap().unwrap()
    });
    assert!(matches!(run(&mut world, theirs).step, Step::Send { .. }));
    assert_eq!(run(&mut world, ours).step, Step::Done(None));
}

#[test]
fn a_promoted_work_is_announced() {
    let mut world = World::new();
    world.open("i-1");
    let first = world.begin(&freeze("i-1"));
    let send = run(&mut world, first);
    let second = world.begin(&super::world::renewal("i-1", "R1", world.now + 1_000_000));
    let queued = run(&mut world, second);
    assert_eq!(answer(&queued), "000005");
    let end = sent(&mut world, &send, done());
    assert!(end.promoted);
}

#[test]
fn changes_are_flows_too() {
    let mut world = World::new();
    let first = world.begin(&order("CS1", "b-1"));
    let send = run(&mut world, first);
    let Step::Send { effect, .. } = &send.step else { panic!("{send:?}") };
    let change = |world: &mut World, request: ChangeRequest| {
        let entropy = world.draw();
        let begun = world.seller.change(request, world.now, &entropy).unwrap();
        match run(world, begun).step {
            Step::Done(Some(changed)) => changed,
            other => panic!("{other:?}"),
        }
    };
    let report = ChangeRequest::Report { effect: effect.id.clone(), outcome: access() };
    assert_eq!(change(&mut world, report.clone()), Changed::Reported(Settling::Ended));
    assert_eq!(change(&mut world, report), Changed::Reported(Settling::Repeated));
    let access = |access: &str| ChangeRequest::Access {
        product: "crm".into(),
        instance: "b-1".into(),
        access: access.as_bytes().to_vec(),
    };
    let new = r#"{"front_end_url": "https://new.example.com"}"#;
    assert_eq!(change(&mut world, access(new)), Changed::Committed);
    let invalid = change(&mut world, access("{}"));
    assert!(matches!(invalid, Changed::Invalid(reason) if reason.code == ReasonCode::BackendAnswerInvalid));
    let line = |line: serde_json::Value| ChangeRequest::Import {
        product: "crm".into(),
        line: line.to_string().into_bytes(),
    };
    let old = json!({"order_id": "OLD", "order_line_id": "1", "instance_id": "o-1", "phase": "active",
        "front_end_url": "https://o.example.com"});
    assert_eq!(change(&mut world, line(old.clone())), Changed::Committed);
    assert_eq!(change(&mut world, line(old)), Changed::Unchanged);
    assert!(matches!(change(&mut world, line(json!({}))), Changed::Refused(_)));
}

#[test]
fn bytes_that_are_no_flow_and_inputs_that_fit_no_step_are_errors() {
    let mut world = World::new();
    let advance = world.begin(&order("CS1", "b-1"));
    let entropy = world.draw();
    for at in 0..advance.flow.len().min(20) {
        let mut other = advance.flow.clone();
        other[at] ^= 1;
        let went = world.seller.advance(&other, Input::Loaded(Vec::new()), world.now, &entropy);
        assert_eq!(went, Err(ReasonCode::ForeignAdmission), "{at}");
    }
    for length in 0..advance.flow.len() {
        let went = world.seller.advance(&advance.flow[..length], Input::Woken, world.now, &entropy);
        assert_eq!(went, Err(ReasonCode::ForeignAdmission), "{length}");
    }
    for input in [Input::Committed, Input::Woken, Input::Sent(done())] {
        let went = world.seller.advance(&advance.flow, input, world.now, &entropy);
        assert_eq!(went, Err(ReasonCode::MalformedFrame));
    }
}

/// A flow under way, and whether its input is that of a detached one.
struct Running {
    advance: Advance,
    answered: bool,
}

proptest! {
    /// Many flows over few orders, in any order of steps, with every fault that a host may report: each ends within a
    /// bound, no order gets two instances, and what a backend has done is done in the ledger once the store is well.
    #[test]
    fn whatever_a_host_says_every_flow_ends_and_no_order_has_two_instances(
        choices in proptest::collection::vec((any::<u8>(), any::<u8>(), 0..1_500_u64), 1..160),
    ) {
        let mut world = World::new();
        let mut running: Vec<Running> = Vec::new();
        let mut ids: BTreeSet<(u8, String)> = BTreeSet::new();
        let mut begun = 0_u32;
        let mut orders: Vec<u8> = Vec::new();
        for (what, how, millis) in choices {
            world.now += millis % 700;
            if running.len() < 6 && what % 3 == 0 {
                let number = how % 2;
                begun += 1;
                let call = match what % 4 {
                    3 => release(&format!("b-{number}")),
                    _ => order(&format!("CS{number}"), &format!("b-{begun}")),
                };
                orders.push(number);
                running.push(Running { advance: world.begin(&call), answered: false });
                continue;
            }
            if running.is_empty() {
                continue;
            }
            let at = usize::from(what) % running.len();
            let Running { advance, answered } = running.swap_remove(at);
            let mut under_way = None;
            let input = match (&advance.step, how % 8) {
                (Step::Answer(answer), _) => {
                    prop_assert!(!answered, "a flow answers once");
                    let said = body(answer);
                    if let Some(id) = said["instanceId"].as_str() {
                        let row = world.rows.iter().find(|(key, (bytes, _))| {
                            key.starts_with("order/") && String::from_utf8_lossy(bytes).contains(&format!("\"{id}\""))
                        });
                        let key = row.unwrap().0;
                        let number = key.as_bytes()["order/crm/CS".len()];
                        ids.insert((number, id.to_owned()));
                    }
                    continue;
                }
                (Step::Done(_), _) => continue,
                (Step::Load { keys, until, .. }, 0) if *until < u64::MAX => {
                    under_way = Some(Input::Loaded(world.load(keys)));
                    Input::Late
                }
                (Step::Load { .. }, 1) => Input::Failed("store-unavailable".into()),
                (Step::Commit { .. }, 0) => Input::Conflicted,
                (Step::Commit { writes, .. }, 1) => { world.commit(writes); Input::Uncertain("timeout".into()) }
                (Step::Commit { .. }, 2) => Input::Uncertain("timeout".into()),
                (Step::Commit { writes, until }, 3) if *until < u64::MAX => {
                    under_way = Some(if world.commit(writes) { Input::Committed } else { Input::Conflicted });
                    Input::Late
                }
                (Step::Commit { .. }, 4) => Input::Failed("disk-full".into()),
                (Step::Send { until, .. }, 0) if *until < u64::MAX => {
                    under_way = Some(Input::Sent(access()));
                    Input::Late
                }
                (Step::Send { .. }, 1) => Input::Sent(Outcome::Failed),
                (Step::Send { .. }, 2) => Input::Sent(sold_out()),
                (Step::Send { effect, .. }, _) if effect.body.contains("countersign.subscribe") => Input::Sent(access()),
                (Step::Send { .. }, _) => Input::Sent(done()),
                (step, _) => carry_out(&mut world, step).unwrap(),
            };
            let next = world.advance(&advance.flow, input);
            if let Some(flow) = next.detached.clone() {
                let advance = world.advance(&flow, under_way.unwrap());
                running.push(Running { advance, answered: true });
            }
            running.push(Running { advance: next, answered });
        }
        // The store is well from now on.
        for Running { advance, .. } in running {
            let mut advance = run(&mut world, advance);
            if matches!(advance.step, Step::Send { .. }) {
                advance = sent(&mut world, &advance, access());
            }
            prop_assert!(matches!(advance.step, Step::Answer(_) | Step::Done(_)));
        }
        for number in [b'0', b'1'] {
            prop_assert!(ids.iter().filter(|(order, _)| *order == number).count() <= 1, "{ids:?}");
        }
    }
}

#[test]
fn what_the_answer_to_a_question_changes_is_durable_before_its_call_is_answered() {
    let mut world = World::with(&json!({"test_effects": true}));
    let probe = |business: &str| {
        let mut fields = order("CS1", business);
        fields["testFlag"] = json!("1");
        fields
    };
    let first = world.begin(&probe("b-1"));
    let send = run(&mut world, first);
    // Whatever the question reserved has gone meanwhile: the id that is answered must be in the ledger all the same.
    let keys = |world: &World| -> Vec<String> {
        world.rows.keys().filter(|key| key.starts_with("test/")).cloned().collect()
    };
    let reserved = keys(&world);
    assert_eq!(reserved, ["test/instance/crm/b-1", "test/order/crm/CS1/line/1"]);
    world.rows.retain(|key, _| !key.starts_with("test/"));

    let load = world.advance(&send.flow, Input::Sent(access()));
    let rows = carry_out(&mut world, &load.step).unwrap();
    let commit = world.advance(&load.flow, rows);
    assert!(matches!(&commit.step, Step::Commit { .. }), "{commit:?}");
    let load = world.advance(&commit.flow, Input::Conflicted);
    assert!(matches!(&load.step, Step::Load { .. }), "{load:?}");
    let end = run(&mut world, load);
    let Step::Answer(told) = &end.step else { panic!("{end:?}") };
    assert_eq!((body(told)["instanceId"].as_str(), keys(&world)), (Some("b-1"), reserved));

    let again = world.begin(&probe("b-2"));
    let again = run(&mut world, again);
    let end = sent(&mut world, &again, done());
    let Step::Answer(told) = &end.step else { panic!("{end:?}") };
    assert_eq!(body(told)["instanceId"], "b-1");
}

#[test]
fn a_question_of_which_nobody_heard_the_answer_changes_nothing() {
    let mut world = World::with(&json!({"test_effects": true}));
    let mut fields = order("CS1", "b-1");
    fields["testFlag"] = json!("1");
    let first = world.begin(&fields);
    let send = run(&mut world, first);
    world.rows.retain(|key, _| !key.starts_with("test/"));
    let before = world.rows.clone();
    let late = world.advance(&send.flow, Input::Late);
    assert_eq!(answer(&run(&mut world, late)), "000000");
    assert_eq!(world.rows, before);
}
