//! What is read of a genuine call and what is refused of one: requests that were signed once, then changed on their way
//! without a change of what the signature covers.

use countersign_simulator::Dialect;
use serde_json::{Value, json};

use super::{KEY, NONCE, NOW, admit, config, get, post, scene, signed};

const SOURCE: &str = "own case; KooGallery access guides V1.0 and V2.0, signature pages; RFC 9110, RFC 9112";

pub(super) fn all() -> Vec<Value> {
    vec![one_reading(), wrapped(), unsigned(), repartitioned(), repaired(), foreign()]
}

/// A signed call, its target and its body.
fn call(dialect: Dialect, fields: &Value) -> (String, String) {
    let request = signed(dialect, KEY, fields, NOW, NONCE, &[]);
    let text = |name: &str| request[name].as_str().unwrap_or_default().to_string();
    (text("target"), text("body"))
}

fn release(more: &Value) -> Value {
    let mut fields = json!({"activity": "releaseInstance", "instanceId": "i1"});
    for (name, value) in more.as_object().into_iter().flatten() {
        fields[name] = value.clone();
    }
    fields
}

fn refused(code: &str, result: &str, more: &Value) -> Value {
    let mut reason = json!({"code": code});
    for (name, value) in more.as_object().into_iter().flatten() {
        reason[name] = value.clone();
    }
    json!({"verdict": "refused", "reason": reason, "answer": {"status": 200, "json": {"resultCode": result}}})
}

fn one_reading() -> Value {
    let (target, body) = call(Dialect::SaasV2, &release(&json!({})));
    let admitted = json!({"verdict": "admitted", "event": {"type": "release", "instance_id": "i1"}});
    let nowhere = json!({"reason": {"code": "unknown-route"}, "answer": {"status": 404}});
    let mut steps: Vec<Value> =
        ["", "http://isv.example.com", "HTTPS://isv.example.com:8443", "http://[::1]"]
            .iter()
            .flat_map(|before| ["", "#fragment"].map(|behind| format!("{before}{target}{behind}")))
            .map(|target| admit(&post(&target, &body), NOW, &admitted))
            .collect();
    for target in
        ["ftp://isv.example.com", "isv.example.com:443", "*", "/", "/v2/", "//v2", "/%76%32", "/x/../v2"]
    {
        steps.push(admit(&post(target, &body), NOW, &nowhere));
    }
    scene("a target is read in every form", SOURCE, &config("forms", KEY, &json!({})), &steps)
}

fn wrapped() -> Value {
    let (target, body) = call(Dialect::SaasV2, &release(&json!({})));
    let with = |coding: &str, body: &str| {
        let mut request = post(&target, body);
        request["headers"] = json!([["content-encoding", coding]]);
        request
    };
    let steps = [
        admit(&with("identity", &body), NOW, &json!({"verdict": "admitted"})),
        admit(&with("gzip", &body), NOW, &refused("body-encoded", "000002", &json!({"found": "gzip"}))),
        admit(
            &with("identity, br", "compressed"),
            NOW,
            &refused("body-encoded", "000001", &json!({"found": "br", "keys_tried": 1})),
        ),
        admit(
            &post(&target, &format!("\u{feff}{body}")),
            NOW,
            &refused("byte-order-mark", "000001", &json!({"keys_tried": 1})),
        ),
    ];
    scene("a body in a wrapping is named as such", SOURCE, &config("wrapped", KEY, &json!({})), &steps)
}

fn unsigned() -> Value {
    let fields = release(&json!({"t": "true", "n": "1"}));
    let (target, body) = call(Dialect::SaasV2, &fields);
    let admitted = json!({"verdict": "admitted", "event": {"order_id": null, "extra": {"t": "true", "n": "1", "x": null}}});
    let typed = body.replace("\"true\"", "true").replace("\"1\"", "1");
    let nulls = body.replacen('{', "{\"x\":null,\"orderId\":null,", 1);
    let (v1, _) = call(Dialect::SaasV1, &release(&json!({})));
    let plain = json!({"verdict": "admitted", "event": {"order_id": null, "extra": null}});
    let steps = [
        admit(&post(&target, &body), NOW, &admitted),
        admit(&post(&target, &typed), NOW, &admitted),
        admit(&post(&target, &nulls), NOW, &admitted),
        admit(&get(&v1), NOW, &plain),
        admit(&get(&format!("{v1}&orderId=&x=&y")), NOW, &plain),
    ];
    scene(
        "what no signature covers is not in the event",
        SOURCE,
        &config("unsigned", KEY, &json!({})),
        &steps,
    )
}

