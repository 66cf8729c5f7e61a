//! The scenes. Requests are signed by the simulator, or stand as they were published; expectations stand here by hand.

mod accounts;
mod admission;
mod adopt;
mod codes;
mod kits;
mod licenses;
mod notices;

use countersign_simulator::{AccessKey, Dialect, Fault, SignInput, sign_with};
use serde_json::{Value, json};

/// The key of the synthetic vectors.
const KEY: &str = "test-access-key-0001";
/// Their time.
const NOW: u64 = 1_680_508_066_618;
/// Their nonce.
const NONCE: &str = "50D83FDECAED6CCD8EF597F2A577950527928BA287D04E6036E92B2806FD17DA";

/// Every scene, in the order of the file.
#[must_use]
pub fn all() -> Vec<Value> {
    let mut scenes = published();
    scenes.extend(signed_by_hand());
    scenes.extend(faults());
    scenes.extend(lives());
    scenes.extend(adopt::all());
    scenes.extend(admission::all());
    scenes.extend(codes::all());
    scenes.extend(notices::all());
    scenes.extend(kits::all());
    scenes.extend(licenses::all());
    scenes.extend(accounts::all());
    scenes
}

/// The text of the file: one scene per line, so that a change shows as a line.
#[must_use]
pub fn text() -> String {
    let lines: Vec<String> = all().iter().map(ToString::to_string).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

fn config(product: &str, key: &str, more: &Value) -> Value {
    let mut routes = json!([
        {"path": "/v1", "dialect": "saas-v1", "keys": [key], "product": product, "test_front_end_url": "https://test.example.com"},
        {"path": "/v2", "dialect": "saas-v2", "keys": [key], "product": product, "test_front_end_url": "https://test.example.com"},
    ]);
    for route in routes.as_array_mut().into_iter().flatten() {
        for (name, value) in more.as_object().into_iter().flatten() {
            route[name] = value.clone();
        }
    }
    json!({ "routes": routes })
}

fn scene(name: &str, source: &str, config: &Value, steps: &[Value]) -> Value {
    json!({"name": name, "source": source, "config": config, "steps": steps})
}

fn admit(request: &Value, now: u64, expect: &Value) -> Value {
    let send = json!({"op": "admit", "request": request, "now": now, "request_id": "00".repeat(16)});
    json!({"send": send, "expect": expect})
}

/// The whole loop; `number` makes request id and entropy its own.
fn handle(number: usize, request: &Value, now: u64, outcomes: &Value, expect: &Value) -> Value {
    let send = json!({"op": "handle", "request": request, "now": now, "outcomes": outcomes,
        "request_id": format!("{number:032x}"), "entropy": format!("{number:064x}")});
    json!({"send": send, "expect": expect})
}

fn signed(dialect: Dialect, key: &str, fields: &Value, now: u64, nonce: &str, faults: &[Fault]) -> Value {
    let path = match dialect {
        Dialect::SaasV1 | Dialect::LicenseV1 => "/v1",
        _ => "/v2",
    };
    let fields = fields.as_object().cloned().unwrap_or_default();
    let key = AccessKey::new(key);
    let input = SignInput {
        dialect,
        key: &key,
        host: "seller.example.com",
        path,
        fields: &fields,
        now_ms: now,
        nonce,
    };
    #[expect(clippy::expect_used, reason = "a generator stops at the first surprise")]
    let request = sign_with(&input, faults).expect("the scene can be signed");
    json!({
        "method": request.method,
        "target": request.target,
        "headers": request.headers,
        "body": String::from_utf8_lossy(&request.body),
    })
}

fn get(target: &str) -> Value {
    json!({"method": "GET", "target": target, "headers": [], "body": ""})
}

fn post(target: &str, body: &str) -> Value {
    json!({"method": "POST", "target": target, "headers": [["Content-Type", "application/json;charset=utf8"]], "body": body})
}

/// Examples of the platform's own pages.
fn published() -> Vec<Value> {
    let h1 = "activity=newInstance&businessId=61e834ba-7b97-4418-b8f7-e5345137278c&customerId=68cbc86abc2018ab880d92f36422fa0e&expireTime=20200727153156&orderId=CS1906666666ABCDE&productId=00301-666666-0--0&testFlag=1&timeStamp=20200727073711903";
    let token = "&authToken=Gzbfjf9LHRBcI3bFVi%2B%2BsLinCNOBF6qa7is1fvjEgYQ%3D";
    let shown = "1B3F0A1B0F6E4E7E3F9F2B5C0D1E2F3A4B5C6D7E8F90123456789ABCDEF01234";
    vec![
        scene(
            "the published V1 token verifies",
            "KooGallery access guide V1.0, sample code of the security token; recomputed and equal",
            &config("h1", "xxxxxxx", &json!({})),
            &[
                admit(
                    &get(&format!("/v1?{h1}{token}")),
                    NOW,
                    &json!({"verdict": "admitted", "dialect": "saas-v1", "test": true,
                    "event": {"type": "subscribe", "order_id": "CS1906666666ABCDE", "expire_time": 1_595_863_916_000_u64}}),
                ),
                admit(
                    &get(&format!("/v1?{}{token}", h1.replace("CS1906666666ABCDE", "CS1906666666ABCDF"))),
                    NOW,
                    &json!({"verdict": "refused", "reason": {"code": "signature-mismatch"}, "answer": {"status": 200, "json": {"resultCode": "000001"}}}),
                ),
            ],
        ),
        scene(
            "extension parameters of the published upgrade example are decoded",
            "KooGallery access guide V1.0, upgrade: saasExtendParams; recomputed and equal",
            &config("h4", KEY, &json!({})),
            &[admit(
                &signed(
                    Dialect::SaasV1,
                    KEY,
                    &json!({"activity": "upgrade", "instanceId": "i1", "orderId": "CS1",
                    "saasExtendParams": "W3sibmFtZSI6ImlkTnVtIiwidmFsdWUiOiIzNTIyNTU1NTU1NTU2NTYifSx7Im5hbWUiOiJ1c2VyTmFtZSIsInZhbHVlIjoiaHVhd2VpMTIzIn0seyJuYW1lIjoiY3VzdEVtYWlsIiwidmFsdWUiOiIxMjNAaHVhd2VpLmNvbSJ9XQ=="}),
                    NOW,
                    NONCE,
                    &[],
                ),
                NOW,
                &json!({"verdict": "admitted", "event": {"type": "upgrade", "saas_extend_params": [
                    {"name": "idNum", "value": "352255555555656"}, {"name": "userName", "value": "huawei123"}, {"name": "custEmail", "value": "123@huawei.com"}]}}),
            )],
        ),
        scene(
            "a stamp in milliseconds with a nonce of 64 digits has the published shape",
            "KooGallery access guide V2.0, newInstance example; its key was never published, so the signature cannot match",
            &config("h8", KEY, &json!({})),
            &[admit(
                &post(
                    &format!("/v2?signature={shown}&timestamp={NOW}&nonce={NONCE}"),
                    "{\"activity\":\"newInstance\"}",
                ),
                NOW,
                &json!({"verdict": "refused", "reason": {"code": "signature-mismatch"}}),
            )],
        ),
    ]
}

/// Synthetic values that were computed twice, in Python and on a JDK.
fn signed_by_hand() -> Vec<Value> {
    let source = "synthetic, computed in Python and on JDK 17, equal";
    let rows = [
        (
            "subscribe",
            r#"{"activity":"newInstance","businessId":"87b94795-0603-4e24-8ae5-69420d60e3c8","orderId":"CS2211181819B4LVS","orderLineId":"CS2211181819B4LVS-000001","testFlag":"1"}"#,
            "c506f4221ec15f98c40b8a5d5065d8b815a2c5596cf4421382088b5652565458",
        ),
        (
            "query_instances",
            r#"{"activity":"queryInstance","instanceId":"10e758d0-31ad-4c4b-8f1b-81d03469a10e","testFlag":"1"}"#,
            "4b226b9c287c55014d80c20b27428e273af2c66e301ad596d23c6d68f7947e14",
        ),
        (
            "renew",
            r#"{"activity":"refreshInstance","expireTime":"20251124023618","instanceId":"10e758d0-31ad-4c4b-8f1b-81d03469a10e","orderId":"CS2211181819B4LVS","orderLineId":"CS2211181819B4LVS-000001","productId":"OFFI461","scene":"RENEWAL","testFlag":"1"}"#,
            "eebb6205f972df4e05b65ce3907255e6caa2ad6960962453f881015c588bdb5a",
        ),
        (
            "freeze",
            r#"{"activity":"updateInstanceStatus","instanceId":"10e758d0-31ad-4c4b-8f1b-81d03469a10e","status":"FREEZE","testFlag":"1"}"#,
            "d3b5a141bf464b07a52f3b2364ff0552ba292adafc2e36a57c70c0074a589900",
        ),
        (
            "upgrade",
            r#"{"activity":"upgradeInstance","instanceId":"10e758d0-31ad-4c4b-8f1b-81d03469a10e","orderId":"CS2211181819B4LVS","orderLineId":"CS2211181819B4LVS-000001","testFlag":"1"}"#,
            "3d615e12a1ef7769ff38749f85c21256561b121210904dc22be993adf18ba5fe",
        ),
        (
            "release",
            r#"{"activity":"releaseInstance","instanceId":"10e758d0-31ad-4c4b-8f1b-81d03469a10e","orderId":"CS2211181819B4LVS","orderLineId":"CS2211181819B4LVS-000001","testFlag":"1"}"#,
            "dbfc8df786989ea3835cfe7b0ea5df24227d2008fc698a45a59b5beed13dd265",
        ),
    ];
    let target = |signature: &str| format!("/v2?signature={signature}&timestamp={NOW}&nonce={NONCE}");
    let admitted = |kind: &str| json!({"verdict": "admitted", "dialect": "saas-v2", "test": true, "event": {"type": kind}});
    let steps: Vec<Value> = rows
        .iter()
        .flat_map(|(kind, body, signature)| {
            let changed = body.replace("\"1\"}", "\"0\"}");
            [
                admit(&post(&target(signature), body), NOW, &admitted(kind)),
                admit(&post(&target(&signature.to_uppercase()), body), NOW, &admitted(kind)),
                admit(&post(&target(signature), &changed), NOW, &json!({"reason": {"code": "signature-mismatch"}})),
                admit(&post(&target(signature), body), NOW + 60_000, &admitted(kind)),
                admit(&post(&target(signature), body), NOW + 60_001, &json!({"reason": {"code": "timestamp-stale"}, "answer": {"json": {"resultCode": "000002"}}})),
                admit(&post(&target(signature), body), NOW - 60_001, &json!({"reason": {"code": "timestamp-future"}, "answer": {"json": {"resultCode": "000002"}}})),
            ]
        })
        .collect();
    let special = "activity=newInstance&authToken=2ztlcb4x4FwHWFXh1h%2BN1iL3jv29BZD4j%2BzIdTkqqAg%3D&businessId=b-1&customerId=c-1&customerName=%E6%B5%8B%E8%AF%95+user%2B1&email=AbCdEfGh12345678PCJ6dXGrgRLTAuyC%2BUEhFw%3D%3D&orderId=CS1&productId=OFFI1&testFlag=1&timeStamp=20240101000000123";
    let understood =
        json!({"verdict": "admitted", "event": {"customer_name": "测试 user+1", "email": "18699999999"}});
    let body_sign = |signature: &str| {
        json!([
            ["Content-Type", "application/json"],
            ["Body-Sign", format!("sign_type=\"HMAC-SHA256\", signature= \"{signature}\"")]
        ])
    };
    vec![
        scene(
            "every basic V2 call verifies, in either hex case and inside the window",
            source,
            &config("h2", KEY, &json!({})),
            &steps,
        ),
        scene(
            "V1 signs decoded values, and contact data stay encrypted in the signed text",
            source,
            &config("h12", KEY, &json!({})),
            &[
                admit(&get(&format!("/v1?{special}")), NOW, &understood),
                admit(&get(&format!("/v1?{}", special.replace("+user", "%20user"))), NOW, &understood),
                admit(
                    &get(&format!("/v1?{}", special.replace("%2BUEhFw", "UEhFw"))),
                    NOW,
                    &json!({"reason": {"code": "signature-mismatch"}}),
                ),
            ],
        ),
        scene(
            "answers are signed over their exact bytes with the key alone",
            source,
            &config("h13", KEY, &json!({})),
            &[
                handle(
                    1,
                    &post(&target(rows[5].2), rows[5].1),
                    NOW,
                    &json!([]),
                    &json!({"answer": {"status": 200, "headers": body_sign("MTRk2q83clWO4HHLQUfXiUtDjSMcNYXSL1bfbmtOrjc="),
                "json": {"resultCode": "000000", "resultMsg": "success."}}, "steps": ["admitted", "answered"]}),
                ),
                handle(
                    2,
                    &post(&target(rows[0].2), rows[0].1),
                    NOW,
                    &json!([]),
                    &json!({"answer": {"headers": body_sign("FGqWJoMsrKVpk6KKmBoxRPhcsFvJmqio1VqsAekCOWU="),
                "json": {"resultCode": "000000", "instanceId": "87b94795-0603-4e24-8ae5-69420d60e3c8"}}}),
                ),
                handle(
                    3,
                    &post(&target(rows[0].2), rows[0].1),
                    NOW,
                    &json!([]),
                    &json!({"answer": {"json": {"resultCode": "000001"}}, "reason": "replayed"}),
                ),
            ],
        ),
        scene(
            "the second set of synthetic values verifies",
            "synthetic, computed in Python",
            &config("f2", "base-access-key-0001", &json!({})),
            &[admit(
                &post(
                    "/v2?signature=D44B67F0FC0B59E37857081962B93ACB03EFC82E2E5C070D9889E58E2FCBB513&timestamp=1729566664115&nonce=Of4lsV7H1qrzVDI52O5CFk2ofPcZRaA6",
                    rows[0].1,
                ),
                1_729_566_664_115,
                &admitted("subscribe"),
            )],
        ),
        scene(
            "a V1 token over non-ASCII text verifies",
            "synthetic, computed in Python",
            &config("f3", "v1-key-0001", &json!({})),
            &[admit(
                &get(
                    "/v1?activity=newInstance&authToken=vyM7jlciiwDrEweMymdbd36oLWKwCJqliEuAbfb0nU8%3D&businessId=87b94795-0603-4e24-8ae5-69420d60e3c8&customerId=688055390f3049f283fe9f1aa90f7ds3&customerName=%E5%BC%A0%E4%B8%89&orderId=CS1906666666ABCDE&timeStamp=20221118070355123",
                ),
                NOW,
                &json!({"verdict": "admitted", "test": false, "event": {"customer_name": "张三"}}),
            )],
        ),
    ]
}

/// What is wrong on purpose, and what it deserves.
fn faults() -> Vec<Value> {
    let v1 = json!({"activity": "newInstance", "orderId": "CS1", "businessId": "b1", "skuCode": "s", "testFlag": "1", "customerName": "张 三+"});
    let v2 =
        json!({"activity": "newInstance", "orderId": "CS1", "orderLineId": "CS1-000001", "businessId": "b1"});
    let text = |text: &str| text.to_string();
    let cases = [
        ("a wrong key", vec![Fault::WrongKey], "signature-mismatch"),
        ("no signature", vec![Fault::MissingSignature], "signature-missing"),
        (
            "a changed order",
            vec![Fault::ChangedAfterSigning { field: text("orderId"), value: text("CS2") }],
            "signature-mismatch",
        ),
        ("a pretty body", vec![Fault::PrettyBody], ""),
        ("members in another order", vec![Fault::ReversedOrder], ""),
        ("a null member", vec![Fault::NullMember], ""),
        ("lower-case hex", vec![Fault::LowerCaseHex], ""),
        ("scalars signed as text", vec![Fault::ScalarsSignedAsText], ""),
        ("a stale stamp", vec![Fault::ClockError { ms: -60_001 }], "timestamp-stale"),
        ("a future stamp", vec![Fault::ClockError { ms: 60_001 }], "timestamp-future"),
        ("a moved digit", vec![Fault::MovedDigit], "timestamp-malformed"),
        (
            "a duplicate name",
            vec![Fault::DuplicateName { field: text("orderId"), value: text("CS2") }],
            "duplicate-name",
        ),
        ("a body cut short", vec![Fault::TruncatedBody], "malformed-json"),
        ("still encoded values in the token", vec![Fault::SignedStillEncoded], "signature-mismatch"),
        ("a plus sign for a blank", vec![Fault::PlusForBlank], ""),
        (
            "a repeated parameter",
            vec![Fault::RepeatedParameter { name: text("orderId") }],
            "repeated-query-name",
        ),
        ("a smuggled parameter", vec![Fault::SmuggledParameter { name: text("testFlag") }], "ambiguous-text"),
    ];
    let mut scenes = Vec::new();
    for (name, faults, code) in cases {
        for (dialect, fields) in [(Dialect::SaasV1, &v1), (Dialect::SaasV2, &v2)] {
            let mut fields = fields.clone();
            if faults == [Fault::ScalarsSignedAsText] {
                fields["orderLineId"] = json!(17);
            }
            // The V1 stamp is checked for its form only.
            let skip = dialect == Dialect::SaasV1 && matches!(faults.first(), Some(Fault::ClockError { .. }));
            if skip || !faults.iter().all(|fault| fault.applies_to(dialect)) {
                continue;
            }
            let mut faults = faults.clone();
            if let (Dialect::SaasV2, [Fault::RepeatedParameter { name }]) = (dialect, faults.as_mut_slice()) {
                *name = text("nonce");
            }
            let request = signed(dialect, KEY, &fields, NOW, "nonce-0000000000000007", &faults);
            let expect = if code.is_empty() {
                json!({"verdict": "admitted"})
            } else {
                let result = if code.starts_with("signature") { "000001" } else { "000002" };
                json!({"verdict": "refused", "reason": {"code": code}, "answer": {"status": 200, "json": {"resultCode": result}}})
            };
            let name = format!("{}: {name}", dialect.name());
            let source = "the dialect's signature rules; signed and spoilt by an independent signer";
            scenes.push(scene(
                &name,
                source,
                &config("faults", KEY, &json!({})),
                &[admit(&request, NOW, &expect)],
            ));
        }
    }
    scenes
}

/// Whole lives through the loop.
fn lives() -> Vec<Value> {
    let access = json!([{"kind": "done", "answer": {"front_end_url": "https://app.example.com", "user_name": "admin", "password": "s3cret", "memo": "欢迎"}}]);
    let done = json!([{"kind": "done", "answer": {}}]);
    let sold_out = json!([{"kind": "refused", "answer": {"code": "000106", "message": "sold out"}}]);
    let mut scenes = Vec::new();
    for dialect in Dialect::SAAS {
        let product = format!("life-{}", dialect.name());
        let mut number = 0;
        let mut step = |mut fields: Value, outcomes: &Value, code: &str, steps: &[&str], more: Value| {
            number += 1;
            let at = NOW + 1_000 * number as u64;
            if dialect == Dialect::SaasV1 {
                fields = to_v1(fields);
            }
            let request = signed(dialect, KEY, &fields, at, &format!("nonce-{number:010}"), &[]);
            let mut expect = json!({"answer": {"status": 200, "json": {"resultCode": code}}, "steps": steps});
            for (name, value) in more.as_object().into_iter().flatten() {
                expect["answer"]["json"][name] = value.clone();
            }
            // One ledger for all scenes: effect ids grow out of entropy and must differ.
            let offset = if dialect == Dialect::SaasV1 { 1_000 } else { 2_000 };
            handle(offset + number, &request, at, outcomes, &expect)
        };
        let new = |order: &str, business: &str| json!({"activity": "newInstance", "orderId": order, "orderLineId": "1", "businessId": business});
        let performed: &[&str] = &["admitted", "performed", "settled"];
        let answered: &[&str] = &["admitted", "answered"];
        let of = |activity: &str| json!({"activity": activity, "instanceId": format!("{product}-a"), "orderId": "CS2", "orderLineId": "1"});
        let with = |mut fields: Value, name: &str, value: &str| {
            fields[name] = json!(value);
            fields
        };
        let id = json!({"instanceId": format!("{product}-a")});
        let renewal = with(with(of("refreshInstance"), "scene", "RENEWAL"), "expireTime", "20991231235959");
        let steps = [
            step(
                new("CS1", &format!("{product}-a")),
                &sold_out,
                "000106",
                performed,
                json!({"resultMsg": "sold out"}),
            ),
            step(
                new("CS1", "b2"),
                &json!([{"kind": "failed"}]),
                "000005",
                performed,
                json!({"instanceId": null}),
            ),
            step(new("CS1", "b3"), &access, "000000", performed, id.clone()),
            step(new("CS1", "b4"), &access, "000000", answered, id.clone()),
            step(
                of("queryInstance"),
                &json!([]),
                "000000",
                answered,
                json!({"info": [{"instanceId": format!("{product}-a"), "appInfo": {"frontEndUrl": "https://app.example.com", "memo": "欢迎"}}]}),
            ),
            step(renewal.clone(), &done, "000000", performed, json!({})),
            step(renewal, &done, "000000", answered, json!({})),
            step(
                with(of("updateInstanceStatus"), "status", "FREEZE"),
                &json!([{"kind": "failed"}]),
                "000005",
                performed,
                json!({}),
            ),
            step(with(of("updateInstanceStatus"), "status", "FREEZE"), &done, "000000", performed, json!({})),
            step(with(of("updateInstanceStatus"), "status", "FREEZE"), &done, "000000", answered, json!({})),
            step(
                with(of("updateInstanceStatus"), "status", "UNFREEZE"),
                &done,
                "000000",
                performed,
                json!({}),
            ),
            step(of("upgradeInstance"), &sold_out, "000106", performed, json!({})),
            step(of("upgradeInstance"), &done, "000000", performed, json!({})),
            step(of("releaseInstance"), &done, "000000", performed, json!({})),
            step(of("releaseInstance"), &done, "000000", answered, json!({})),
            step(with(of("updateInstanceStatus"), "status", "FREEZE"), &done, "000003", answered, json!({})),
            step(of("queryInstance"), &json!([]), "000003", answered, json!({"info": null})),
            step(new("CS1", "b5"), &access, "000000", answered, id),
        ];
        let source = "the lifecycle tables of the access guide; signed by an independent signer";
        scenes.push(scene(
            &format!("{}: a whole life", dialect.name()),
            source,
            &config(&product, KEY, &json!({})),
            &steps,
        ));
    }
    scenes
}

/// The same call in the words of V1.
fn to_v1(mut fields: Value) -> Value {
    if let Some(members) = fields.as_object_mut() {
        members.shift_remove("orderLineId");
        members.shift_remove("scene");
        if let Some(status) = members.shift_remove("status") {
            let word = if status == "UNFREEZE" { "NORMAL" } else { "FREEZE" };
            members.insert("instanceStatus".into(), word.into());
        }
        let activity = match members.get("activity").and_then(Value::as_str) {
            Some("updateInstanceStatus") => "instanceStatus",
            Some("upgradeInstance") => "upgrade",
            Some(other) => other,
            None => "",
        };
        let activity = activity.to_string();
        members.insert("activity".into(), activity.into());
    }
    fields
}
