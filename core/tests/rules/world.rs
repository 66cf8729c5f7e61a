//! A small world around the core: a store with versions, a clock, a platform that signs. The signatures here come from
//! the core's own cryptography, which other tests hold against a JDK; these tests are about what is decided.

use std::collections::BTreeMap;

use countersign_core::crypto::{MacKey, hmac_sha256};
use countersign_core::flow::{Advance, Input};
use countersign_core::ledger::{
    Assignment, Change, Decision, Due, Import, Outcome, Row, Settled, Settlement, Stored, WORK_PREFIX, Write,
};
use countersign_core::wire::{base64, hex, percent, time};
use countersign_core::{Answer, Body, ReasonCode, Request, Seller, Verdict};
use serde_json::{Value, json};

pub(crate) const KEY: &str = "test-access-key-0001";
pub(crate) const START: u64 = 1_700_000_000_000;

pub(crate) struct World {
    pub(crate) seller: Seller,
    pub(crate) rows: BTreeMap<String, (Vec<u8>, u64)>,
    pub(crate) now: u64,
    version: u64,
    drawn: u64,
    /// The next commit is lost on the way back: it holds, but nobody learns of it.
    pub(crate) lose_next_answer: bool,
}

/// What a call came to.
#[derive(Debug)]
pub(crate) enum Turn {
    Refused { code: &'static str, answer: Answer },
    Wait { until: u64 },
    Answer { answer: Answer, reason: Option<&'static str>, alarms: Vec<String> },
    Work { admission: Vec<u8>, assignment: Assignment, question: bool },
}

impl Turn {
    pub(crate) fn code(&self) -> String {
        match self {
            Self::Refused { answer, .. } | Self::Answer { answer, .. } => code(answer),
            other => panic!("no answer yet: {other:?}"),
        }
    }

    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Refused { answer, .. } | Self::Answer { answer, .. } => body(answer),
            other => panic!("no answer yet: {other:?}"),
        }
    }

    pub(crate) fn work(self) -> (Vec<u8>, Assignment) {
        match self {
            Self::Work { admission, assignment, .. } => (admission, assignment),
            other => panic!("no work: {other:?}"),
        }
    }

    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Refused { code, .. } => code,
            Self::Answer { reason, .. } => reason.unwrap_or_default(),
            other => panic!("no answer yet: {other:?}"),
        }
    }
}

