//! License codes: learnt by the first call that names one.

use countersign_simulator::{Dialect, Fault};
use serde_json::{Value, json};

use super::{NOW, admit, handle, scene, signed};

const KEY: &str = "license-code-access-key-0001";
const CODE: &str = "PL-0001";
const SOURCE: &str = "KooGallery license code access guide 2.0; signed by an independent signer";

pub(super) fn all() -> Vec<Value> {
    vec![life(), admission()]
}

fn config(product: &str) -> Value {
    json!({"routes": [{"path": "/v2", "dialect": "license-code", "keys": [KEY], "product": product}]})
}

fn renewal(order: &str) -> Value {
    json!({"activity": "refreshLicenseCode", "scene": "RENEWAL", "orderId": order, "orderLineId": "1", "license": CODE,
        "productId": "p1", "expireTime": "20991231235959"})
}

fn status(word: &str) -> Value {
    json!({"activity": "updateLicenseCodeStatus", "license": CODE, "status": word})
}

fn release() -> Value {
    json!({"activity": "releaseLicenseCode", "license": CODE})
}

fn life() -> Value {
    let (done, none) = (json!([{"kind": "done"}]), json!([]));
    let unknown = json!([{"kind": "refused", "answer": {"code": "000003", "message": "no such license"}}]);
    let performed: &[&str] = &["admitted", "performed", "settled"];
    let answered: &[&str] = &["admitted", "answered"];
    let mut number = 0;
    let mut step = |fields: Value, outcomes: &Value, code: &str, steps: &[&str], effects: Value| {
        number += 1;
        let at = NOW + 1_000 * number as u64;
        let request = signed(Dialect::LicenseCode, KEY, &fields, at, &format!("nonce-{number:010}"), &[]);
        let answer = json!({"status": 200, "json": {"resultCode": code, "instanceId": null}});
        handle(
            8_000 + number,
            &request,
            at,
            outcomes,
            &json!({"answer": answer, "steps": steps, "effects": effects}),
        )
    };
    let told = |kind: &str, adopted: Value, phase: &str| {
        json!([{"type": format!("countersign.{kind}"), "subject": CODE,
            "data": {"license": CODE, "instance_id": CODE, "adopted": adopted, "phase": phase}}])
    };
    let steps = [
        step(status("FREEZE"), &unknown, "000003", performed, told("freeze", json!(true), "frozen")),
        step(renewal("R1"), &done, "000000", performed, told("renew", json!(true), "active")),
        step(renewal("R1"), &none, "000000", answered, json!([])),
        step(status("FREEZE"), &done, "000000", performed, told("freeze", Value::Null, "frozen")),
        step(status("FREEZE"), &none, "000000", answered, json!([])),
        step(status("UNFREEZE"), &done, "000000", performed, told("unfreeze", Value::Null, "active")),
        step(release(), &done, "000000", performed, told("release", Value::Null, "released")),
        step(release(), &none, "000000", answered, json!([])),
        step(renewal("R2"), &none, "000003", answered, json!([])),
    ];
    scene("license-code: a whole life", SOURCE, &config("codes"), &steps)
}

fn admission() -> Value {
    let judge = |fields: &Value, faults: &[Fault], expect: Value| {
        admit(&signed(Dialect::LicenseCode, KEY, fields, NOW, "nonce-0000000001", faults), NOW, &expect)
    };
    let refused = |code: &str, result: &str| json!({"verdict": "refused", "reason": {"code": code}, "answer": {"status": 200, "json": {"resultCode": result}}});
    let without = |mut fields: Value, name: &str| {
        fields[name] = json!("");
        fields
    };
    let steps = [
        judge(
            &renewal("R1"),
            &[],
            json!({"verdict": "admitted", "dialect": "license-code", "event": {
            "type": "renew", "activity": "refreshLicenseCode", "license": CODE, "instance_id": null, "expire_time": 4_102_444_799_000_u64}}),
        ),
        judge(&without(renewal("R1"), "license"), &[], refused("field-missing", "000002")),
        judge(&without(renewal("R1"), "orderId"), &[], refused("field-missing", "000002")),
        judge(&status("PAUSED"), &[], refused("unknown-status", "000002")),
        judge(&json!({"activity": "newInstance"}), &[], refused("unknown-activity", "000002")),
        judge(&release(), &[Fault::WrongKey], refused("signature-mismatch", "000001")),
        judge(&release(), &[Fault::MissingSignature], refused("signature-missing", "000001")),
    ];
    scene("license-code: what is taken and what is not", SOURCE, &config("codes-admission"), &steps)
}
