//! What was seen of a story from outside, and the laws that it must have kept.

use std::collections::{BTreeMap, BTreeSet};

use countersign_core::ledger::{Assignment, Outcome, WORK_PREFIX, instance_key};
use serde_json::Value;

use super::law::Call;
use super::subscription::{Dialect, Operation};
use super::world::{World, access, data, done};

pub(crate) struct Model {
    product: &'static str,
    /// The instance id that each order was told.
    told: BTreeMap<u8, String>,
    /// The highest token that each instance's works were sent with.
    tokens: BTreeMap<String, u64>,
    /// Effects that ended.
    ended: BTreeSet<String>,
    /// Instances from before the gate that the backend has said it knows.
    adopted: BTreeSet<String>,
    /// Calls that were reserved, by instance, in the order of their reservations.
    reservations: BTreeMap<String, Vec<Reservation>>,
    /// The phase that the backend heard last with an effect that it carried out.
    heard: BTreeMap<String, String>,
}

#[derive(Debug)]
struct Reservation {
    effect: String,
    call: Call,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Done,
    Refused,
}

impl Model {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self {
            product: if dialect == Dialect::V1 { "classic" } else { "crm" },
            told: BTreeMap::new(),
            tokens: BTreeMap::new(),
            ended: BTreeSet::new(),
            adopted: BTreeSet::new(),
            reservations: BTreeMap::new(),
            heard: BTreeMap::new(),
        }
    }

    pub(crate) fn instance_of(&self, order: u8) -> String {
        self.told.get(&order).cloned().unwrap_or_else(|| format!("unknown-{order}"))
    }

    pub(crate) fn order_of(&self, instance: &str) -> u8 {
        *self.told.iter().find(|(_, id)| *id == instance).unwrap().0
    }

    /// Law: one order, one instance.
    pub(crate) fn told(&mut self, order: u8, instance: Option<&str>) {
        if let Some(id) = instance {
            let known = self.told.entry(order).or_insert_with(|| id.to_string());
            assert_eq!(known, id, "one order, one instance");
        }
    }

    /// The works that this call reserved, and those that it removed.
    pub(crate) fn reserved(&mut self, call: &Call, before: &BTreeSet<String>, world: &World) {
        let after = world.works_by_key();
        let reservations = self.reservations.entry(call.instance.clone()).or_default();
        reservations.retain(|one| one.state != State::Open || after.contains(&one.effect));
        for effect in after.difference(before) {
            reservations.push(Reservation { effect: effect.clone(), call: call.clone(), state: State::Open });
        }
    }

    /// Laws of a send: tokens never go down; what ended is never sent again; the phase is that of the ledger once this
    /// effect is carried out and nothing else happened.
    pub(crate) fn sent(&mut self, work: &Assignment, world: &mut World) {
        let event: Value = serde_json::from_str(&work.effect.body).unwrap();
        let token = event["fencingtoken"].as_u64().unwrap();
        let highest = self.tokens.entry(work.instance.clone()).or_default();
        // The call that lost the answer to its commit sees its own reservation again, under the same token.
        assert!(token >= *highest, "tokens never go down: {token} after {highest}");
        *highest = token;
        assert!(!self.ended.contains(&work.effect.id), "what ended is never sent again");
        let adopts = event["data"]["adopted"] == true;
        let brings = event["data"]["type"] == "subscribe" || adopts;
        let outcome = if brings { access() } else { done() };
        let phase = world.if_settled(&work.work, &outcome, &work.instance);
        assert_eq!(event["data"]["phase"], phase, "{}", event["data"]);
    }

    /// The backend brought an effect to its end.
    pub(crate) fn ended(&mut self, work: &Assignment, outcome: &Outcome) {
        assert!(self.ended.insert(work.effect.id.clone()), "an effect ends once");
        let event = data(work);
        let done = matches!(outcome, Outcome::Done(_));
        let reservations = self.reservations.entry(work.instance.clone()).or_default();
        if done {
            self.heard.insert(work.instance.clone(), event["phase"].as_str().unwrap().to_string());
        }
        if done && event["adopted"] == true {
            self.adopted.insert(work.instance.clone());
        }
        let unknown = matches!(outcome, Outcome::Refused { code, .. } if code == "000003");
        if !done && (event["type"] == "subscribe" || unknown) {
            // The instance is not: whatever was asked for it is void.
            reservations.clear();
        }
        if let Some(one) = reservations.iter_mut().find(|one| one.effect == work.effect.id) {
            one.state = if done { State::Done } else { State::Refused };
        }
    }

    /// Law: success means that it was done, or that a newer call for the same field overtook it. A call that joined an
    /// older one and carried its effect out has done what both asked for.
    pub(crate) fn answered(&self, call: &Call, code: &str, carried: Option<&str>, world: &World) {
        if code != "000000" || call.operation == Operation::Release {
            return;
        }
        let none = Vec::new();
        let reservations = self.reservations.get(&call.instance).unwrap_or(&none);
        let overtaken = reservations.iter().any(|one| {
            one.state != State::Refused
                && one.call.signed_at > call.signed_at
                && fields(one.call.operation).contains(&fields(call.operation)[0])
        });
        let is_done = |one: &Reservation| one.call.operation == call.operation && one.state == State::Done;
        let holds = match call.operation {
            Operation::Freeze | Operation::Unfreeze
                if reservations.iter().any(|one| {
                    is_done(one)
                        && (one.call.signed_at >= call.signed_at || carried == Some(one.effect.as_str()))
                }) =>
            {
                true
            }
            Operation::Freeze | Operation::Unfreeze => {
                let open = |one: &Reservation| {
                    one.state == State::Open
                        && matches!(one.call.operation, Operation::Freeze | Operation::Unfreeze)
                };
                is_frozen(world, self.product, &call.instance) == (call.operation == Operation::Freeze)
                    && !reservations.iter().any(open)
            }
            _ => reservations.iter().any(is_done),
        };
        assert!(holds || overtaken, "success for {call:?}, but {reservations:?}");
    }

    /// What holds at every moment.
    pub(crate) fn check(&self, world: &World) {
        let mut ids = BTreeSet::new();
        for instance in world.instances() {
            let id = instance["instance_id"].as_str().unwrap();
            assert!(ids.insert(id.to_string()));
            let is_known = !id.starts_with("unknown-") || self.adopted.contains(id);
            assert!(is_known, "{id}: nobody is told of an instance before the backend knows it");
        }
        let queued = world.queued();
        for effect in &queued {
            assert!(
                world.rows.contains_key(&format!("{WORK_PREFIX}{effect}")),
                "every owed effect has its row"
            );
        }
        assert_eq!(queued.len(), world.works(), "every work stands in its instance's queue");
    }

    /// What holds once nothing is owed: the backend is where the ledger is, and the freeze that holds is the newest word.
    pub(crate) fn judge(&self, world: &World) {
        for instance in world.instances() {
            let id = instance["instance_id"].as_str().unwrap();
            let phase = instance["phase"].as_str().unwrap();
            if let Some(heard) = self.heard.get(id) {
                assert_eq!(heard, phase, "{id}: the backend heard another phase last");
            }
            if phase == "released" || phase == "refused" {
                continue;
            }
            let Some(reservations) = self.reservations.get(id) else { continue };
            let status = reservations.iter().filter(|one| {
                one.state == State::Done && fields(one.call.operation).contains(&Field::Status)
            });
            let newest = status.clone().map(|one| one.call.signed_at).max();
            let mut last = status.filter(|one| Some(one.call.signed_at) == newest);
            // Of two that were signed at the same time nothing is said.
            if let (Some(one), None) = (last.next(), last.next()) {
                assert_eq!(
                    phase == "frozen",
                    one.call.operation == Operation::Freeze,
                    "{id}: {reservations:?}"
                );
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Status,
    Expiry,
    Plan,
    All,
}

/// What a call sets, its own field first. Every renewal of these stories but a cancelled one is to a future expiry.
fn fields(operation: Operation<'_>) -> &'static [Field] {
    match operation {
        Operation::Freeze | Operation::Unfreeze => &[Field::Status],
        Operation::Renew(..) | Operation::ToFormal(..) => &[Field::Expiry, Field::Status],
        Operation::Cancel(..) => &[Field::Expiry],
        Operation::Upgrade(_) => &[Field::Plan],
        Operation::Release => &[Field::All],
    }
}

fn is_frozen(world: &World, product: &str, instance: &str) -> bool {
    let row = &world.rows[&instance_key(product, instance)].0;
    serde_json::from_slice::<Value>(row).unwrap().get("frozen").is_some()
}
