//! Notices about orders: answered first, told afterwards, on a path that they share with the product's own calls.

use countersign_simulator::{Dialect, Fault};
use serde_json::{Value, json};

use super::{KEY, NOW, admit, handle, scene, signed};

/// A key of the generic type: it signs notices and nothing else.
const NOTICES: &str = "generic-access-key-0001";
const SOURCE: &str = "KooGallery access guide V2.0, orderNotify; what is owed and when is ours; signed by an independent signer";

pub(super) fn all() -> Vec<Value> {
    vec![told(), shared()]
}

fn config(product: &str) -> Value {
    json!({"routes": [
        {"path": "/v2", "dialect": "saas-v2", "keys": [KEY], "product": product},
        {"path": "/v2", "dialect": "order-notify", "keys": [NOTICES], "product": product},
    ]})
}

fn notice(order: &str, line: &str) -> Value {
    json!({"activity": "orderNotify", "orderId": order, "orderLineId": line})
}

fn at(number: usize) -> u64 {
    NOW + 1_000 * number as u64
}

/// A notice whose effects go to the application with these outcomes.
fn call(number: usize, fields: &Value, outcomes: &Value, steps: &[&str], effects: &Value) -> Value {
    let request =
        signed(Dialect::OrderNotify, NOTICES, fields, at(number), &format!("nonce-{number:010}"), &[]);
    let answer = json!({"status": 200, "json": {"resultCode": "000000", "resultMsg": "success."}});
    handle(
        7_000 + number,
        &request,
        at(number),
        outcomes,
        &json!({"answer": answer, "steps": steps, "effects": effects}),
    )
}

fn deliver(number: usize, after_ms: u64, outcomes: &Value, expect: &Value) -> Value {
    let send = json!({"op": "deliver", "now": at(number) + after_ms, "outcomes": outcomes,
        "entropy": format!("{:064x}", 7_500 + number)});
    json!({"send": send, "expect": expect})
}

const ANSWERED: &[&str] = &["admitted", "answered"];
const DELIVERED: &[&str] = &["admitted", "answered", "delivered"];

fn told() -> Value {
    let (done, failed, none) = (json!([{"kind": "done"}]), json!([{"kind": "failed"}]), json!([]));
    let refused = json!([{"kind": "refused", "answer": {"code": "gone", "message": "no such order"}}]);
    let effect = |line: &str| {
        json!([{"type": "countersign.order_changed", "subject": "CS1", "data": {
            "type": "order_changed", "activity": "orderNotify", "order_id": "CS1", "order_line_id": line, "instance_id": null}}])
    };
    let nothing = json!({"effects": [], "steps": [], "next_at": null});
    let steps = [
        call(1, &notice("CS1", "1"), &done, DELIVERED, &effect("1")),
        // What was delivered is over: the next one is news again.
        call(2, &notice("CS1", "1"), &done, DELIVERED, &effect("1")),
        call(3, &notice("CS1", "1"), &none, ANSWERED, &json!([])),
        // One that is owed says all that another would say.
        call(4, &notice("CS1", "1"), &done, ANSWERED, &json!([])),
        // Another line of the order waits its turn.
        call(5, &notice("CS1", "2"), &done, ANSWERED, &json!([])),
        deliver(
            6,
            0,
            &failed,
            &json!({"effects": effect("1"), "steps": ["delivered"], "next_at": at(6) + 1_000}),
        ),
        deliver(6, 999, &done, &json!({"effects": [], "steps": []})),
        deliver(
            6,
            1_000,
            &json!([{"kind": "done"}, {"kind": "done"}]),
            &json!({
            "effects": [effect("1")[0], effect("2")[0]], "steps": ["delivered", "delivered"], "next_at": null}),
        ),
        deliver(7, 0, &done, &nothing),
        // A no ends it, and the next one goes on.
        call(8, &notice("CS1", "3"), &refused, &["admitted", "answered", "alarm", "delivered"], &effect("3")),
        deliver(9, 0, &done, &nothing),
        call(
            10,
            &json!({"activity": "orderNotify", "orderId": "CS1", "testFlag": "1"}),
            &done,
            ANSWERED,
            &json!([]),
        ),
    ];
    scene("order-notify: a notice is answered, then told", SOURCE, &config("notices"), &steps)
}

fn shared() -> Value {
    let number = 20;
    let refused = |code: &str, result: &str| json!({"verdict": "refused", "reason": {"code": code}, "answer": {"status": 200, "json": {"resultCode": result}}});
    let sign = |dialect, key: &str, fields: &Value, faults: &[Fault]| {
        signed(dialect, key, fields, at(number), "nonce-0000000020", faults)
    };
    let query = json!({"activity": "queryInstance", "instanceId": "a"});
    let admitted = |dialect: &str, kind: &str| json!({"verdict": "admitted", "dialect": dialect, "event": {"type": kind}});
    let judge = |request: Value, expect: Value| admit(&request, at(number), &expect);
    let steps = [
        judge(
            sign(Dialect::OrderNotify, NOTICES, &notice("CS1", "1"), &[]),
            admitted("order-notify", "order_changed"),
        ),
        judge(sign(Dialect::SaasV2, KEY, &query, &[]), admitted("saas-v2", "query_instances")),
        // Under a key of the one, an activity of the other is unknown.
        judge(sign(Dialect::SaasV2, NOTICES, &query, &[]), refused("unknown-activity", "000002")),
        judge(
            sign(Dialect::OrderNotify, KEY, &notice("CS1", "1"), &[]),
            refused("unknown-activity", "000002"),
        ),
        judge(
            sign(Dialect::OrderNotify, NOTICES, &json!({"activity": "orderNotify"}), &[]),
            refused("field-missing", "000002"),
        ),
        judge(
            sign(Dialect::OrderNotify, NOTICES, &notice(&"9".repeat(129), "1"), &[]),
            refused("field-too-long", "000002"),
        ),
        judge(
            sign(Dialect::OrderNotify, NOTICES, &notice("CS1", "1"), &[Fault::WrongKey]),
            refused("signature-mismatch", "000001"),
        ),
        judge(
            sign(Dialect::OrderNotify, NOTICES, &notice("CS1", "1"), &[Fault::ClockError { ms: -61_000 }]),
            refused("timestamp-stale", "000002"),
        ),
    ];
    scene("order-notify: the key says whose call it is on a shared path", SOURCE, &config("shared"), &steps)
}
