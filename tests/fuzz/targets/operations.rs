//! Arbitrary stories: calls and their repeats, backends that say anything at any time, lost answers, crashes, sellers
//! that are closed and opened again, and garbage in between.

#![no_main]

use std::collections::{BTreeMap, BTreeSet};

use countersign_core::abi::{CallError, operation};
use countersign_core::ledger::{
    AccessUpdate, Assignment, Decision, Outcome, Row, Settled, Settlement, Settling, view_instance,
};
use countersign_core::{Answer, Body, Request, Verdict};
use countersign_fuzz::caller::Caller;
use countersign_fuzz::platform::{Setup, Signed, Signer, sign_v1, sign_v2};
use countersign_fuzz::store::{Commit, Store};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

/// One thing that may happen.
#[derive(Debug, Arbitrary)]
enum Step<'a> {
    Call {
        route: Route,
        what: What,
        order: u8,
        test: bool,
        signer: Signer,
    },
    /// The very bytes of an earlier call arrive again.
    Replay {
        which: u8,
    },
    /// A work that somebody holds comes to this end; perhaps its call is long gone.
    End {
        which: u8,
        end: End<'a>,
        with_call: bool,
    },
    /// The backend reports by itself, about a work that is or one that is not.
    Report {
        which: u8,
        end: End<'a>,
    },
    /// The seller changes how the buyer reaches the instance.
    UpdateAccess {
        order: u8,
        access: &'a [u8],
    },
    Decline {
        which: u8,
    },
    Due,
    Sleep {
        millis: u16,
    },
    /// The answer to the next commit is lost.
    Lose,
    /// Whoever held works is gone.
    Crash,
    Close,
    Wipe,
    /// A held admission or a stored row, damaged, goes where an undamaged one should.
    Damage {
        which: u8,
        at: u16,
        byte: u8,
    },
    Frame {
        operation: u8,
        frame: &'a [u8],
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Arbitrary)]
enum Route {
    V1,
    V2,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Arbitrary)]
enum What {
    Subscribe,
    Renew(u8),
    Upgrade(u8),
    Freeze,
    Unfreeze,
    Release,
    Query,
    CheckChange,
}

#[derive(Debug, Arbitrary)]
enum End<'a> {
    Done,
    DoneWith(&'a [u8]),
    Refused { code: u8, message: &'a str },
    Failed,
    Accepted,
    Running,
}

impl End<'_> {
    fn outcome(&self) -> Outcome {
        match self {
            Self::Done => Outcome::Done(ACCESS.to_vec()),
            Self::DoneWith(body) => Outcome::Done(body.to_vec()),
            Self::Refused { code, message } => {
                let codes = ["000100", "000107", "000002", "000005", "000000", "999999", ""];
                let code = codes[usize::from(*code) % codes.len()];
                Outcome::Refused { code: code.into(), message: (*message).to_owned() }
            }
            Self::Failed => Outcome::Failed,
            Self::Accepted => Outcome::Accepted,
            Self::Running => Outcome::Running,
        }
    }
}

const ACCESS: &[u8] =
    br#"{"front_end_url":"https://app.example.com","user_name":"admin","password":"test-password"}"#;

/// A purchase, as far as one instance goes: route and order.
type Purchase = (Route, u8);

/// What a call is about, and whether it is a test.
type About = (Purchase, What, bool);

/// An admitted call, or a work without one.
struct Held {
    admission: Option<Vec<u8>>,
    assignment: Assignment,
    question: bool,
    purchase: Option<Purchase>,
}

struct Story {
    setup: Setup,
    caller: Caller,
    store: Store,
    now: u64,
    drawn: u64,
    /// What arrived, with what it was about.
    calls: Vec<(Signed, Option<About>)>,
    /// Admissions of calls that were taken in.
    admissions: Vec<Vec<u8>>,
    held: Vec<Held>,
    seen: Seen,
}

/// What was seen from outside.
#[derive(Default)]
struct Seen {
    /// The instance id that each purchase was told.
    told: BTreeMap<Purchase, String>,
    /// The effect of each purchase's creates, and the purchases that a backend has opened.
    creates: BTreeMap<String, Purchase>,
    opened: BTreeSet<Purchase>,
    /// The highest token that each instance's works were sent with.
    tokens: BTreeMap<(String, String), u64>,
    /// Effects that ended.
    ended: BTreeSet<String>,
    effects: Vec<String>,
}