pub(crate) fn body(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

pub(crate) fn code(answer: &Answer) -> String {
    body(answer)["resultCode"].as_str().unwrap().to_string()
}

/// The event inside an effect.
pub(crate) fn data(assignment: &Assignment) -> Value {
    serde_json::from_str::<Value>(&assignment.effect.body).unwrap()["data"].clone()
}

pub(crate) fn access() -> Outcome {
    Outcome::Done(
        br#"{"front_end_url":"https://app.example.com","user_name":"admin","password":"s3cret"}"#.to_vec(),
    )
}

pub(crate) fn done() -> Outcome {
    Outcome::Done(Vec::new())
}

pub(crate) fn sold_out() -> Outcome {
    Outcome::Refused { code: "000106".into(), message: "sold out".into() }
}

pub(crate) fn order(order: &str, business: &str) -> Value {
    json!({"activity": "newInstance", "orderId": order, "orderLineId": "1", "businessId": business})
}

pub(crate) fn call(activity: &str, instance: &str, more: &[(&str, &str)]) -> Value {
    let mut fields = json!({"activity": activity, "instanceId": instance});
    for (name, value) in more {
        fields[*name] = json!(value);
    }
    fields
}

pub(crate) fn renewal(instance: &str, order: &str, expiry: u64) -> Value {
    let expiry = time::format_14(expiry, time::UTC);
    call(
        "refreshInstance",
        instance,
        &[("orderId", order), ("orderLineId", "1"), ("scene", "RENEWAL"), ("expireTime", &expiry)],
    )
}

pub(crate) fn freeze(instance: &str) -> Value {
    call("updateInstanceStatus", instance, &[("status", "FREEZE")])
}

pub(crate) fn unfreeze(instance: &str) -> Value {
    call("updateInstanceStatus", instance, &[("status", "UNFREEZE")])
}

pub(crate) fn release(instance: &str) -> Value {
    call("releaseInstance", instance, &[])
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(&json!({}))
    }

    /// `more` are further members of the V2 route.
    pub(crate) fn with(more: &Value) -> Self {
        Self::of_routes(&[more, &json!({}), &json!({})])
    }

    /// `more` are further members of the V1 route.
    pub(crate) fn with_v1(more: &Value) -> Self {
        Self::of_routes(&[&json!({}), more, &json!({})])
    }

    /// `more` are further members of the V2, the V1 and the other product's route; what goes beyond is V2 too.
    pub(crate) fn of_routes(more: &[&Value]) -> Self {
        let mut routes = vec![
            json!({"path": "/v2", "dialect": "saas-v2", "keys": [KEY], "product": "crm"}),
            json!({"path": "/v1", "dialect": "saas-v1", "keys": [KEY], "product": "classic", "test_front_end_url": "https://t.example.com"}),
            json!({"path": "/other", "dialect": "saas-v2", "keys": [KEY], "product": "other"}),
        ];
        for (index, more) in more.iter().enumerate() {
            if index == routes.len() {
                routes.push(json!({"dialect": "saas-v2", "keys": [KEY]}));
            }
            for (name, value) in more.as_object().unwrap() {
                routes[index][name] = value.clone();
            }
        }
        Self::of(&json!({ "routes": routes }))
    }

    /// With a configuration of its own.
    pub(crate) fn of(config: &Value) -> Self {
        let seller = Seller::from_json(config.to_string().as_bytes()).unwrap();
        Self { seller, rows: BTreeMap::new(), now: START, version: 0, drawn: 0, lose_next_answer: false }
    }

    /// The same rows at the same time, to go on in another way.
    pub(crate) fn copy(&self) -> Self {
        self.copied(&json!({}))
    }

    /// The same with further members of the V2 route.
    pub(crate) fn copied(&self, more: &Value) -> Self {
        let (rows, now, version) = (self.rows.clone(), self.now, self.version);
        Self { rows, now, version, drawn: self.drawn + 1_000, ..Self::with(more) }
    }

    pub(crate) fn draw<const N: usize>(&mut self) -> [u8; N] {
        self.drawn += 1;
        let mac = hmac_sha256(&[b"draw"], &[&self.drawn.to_le_bytes()]);
        std::array::from_fn(|index| mac[index])
    }

    /// Signs a V2 call and begins its flow.
    pub(crate) fn begin(&mut self, fields: &Value) -> Advance {
        let nonce = hex::encode(&self.draw::<16>());
        let (target, text) = signed("/v2", fields, self.now, &nonce);
        let request_id = self.draw();
        let request = Request::new("POST", target.as_bytes(), &[], Body::Bytes(text.as_bytes()));
        self.seller.begin(&request, &request_id, self.now)
    }

    /// Goes on with a flow.
    pub(crate) fn advance(&mut self, flow: &[u8], input: Input) -> Advance {
        let entropy = self.draw();
        self.seller.advance(flow, input, self.now, &entropy).unwrap()
    }

    /// Signs and admits; `path` chooses the route.
    pub(crate) fn admit_v2(&mut self, path: &str, fields: &Value) -> Verdict {
        let nonce = hex::encode(&self.draw::<16>());
        self.admit_signed(path, fields, self.now, &nonce)
    }

    pub(crate) fn admit_signed(
        &mut self,
        path: &str,
        fields: &Value,
        signed_at: u64,
        nonce: &str,
    ) -> Verdict {
        self.admit_under(KEY, path, fields, signed_at, nonce)
    }

    /// The same under another key.
    pub(crate) fn admit_under(
        &mut self,
        key: &str,
        path: &str,
        fields: &Value,
        signed_at: u64,
        nonce: &str,
    ) -> Verdict {
        let (target, text) = signed_under(key, path, fields, signed_at, nonce);
        let request_id = self.draw();
        let request = Request::new("POST", target.as_bytes(), &[], Body::Bytes(text.as_bytes()));
        self.seller.admit(&request, &request_id, self.now)
    }

    pub(crate) fn admit_v1(&mut self, pairs: &[(&str, &str)]) -> Verdict {
        self.admit_v1_signed(pairs, self.now)
    }

    pub(crate) fn admit_v1_signed(&mut self, pairs: &[(&str, &str)], signed_at: u64) -> Verdict {
        let target = signed_v1("/v1", pairs, signed_at);
        let request_id = self.draw();
        let request = Request::new("GET", target.as_bytes(), &[], Body::Bytes(b""));
        self.seller.admit(&request, &request_id, self.now)
    }

    pub(crate) fn v2(&mut self, fields: &Value) -> Turn {
        let verdict = self.admit_v2("/v2", fields);
        self.decide_verdict(verdict)
    }

    pub(crate) fn v1(&mut self, pairs: &[(&str, &str)]) -> Turn {
        let verdict = self.admit_v1(pairs);
        self.decide_verdict(verdict)
    }

    pub(crate) fn decide_verdict(&mut self, verdict: Verdict) -> Turn {
        match verdict {
            Verdict::Refused(refusal) => {
                Turn::Refused { code: refusal.reason.code.code(), answer: refusal.answer }
            }
            Verdict::Admitted(admitted) => self.decide(&admitted.admission, &admitted.keys),
        }
    }

    /// Decides and commits, as a host does.
    pub(crate) fn decide(&mut self, admission: &[u8], keys: &[String]) -> Turn {
        self.try_decide(admission, keys).unwrap()
    }

    pub(crate) fn try_decide(&mut self, admission: &[u8], keys: &[String]) -> Result<Turn, ReasonCode> {
        let mut wanted: Vec<String> = keys.to_vec();
        let mut loaded: Vec<Row> = Vec::new();
        for _ in 0..8 {
            loaded.extend(self.load(&wanted));
            let entropy = self.draw();
            let turn = match self.seller.decide(admission, &loaded, self.now, &entropy)? {
                Decision::Need { keys } => {
                    loaded.retain(|row| !keys.contains(&row.key));
                    wanted = keys;
                    continue;
                }
                Decision::Wait { until, .. } => return Ok(Turn::Wait { until }),
                Decision::Answer(answered) => {
                    let committed = self.commit(&answered.commit);
                    let reason = answered.reason.map(|reason| reason.code.code());
                    let alarms = answered.alarms.iter().map(|alarm| alarm.code.to_string()).collect();
                    committed.then_some(Turn::Answer { answer: answered.answer, reason, alarms })
                }
                Decision::Ask(assignment) => self.commit(&assignment.commit).then_some(Turn::Work {
                    admission: admission.to_vec(),
                    assignment,
                    question: true,
                }),
                Decision::Perform(assignment) => self.commit(&assignment.commit).then_some(Turn::Work {
                    admission: admission.to_vec(),
                    assignment,
                    question: false,
                }),
            };
            match turn {
                Some(turn) => return Ok(turn),
                None => {
                    loaded.clear();
                    wanted = keys.to_vec();
                }
            }
        }
        Err(ReasonCode::TooManyConflicts)
    }

    pub(crate) fn load(&self, keys: &[String]) -> Vec<Row> {
        let stored = |key: &String| {
            self.rows.get(key).map(|(bytes, version)| Stored { bytes: bytes.clone(), version: *version })
        };
        keys.iter().map(|key| Row { key: key.clone(), value: stored(key) }).collect()
    }

    /// Atomic: all or nothing. `false`: a conflict, or nobody knows.
    pub(crate) fn commit(&mut self, writes: &[Write]) -> bool {
        for write in writes {
            let found = self.rows.get(&write.key).map(|(_, version)| *version);
            if found != write.expect {
                return false;
            }
        }
        for write in writes {
            self.version += 1;
            match &write.change {
                Change::Check => {}
                Change::Put { bytes, .. } => {
                    self.rows.insert(write.key.clone(), (bytes.clone(), self.version));
                }
                Change::Delete => {
                    self.rows.remove(&write.key);
                }
            }
        }
        !std::mem::take(&mut self.lose_next_answer)
    }

    /// Settles and commits; the answer, where there is an admission.
    pub(crate) fn settle(&mut self, work: &[u8], admission: Option<&[u8]>, outcome: &Outcome) -> Settled {
        let mut loaded: Vec<Row> = Vec::new();
        for _ in 0..16 {
            let entropy = self.draw();
            match self.seller.settle(work, admission, &loaded, outcome, self.now, &entropy).unwrap() {
                Settlement::Need { keys } => loaded.extend(self.load(&keys)),
                Settlement::Settled(settled) => {
                    if self.commit(&settled.commit) {
                        return settled;
                    }
                    loaded.clear();
                }
            }
        }
        panic!("does not settle")
    }

    pub(crate) fn report(&mut self, effect: &str, outcome: &Outcome) -> Settled {
        self.try_report(effect, outcome).unwrap()
    }

    pub(crate) fn try_report(&mut self, effect: &str, outcome: &Outcome) -> Result<Settled, ReasonCode> {
        let mut loaded: Vec<Row> = Vec::new();
        for _ in 0..16 {
            let entropy = self.draw();
            let reported = self.seller.report(effect, &loaded, outcome, self.now, &entropy);
            match reported.map_err(|reason| reason.code)? {
                Settlement::Need { keys } => loaded.extend(self.load(&keys)),
                Settlement::Settled(settled) => {
                    if self.commit(&settled.commit) {
                        return Ok(settled);
                    }
                    loaded.clear();
                }
            }
        }
        Err(ReasonCode::TooManyConflicts)
    }

    /// Carries a call to its answer; a work gets this outcome.
    pub(crate) fn through(&mut self, turn: Turn, outcome: &Outcome) -> Value {
        match turn {
            Turn::Work { admission, assignment, .. } => {
                body(&self.settle(&assignment.work, Some(&admission), outcome).answer.unwrap())
            }
            Turn::Wait { .. } => panic!("must wait"),
            other => other.json(),
        }
    }

    pub(crate) fn v2_through(&mut self, fields: &Value, outcome: &Outcome) -> Value {
        let turn = self.v2(fields);
        self.through(turn, outcome)
    }

    /// An instance that is open.
    pub(crate) fn open(&mut self, id: &str) {
        let answer = self.v2_through(&order(&format!("order-{id}"), id), &access());
        assert_eq!(answer["resultCode"], "000000");
        assert_eq!(answer["instanceId"], id);
    }

    /// Imports and commits one line.
    pub(crate) fn import(&mut self, line: &Value) -> Import {
        let text = line.to_string();
        let mut loaded: Vec<Row> = Vec::new();
        for _ in 0..4 {
            let entropy = self.draw();
            match self.seller.import_instance("", text.as_bytes(), &loaded, self.now, &entropy).unwrap() {
                Import::Need { keys } => loaded.extend(self.load(&keys)),
                Import::Commit(writes) => {
                    assert!(self.commit(&writes));
                    return Import::Commit(writes);
                }
                ended => return ended,
            }
        }
        panic!("does not end")
    }

    /// Every work that is owed, with its time.
    pub(crate) fn owed(&self) -> Due {
        self.seller.due(&self.work_rows(), self.now)
    }

    pub(crate) fn work_rows(&self) -> Vec<Row> {
        let works = self.rows.keys().filter(|key| key.starts_with(WORK_PREFIX));
        self.load(&works.cloned().collect::<Vec<String>>())
    }

    /// Claims one work, as a worker does whose turn has come.
    pub(crate) fn claim(&mut self, key: &str) -> Option<Assignment> {
        let row = self.load(&[key.to_string()]).remove(0);
        let entropy = self.draw();
        let claim = self.seller.claim(&row, self.now, &entropy).unwrap()?;
        self.commit(&claim.commit).then_some(claim)
    }

    /// What a worker that is never busy takes up.
    pub(crate) fn due(&mut self) -> Vec<Assignment> {
        let works = self.owed().works;
        works.iter().filter_map(|work| self.claim(&work.key)).collect()
    }

    /// The effect ids of all works.
    pub(crate) fn works_by_key(&self) -> std::collections::BTreeSet<String> {
        self.rows.keys().filter_map(|key| key.strip_prefix(WORK_PREFIX)).map(str::to_string).collect()
    }

    /// The phase in which the instance would be if this outcome came now; nothing happens.
    pub(crate) fn if_settled(&mut self, work: &[u8], outcome: &Outcome, instance: &str) -> String {
        let before =
            (self.rows.clone(), self.version, self.drawn, std::mem::take(&mut self.lose_next_answer));
        self.settle(work, None, outcome);
        let phase = self.phase(instance);
        (self.rows, self.version, self.drawn, self.lose_next_answer) = before;
        phase
    }

    pub(crate) fn works(&self) -> usize {
        self.rows.keys().filter(|key| key.starts_with(WORK_PREFIX)).count()
    }

    pub(crate) fn instances(&self) -> Vec<Value> {
        self.rows
            .iter()
            .filter(|(key, _)| key.starts_with("instance/"))
            .filter_map(|(_, (bytes, _))| match countersign_core::ledger::view_instance(bytes, true) {
                Err(ReasonCode::UnknownInstance) => None,
                view => Some(serde_json::to_value(view.unwrap()).unwrap()),
            })
            .collect()
    }

    /// The works that stand in queues, those of hidden instances too.
    pub(crate) fn queued(&self) -> Vec<String> {
        let rows = self.rows.iter().filter(|(key, _)| key.starts_with("instance/"));
        rows.flat_map(|(_, (bytes, _))| {
            let row: Value = serde_json::from_slice(bytes).unwrap();
            let ids: Vec<String> = row["queue"]
                .as_array()
                .unwrap()
                .iter()
                .map(|work| work["id"].as_str().unwrap().into())
                .collect();
            ids
        })
        .collect()
    }

    pub(crate) fn phase(&self, id: &str) -> String {
        let instance = self.instances().into_iter().find(|view| view["instance_id"] == id).unwrap();
        instance["phase"].as_str().unwrap().to_string()
    }
}

