//! Instances from before the gate: taken over when the backend knows them, unknown otherwise.

use countersign_simulator::Dialect;
use serde_json::{Value, json};

use super::{KEY, NOW, config, handle, scene, signed, to_v1};

pub(super) fn all() -> Vec<Value> {
    Dialect::SAAS.into_iter().flat_map(|dialect| [adopted(dialect), refused(dialect)]).collect()
}

/// One scene's calls, signed one second apart.
struct Steps {
    dialect: Dialect,
    /// Makes request ids, entropy and nonces the scene's own.
    offset: usize,
    steps: Vec<Value>,
}

impl Steps {
    fn call(&mut self, fields: &Value, outcomes: &Value, code: &str, steps: &[&str], more: &Value) {
        let number = self.offset + self.steps.len();
        let at = NOW + 1_000 * number as u64;
        let fields = if self.dialect == Dialect::SaasV1 { to_v1(fields.clone()) } else { fields.clone() };
        let request = signed(self.dialect, KEY, &fields, at, &format!("nonce-{number:010}"), &[]);
        let mut expect = json!({"answer": {"status": 200, "json": {"resultCode": code}}, "steps": steps});
        for (name, value) in more.as_object().into_iter().flatten() {
            expect[name] = value.clone();
        }
        self.steps.push(handle(number, &request, at, outcomes, &expect));
    }
}

const PERFORMED: &[&str] = &["admitted", "performed", "settled"];
const ANSWERED: &[&str] = &["admitted", "answered"];

fn adopted(dialect: Dialect) -> Value {
    let product = format!("adopt-{}", dialect.name());
    let offset = if dialect == Dialect::SaasV1 { 3_000 } else { 4_000 };
    let mut steps = Steps { dialect, offset, steps: Vec::new() };
    let id = format!("{product}-old");
    let of = |activity: &str| json!({"activity": activity, "instanceId": id, "orderId": "CS2", "orderLineId": "1"});
    let with = |mut fields: Value, name: &str, value: &str| {
        fields[name] = json!(value);
        fields
    };
    let freeze = with(of("updateInstanceStatus"), "status", "FREEZE");
    let unknown = json!([{"kind": "refused", "answer": {"code": "000003", "message": "no such instance"}}]);
    let access = json!([{"kind": "done", "answer": {"front_end_url": "https://app.example.com"}}]);
    let none = json!([]);
    let asks = json!({"effects": [{"data": {"instance_id": id, "adopted": true}}]});
    steps.call(&freeze, &unknown, "000003", PERFORMED, &json!({"reason": "unknown-instance"}));
    steps.call(&of("queryInstance"), &none, "000003", ANSWERED, &json!({}));
    let no_address = json!([{"kind": "done", "answer": {}}]);
    steps.call(&freeze, &no_address, "000005", &["admitted", "performed", "alarm", "settled"], &asks);
    steps.call(&of("queryInstance"), &none, "000003", ANSWERED, &json!({}));
    steps.call(&freeze, &access, "000000", PERFORMED, &asks);
    steps.call(&freeze, &none, "000000", ANSWERED, &json!({}));
    let listed = json!({"answer": {"json": {"info": [{"instanceId": id, "appInfo": {"frontEndUrl": "https://app.example.com"}}]}}});
    steps.call(&of("queryInstance"), &none, "000000", ANSWERED, &listed);
    let renewal = with(with(of("refreshInstance"), "scene", "RENEWAL"), "expireTime", "20991231235959");
    let lifted = json!({"effects": [{"data": {"phase": "active", "adopted": null}}]});
    steps.call(&renewal, &json!([{"kind": "done", "answer": {}}]), "000000", PERFORMED, &lifted);
    steps.call(
        &of("releaseInstance"),
        &json!([{"kind": "done", "answer": {}}]),
        "000000",
        PERFORMED,
        &json!({}),
    );
    let name = format!("{}: an instance from before the gate is adopted", dialect.name());
    let more = json!({"unknown_instance": "adopt"});
    scene(&name, SOURCE, &config(&product, KEY, &more), &steps.steps)
}

fn refused(dialect: Dialect) -> Value {
    let product = format!("strict-{}", dialect.name());
    let offset = if dialect == Dialect::SaasV1 { 5_000 } else { 6_000 };
    let mut steps = Steps { dialect, offset, steps: Vec::new() };
    let fields = json!({"activity": "releaseInstance", "instanceId": "old", "orderId": "CS2"});
    steps.call(
        &fields,
        &json!([]),
        "000003",
        ANSWERED,
        &json!({"reason": "unknown-instance", "effects": []}),
    );
    let name = format!("{}: an instance from before the gate is unknown by default", dialect.name());
    scene(&name, SOURCE, &config(&product, KEY, &json!({})), &steps.steps)
}

const SOURCE: &str = "the setting unknown_instance; signed by an independent signer";
