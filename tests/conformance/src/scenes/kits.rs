//! The kits over time: answered first, told afterwards, and what is kept of a tenant.

use countersign_simulator::{AccessKey, Dialect, SignInput, sign};
use serde_json::{Value, json};

use super::{NOW, admit, handle, scene};

const KIT_KEY: &str = "kit-access-key-0001";
const SOURCE: &str =
    "KooGallery §C and workbench §A, G; what is kept and told is ours; signed by an independent signer";

pub(super) fn all() -> Vec<Value> {
    [Dialect::KitV1, Dialect::KitV2, Dialect::OrgidSync]
        .into_iter()
        .flat_map(|dialect| [life(dialect), turns(dialect)])
        .collect()
}

/// One dialect, one product of its own: all scenes have one ledger.
struct Story {
    dialect: Dialect,
    /// Makes request ids and entropy its own.
    offset: usize,
    number: usize,
    steps: Vec<Value>,
}

impl Story {
    fn new(dialect: Dialect, part: usize) -> Self {
        let row = match dialect {
            Dialect::KitV1 => 0,
            Dialect::KitV2 => 1,
            _ => 2,
        };
        Self { dialect, offset: 20_000 + 1_000 * row + 100 * part, number: 0, steps: Vec::new() }
    }

    fn product(&self) -> String {
        format!("{}-{}", self.dialect.name(), self.offset)
    }

    fn config(&self) -> Value {
        json!({"routes": [
            {"path": "/kit", "dialect": self.dialect.name(), "keys": [KIT_KEY], "product": self.product()},
        ]})
    }

    fn now(&self) -> u64 {
        NOW + 1_000 * self.number as u64
    }

    fn request(&self, interface: &str, fields: &Value, signed_at: u64) -> Value {
        let fields = fields.as_object().cloned().unwrap_or_default();
        let path = format!("/kit{}/{interface}", self.dialect.sub_path());
        let (key, nonce) = (AccessKey::new(KIT_KEY), format!("nonce-{:010}", self.offset + self.number));
        let input = SignInput {
            dialect: self.dialect,
            key: &key,
            host: "seller.example.com",
            path: &path,
            fields: &fields,
            now_ms: signed_at,
            nonce: &nonce,
        };
        #[expect(clippy::expect_used, reason = "a generator stops at the first surprise")]
        let request = sign(&input).expect("the scene can be signed");
        json!({
            "method": request.method,
            "target": request.target,
            "headers": request.headers,
            "body": String::from_utf8_lossy(&request.body),
        })
    }

    /// A call that succeeds, and what the application hears of it.
    fn call(&mut self, interface: &str, fields: &Value, effects: &[Value]) {
        let now = NOW + 1_000 * (self.number as u64 + 1);
        self.call_at(interface, fields, now, effects);
    }

    /// The same, signed at another time.
    fn call_at(&mut self, interface: &str, fields: &Value, signed_at: u64, effects: &[Value]) {
        self.number += 1;
        let request = self.request(interface, fields, signed_at);
        let delivered: Vec<&str> = if effects.is_empty() { Vec::new() } else { vec!["delivered"] };
        let steps: Vec<&str> = ["admitted", "answered"].into_iter().chain(delivered).collect();
        let effects: Vec<Value> =
            effects.iter().map(|data| json!({"type": format!("countersign.{}", data["type"].as_str().unwrap_or_default()), "data": data})).collect();
        let answer = json!({"status": 200, "json": {"resultCode": "000000", "resultMsg": "success."}});
        let expect = json!({"answer": answer, "steps": steps, "effects": effects});
        let outcomes = json!([{"kind": "done"}]);
        self.steps.push(handle(self.offset + self.number, &request, self.now(), &outcomes, &expect));
    }

    fn refused(&mut self, interface: &str, fields: &Value, code: &str, result: &str) {
        self.number += 1;
        let request = self.request(interface, fields, self.now());
        let expect = json!({"verdict": "refused", "reason": {"code": code},
            "answer": {"status": 200, "json": {"resultCode": result}}});
        self.steps.push(admit(&request, self.now(), &expect));
    }

    fn directory(&mut self, expect: &Value) {
        let send =
            json!({"op": "directory", "product": self.product(), "tenant_id": "t1", "instance_id": "i1"});
        self.steps.push(json!({"send": send, "expect": expect}));
    }

    fn end(self, name: &str) -> Value {
        scene(&format!("{}: {name}", self.dialect.name()), SOURCE, &self.config(), &self.steps)
    }
}

fn tenant(flag: u8) -> Value {
    json!({"instanceId": "i1", "tenantId": "t1", "name": "企业", "domainName": "https://t1.example.com", "flag": flag})
}

fn application(flag: u8) -> Value {
    json!({"instanceId": "i1", "tenantId": "t1", "appId": "a1", "clientId": "c1", "clientSecret": "ciphertext", "flag": flag})
}

fn members(flag: u8, users: &Value) -> Value {
    json!({"instanceId": "i1", "tenantId": "t1", "appId": "a1", "userList": users, "flag": flag})
}