/// The query string and the body of a V2 call.
pub(crate) fn signed(path: &str, fields: &Value, signed_at: u64, nonce: &str) -> (String, String) {
    signed_under(KEY, path, fields, signed_at, nonce)
}

/// The same under another key.
pub(crate) fn signed_under(
    key: &str,
    path: &str,
    fields: &Value,
    signed_at: u64,
    nonce: &str,
) -> (String, String) {
    let text = fields.to_string();
    let mac = MacKey::new(key.as_bytes());
    let inner = hex::encode(&mac.mac(&[text.as_bytes()]));
    let stamp = signed_at.to_string();
    let signature =
        hex::encode(&mac.mac(&[key.as_bytes(), nonce.as_bytes(), stamp.as_bytes(), inner.as_bytes()]));
    (format!("{path}?signature={signature}&timestamp={stamp}&nonce={nonce}"), text)
}

/// The target of a V1 call, `timeStamp` and `authToken` added.
pub(crate) fn signed_v1(path: &str, pairs: &[(&str, &str)], signed_at: u64) -> String {
    signed_v1_under(KEY, path, pairs, signed_at)
}

/// The same under another key.
pub(crate) fn signed_v1_under(key: &str, path: &str, pairs: &[(&str, &str)], signed_at: u64) -> String {
    let stamp = time::format_17(signed_at, time::UTC);
    let mut pairs: Vec<(&str, &str)> = pairs.to_vec();
    if pairs.iter().all(|(name, _)| *name != "timeStamp") {
        pairs.push(("timeStamp", &stamp));
    }
    pairs.sort_unstable();
    let stamp = pairs.iter().find(|(name, _)| *name == "timeStamp").unwrap().1;
    let text: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let token = hmac_sha256(&[key.as_bytes(), stamp.as_bytes()], &[text.join("&").as_bytes()]);
    let encoded: Vec<String> = pairs
        .iter()
        .map(|(name, value)| {
            format!("{}={}", percent::encode(name.as_bytes()), percent::encode(value.as_bytes()))
        })
        .collect();
    format!("{path}?{}&authToken={}", encoded.join("&"), percent::encode(base64::encode(&token).as_bytes()))
}
