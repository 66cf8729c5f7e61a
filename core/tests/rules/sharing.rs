//! Routes that take the very same calls: the key that signed a call says whose it is.

use countersign_core::{Seller, Verdict};
use serde_json::{Value, json};

use super::world::{KEY, START, World, order};

const NOTICES: &str = "generic-access-key-0001";
const SECOND: &str = "generic-access-key-0002";

fn saas(more: &Value) -> Value {
    route(&json!({"path": "/k", "dialect": "saas-v2", "keys": [KEY], "product": "crm"}), more)
}

fn notices(more: &Value) -> Value {
    route(
        &json!({"path": "/k", "dialect": "order-notify", "keys": [NOTICES, SECOND], "product": "crm"}),
        more,
    )
}

fn route(route: &Value, more: &Value) -> Value {
    let mut route = route.clone();
    for (name, value) in more.as_object().unwrap() {
        route[name] = value.clone();
    }
    route
}

fn both() -> World {
    World::of(&json!({"routes": [saas(&json!({})), notices(&json!({"sign_answers": true}))]}))
}

fn notice() -> Value {
    json!({"activity": "orderNotify", "orderId": "CS1", "orderLineId": "1"})
}

/// Dialect, reason and result code; of an admission the dialect alone.
fn outcome(verdict: &Verdict) -> (String, String, String) {
    match verdict {
        Verdict::Admitted(call) => (call.dialect.to_string(), String::new(), String::new()),
        Verdict::Refused(refusal) => {
            let body: Value = serde_json::from_slice(&refusal.answer.body).unwrap_or_default();
            let code = body["resultCode"].as_str().unwrap_or_default().to_string();
            let dialect = refusal.dialect.as_deref().unwrap_or_default().to_string();
            (dialect, refusal.reason.code.code().to_string(), code)
        }
    }
}

fn is(verdict: &Verdict, dialect: &str, reason: &str, code: &str) {
    assert_eq!(outcome(verdict), (dialect.to_string(), reason.to_string(), code.to_string()));
}

#[test]
fn the_key_picks_the_route() {
    let mut world = both();
    is(&world.admit_under(KEY, "/k", &order("CS1", "b"), START, "n1"), "saas-v2", "", "");
    is(&world.admit_under(NOTICES, "/k", &notice(), START, "n2"), "order-notify", "", "");
    is(&world.admit_under(SECOND, "/k", &notice(), START, "n3"), "order-notify", "", "");
}

#[test]
fn an_activity_of_the_neighbour_is_unknown_under_this_key() {
    let mut world = both();
    let (unknown, code) = ("unknown-activity", "000002");
    is(&world.admit_under(KEY, "/k", &notice(), START, "n1"), "saas-v2", unknown, code);
    is(&world.admit_under(NOTICES, "/k", &order("CS1", "b"), START, "n2"), "order-notify", unknown, code);
}

#[test]
fn a_call_that_no_key_signed_is_refused_by_the_first() {
    let mut world = both();
    for (key, fields, signed_at) in [("nobody", order("CS1", "b"), START), ("nobody", notice(), START)] {
        let verdict = world.admit_under(key, "/k", &fields, signed_at, "n");
        is(&verdict, "saas-v2", "signature-mismatch", "000001");
    }
    let late = world.admit_under(NOTICES, "/k", &notice(), START - 60_001, "n");
    is(&late, "saas-v2", "timestamp-stale", "000002");
    let request = countersign_core::Request::new("POST", b"/k", &[], countersign_core::Body::Oversized);
    is(&world.seller.admit(&request, &[1; 16], START), "saas-v2", "body-too-large", "000002");
    let get = countersign_core::Request::new("GET", request.target, request.headers, request.body);
    let Verdict::Refused(refusal) = world.seller.admit(&get, &[1; 16], START) else { panic!() };
    assert_eq!(refusal.answer.headers, [("Allow".to_string(), "POST".to_string())], "named once");
}

#[test]
fn each_answers_under_its_own_key() {
    let mut world = both();
    for (key, fields) in [(KEY, json!({"activity": "x"})), (SECOND, json!({"activity": "x"}))] {
        let Verdict::Refused(refusal) = world.admit_under(key, "/k", &fields, START, "n") else { panic!() };
        let mac = countersign_core::crypto::MacKey::new(key.as_bytes()).mac(&[&refusal.answer.body]);
        let signature = countersign_core::wire::base64::encode(&mac);
        let header = refusal.answer.headers.iter().find(|(name, _)| name == "Body-Sign").unwrap();
        assert!(header.1.contains(&signature), "{key}");
        assert!(refusal.is_authenticated());
    }
}

fn conflicts(routes: &[Value]) -> Vec<(String, String)> {
    match Seller::from_json(json!({ "routes": routes }).to_string().as_bytes()) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems.into_iter().map(|one| (one.path, one.code.to_string())).collect(),
    }
}

#[test]
fn what_could_not_be_told_apart_is_a_mistake() {
    let (plain, none) = (json!({}), Vec::<(String, String)>::new());
    let conflict = |member: &str| (format!("routes[1].{member}"), "conflict".to_string());
    assert_eq!(conflicts(&[saas(&plain), notices(&plain)]), none);
    assert_eq!(conflicts(&[notices(&plain), saas(&plain)]), none, "in either order");
    assert_eq!(conflicts(&[saas(&plain), notices(&json!({"product": "other"}))]), none);
    let path = [conflict("path")];
    // An activity in common, whatever the keys are.
    assert_eq!(conflicts(&[saas(&plain), saas(&json!({"keys": ["another-key-0000001"]}))]), path);
    assert_eq!(conflicts(&[notices(&plain), notices(&json!({"keys": ["another-key-0000001"]}))]), path);
    // A signed time that one of them judges otherwise.
    for more in [
        json!({"window_ms": 30_000}),
        json!({"clock_allowance_ms": 1}),
        json!({"timestamp_in_seconds": true}),
    ] {
        assert_eq!(conflicts(&[saas(&plain), notices(&more)]), path, "{more}");
        assert_eq!(conflicts(&[saas(&more), notices(&more)]), none, "{more}");
    }
    // A key in common is one of two types as well.
    let shared = notices(&json!({"keys": [NOTICES, KEY]}));
    assert_eq!(conflicts(&[saas(&plain), shared.clone()]), [conflict("path"), conflict("keys")]);
    let elsewhere = route(&shared, &json!({"path": "/elsewhere"}));
    assert_eq!(conflicts(&[saas(&plain), elsewhere]), [conflict("keys")]);
    // Another method is another target.
    let v1 = json!({"path": "/k", "dialect": "saas-v1", "keys": [KEY]});
    assert_eq!(conflicts(&[v1, saas(&plain), notices(&plain)]), none);
}
