//! Laws of the ledger, over arbitrary stories with crashes, lost answers and rivals. `PROPTEST_CASES` sets how many.

use std::collections::{BTreeMap, BTreeSet};

use countersign_core::ledger::{Assignment, Outcome, Settling};
use proptest::prelude::*;
use serde_json::Value;

use super::world::{
    START, Turn, World, access, body, data, done, freeze, order, release, renewal, sold_out, unfreeze,
};

/// One thing that may happen.
#[derive(Debug, Clone)]
enum Step {
    Call {
        kind: u8,
        order: u8,
    },
    /// A work that somebody holds comes to this end; perhaps its call is long gone.
    End {
        which: usize,
        outcome: u8,
        with_call: bool,
    },
    /// The timer looks.
    Due,
    Sleep {
        millis: u64,
    },
    /// The answer to the next commit is lost.
    Lose,
    /// Whoever held works is gone.
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..7_u8, 0..3_u8).prop_map(|(kind, order)| Step::Call { kind, order }),
        6 => (any::<usize>(), 0..6_u8, any::<bool>())
            .prop_map(|(which, outcome, with_call)| Step::End { which, outcome, with_call }),
        2 => Just(Step::Due),
        3 => prop_oneof![1..50_u64, 900..4_000_u64, 15_000..20_000_u64].prop_map(|millis| Step::Sleep { millis }),
        1 => Just(Step::Lose),
        1 => Just(Step::Crash),
    ]
}

fn brings_access(event: &Value) -> bool {
    event["type"] == "subscribe" || event["adopted"] == true
}

fn outcome(number: u8, event: &Value) -> Outcome {
    match number {
        0 | 1 if brings_access(event) => access(),
        0 | 1 => done(),
        2 => sold_out(),
        3 => Outcome::Failed,
        4 => Outcome::Refused { code: "000003".into(), message: String::new() },
        _ => Outcome::Accepted,
    }
}

/// What was seen from outside.
#[derive(Default)]
struct Seen {
    /// The instance id that each order was told.
    told: BTreeMap<u8, String>,
    /// The highest token that each instance's works were sent with.
    tokens: BTreeMap<String, u64>,
    /// Effects that ended.
    ended: BTreeSet<String>,
    /// Instances from before the gate that the backend has said it knows.
    adopted: BTreeSet<String>,
}

impl Seen {
    /// What the backend said of an instance from before the gate.
    fn said(&mut self, work: &Assignment, outcome: &Outcome, world: &World) {
        let event = data(work);
        let instance = event["instance_id"].as_str().unwrap_or_default();
        if event["adopted"] == true && matches!(outcome, Outcome::Done(_)) {
            self.adopted.insert(instance.to_string());
        }
        // Nothing is left of it; should it be adopted another time, its tokens begin anew.
        if !world.rows.contains_key(&countersign_core::ledger::instance_key("crm", instance)) {
            self.tokens.remove(instance);
        }
    }

    fn answer(&mut self, order: u8, answer: &Value) {
        if let Some(id) = answer["instanceId"].as_str() {
            let known = self.told.entry(order).or_insert_with(|| id.to_string());
            assert_eq!(known, id, "one order, one instance");
        }
    }

    fn sent(&mut self, work: &Assignment) {
        let event: Value = serde_json::from_str(&work.effect.body).unwrap();
        let (instance, token) = (event["subject"].as_str().unwrap(), event["fencingtoken"].as_u64().unwrap());
        let highest = self.tokens.entry(instance.to_string()).or_default();
        // The call that lost the answer to its commit sees its own reservation again, under the same token.
        assert!(token >= *highest, "tokens never go down");
        *highest = token;
        assert!(!self.ended.contains(&work.effect.id), "what ended is never sent again");
    }
}

