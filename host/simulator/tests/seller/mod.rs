//! A seller in miniature that answers rightly, or with one vice, so that stories can be tested without a gate.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_simulator::crypto::contact::{self, Strength};
use countersign_simulator::scenario::{Backend, Behaviour};
use countersign_simulator::transport::{Transport, TransportError};
use countersign_simulator::{AccessKey, Dialect, Fields, HttpRequest, HttpResponse};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Mutex;

/// What a seller can get wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vice {
    NewIdOnRepeat,
    OneIdForAll,
    TrustsEverybody,
    NoBodySign,
    FoldedHeader,
    PlainCredentials,
    ForgetsReplays,
    OneSidedClock,
    TakesDuplicates,
    TakesSmuggled,
    ServesOtherProducts,
    ForgetsTests,
    AnswersFailureAsSuccess,
    RefusesOddSpelling,
    SilentOnRelease,
    NeverDone,
}

pub(crate) struct Seller {
    dialect: Dialect,
    /// Path and key of each product.
    products: Vec<(&'static str, &'static str)>,
    now_ms: u64,
    vice: Option<Vice>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// (product, test, order) to instance id.
    creates: BTreeMap<(usize, bool, String), String>,
    instances: HashMap<String, Instance>,
    signatures: HashSet<String>,
    sold_out: Option<&'static str>,
    pending: u32,
    failing: u32,
    refused: Option<&'static str>,
}

struct Instance {
    product: usize,
    pending: u32,
    released: bool,
}

type Answer = Result<Fields, &'static str>;

impl Seller {
    pub(crate) fn new(dialect: Dialect, now_ms: u64, vice: Option<Vice>) -> Self {
        let products = vec![("/saas", "key-of-main"), ("/other", "key-of-other")];
        Self { dialect, products, now_ms, vice, state: Mutex::default() }
    }

    fn has(&self, vice: Vice) -> bool {
        self.vice == Some(vice)
    }

