//! Licences: issued once and never changed, for an order or for a device.

use countersign_simulator::Dialect;
use serde_json::{Value, json};

use super::{KEY, NOW, handle, scene, signed};

pub(super) fn all() -> Vec<Value> {
    vec![first(), online()]
}

fn at(number: usize) -> u64 {
    NOW + 1_000 * number as u64
}

fn call(
    dialect: Dialect,
    number: usize,
    fields: &Value,
    outcomes: &Value,
    steps: &[&str],
    answer: &Value,
) -> Value {
    let offset = if dialect == Dialect::LicenseV1 { 30_000 } else { 31_000 };
    let request = signed(dialect, KEY, fields, at(number), &format!("nonce-{:010}", offset + number), &[]);
    let expect = json!({"answer": {"status": 200, "json": answer}, "steps": steps});
    handle(offset + number, &request, at(number), outcomes, &expect)
}

const PERFORMED: &[&str] = &["admitted", "performed", "settled"];
const ANSWERED: &[&str] = &["admitted", "answered"];

fn first() -> Value {
    let config = json!({"routes": [{"path": "/v1", "dialect": "license-v1", "keys": [KEY], "product": "license-first"}]});
    let call = |number, fields: Value, outcomes: Value, steps: &[&str], answer: Value| {
        call(Dialect::LicenseV1, number, &fields, &outcomes, steps, &answer)
    };
    let get = |business: &str| json!({"activity": "getLicense", "orderId": "CS1", "businessId": business});
    let issued =
        json!({"resultCode": "000000", "resultMsg": "success.", "instanceId": "b1", "license": "许可-1"});
    let license = |text: &str| json!([{"kind": "done", "answer": {"license": text}}]);
    let none = json!([]);
    let steps = [
        call(
            1,
            get("b1"),
            json!([{"kind": "refused", "answer": {"code": "000106", "message": "sold out"}}]),
            PERFORMED,
            json!({"resultCode": "000106", "resultMsg": "sold out", "license": null}),
        ),
        call(
            2,
            get("b2"),
            json!([{"kind": "done", "answer": {}}]),
            &["admitted", "performed", "alarm", "settled"],
            json!({"resultCode": "000005", "license": null}),
        ),
        call(3, get("b3"), license("许可-1"), PERFORMED, issued.clone()),
        call(4, get("b4"), license("another"), ANSWERED, issued.clone()),
        call(
            5,
            json!({"activity": "refreshLicense", "orderId": "CS2", "instanceId": "b1", "expireTime": "20991231235959"}),
            license("another"),
            PERFORMED,
            json!({"resultCode": "000000", "license": null}),
        ),
        call(6, get("b5"), none.clone(), ANSWERED, issued.clone()),
        call(
            7,
            json!({"activity": "expireLicense", "instanceId": "b1"}),
            json!([{"kind": "done"}]),
            PERFORMED,
            json!({"resultCode": "000000"}),
        ),
        call(8, get("b6"), none.clone(), ANSWERED, issued),
        call(
            9,
            json!({"activity": "releaseLicense", "instanceId": "b1"}),
            json!([{"kind": "done"}]),
            PERFORMED,
            json!({"resultCode": "000000"}),
        ),
        call(
            10,
            json!({"activity": "getLicense", "orderId": "CS9", "businessId": "t1", "testFlag": "1"}),
            none,
            ANSWERED,
            json!({"resultCode": "000000", "instanceId": "t1", "license": "TEST-LICENSE"}),
        ),
    ];
    let source = "KooGallery access guide of joint licences, getLicense; signed by an independent signer";
    scene("license-v1: a licence never changes", source, &config, &steps)
}

fn online() -> Value {
    let config = json!({"routes": [{"path": "/v2", "dialect": "license-online", "keys": [KEY], "product": "license-online"}]});
    let call = |number, fields: Value, outcomes: Value, steps: &[&str], code: &str| {
        call(
            Dialect::LicenseOnline,
            number,
            &fields,
            &outcomes,
            steps,
            &json!({"resultCode": code, "license": null}),
        )
    };
    let wanted = |event: &str, device: &str| {
        json!({"activity": "getLicenseAsync", "instanceId": "o1", "eventId": event,
        "deviceFingerprint": device, "effectiveTime": "2023-10-27 10:30:15 z"})
    };
    let (done, license) =
        (json!([{"kind": "done"}]), json!([{"kind": "done", "answer": {"license": "L-1"}}]));
    let steps = [
        call(1, wanted("e1", "d1"), json!([]), ANSWERED, "000003"),
        call(
            2,
            json!({"activity": "newInstance", "orderId": "CS1", "orderLineId": "1", "businessId": "o1"}),
            done.clone(),
            PERFORMED,
            "000000",
        ),
        call(3, wanted("e1", "d1"), json!([{"kind": "accepted"}]), PERFORMED, "000004"),
        call(4, wanted("e1", "d1"), license.clone(), PERFORMED, "000000"),
        call(5, wanted("e1", "d1"), license.clone(), ANSWERED, "000000"),
        call(
            6,
            wanted("e1", "d2"),
            json!([{"kind": "refused", "answer": {"code": "000900", "message": ""}}]),
            PERFORMED,
            "000900",
        ),
        call(
            7,
            wanted("e1", "d2"),
            json!([{"kind": "done", "answer": {"license_file": {"name": "a.lic", "content_base64": "QUJD"}}}]),
            PERFORMED,
            "000000",
        ),
        call(
            8,
            wanted("e2", ""),
            json!([{"kind": "done", "answer": {"license_file": {}}}]),
            &["admitted", "performed", "alarm", "settled"],
            "000005",
        ),
        call(9, json!({"activity": "releaseInstance", "instanceId": "o1"}), done, PERFORMED, "000000"),
        call(10, wanted("e9", "d1"), license, ANSWERED, "000003"),
    ];
    let source =
        "KooGallery docking guide of client software, getLicenseAsync; signed by an independent signer";
    scene("license-online: a licence for each event and device", source, &config, &steps)
}
