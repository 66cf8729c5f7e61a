//! Laws of the ledger, over arbitrary stories with crashes, lost answers, rivals and calls out of order. `PROPTEST_CASES`
//! sets how many.

use countersign_core::ledger::{Assignment, Outcome, Settling};
use proptest::prelude::*;
use serde_json::Value;

use super::life::{self, Tongue, Wish};
use super::witness::Witness;
use super::world::{START, Turn, World, access, body, code, data, done, sold_out};

/// One thing that may happen.
#[derive(Debug, Clone)]
enum Step {
    Create {
        order: u8,
        trial: bool,
    },
    /// A call for the instance of an order, signed so long ago.
    Change {
        order: u8,
        kind: u8,
        ago: u64,
    },
    /// An earlier call again: the same bytes in V1, the same signed time in V2.
    Again {
        which: usize,
    },
    Query {
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
    let ago = prop_oneof![3 => Just(0), 2 => 1..2_000_u64, 1 => 2_000..50_000_u64];
    prop_oneof![
        3 => (0..3_u8, any::<bool>()).prop_map(|(order, trial)| Step::Create { order, trial }),
        8 => (0..3_u8, 0..12_u8, ago).prop_map(|(order, kind, ago)| Step::Change { order, kind, ago }),
        2 => any::<usize>().prop_map(|which| Step::Again { which }),
        1 => (0..3_u8).prop_map(|order| Step::Query { order }),
        8 => (any::<usize>(), 0..8_u8, any::<bool>())
            .prop_map(|(which, outcome, with_call)| Step::End { which, outcome, with_call }),
        2 => Just(Step::Due),
        3 => prop_oneof![1..50_u64, 900..4_000_u64, 15_000..20_000_u64].prop_map(|millis| Step::Sleep { millis }),
        1 => Just(Step::Lose),
        1 => Just(Step::Crash),
    ]
}

const FUTURE: u64 = START + 90_000_000;

/// Three renewals and three upgrades, so that many calls meet the same one.
fn wish(kind: u8) -> Wish<'static> {
    match kind {
        0 => Wish::Renew("R1", FUTURE),
        1 => Wish::Renew("R2", FUTURE + 1_000_000),
        2 => Wish::ToFormal("R3", FUTURE),
        3 => Wish::Cancel("R1", FUTURE - 1_000_000),
        4 | 5 => Wish::Freeze,
        6 | 7 => Wish::Unfreeze,
        8 => Wish::Upgrade("U1"),
        9 => Wish::Upgrade("U2"),
        10 => Wish::Upgrade("U3"),
        _ => Wish::Release,
    }
}

fn outcome(number: u8, event: &Value) -> Outcome {
    match number {
        0..=3 if event["type"] == "subscribe" || event["adopted"] == true => access(),
        0..=3 => done(),
        4 => sold_out(),
        5 => Outcome::Failed,
        6 => Outcome::Refused { code: "000003".into(), message: String::new() },
        _ => Outcome::Accepted,
    }
}

/// A work in somebody's hands.
struct Held {
    admission: Option<Vec<u8>>,
    /// The call that took it up, where there is one.
    call: Option<Call>,
    work: Assignment,
}

/// A call for an instance.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) instance: String,
    pub(crate) wish: Wish<'static>,
    pub(crate) signed_at: u64,
}

struct Story {
    world: World,
    tongue: Tongue,
    witness: Witness,
    held: Vec<Held>,
    calls: Vec<Call>,
    drawn: u32,
}

impl Story {
    fn create(&mut self, number: u8, trial: bool) {
        self.drawn += 1;
        let order = format!("CS{number}");
        let business = format!("business-{}", self.drawn);
        let turn = life::create(&mut self.world, self.tongue, (&order, &business), trial);
        match turn {
            Turn::Work { admission, assignment, .. } => {
                self.witness.told(number, data(&assignment)["instance_id"].as_str());
                self.take(Some(admission), None, assignment);
            }
            Turn::Wait { until } => assert!(until > self.world.now),
            turn => self.witness.told(number, turn.json()["instanceId"].as_str()),
        }
    }

    fn change(&mut self, call: Call) {
        let verdict = life::admit(&mut self.world, self.tongue, &call.instance, call.wish, call.signed_at);
        let before = self.world.works_by_key();
        let turn = self.world.decide_verdict(verdict);
        self.witness.reserved(&call, &before, &self.world);
        match turn {
            Turn::Work { admission, assignment, .. } => self.take(Some(admission), Some(call), assignment),
            Turn::Wait { until } => assert!(until > self.world.now),
            turn => self.witness.answered(&call, &turn.code(), &self.world),
        }
    }