fuzz_target!(|input: (Setup, Vec<Step<'_>>)| {
    let (setup, steps) = input;
    // Both dialects: a story needs all its routes.
    let setup = setup.with_every_route();
    let caller = Caller::open(&setup.configuration()).expect("the family is valid");
    let mut story = Story {
        setup,
        caller,
        store: Store::default(),
        now: 1_700_000_000_000,
        drawn: 0,
        calls: Vec::new(),
        admissions: Vec::new(),
        held: Vec::new(),
        seen: Seen::default(),
    };
    for step in steps.iter().take(64) {
        story.now += 1;
        story.take(step);
        story.store.lose_next_answer &= matches!(step, Step::Lose);
        story.check();
    }
});

impl Story {
    fn take(&mut self, step: &Step<'_>) {
        match step {
            Step::Call { route, what, order, test, signer } => {
                let purchase = (*route, order % 3);
                let signed = self.sign(purchase, *what, *test, *signer);
                let genuine = signer.key(&self.setup).1;
                self.arrive(signed, genuine.then_some((purchase, *what, *test)));
            }
            Step::Replay { which } => {
                if let Some((signed, about)) = pick(&self.calls, *which).cloned() {
                    self.arrive(signed, about);
                }
            }
            Step::End { which, end, with_call } => {
                if !self.held.is_empty() {
                    let held = self.held.swap_remove(usize::from(*which) % self.held.len());
                    self.end(&held, &end.outcome(), *with_call);
                }
            }
            Step::Report { which, end } => {
                let effect =
                    pick(&self.seen.effects, *which).cloned().unwrap_or_else(|| "unknown".to_owned());
                self.report(&effect, &end.outcome());
            }
            Step::UpdateAccess { order, access } => self.update_access((Route::V1, order % 3), access),
            Step::Decline { which } => {
                if let Some(admission) = pick(&self.admissions, *which).cloned() {
                    let answer = self.open(|caller| caller.decline(&admission));
                    assert_eq!(code(&answer), "000005");
                }
            }
            Step::Due => self.due(),
            Step::Sleep { millis } => self.now += u64::from(*millis) * 10,
            Step::Lose => self.store.lose_next_answer = true,
            Step::Crash => self.held.clear(),
            Step::Close => {
                // Closed twice is an error, and nothing else.
                let _ = self.caller.close();
            }
            Step::Wipe => self.caller.wipe(),
            Step::Damage { which, at, byte } => self.damage(*which, *at, *byte),
            Step::Frame { operation: 1, frame } if !frame.is_empty() => {
                // A seller that is opened here would never be closed; one is enough.
                self.caller.send(operation::CLOSE, frame);
            }
            Step::Frame { operation, frame } => drop(self.caller.send(u32::from(*operation), frame)),
        }
    }

    /// A call of the seller, who is opened anew if somebody closed him.
    fn open<T>(&mut self, mut call: impl FnMut(&mut Caller) -> Result<T, CallError>) -> T {
        match call(&mut self.caller) {
            Err(error) if error.code == "unknown-seller" => {
                self.caller.reopen(&self.setup.configuration()).expect("valid as before");
                call(&mut self.caller).expect("the seller is open")
            }
            result => result.expect("a seller that is open, and rows that the core wrote"),
        }
    }

    fn draw<const N: usize>(&mut self) -> [u8; N] {
        self.drawn += 1;
        let number = self.drawn.to_le_bytes();
        std::array::from_fn(|index| number.get(index).copied().unwrap_or(0x5a))
    }

    fn sign(&mut self, (route, order): Purchase, what: What, test: bool, signer: Signer) -> Signed {
        let key = signer.key(&self.setup).0;
        let nonce = format!("nonce-{}", self.drawn);
        let business = format!("business-{}", self.drawn);
        let known = self.seen.told.get(&(route, order)).cloned();
        let instance = known.unwrap_or_else(|| format!("unknown-{order}"));
        let mut fields = fields(route, what, order, &business, &instance);
        if test {
            fields["testFlag"] = json!("1");
        }
        match route {
            Route::V1 => {
                let members = fields.as_object().expect("an object").iter();
                let members: Vec<_> = members
                    .map(|(name, value)| (name.clone(), value.as_str().unwrap_or("").into()))
                    .collect();
                let stamp = countersign_core::wire::time::format_17(self.now, 0);
                sign_v1("/saas", key, &stamp, &members)
            }
            Route::V2 => sign_v2("/saas", key, &nonce, self.now, fields.to_string().as_bytes()),
            Route::Other => sign_v2("/other", key, &nonce, self.now, fields.to_string().as_bytes()),
        }
    }