fn repartitioned() -> Value {
    let create = |more: Value| {
        let mut fields = json!({"activity": "newInstance", "orderId": "CS1", "businessId": "b1"});
        for (name, value) in more.as_object().into_iter().flatten() {
            fields[name] = value.clone();
        }
        call(Dialect::SaasV1, &fields).0
    };
    let glued = |target: &str, from: &str, to: &str| {
        let changed = target.replace(from, to);
        assert_ne!(changed, target, "{from} stands in {target}");
        get(&changed)
    };
    let ambiguous = |field: &str| refused("ambiguous-text", "000002", &json!({"field": field}));
    let order = create(json!({"orderSource": "x"}));
    let product = create(json!({"chargingMode": "0", "productId": "p1", "productIe": "x"}));
    let business = create(json!({"businessIe": "x"}));
    let name = create(json!({"customerName": "R&D", "note": "1&2=3"}));
    let steps = [
        admit(&get(&order), NOW, &json!({"verdict": "admitted", "event": {"order_id": "CS1"}})),
        admit(&glued(&order, "CS1&orderSource=x", "CS1%26orderSource%3Dx"), NOW, &ambiguous("orderId")),
        admit(&glued(&product, "p1&productIe=x", "p1%26productIe%3Dx"), NOW, &ambiguous("productId")),
        admit(&glued(&business, "b1&businessIe=x", "b1%26businessIe%3Dx"), NOW, &ambiguous("businessId")),
        admit(&glued(&order, "&orderSource=x", "%26orderSource%3Dx"), NOW, &ambiguous("orderId")),
        admit(&get(&name), NOW, &json!({"verdict": "admitted", "event": {"customer_name": "R&D"}})),
    ];
    scene("a V1 text is not cut anew", SOURCE, &config("cut", KEY, &json!({})), &steps)
}

/// The second and third target have the token of the first, which was computed in Python.
fn repaired() -> Value {
    let special = "activity=newInstance&authToken=2ztlcb4x4FwHWFXh1h%2BN1iL3jv29BZD4j%2BzIdTkqqAg%3D&businessId=b-1&customerId=c-1&customerName=%E6%B5%8B%E8%AF%95+user%2B1&email=AbCdEfGh12345678PCJ6dXGrgRLTAuyC%2BUEhFw%3D%3D&orderId=CS1&productId=OFFI1&testFlag=1&timeStamp=20240101000000123";
    let understood =
        json!({"verdict": "admitted", "event": {"customer_name": "测试 user+1", "email": "18699999999"}});
    let twice =
        special.replace("1h%2BN1iL3jv29BZD4j%2BzIdTkqqAg%3D", "1h%252BN1iL3jv29BZD4j%252BzIdTkqqAg%253D");
    let thrice = twice.replace("%25", "%2525");
    let steps = [
        admit(&get(&format!("/v1?{special}")), NOW, &understood),
        admit(&get(&format!("/v1?{}", special.replace("%2BUEhFw", "+UEhFw"))), NOW, &understood),
        admit(&get(&format!("/v1?{}", special.replace("%2BUEhFw", "%20UEhFw"))), NOW, &understood),
        admit(&get(&format!("/v1?{twice}")), NOW, &understood),
        admit(&get(&format!("/v1?{thrice}")), NOW, &refused("signature-malformed", "000001", &json!({}))),
        admit(
            &get(&format!("/v1?{}", special.replace("user%2B1", "user+1"))),
            NOW,
            &refused("signature-mismatch", "000001", &json!({"keys_tried": 1})),
        ),
    ];
    scene(
        "a lost plus is found again, and a token that was encoded twice is decoded once more",
        SOURCE,
        &config("repaired", KEY, &json!({})),
        &steps,
    )
}

fn foreign() -> Value {
    let create = |product: &str, test: &str| {
        let fields = json!({"activity": "newInstance", "orderId": "CS1", "businessId": "b1", "productId": product, "testFlag": test});
        get(&call(Dialect::SaasV1, &fields).0)
    };
    let own = json!({"verdict": "admitted"});
    let steps = [
        admit(&create("p1", "0"), NOW, &own),
        admit(
            &create("p3", "0"),
            NOW,
            &refused("foreign-product", "000003", &json!({"field": "productId", "found": "p3"})),
        ),
        admit(&create("p3", "1"), NOW, &own),
    ];
    let named = config("named", KEY, &json!({"product_ids": ["p1", "p2"]}));
    scene("a call that names another product finds none", SOURCE, &named, &steps)
}