proptest! {
    #[test]
    fn whatever_happens_an_order_has_one_instance_and_no_work_is_lost(
        adopts: bool,
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        let unknown = if adopts { "adopt" } else { "refuse" };
        let mut world = World::with(&serde_json::json!({"unknown_instance": unknown}));
        let mut seen = Seen::default();
        let mut held: Vec<(Option<Vec<u8>>, u8, Assignment)> = Vec::new();
        let mut drawn = 0;
        for step in steps {
            world.now += 1;
            match step {
                Step::Call { kind, order: number } => {
                    drawn += 1;
                    let id = seen.told.get(&number).cloned().unwrap_or_else(|| format!("unknown-{number}"));
                    let fields = match kind {
                        0 | 1 => order(&format!("CS{number}"), &format!("business-{drawn}")),
                        2 => renewal(&id, &format!("R{}", drawn % 3), START + 90_000_000),
                        3 => freeze(&id),
                        4 => unfreeze(&id),
                        5 => release(&id),
                        _ => super::world::call("queryInstance", &id, &[]),
                    };
                    match world.v2(&fields) {
                        Turn::Work { admission, assignment, .. } => {
                            seen.sent(&assignment);
                            if kind < 2 {
                                seen.answer(number, &serde_json::json!({"instanceId": data(&assignment)["instance_id"]}));
                            }
                            held.push((Some(admission), number, assignment));
                        }
                        Turn::Wait { until, .. } => prop_assert!(until > world.now),
                        turn if kind < 2 => seen.answer(number, &turn.json()),
                        _ => {}
                    }
                }
                Step::End { which, outcome: number, with_call } => {
                    if held.is_empty() {
                        continue;
                    }
                    let (admission, number_of_order, work) = held.swap_remove(which % held.len());
                    let kind = data(&work)["type"].as_str().unwrap().to_string();
                    let admission = admission.filter(|_| with_call);
                    let outcome = outcome(number, &data(&work));
                    let settled = world.settle(&work.work, admission.as_deref(), &outcome);
                    seen.said(&work, &outcome, &world);
                    if settled.effect == Settling::Ended {
                        prop_assert!(seen.ended.insert(work.effect.id.clone()), "an effect ends once");
                    }
                    if let (Some(answer), "subscribe") = (&settled.answer, kind.as_str()) {
                        seen.answer(number_of_order, &body(answer));
                    }
                }
                Step::Due => {
                    for claim in world.due() {
                        seen.sent(&claim);
                        held.push((None, 0, claim));
                    }
                }
                Step::Sleep { millis } => world.now += millis,
                Step::Lose => world.lose_next_answer = true,
                Step::Crash => held.clear(),
            }
            world.lose_next_answer &= matches!(step, Step::Lose);
            check(&world, &seen);
        }
        world.lose_next_answer = false;
        drain(&mut world, &mut seen);
    }
}

/// What holds at every moment.
fn check(world: &World, seen: &Seen) {
    let mut ids = BTreeSet::new();
    for instance in world.instances() {
        let id = instance["instance_id"].as_str().unwrap();
        assert!(ids.insert(id.to_string()));
        let is_known = !id.starts_with("unknown-") || seen.adopted.contains(id);
        assert!(is_known, "{id}: nobody is told of an instance before the backend knows it");
    }
    let queued = world.queued();
    for effect in &queued {
        assert!(world.rows.contains_key(&format!("work/{effect}")), "every owed effect has its row");
    }
    assert_eq!(queued.len(), world.works(), "every work stands in its instance's queue");
}

/// Time and a healthy backend bring every work to its end.
fn drain(world: &mut World, seen: &mut Seen) {
    for _ in 0..200 {
        if world.works() == 0 {
            return;
        }
        world.now += 400_000;
        let claims = world.due();
        assert!(!claims.is_empty(), "what is owed comes up");
        for claim in claims {
            seen.sent(&claim);
            let outcome = outcome(0, &data(&claim));
            world.settle(&claim.work, None, &outcome);
            seen.said(&claim, &outcome, world);
            seen.ended.insert(claim.effect.id);
        }
        check(world, seen);
    }
    panic!("works are left");
}