    /// `about`: `None` for a call that nobody of the ring has signed.
    fn arrive(&mut self, signed: Signed, about: Option<About>) {
        let (id, now) = (self.draw(), self.now);
        let verdict = self.open(|caller| {
            let request = Request::new(signed.method, &signed.target, &[], Body::Bytes(&signed.body));
            caller.admit(&request, &id, now)
        });
        if self.calls.len() < 16 {
            self.calls.push((signed, about));
        }
        match verdict {
            Verdict::Refused(refusal) => assert_ne!(code(&refusal.answer), "000000"),
            Verdict::Admitted(admitted) => {
                let about = about.expect("only what a key of the ring has signed");
                self.admissions.push(admitted.admission.clone());
                self.decide(&admitted.admission, &admitted.keys, about);
            }
        }
    }

    fn decide(&mut self, admission: &[u8], keys: &[String], about: About) {
        let mut rows = self.store.load(keys);
        for _ in 0..12 {
            let (entropy, now) = (self.draw(), self.now);
            let (assignment, question) =
                match self.open(|caller| caller.decide(admission, &rows, now, &entropy)) {
                    Decision::Need { keys } => {
                        more(&self.store, &mut rows, &keys);
                        continue;
                    }
                    Decision::Wait { until, .. } => return assert!(until > now),
                    Decision::Answer(answered) => {
                        if self.store.commit(&answered.commit) == Commit::Held {
                            return self.seen.answer(&answered.answer, about);
                        }
                        rows = self.store.load(keys);
                        continue;
                    }
                    Decision::Ask(assignment) => (assignment, true),
                    Decision::Perform(assignment) => (assignment, false),
                };
            if self.store.commit(&assignment.commit) == Commit::Held {
                let purchase = (about.1 == What::Subscribe && !about.2).then_some(about.0);
                if !question {
                    self.seen.sent(&assignment, purchase);
                }
                let held = Held { admission: Some(admission.to_vec()), assignment, question, purchase };
                self.held.push(held);
                return;
            }
            rows = self.store.load(keys);
        }
        panic!("no decision after twelve rounds");
    }

    fn end(&mut self, held: &Held, outcome: &Outcome, with_call: bool) {
        let admission = held.admission.as_deref().filter(|_| with_call || held.question);
        let mut rows = Vec::new();
        for _ in 0..16 {
            let (entropy, now) = (self.draw(), self.now);
            let work = (held.assignment.work.as_slice(), admission);
            match self.open(|caller| caller.settle(work, &rows, outcome, now, &entropy)) {
                Settlement::Need { keys } => more(&self.store, &mut rows, &keys),
                Settlement::Settled(settled) => {
                    let commit = self.store.commit(&settled.commit);
                    if commit != Commit::Conflict {
                        self.seen.settled(&settled, &held.assignment.effect.id, outcome);
                    }
                    if commit == Commit::Held {
                        if let (Some(answer), Some(purchase)) = (&settled.answer, held.purchase) {
                            self.seen.answer(answer, (purchase, What::Subscribe, false));
                        }
                        return;
                    }
                    rows.clear();
                }
            }
        }
        panic!("no settlement after sixteen rounds");
    }

    fn report(&mut self, effect: &str, outcome: &Outcome) {
        let mut rows = Vec::new();
        for _ in 0..16 {
            let (entropy, now) = (self.draw(), self.now);
            let settled = match self.caller.report(effect, &rows, outcome, now, &entropy) {
                Ok(Settlement::Need { keys }) => {
                    more(&self.store, &mut rows, &keys);
                    continue;
                }
                Ok(Settlement::Settled(settled)) => settled,
                Err(error) => {
                    let known =
                        ["backend-answer-invalid", "backend-failed", "malformed-outcome", "unknown-seller"];
                    return assert!(known.contains(&error.code.as_str()), "{}", error.code);
                }
            };
            assert!(settled.answer.is_none());
            let commit = self.store.commit(&settled.commit);
            if commit != Commit::Conflict {
                self.seen.settled(&settled, effect, outcome);
            }
            if commit == Commit::Held {
                return;
            }
            rows.clear();
        }
        panic!("no settlement after sixteen rounds");
    }

