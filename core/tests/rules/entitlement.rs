//! May this user do this, now, and why: the worked examples, and every mistake in a policy.

use countersign_core::entitlement::{Directory, EntitlementError};
use serde_json::{Value, json};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/vectors/entitlement.json")).unwrap()
}

fn load(world: &Value) -> Directory {
    Directory::load(world.to_string().as_bytes()).unwrap().0
}

fn decide(directory: &Directory, check: &Value) -> Value {
    let decision = directory.check(check.to_string().as_bytes()).unwrap();
    serde_json::from_str(&decision.to_json()).unwrap()
}

/// A decision as the cases name it: codes instead of entries.
fn named(mut decision: Value) -> Value {
    decision["reason"] = decision["reason"]["code"].take();
    for list in ["failed", "warnings"] {
        let codes: Vec<Value> =
            decision[list].as_array().unwrap().iter().map(|one| one["code"].clone()).collect();
        decision[list] = codes.into();
    }
    decision
}

#[test]
fn the_worked_examples_come_out_as_written() {
    let vectors = vectors();
    let mut wrong = Vec::new();
    for case in vectors["cases"].as_array().unwrap() {
        let mut directory = load(&vectors["world"]);
        for part in case["apply"].as_array().into_iter().flatten() {
            directory.apply(part.to_string().as_bytes()).unwrap();
        }
        let decision = named(decide(&directory, &case["check"]));
        for (name, expected) in case["expect"].as_object().unwrap() {
            let members = if name == "facts" { expected.as_object().cloned() } else { None };
            let is_equal = match members {
                Some(facts) => facts.iter().all(|(fact, value)| decision["facts"][fact] == *value),
                None => decision[name] == *expected,
            };
            if !is_equal {
                wrong.push(format!("{}: {name} is {}, not {expected}", case["name"], decision[name]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A small policy that has everything, for one change after the other.
fn policy() -> Value {
    json!({"schema": 1, "version": "1", "features": ["export"], "limits": {"docs": {"unit": "documents"}},
        "actions": {"doc.view": {"writes": false}, "open": {"extension": [{"field": "f", "requested": true}]}},
        "roles": {"user": ["doc.view"], "admin": ["*"]},
        "plans": {"basic": {"sku_codes": ["s"], "features": ["export"], "limits": {"docs": 1}},
            "own": {"origins": ["workbench"], "limits": {"docs": null}}},
        "access": {"default": "deny", "regions": {"office": ["203.0.113.0/24"]}, "policies": [
            {"name": "p", "tenant_id": "t", "users": ["u"], "regions": ["office"], "action": "allow",
                "time": {"weekdays": ["mon"], "hours": {"from": "09:00", "to": "18:00"}}}]}})
}

#[test]
fn every_mistake_is_told_with_its_path() {
    Directory::load(json!({ "policy": policy() }).to_string().as_bytes()).unwrap();
    let dates = json!({"from": "2026-03-03", "to": "2026-03-03"});
    for (pointer, value, path, code) in [
        ("/polcy", json!(1), "policy.polcy", "unknown-field"),
        ("/schema", json!(2), "policy.schema", "out-of-range"),
        ("/version", Value::Null, "policy.version", "missing"),
        ("/version", json!(""), "policy.version", "out-of-range"),
        ("/features", json!(["export", "a b"]), "policy.features[1]", "malformed"),
        ("/features", json!(["export", "export"]), "policy.features[1]", "duplicate"),
        ("/features", json!(["export", "unused"]), "policy.features[1]", "unreachable"),
        ("/limits/docs/kind", json!("firm"), "policy.limits.docs.kind", "unknown-value"),
        ("/limits/docs/unit", Value::Null, "policy.limits.docs.unit", "missing"),
        ("/limits/more", json!({"unit": "u"}), "policy.plans.basic.limits.more", "gap"),
        ("/seats", json!("members"), "policy.seats", "unknown-name"),
        ("/actions/doc.view/limit", json!("nothing"), "policy.actions[\"doc.view\"].limit", "unknown-name"),
        ("/actions/doc.view/writes", json!("no"), "policy.actions[\"doc.view\"].writes", "wrong-type"),
        (
            "/actions/open/extension/0/requested",
            Value::Null,
            "policy.actions.open.extension[0].one_of",
            "missing",
        ),
        (
            "/actions/open/extension/0/separator",
            json!(",,"),
            "policy.actions.open.extension[0].separator",
            "malformed",
        ),
        ("/roles/user", json!(["doc.view", "nothing"]), "policy.roles.user[1]", "unknown-name"),
        ("/roles/admin", json!(["*", "open"]), "policy.roles.admin[1]", "conflict"),
        ("/roles/boss", json!(["open"]), "policy.roles.boss", "unreachable"),
        ("/role_map", json!({"user": "user"}), "policy.role_map.admin", "gap"),
        ("/plans/own/sku_codes", json!(["s"]), "policy.plans.own.sku_codes[0]", "conflict"),
        ("/plans/basic/limits/docs", json!(-1), "policy.plans.basic.limits.docs", "out-of-range"),
        ("/plans/basic/limits/docs", json!(1.5), "policy.plans.basic.limits.docs", "wrong-type"),
        (
            "/plans/basic/limits/docs",
            json!({"per": "weight"}),
            "policy.plans.basic.limits.docs.per",
            "unknown-value",
        ),
        ("/plans/basic/limits/nothing", json!(1), "policy.plans.basic.limits.nothing", "unknown-name"),
        ("/plans/idle", json!({"limits": {"docs": 1}}), "policy.plans.idle", "unreachable"),
        ("/plans/own/origins", json!(["workbench", "seller"]), "policy.plans.own.origins[1]", "unreachable"),
        ("/plans/own/origins", json!([]), "policy.phases.workbench", "gap"),
        ("/phases", json!({"active": "allow"}), "policy.phases.frozen", "gap"),
        (
            "/clock",
            json!({"active": null, "trial": 4_000, "workbench": null, "seller": null}),
            "policy.clock.trial",
            "out-of-range",
        ),
        ("/stale", json!({"after_ms": 1}), "policy.stale.effect", "missing"),
        ("/access/default", Value::Null, "policy.access.default", "missing"),
        ("/access/regions/office", json!(["203.0.113.1/24"]), "policy.access.regions.office[0]", "malformed"),
        (
            "/access/regions/office",
            json!(["::ffff:203.0.113.0/120"]),
            "policy.access.regions.office[0]",
            "malformed",
        ),
        ("/access/regions/other", json!(["192.0.2.0/24"]), "policy.access.regions.other", "unreachable"),
        ("/access/policies/0/tenant_id", Value::Null, "policy.access.policies[0].tenant_id", "missing"),
        (
            "/access/policies/0/regions",
            json!(["home"]),
            "policy.access.policies[0].regions[0]",
            "unknown-name",
        ),
        ("/access/policies/0/time", json!({}), "policy.access.policies[0].time.weekdays", "missing"),
        (
            "/access/policies/0/time/offset",
            json!("+15:00"),
            "policy.access.policies[0].time.offset",
            "malformed",
        ),
        (
            "/access/policies/0/time/hours/to",
            json!("09:00"),
            "policy.access.policies[0].time.hours",
            "out-of-range",
        ),
        (
            "/access/policies/0/time/hours/from",
            json!("24:00"),
            "policy.access.policies[0].time.hours.from",
            "malformed",
        ),
        ("/access/policies/0/time/dates", dates, "policy.access.policies[0]", "unreachable"),
        (
            "/access/policies/0/time/dates",
            json!({"from": "2026-02-30", "to": "2026-03-03"}),
            "policy.access.policies[0].time.dates.from",
            "malformed",
        ),
    ] {
        let mut changed = policy();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let target = changed.pointer_mut(parent).unwrap();
        match target.as_array_mut() {
            Some(list) => list[name.parse::<usize>().unwrap()] = value.clone(),
            None => target[name] = value.clone(),
        }
        let error = Directory::load(json!({ "policy": changed }).to_string().as_bytes()).unwrap_err();
        assert_eq!(error.reason().code(), "invalid-policy", "{pointer}");
        let found = error.problems().iter().any(|one| one.path == path && one.code == code);
        assert!(found, "{pointer} = {value}: {:?}", error.problems());
    }
}

#[test]
fn shapes_are_told_before_rules() {
    let mut changed = policy();
    changed["features"] = json!(["export", "export"]);
    changed["seats"] = json!("nothing");
    let codes = |policy: &Value| {
        let error = Directory::load(json!({ "policy": policy }).to_string().as_bytes()).unwrap_err();
        error.problems().iter().map(|one| one.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(&changed), ["duplicate", "unknown-name"]);
    changed["schema"] = json!("one");
    assert_eq!(codes(&changed), ["wrong-type"]);
}

#[test]
fn what_is_no_check_is_no_decision_and_what_is_wrong_applies_nothing() {
    let mut directory =
        load(&json!({"policy": {"schema": 1, "version": "1"}, "tenants": [{"tenant_id": "t"}]}));
    let user = json!({"tenant_id": "t", "app_id": "a", "user_name": "u", "now": 0});
    assert_eq!(decide(&directory, &user)["reason"]["code"], "application-unknown");
    for (name, value) in [
        ("now", Value::Null),
        ("now", json!(-1)),
        ("tenant_id", json!("")),
        ("instance_id", json!("i")),
        ("addres", json!("::1")),
        ("address", json!("::1%1")),
        ("address", json!("1.2.3.04")),
        ("address", json!("10.0.0.0/8")),
        ("amount", json!("1")),
        ("change", json!({})),
        ("second_factor", json!("yes")),
        ("extension", json!({"a": 1})),
        ("action", json!(7)),
    ] {
        let mut check = user.clone();
        check[name] = value.clone();
        let error = directory.check(check.to_string().as_bytes()).unwrap_err();
        assert_eq!(error, EntitlementError::MalformedCheck, "{name} = {value}");
    }
    let two =
        json!({"tenant_id": "t", "app_id": "a", "user_name": "u", "action": "x", "limit": "y", "now": 0});
    assert!(directory.check(two.to_string().as_bytes()).is_err());
    let part =
        json!({"tenants": [{"tenant_id": "t", "absent": true}], "usage": [{"limit": "docs", "used": 1}]});
    let error = directory.apply(part.to_string().as_bytes()).unwrap_err();
    assert_eq!((error.reason().number(), &*error.problems()[0].path), (624, "usage[0].instance_id"));
    assert_eq!(decide(&directory, &user)["reason"]["code"], "application-unknown", "nothing was applied");
    let twice = json!({"tenants": [{"tenant_id": "t"}, {"tenant_id": "t", "instance_id": ""}]});
    assert_eq!(directory.apply(twice.to_string().as_bytes()).unwrap_err().problems()[0].code, "duplicate");
    directory.apply(br#"{"tenants": [{"tenant_id": "t", "absent": true}]}"#).unwrap();
    assert_eq!(decide(&directory, &user)["reason"]["code"], "tenant-unknown");
}

#[test]
fn what_may_be_a_mistake_is_told_and_loads() {
    let mut policy = policy();
    policy["clock"] = json!({"active": 30, "trial": null, "workbench": null, "seller": null});
    let world = json!({"policy": policy, "instances": [{"instance_id": "i", "phase": "active", "sku_code": "s"}],
        "usage": [{"instance_id": "i", "limit": "docs", "used": 2}]});
    let (_, warnings) = Directory::load(world.to_string().as_bytes()).unwrap();
    let told: Vec<_> = warnings
        .iter()
        .map(|one| (one.problem.code, &*one.problem.path, one.instance_id.as_deref()))
        .collect();
    let below = ("limit-below-use", "policy.plans.basic.limits.docs", Some("i"));
    assert_eq!(told, [("clock-denial", "policy.clock.active", None), below]);
}