    fn answer(&self, product: usize, request: &HttpRequest) -> Answer {
        let query = request.target.split_once('?').map_or("", |(_, query)| query);
        let pairs: Vec<(String, String)> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(n, v)| (decoded(n), decoded(v)))
            .collect();
        let names: BTreeSet<&String> = pairs.iter().map(|(name, _)| name).collect();
        if names.len() != pairs.len() && !self.has(Vice::TakesDuplicates) {
            return Err("000002");
        }
        let mut state = self.state.lock().unwrap();
        let fields = match self.dialect {
            Dialect::SaasV1 => self.v1(product, &pairs)?,
            _ => self.v2(product, &pairs, &request.body, &mut state)?,
        };
        self.act(product, &fields, &mut state)
    }

    fn v1(&self, product: usize, pairs: &[(String, String)]) -> Result<Fields, &'static str> {
        let mut signed: Vec<_> = pairs.iter().filter(|(name, _)| name != "authToken").cloned().collect();
        signed.sort();
        let text = signed.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        let find =
            |name: &str| pairs.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
        let key = format!("{}{}", self.products[product].1, find("timeStamp").unwrap_or_default());
        let token = STANDARD.encode(mac(&key, text.as_bytes()));
        if find("authToken") != Some(&token) && !self.has(Vice::TrustsEverybody) {
            return Err("000001");
        }
        if signed.iter().any(|(_, value)| value.contains("&testFlag=")) && !self.has(Vice::TakesSmuggled) {
            return Err("000002");
        }
        Ok(signed.into_iter().map(|(name, value)| (name, Value::String(value))).collect())
    }

    fn v2(
        &self,
        product: usize,
        pairs: &[(String, String)],
        body: &[u8],
        state: &mut State,
    ) -> Result<Fields, &'static str> {
        let find = |name: &str| pairs.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone());
        let (timestamp, nonce) = (find("timestamp").ok_or("000002")?, find("nonce").ok_or("000002")?);
        let signed_ms: u64 = timestamp.parse().map_err(|_| "000002")?;
        let stale = self.now_ms.saturating_sub(signed_ms) > 60_000;
        let future = signed_ms.saturating_sub(self.now_ms) > 60_000 || timestamp.len() != 13;
        if stale || (future && !self.has(Vice::OneSidedClock)) {
            return Err("000002");
        }
        let signature = find("signature").unwrap_or_default().to_lowercase();
        let key = self.products[product].1;
        let genuine = self.has(Vice::TrustsEverybody)
            || self.forms(body).iter().any(|form| {
                let inner = hex(&mac(key, form));
                hex(&mac(key, format!("{key}{nonce}{timestamp}{inner}").as_bytes())) == signature
            });
        if !genuine || (!state.signatures.insert(signature) && !self.has(Vice::ForgetsReplays)) {
            return Err("000001");
        }
        let fields: Fields = serde_json::from_slice(body).map_err(|_| "000002")?;
        let compact = serde_json::to_vec(&fields).unwrap();
        let blank = |byte: &u8| !byte.is_ascii_whitespace();
        if compact.into_iter().filter(blank).ne(body.iter().copied().filter(blank))
            && !self.has(Vice::TakesDuplicates)
        {
            return Err("000002");
        }
        Ok(fields)
    }

    fn forms(&self, body: &[u8]) -> Vec<Vec<u8>> {
        let mut forms = vec![body.to_vec()];
        if let Ok(Value::Object(fields)) = serde_json::from_slice(body)
            && !self.has(Vice::RefusesOddSpelling)
        {
            let mut top: Vec<_> = fields.into_iter().filter(|(_, value)| !value.is_null()).collect();
            top.sort_by(|a, b| a.0.cmp(&b.0));
            forms.push(serde_json::to_vec(&top.iter().cloned().collect::<Fields>()).unwrap());
            let deep: Fields = top.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            forms.push(serde_json::to_vec(&deep).unwrap());
        }
        forms
    }

    fn act(&self, product: usize, fields: &Fields, state: &mut State) -> Answer {
        let text = |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let test = match fields.get("testFlag").and_then(Value::as_str) {
            None | Some("" | "0") => false,
            Some("1") => true,
            Some(_) => return Err("000002"),
        };
        let activity = text("activity").ok_or("000002")?;
        if activity == "newInstance" {
            let order = text("orderId").ok_or("000002")?;
            let line =
                text("orderLineId").or(text("productId").filter(|_| text("chargingMode") == Some("0")));
            let business_id = text("businessId").ok_or("000002")?;
            let key = (product, test, format!("{order}/{}", line.unwrap_or_default()));
            return self.create(key, business_id, state);
        }
        let ids: Vec<&str> = text("instanceId").ok_or("000002")?.split(',').collect();
        if activity == "queryInstance" {
            return self.query(product, &ids, test, state);
        }
        let known = ["refreshInstance", "releaseInstance", "upgrade", "upgradeInstance", "instanceStatus"];
        let known = [&known[..], &["updateInstanceStatus", "expireInstance", "changeInstanceCheck"]].concat();
        if !known.contains(&activity) {
            return Err("000002");
        }
        if state.refused.is_some() {
            return Err(state.refused.take().unwrap());
        }
        let others = self.has(Vice::ServesOtherProducts);
        let forgets = self.has(Vice::ForgetsTests);
        let failing = state.failing > 0;
        state.failing = state.failing.saturating_sub(1);
        let instance =
            state.instances.get_mut(ids[0]).filter(|instance| others || instance.product == product);
        let instance = instance.ok_or("000003")?;
        let release = activity == "releaseInstance";
        if instance.released && !release && (!test || forgets) {
            return Err("000003");
        }
        if failing && !self.has(Vice::AnswersFailureAsSuccess) {
            return Err("000005");
        }
        if instance.released && release && self.has(Vice::SilentOnRelease) {
            return Err("000003");
        }
        instance.released |= release;
        Ok(Fields::new())
    }

    fn unfinished(&self) -> &'static str {
        if self.dialect == Dialect::SaasV1 { "000005" } else { "000004" }
    }

    fn create(&self, key: (usize, bool, String), business_id: &str, state: &mut State) -> Answer {
        let product = key.0;
        let first = state.creates.get(&key).cloned();
        if first.is_none()
            && let Some(code) = state.sold_out
        {
            return Err(code);
        }
        let mut id = first.clone().unwrap_or_else(|| business_id.to_owned());
        if self.has(Vice::NewIdOnRepeat) {
            id = business_id.to_owned();
        }
        if self.has(Vice::OneIdForAll) {
            id = "the-only-one".to_owned();
        }
        state.creates.insert(key, id.clone());
        let pending = if first.is_none() { std::mem::take(&mut state.pending) } else { 0 };
        let fresh = Instance { product, pending, released: false };
        let instance = state.instances.entry(id.clone()).or_insert(fresh);
        let mut answer = Fields::new();
        if instance.pending > 0 {
            if let Some(code) = state.sold_out {
                return Err(code);
            }
            if !self.has(Vice::NeverDone) {
                instance.pending -= 1;
            }
            if self.dialect == Dialect::SaasV1 {
                return Err(self.unfinished());
            }
            answer.insert("resultCode".into(), self.unfinished().into());
        }
        if self.dialect == Dialect::SaasV1 {
            answer.insert("appInfo".into(), self.app_info(product));
        }
        answer.insert("instanceId".into(), id.into());
        Ok(answer)
    }

    fn query(&self, product: usize, ids: &[&str], test: bool, state: &State) -> Answer {
        if ids.len() > 100 {
            return Err("000002");
        }
        let waited_for = ids.iter().filter_map(|id| state.instances.get(*id)).any(|one| one.pending > 0);
        if let Some(code) = state.sold_out.filter(|_| waited_for) {
            return Err(code);
        }
        let listed: Vec<Value> = ids
            .iter()
            .filter(|id| {
                let known = state.instances.get(**id).filter(|instance| instance.product == product);
                known.is_some_and(|instance| !instance.released || (test && !self.has(Vice::ForgetsTests)))
            })
            .map(|id| json!({"instanceId": id, "appInfo": self.app_info(product)}))
            .collect();
        if listed.is_empty() {
            Err("000003")
        } else {
            Ok([("info".into(), listed.into())].into_iter().collect())
        }
    }

    fn app_info(&self, product: usize) -> Value {
        let encrypted = self.dialect == Dialect::SaasV1 && !self.has(Vice::PlainCredentials);
        let key = AccessKey::new(self.products[product].1);
        let user = contact::encrypt(&key, Strength::Aes256, "AbCdEfGh12345678", "admin").unwrap();
        json!({"frontEndUrl": "https://isv.example.com/", "userName": if encrypted { &user } else { "admin" }})
    }
}