    fn update_access(&mut self, purchase: Purchase, access: &[u8]) {
        let Some(instance) = self.seen.told.get(&purchase).cloned() else { return };
        let mut rows = Vec::new();
        for _ in 0..4 {
            let entropy = self.draw();
            match self.caller.update_access(("classic", &instance), access, &rows, &entropy) {
                Ok(AccessUpdate::Need { keys }) => more(&self.store, &mut rows, &keys),
                Ok(AccessUpdate::Commit(writes)) => {
                    self.store.commit(&writes);
                    return;
                }
                Ok(AccessUpdate::Unknown) | Err(_) => return,
            }
        }
        panic!("no update after four rounds");
    }

    fn due(&mut self) {
        let (now, rows) = (self.now, self.store.works());
        let due = self.open(|caller| caller.due(&rows, now));
        for row in &rows {
            let is_due = due.works.iter().any(|work| work.key == row.key && work.at <= now);
            let entropy = self.draw();
            let claim = self.open(|caller| caller.claim(row, now, &entropy));
            assert_eq!(claim.is_some(), is_due, "what is listed as due can be claimed, and nothing else");
            let Some(assignment) = claim else { continue };
            if self.store.commit(&assignment.commit) == Commit::Held {
                self.seen.sent(&assignment, None);
                self.held.push(Held { admission: None, assignment, question: false, purchase: None });
            }
        }
    }

    /// Whatever comes back is a frame that can be read; nothing of it is believed.
    fn damage(&mut self, which: u8, at: u16, byte: u8) {
        let (entropy, now) = (self.draw(), self.now);
        let Some(mut admission) = pick(&self.admissions, which).cloned() else { return };
        let keys: Vec<String> = self.store.iter().map(|(key, _)| key.to_owned()).collect();
        let mut rows = self.store.load(&keys);
        if which.is_multiple_of(2) {
            let at = usize::from(at) % admission.len();
            admission[at] ^= byte;
        } else if !rows.is_empty() {
            let row = usize::from(at) % rows.len();
            if let Some(stored) = &mut rows[row].value {
                let at = usize::from(at) % stored.bytes.len();
                stored.bytes[at] ^= byte;
            }
        }
        let _ = self.caller.decide(&admission, &rows, now, &entropy);
        if let Some(held) = self.held.first() {
            let work = (held.assignment.work.as_slice(), Some(admission.as_slice()));
            let _ = self.caller.settle(work, &rows, &Outcome::Done(ACCESS.to_vec()), now, &entropy);
        }
        let _ = self.caller.due(&rows, now);
        for row in &rows {
            let _ = self.caller.claim(row, now, &entropy);
        }
    }

    /// What holds at every moment.
    fn check(&self) {
        let mut owed = BTreeSet::new();
        for (key, row) in self.store.iter().filter(|(key, _)| key.starts_with("instance/")) {
            let view = view_instance(row, false).expect("a row that the core wrote");
            let view = serde_json::to_value(&view).expect("JSON");
            for effect in view["owed"].as_array().expect("a list") {
                let work = format!("work/{}", effect["id"].as_str().expect("an id"));
                assert!(owed.insert(work), "owed once: {key}");
            }
        }
        let works: BTreeSet<String> = self.store.works().into_iter().map(|row| row.key).collect();
        assert_eq!(works, owed, "every work stands in its instance's queue, and only there");
    }
}

impl Seen {
    fn answer(&mut self, answer: &Answer, (purchase, what, test): About) {
        let code = code(answer);
        assert!(["00000", "00010"].iter().any(|known| code.starts_with(known)), "{code}");
        if test {
            return;
        }
        let known = self.told.contains_key(&purchase);
        if what == What::Subscribe {
            let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
            if let Some(id) = body["instanceId"].as_str() {
                self.tell(purchase, id);
            }
            if code == "000000" {
                assert!(self.opened.contains(&purchase), "answered as opened and never opened");
            }
        } else if code == "000000" {
            assert!(known || what == What::CheckChange, "a success about nothing: {what:?}");
        }
    }