fn departments(dialect: Dialect, list: &Value) -> Value {
    let name = if dialect == Dialect::KitV1 { "orgInfo" } else { "orgInfoList" };
    json!({"instanceId": "i1", "tenantId": "t1", name: list})
}

fn life(dialect: Dialect) -> Value {
    let mut story = Story::new(dialect, 0);
    let user = |name: &str, role: &str| json!({"user_name": name, "role": role, "enabled": "true"});
    story.call(
        "tenantSync",
        &tenant(1),
        &[json!({"type": "tenant_add", "tenant_id": "t1", "instance_id": "i1", "flag": "1"})],
    );
    story.call("tenantSync", &tenant(1), &[]);
    story.call(
        "applicationSync",
        &application(1),
        &[json!({"type": "application_add", "app_id": "a1", "client_id": "c1", "client_secret": "ciphertext", "oaep": null})],
    );
    story.call(
        "allOrgSync",
        &departments(dialect, &json!([{"orgCode": "d1", "orgName": "R"}, {"orgCode": "d2", "name": "S", "parentCode": "d1"}])),
        &[json!({"type": "department_snapshot", "departments": [
            {"org_code": "d1", "name": "R", "parent_code": null}, {"org_code": "d2", "name": "S", "parent_code": "d1"}]})],
    );
    story.call(
        "authSync",
        &members(1, &json!([{"userName": "li", "role": "admin"}, {"userName": "wang"}])),
        &[json!({"type": "members_add", "bound": true, "users": [user("li", "admin"), user("wang", "user")], "end_sessions": null})],
    );
    story.call(
        "authSync",
        &members(2, &json!("[{\"userName\":\"li\"},{\"userName\":\"wang\"}]")),
        &[json!({"type": "members_update", "users": [user("li", "user")], "end_sessions": {"scope": "users", "users": ["li"]}})],
    );
    story.directory(&json!({
        "tenant": {"tenant_id": "t1", "instance_id": "i1", "name": "企业", "bound": true, "epoch": 0},
        "applications": [{"app_id": "a1", "client_id": "c1", "bound": true}],
        "members": [
            {"app_id": "a1", "user_name": "li", "role": "user", "enabled": "true", "authorised": true, "active": true},
            {"app_id": "a1", "user_name": "wang", "role": "user", "enabled": "true", "authorised": true, "active": true}],
        "departments": [
            {"org_code": "d1", "name": "R", "parent_code": null, "present": true},
            {"org_code": "d2", "name": "S", "parent_code": "d1", "present": true}],
    }));
    story.call(
        "authSync",
        &members(0, &json!([{"userName": "wang"}])),
        &[json!({"type": "members_remove", "end_sessions": {"scope": "users", "users": ["wang"]}})],
    );
    story.call("authSync", &members(0, &json!([{"userName": "wang"}])), &[]);
    story.call(
        "singleOrgSync",
        &json!({"instanceId": "i1", "tenantId": "t1", "orgCode": "d2", "flag": 0}),
        &[json!({"type": "department_remove", "departments": [{"org_code": "d2", "name": null}]})],
    );
    story.call(
        "tenantSync",
        &tenant(0),
        &[json!({"type": "tenant_remove", "end_sessions": {"scope": "all"}})],
    );
    story.directory(&json!({
        "tenant": {"tenant_id": "t1", "instance_id": "i1", "bound": false, "epoch": 1},
        "applications": [], "members": [], "departments": [],
    }));
    story.end("the life of a tenant")
}

fn turns(dialect: Dialect) -> Value {
    let mut story = Story::new(dialect, 1);
    let add = json!({"type": "tenant_add"});
    story.call("tenantSync", &tenant(1), core::slice::from_ref(&add));
    let before = story.now();
    story.call("applicationSync", &application(1), &[json!({"type": "application_add"})]);
    story.call("authSync", &members(1, &json!([{"userName": "li"}])), &[json!({"type": "members_add"})]);
    // Signed before what is recorded: answered, and left alone.
    story.call_at("authSync", &members(0, &json!([{"userName": "li"}])), before, &[]);
    story.call("tenantSync", &tenant(0), &[json!({"type": "tenant_remove"})]);
    // Signed before the end of the binding.
    story.call_at("authSync", &members(1, &json!([{"userName": "wang"}])), before, &[]);
    story.call("tenantSync", &tenant(1), &[add]);
    story.directory(&json!({"tenant": {"bound": true, "epoch": 1}, "applications": [], "members": []}));
    // No signature covers the path.
    story.refused("tenantSync", &members(0, &json!([{"userName": "li"}])), "foreign-member", "000002");
    story.refused("authSync", &members(9, &json!([])), "unknown-flag", "000002");
    story.refused("authSync", &members(1, &json!({})), "field-malformed", "000002");
    let reveal = json!({"op": "reveal", "admission": ""});
    story
        .steps
        .push(json!({"send": reveal, "expect": {"error": {"code": "unknown-operation", "number": 603}}}));
    story.end("what is late, misdirected or malformed")
}
