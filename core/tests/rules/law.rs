//! Laws of the ledger, over arbitrary stories with crashes, lost answers, rivals and calls out of order. `PROPTEST_CASES`
//! sets how many.

use countersign_core::ledger::{Assignment, Outcome, Settling};
use proptest::prelude::*;
use serde_json::Value;

use super::model::Model;
use super::subscription::{self, Dialect, Operation};
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
fn operation(kind: u8) -> Operation<'static> {
    match kind {
        0 => Operation::Renew("R1", FUTURE),
        1 => Operation::Renew("R2", FUTURE + 1_000_000),
        2 => Operation::ToFormal("R3", FUTURE),
        3 => Operation::Cancel("R1", FUTURE - 1_000_000),
        4 | 5 => Operation::Freeze,
        6 | 7 => Operation::Unfreeze,
        8 => Operation::Upgrade("U1"),
        9 => Operation::Upgrade("U2"),
        10 => Operation::Upgrade("U3"),
        _ => Operation::Release,
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
    pub(crate) operation: Operation<'static>,
    pub(crate) signed_at: u64,
}

struct Story {
    world: World,
    dialect: Dialect,
    model: Model,
    held: Vec<Held>,
    calls: Vec<Call>,
    drawn: u32,
}

impl Story {
    fn create(&mut self, number: u8, trial: bool) {
        self.drawn += 1;
        let order = format!("CS{number}");
        let business = format!("business-{}", self.drawn);
        let turn = subscription::create(&mut self.world, self.dialect, (&order, &business), trial);
        match turn {
            Turn::Work { admission, assignment, .. } => {
                self.model.told(number, data(&assignment)["instance_id"].as_str());
                self.take(Some(admission), None, assignment);
            }
            Turn::Wait { until } => assert!(until > self.world.now),
            turn => self.model.told(number, turn.json()["instanceId"].as_str()),
        }
    }

    fn change(&mut self, call: Call) {
        let verdict = subscription::admit(
            &mut self.world,
            self.dialect,
            &call.instance,
            call.operation,
            call.signed_at,
        );
        let before = self.world.works_by_key();
        let turn = self.world.decide_verdict(verdict);
        self.model.reserved(&call, &before, &self.world);
        match turn {
            Turn::Work { admission, assignment, .. } => self.take(Some(admission), Some(call), assignment),
            Turn::Wait { until } => assert!(until > self.world.now),
            turn => self.model.answered(&call, &turn.code(), None, &self.world),
        }
    }

    fn take(&mut self, admission: Option<Vec<u8>>, call: Option<Call>, work: Assignment) {
        self.model.sent(&work, &mut self.world);
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
            self.model.ended(&work, &outcome);
        }
        let Some(answer) = &settled.answer else { return };
        match call {
            Some(call) => self.model.answered(&call, &code(answer), Some(&work.effect.id), &self.world),
            None => {
                let order = self.model.order_of(&work.instance);
                self.model.told(order, body(answer)["instanceId"].as_str());
            }
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Create { order, trial } => self.create(order, trial),
            Step::Change { order, kind, ago } => {
                let instance = self.model.instance_of(order);
                let call = Call { instance, operation: operation(kind), signed_at: self.world.now - ago };
                self.calls.push(call.clone());
                self.change(call);
            }
            Step::Again { which } => {
                if !self.calls.is_empty() {
                    let call = self.calls[which % self.calls.len()].clone();
                    // Beyond the window a V2 call is refused before any rule of the ledger.
                    if self.dialect == Dialect::V1 || self.world.now - call.signed_at <= 60_000 {
                        self.change(call);
                    }
                }
            }
            Step::Query { order } => {
                let id = self.model.instance_of(order);
                match self.dialect {
                    Dialect::V1 => self.world.v1(&[("activity", "queryInstance"), ("instanceId", &id)]),
                    Dialect::V2 => self.world.v2(&super::world::call("queryInstance", &id, &[])),
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
                self.model.sent(&work, &mut self.world);
                let outcome = outcome(0, &data(&work));
                if self.world.settle(&work.work, None, &outcome).effect == Settling::Ended {
                    self.model.ended(&work, &outcome);
                }
            }
            self.model.check(&self.world);
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
        let dialect = if v1 { Dialect::V1 } else { Dialect::V2 };
        let (model, held, calls) = (Model::new(dialect), Vec::new(), Vec::new());
        let mut story = Story { world, dialect, model, held, calls, drawn: 0 };
        for step in &steps {
            story.world.now += 1;
            story.step(step);
            story.model.check(&story.world);
        }
        story.drain();
        story.model.judge(&story.world);
    }
}