    fn tell(&mut self, purchase: Purchase, id: &str) {
        let told = self.told.entry(purchase).or_insert_with(|| id.to_owned());
        assert_eq!(told, id, "one order, one instance");
        let same = |other: &&Purchase| product(other.0) == product(purchase.0) && **other != purchase;
        assert!(self.told.keys().filter(same).all(|other| self.told[other] != id), "one instance, one order");
    }

    fn sent(&mut self, assignment: &Assignment, purchase: Option<Purchase>) {
        let event: Value = serde_json::from_str(&assignment.effect.body).expect("JSON");
        let id = &assignment.effect.id;
        let subject = event["subject"].as_str().expect("an instance");
        if let Some(purchase) = purchase {
            self.tell(purchase, subject);
            self.creates.insert(id.clone(), purchase);
        }
        let token = event["fencingtoken"].as_u64().expect("a token");
        let highest = self.tokens.entry((assignment.effect.product.clone(), subject.to_owned())).or_default();
        assert!(token >= *highest, "tokens never go down");
        *highest = token;
        assert!(!self.ended.contains(id), "what ended is never sent again");
        if !self.effects.contains(id) {
            self.effects.push(id.clone());
        }
    }

    fn settled(&mut self, settled: &Settled, effect: &str, outcome: &Outcome) {
        if settled.effect == Settling::Ended {
            assert!(self.ended.insert(effect.to_owned()), "an effect ends once");
            if let (Outcome::Done(_), Some(purchase)) = (outcome, self.creates.get(effect)) {
                self.opened.insert(*purchase);
            }
        }
    }
}

fn product(route: Route) -> &'static str {
    match route {
        Route::V1 => "classic",
        Route::V2 => "crm",
        Route::Other => "/other",
    }
}

fn fields(route: Route, what: What, order: u8, business: &str, instance: &str) -> Value {
    let v1 = route == Route::V1;
    let (order, line) = (format!("CS{order}"), "1");
    let with = |activity: &str, more: Value| {
        let mut fields = json!({"activity": activity, "instanceId": instance});
        for (name, value) in more.as_object().expect("an object") {
            fields[name] = value.clone();
        }
        fields
    };
    match what {
        What::Subscribe if v1 => {
            json!({"activity": "newInstance", "orderId": order, "businessId": business, "productId": "P"})
        }
        What::Subscribe => {
            json!({"activity": "newInstance", "orderId": order, "orderLineId": line, "businessId": business})
        }
        What::Renew(number) => with(
            "refreshInstance",
            json!({"orderId": format!("R{}", number % 3), "scene": "RENEWAL", "expireTime": format!("20{:02}1231235959", 30 + number % 60)}),
        ),
        What::Upgrade(number) => with(
            if v1 { "upgrade" } else { "upgradeInstance" },
            json!({"orderId": format!("U{}", number % 3), "skuCode": "s"}),
        ),
        What::Freeze if v1 => with("expireInstance", json!({})),
        What::Unfreeze if v1 => with("instanceStatus", json!({"instanceStatus": "NORMAL"})),
        What::Freeze => with("updateInstanceStatus", json!({"status": "FREEZE"})),
        What::Unfreeze => with("updateInstanceStatus", json!({"status": "UNFREEZE"})),
        What::Release => with("releaseInstance", json!({})),
        What::Query => with("queryInstance", json!({})),
        What::CheckChange => with("changeInstanceCheck", json!({"productInfo": {"skuCode": "s"}})),
    }
}

fn code(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
    body["resultCode"].as_str().expect("a code").to_owned()
}

fn pick<T>(items: &[T], which: u8) -> Option<&T> {
    items.get(usize::from(which).checked_rem(items.len())?)
}

/// Rows that were asked for again take the place of the earlier ones.
fn more(store: &Store, rows: &mut Vec<Row>, keys: &[String]) {
    assert!(!keys.is_empty(), "a need names what it needs");
    rows.retain(|row| !keys.contains(&row.key));
    rows.extend(store.load(keys));
}