impl Transport for Seller {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, TransportError> {
        let product = self.products.iter().position(|(path, _)| *path == request.path()).unwrap();
        let (code, members) = match self.answer(product, request) {
            Ok(members) => ("000000", members),
            Err(code) => (code, Fields::new()),
        };
        let mut said = Fields::from_iter([("resultCode".to_owned(), code.into())]);
        said.extend(members);
        let body = serde_json::to_vec(&said).unwrap();
        let signature = STANDARD.encode(mac(self.products[product].1, &body));
        let name = if self.has(Vice::FoldedHeader) { "body-sign" } else { "Body-Sign" };
        let mut headers = vec![("Content-Type".into(), "application/json".into())];
        if !self.has(Vice::NoBodySign) {
            headers.push((name.into(), format!("sign_type=\"HMAC-SHA256\", signature= \"{signature}\"")));
        }
        Ok(HttpResponse { status: 200, headers, body })
    }
}

impl Backend for Seller {
    fn next(&self, behaviour: Behaviour) {
        let mut state = self.state.lock().unwrap();
        match behaviour {
            Behaviour::Done => {
                (state.sold_out, state.pending, state.failing, state.refused) = (None, 0, 0, None);
            }
            Behaviour::Accepted { times } => state.pending = times,
            Behaviour::Slow { .. } | Behaviour::Reported { .. } => state.pending = 1,
            Behaviour::Failing { times } => state.failing = times,
            Behaviour::SoldOut { code } => state.sold_out = Some(code),
            Behaviour::Restocked => state.sold_out = None,
            Behaviour::RefusedNext { code } => state.refused = Some(code),
            other => panic!("{other:?}"),
        }
    }
}

/// A signed "being processed".
pub(crate) fn unfinished(key: &str) -> HttpResponse {
    let body = b"{\"resultCode\":\"000004\"}".to_vec();
    let signature = format!("sign_type=\"HMAC-SHA256\", signature= \"{}\"", STANDARD.encode(mac(key, &body)));
    let headers = [("Content-Type", "application/json"), ("Body-Sign", &signature)];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    HttpResponse { status: 200, headers, body }
}

fn mac(key: &str, text: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap().chain_update(text);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<String, Value> = members.into_iter().collect();
            members.into_iter().map(|(name, value)| (name, sorted(value))).collect()
        }
        other => other,
    }
}
