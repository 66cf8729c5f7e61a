//! Accounts over time: created once, changed, deleted, and begun anew; in plain text, so that the answers are known to the byte.

use countersign_simulator::Entropy;
use countersign_simulator::account::{Centre, Layout, Notice};
use serde_json::{Value, json};

use super::{NOW, handle, scene};

const OFFSET: usize = 40_000;

pub(super) fn all() -> Vec<Value> {
    vec![life()]
}

fn call(number: usize, event_type: &str, message: &Value, outcomes: &Value, expect: &Value) -> Value {
    let now = NOW + 1_000 * number as u64;
    let centre = Centre {
        token: "bearer-token-0001",
        signature_key: Some(b"SignKey012345678"),
        encryption_key: &[0; 16],
        layout: Layout::Plain,
    };
    let (message, nonce) = (message.to_string(), format!("nonce-{:010}", OFFSET + number));
    let notice = Notice {
        host: "seller.example.com",
        path: "/account",
        event_type,
        message: &message,
        now_ms: now,
        nonce: &nonce,
    };
    #[expect(clippy::expect_used, reason = "a generator stops at the first surprise")]
    let request = centre.request(&notice, &mut Entropy::from_seed(0)).expect("the scene can be signed");
    let request = json!({
        "method": request.method,
        "target": request.target,
        "headers": request.headers,
        "body": String::from_utf8_lossy(&request.body),
    });
    handle(OFFSET + number, &request, now, outcomes, expect)
}

const PERFORMED: &[&str] = &["admitted", "performed", "settled"];
const ANSWERED: &[&str] = &["admitted", "answered"];

fn expected(code: &str, id: Option<&str>, steps: &[&str], effects: &Value) -> Value {
    let message = match code {
        "200" => "success",
        "404" => "no such user",
        _ => "system busy",
    };
    let data = id.map(|id| json!({ "id": id }).to_string());
    let status: u16 = code.parse().unwrap_or_default();
    json!({
        "answer": {"status": status, "json": {"code": code, "message": message, "data": data}},
        "steps": steps,
        "effects": effects,
    })
}

fn life() -> Value {
    let config = json!({"routes": [{
        "path": "/account", "dialect": "account-events", "product": "accounts-life", "token": "bearer-token-0001",
        "signature_keys": ["SignKey012345678"], "encryption_keys": [], "algorithm": "none",
    }]});
    let user = json!({"username": "zhangsan", "name": "张三", "disabled": false});
    let other = json!({"username": "zhangsan", "name": "张三丰", "disabled": false});
    let given = |id: &str| json!([{"kind": "done", "answer": {"id": id}}]);
    let told = |kind: &str, data: Value| json!([{"type": format!("countersign.{kind}"), "data": data}]);
    let create = |more: Value| {
        let mut data = json!({"type": "account_create", "username": "zhangsan"});
        for (name, value) in more.as_object().into_iter().flatten() {
            data[name] = value.clone();
        }
        told("account_create", data)
    };
    let (none, done) = (json!([]), json!([{"kind": "done"}]));
    let update = json!({"id": "u-1", "name": "张", "disabled": "true"});
    let updated =
        json!({"id": "u-1", "message": update, "end_sessions": {"scope": "users", "users": ["u-1"]}});
    let steps = [
        call(
            1,
            "CREATE_USER",
            &user,
            &json!([{"kind": "failed"}]),
            &expected(
                "500",
                None,
                PERFORMED,
                &create(json!({"message": user, "layout": "none", "id": null})),
            ),
        ),
        call(
            2,
            "CREATE_USER",
            &user,
            &given("u-1"),
            &expected("200", Some("u-1"), PERFORMED, &create(json!({"message": user, "id": null}))),
        ),
        call(3, "CREATE_USER", &user, &none, &expected("200", Some("u-1"), ANSWERED, &none)),
        call(
            4,
            "CREATE_USER",
            &other,
            &given("u-2"),
            &expected(
                "200",
                Some("u-1"),
                &["admitted", "performed", "alarm", "settled"],
                &create(json!({"message": other, "id": "u-1"})),
            ),
        ),
        call(
            5,
            "UPDATE_USER",
            &update,
            &done,
            &expected("200", Some("u-1"), PERFORMED, &told("account_update", updated)),
        ),
        call(
            6,
            "UPDATE_USER",
            &json!({"id": "u-9"}),
            &json!([{"kind": "refused", "answer": {"code": "404", "message": "no such user"}}]),
            &expected("404", None, PERFORMED, &told("account_update", json!({"id": "u-9"}))),
        ),
        call(
            7,
            "DELETE_USER",
            &json!({"id": "u-1"}),
            &done,
            &expected(
                "200",
                None,
                &["admitted", "answered", "delivered"],
                &told("account_delete", json!({"id": "u-1"})),
            ),
        ),
        call(8, "DELETE_USER", &json!({"id": "u-1"}), &none, &expected("200", None, ANSWERED, &none)),
        call(
            9,
            "CREATE_USER",
            &user,
            &given("u-3"),
            &expected("200", Some("u-3"), PERFORMED, &create(json!({"previous_id": "u-1", "id": null}))),
        ),
    ];
    let source = "workbench §C.4 to C.6; what is kept and told is ours; signed by an independent signer";
    scene("account-events: a name has one account", source, &config, &steps)
}
