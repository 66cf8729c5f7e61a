//! Questions to the backend: their answers are settled over rows that are read again.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use countersign::gate::{Backend, Gate, Observer, OwnedRequest, Sending, Step, Subject, SystemClock, Terms};
use countersign_core::ledger::{Effect, Outcome};
use countersign_core::wire::hex;
use countersign_ledger::Missing;
use countersign_runtime::{NativeEngine, OpenSeller};
use countersign_simulator::calls::{Charging, Order, debugging, saas_v2};
use countersign_simulator::{AccessKey, Dialect, Entropy, Fields, SignInput, sign};
use serde_json::{Value, json};

const KEY: &str = "test-access-key-0001";

/// Opens whatever is bought, and knows a usage of everything.
struct Willing;

impl Backend for Willing {
    fn send(&self, _: &Subject, effect: Effect, _: Duration) -> Sending {
        let event: Value = serde_json::from_str(&effect.body).unwrap();
        let figure = |id: &Value| json!({"instance_id": id, "usage_value": "1.5", "statistical_time": "20260101000000000"});
        let ids = event["data"]["instance_ids"].as_array().cloned().unwrap_or_default();
        let usage: Vec<Value> = ids.iter().map(figure).collect();
        let answer = json!({"front_end_url": "https://crm.example.com/", "usage": usage});
        Box::pin(async move { Outcome::Done(answer.to_string().into_bytes()).into() })
    }
}

struct Silent;

impl Observer for Silent {
    fn step(&self, _: &Subject, _: &Step) {}
}

fn gate(route: &Value) -> Arc<Gate> {
    let mut document =
        json!({"routes": [{"path": "/v2", "dialect": "saas-v2", "keys": [KEY], "product": "crm"}]});
    document["routes"][0].as_object_mut().unwrap().extend(route.as_object().unwrap().clone());
    let seller = OpenSeller::open(Arc::new(NativeEngine::new()), document.to_string().as_bytes()).unwrap();
    let store = countersign_ledger::open("memory:", Path::new("."), Missing::Create).unwrap().store;
    let terms = Terms { seller, backend: Arc::new(Willing), products: vec!["crm".into()] };
    Gate::new(terms, store, Arc::new(SystemClock), Arc::new(Silent))
}

async fn called(gate: &Arc<Gate>, entropy: &mut Entropy, fields: &Fields) -> Value {
    use countersign::gate::Clock as _;
    let key = AccessKey::new(KEY);
    let request = sign(&SignInput {
        dialect: Dialect::SaasV2,
        key: &key,
        host: "isv.example.com",
        path: "/v2",
        fields,
        now_ms: SystemClock.now(),
        nonce: &entropy.nonce(),
    })
    .unwrap();
    let headers = request.headers.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes()));
    let owned = OwnedRequest {
        method: request.method.into(),
        target: request.target.clone().into_bytes(),
        headers: headers.collect(),
        body: Some(request.body.clone()),
    };
    let block = entropy.block();
    let answer = gate.handle(owned, block[..16].try_into().unwrap()).await;
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{}", hex::encode(&answer.body)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_for_as_many_instances_as_there_may_be_lists_all_with_their_usage() {
    let gate = gate(&json!({"usage": true}));
    let mut entropy = Entropy::from_seed(1);
    let mut ids = Vec::new();
    for _ in 0..100 {
        let order = Order::draw(&mut entropy, Charging::OnDemand, 1_700_000_000_000);
        let id = entropy.uuid();
        let bought = called(&gate, &mut entropy, &saas_v2::new_instance(&order, &id)).await;
        assert_eq!((&bought["resultCode"], &bought["instanceId"]), (&json!("000000"), &json!(id)));
        ids.push(id);
    }
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let listed = called(&gate, &mut entropy, &saas_v2::query_instance(&ids)).await;
    let items = listed["info"].as_array().unwrap();
    assert_eq!(items.iter().map(|item| item["instanceId"].as_str().unwrap()).collect::<Vec<_>>(), ids);
    assert!(items.iter().all(|item| item["usageInfo"][0]["usageValue"].as_f64() == Some(1.5)), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_purchase_that_reaches_the_backend_keeps_its_instance_id() {
    let gate = gate(&json!({"test_effects": true}));
    let mut entropy = Entropy::from_seed(2);
    let order = Order::draw(&mut entropy, Charging::Year, 1_700_000_000_000);
    let (first, second) = (entropy.uuid(), entropy.uuid());
    for business_id in [&first, &second] {
        let fields = debugging(saas_v2::new_instance(&order, business_id));
        let answer = called(&gate, &mut entropy, &fields).await;
        assert_eq!((&answer["resultCode"], &answer["instanceId"]), (&json!("000000"), &json!(first)));
    }
}