    fn take(&mut self, admission: Option<Vec<u8>>, call: Option<Call>, work: Assignment) {
        self.witness.sent(&work, &mut self.world);
        self.held.push(Held { admission, call, work });
    }

    fn end(&mut self, which: usize, number: u8, with_call: bool) {
        if self.held.is_empty() {
            return;
        }
        let Held { admission, call, work } = self.held.swap_remove(which % self.held.len());
        let admission = admission.filter(|_| with_call);
        let outcome = outcome(number, &data(&work));
        let was_owed = self.world.works_by_key().contains(&work.effect.id);
        let lost = self.world.lose_next_answer;
        let settled = self.world.settle(&work.work, admission.as_deref(), &outcome);
        // Where the answer to the commit was lost, the worker finds the work gone when it looks again.
        let is_gone = was_owed && !self.world.works_by_key().contains(&work.effect.id);
        if settled.effect == Settling::Ended || lost && is_gone {
            self.witness.ended(&work, &outcome);
        }
        let Some(answer) = &settled.answer else { return };
        match call {
            Some(call) => self.witness.answered(&call, &code(answer), &self.world),
            None => {
                let order = self.witness.order_of(&work.instance);
                self.witness.told(order, body(answer)["instanceId"].as_str());
            }
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Create { order, trial } => self.create(order, trial),
            Step::Change { order, kind, ago } => {
                let instance = self.witness.instance_of(order);
                let call = Call { instance, wish: wish(kind), signed_at: self.world.now - ago };
                self.calls.push(call.clone());
                self.change(call);
            }
            Step::Again { which } => {
                if !self.calls.is_empty() {
                    let call = self.calls[which % self.calls.len()].clone();
                    // Beyond the window a V2 call is refused before any rule of the ledger.
                    if self.tongue == Tongue::V1 || self.world.now - call.signed_at <= 60_000 {
                        self.change(call);
                    }
                }
            }
            Step::Query { order } => {
                let id = self.witness.instance_of(order);
                match self.tongue {
                    Tongue::V1 => self.world.v1(&[("activity", "queryInstance"), ("instanceId", &id)]),
                    Tongue::V2 => self.world.v2(&super::world::call("queryInstance", &id, &[])),
                };
            }
            Step::End { which, outcome, with_call } => self.end(which, outcome, with_call),
            Step::Due => {
                for claim in self.world.due() {
                    self.take(None, None, claim);
                }
            }
            Step::Sleep { millis } => self.world.now += millis,
            Step::Lose => self.world.lose_next_answer = true,
            Step::Crash => self.held.clear(),
        }
        self.world.lose_next_answer &= matches!(step, Step::Lose);
    }

    /// Time and a healthy backend bring every work to its end.
    fn drain(&mut self) {
        self.world.lose_next_answer = false;
        for _ in 0..200 {
            if self.world.works() == 0 {
                return;
            }
            self.world.now += 400_000;
            let claims = self.world.due();
            assert!(!claims.is_empty(), "what is owed comes up");
            for work in claims {
                self.witness.sent(&work, &mut self.world);
                let outcome = outcome(0, &data(&work));
                if self.world.settle(&work.work, None, &outcome).effect == Settling::Ended {
                    self.witness.ended(&work, &outcome);
                }
            }
            self.witness.check(&self.world);
        }
        panic!("works are left");
    }
}

proptest! {
    #[test]
    fn whatever_happens_the_laws_hold(
        adopts: bool,
        v1: bool,
        steps in proptest::collection::vec(step(), 1..80),
    ) {
        let unknown = serde_json::json!({"unknown_instance": if adopts { "adopt" } else { "refuse" }});
        let world = World::of_routes(&[&unknown, &unknown, &serde_json::json!({})]);
        let tongue = if v1 { Tongue::V1 } else { Tongue::V2 };
        let (witness, held, calls) = (Witness::new(tongue), Vec::new(), Vec::new());
        let mut story = Story { world, tongue, witness, held, calls, drawn: 0 };
        for step in &steps {
            story.world.now += 1;
            story.step(step);
            story.witness.check(&story.world);
        }
        story.drain();
        story.witness.judge(&story.world);
    }
}
