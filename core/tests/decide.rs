//! The compiled decision says what the explained one says, and allocates nothing.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test stops at the first surprise")]

use countersign_core::entitlement::{Check, CheckCode, Directory, Name, Outcome, Subject, Target, Verdict};
use serde_json::{Value, json};

fn decide(directory: &Directory, check: &Value) -> Outcome {
    let text = |name: &str| check[name].as_str();
    let pairs: Vec<(&str, &str)> = check["extension"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(field, value)| (field.as_str(), value.as_str().unwrap()))
        .collect();
    let subject = match text("instance_id") {
        Some(id) => Subject::Instance(id),
        None => Subject::User {
            tenant_id: text("tenant_id").unwrap(),
            app_id: text("app_id").unwrap(),
            user_name: text("user_name").unwrap(),
        },
    };
    let named = |name: &str| text(name).map(Name::Text);
    let action = named("action").map(Target::Action);
    let target = action.or(named("feature").map(Target::Feature)).or(named("limit").map(Target::Limit));
    let question = Check {
        subject,
        target: target.unwrap_or(Target::Entry),
        amount: check["amount"].as_u64().unwrap_or(1),
        address: text("address").map(|address| address.parse().unwrap()),
        second_factor: check["second_factor"].as_bool().unwrap_or(false),
        extension: &pairs,
        now: check["now"].as_u64().unwrap(),
    };
    let mut outcome = None;
    let counted = allocation_counter::measure(|| outcome = Some(directory.decide(&question)));
    assert_eq!(counted.count_total, 0, "a decision allocates: {check}");
    outcome.unwrap().unwrap()
}

fn agree(directory: &Directory, check: &Value) -> Verdict {
    let outcome = decide(directory, check);
    let explained: Value =
        serde_json::from_str(&directory.check(check.to_string().as_bytes()).unwrap().to_json()).unwrap();
    let codes = |codes: &mut dyn Iterator<Item = CheckCode>| -> Vec<Value> {
        codes.map(|code| json!(code.reason().name)).collect()
    };
    let listed = |list: &str| -> Vec<Value> {
        explained[list].as_array().unwrap().iter().map(|entry| entry["code"].clone()).collect()
    };
    assert_eq!(outcome.verdict.name(), explained["decision"], "{check}");
    assert_eq!(outcome.reason.reason().name, explained["reason"]["code"], "{check}");
    assert_eq!(codes(&mut outcome.failed.iter()), listed("failed"), "{check}");
    assert_eq!(codes(&mut outcome.warnings.iter()), listed("warnings"), "{check}");
    assert_eq!(json!(outcome.valid_until), explained["valid_until"], "{check}");
    outcome.verdict
}

fn load(world: &Value) -> Directory {
    Directory::load(world.to_string().as_bytes()).unwrap().0
}

#[test]
fn both_forms_agree_on_the_worked_examples() {
    let vectors: Value = serde_json::from_str(include_str!("../../tests/vectors/entitlement.json")).unwrap();
    let cases = vectors["cases"].as_array().unwrap().iter().filter(|case| case["check"]["change"].is_null());
    let mut decided = 0;
    for case in cases {
        let mut directory = load(&vectors["world"]);
        for part in case["apply"].as_array().into_iter().flatten() {
            directory.apply(part.to_string().as_bytes()).unwrap();
        }
        agree(&directory, &case["check"]);
        decided += 1;
    }
    assert_eq!(decided, 25);
}

/// Everything that is finite, enumerated whole, against the sentence that the documentation says: only who is bound, known,
/// authorised, enabled and has a role that may, under a phase that is served, gets in; and whoever only reads may not write.
#[test]
fn the_finite_core_is_enumerated_whole() {
    const NOW: u64 = 1_772_416_800_000;
    let policy = |trial: &str, overdue: &str, workbench: &str| {
        json!({"schema": 1, "version": "1", "limits": {"docs": {"unit": "documents"}},
            "actions": {"view": {"writes": false}, "edit": {}, "add": {"limit": "docs"}},
            "roles": {"user": ["view"], "admin": ["*"]},
            "plans": {"only": {"default": true, "limits": {"docs": 10}}},
            "phases": {"active": "allow", "trial": trial, "overdue": overdue, "frozen": "deny",
                "released": "deny", "workbench": workbench, "seller": "allow"}})
    };
    let key = json!({"tenant_id": "t"});
    let with = |members: Value| {
        let mut row = key.clone();
        row.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        row
    };
    let phases = ["reserved", "refused", "trial", "active", "frozen", "released", "none"];
    let records = [None, Some(false), Some(true)];
    let (mut decided, mut allowed) = (0_u32, 0_u32);
    for (effect, overdue, workbench) in
        [("allow", "allow", "allow"), ("read-only", "allow", "read-only"), ("deny", "read-only", "deny")]
    {
        for (phase, is_overdue) in phases.iter().flat_map(|phase| [(*phase, false), (*phase, true)]) {
            let instance = if phase == "none" { json!(null) } else { json!("i") };
            for (tenant, application) in records.iter().flat_map(|one| records.map(|other| (*one, other))) {
                for (status, enabled) in [
                    ("absent", true),
                    ("authorised", true),
                    ("authorised", false),
                    ("cancelled", true),
                    ("removed", true),
                ] {
                    for (role, used) in
                        ["user", "admin", "boss"].iter().flat_map(|role| [(role, 9), (role, 10)])
                    {
                        let mut world = json!({"policy": policy(effect, overdue, workbench)});
                        if phase != "none" {
                            let expire = if is_overdue { NOW } else { NOW + 1 };
                            world["instances"] =
                                json!([{"instance_id": "i", "phase": phase, "expire_time": expire}]);
                            world["usage"] = json!([{"instance_id": "i", "limit": "docs", "used": used}]);
                        } else {
                            world["usage"] = json!([{"tenant_id": "t", "limit": "docs", "used": used}]);
                        }
                        if let Some(bound) = tenant {
                            world["tenants"] =
                                json!([with(json!({"instance_id": instance, "bound": bound}))]);
                        }
                        if let Some(bound) = application {
                            let row = json!({"instance_id": instance, "app_id": "a", "bound": bound});
                            world["applications"] = json!([with(row)]);
                        }
                        if status != "absent" {
                            let row = json!({"instance_id": instance, "app_id": "a", "user_name": "u",
                                "role": role, "status": status, "enabled": enabled});
                            world["members"] = json!([with(row)]);
                        }
                        let directory = load(&world);
                        let served = match phase {
                            "active" if is_overdue => overdue,
                            "active" => "allow",
                            "trial" if effect == "deny" => "deny",
                            "trial" if is_overdue && overdue == "read-only" => "read-only",
                            "trial" => effect,
                            "none" => workbench,
                            _ => "deny",
                        };
                        let is_in = tenant == Some(true)
                            && application == Some(true)
                            && status == "authorised"
                            && enabled
                            && *role != "boss"
                            && served != "deny";
                        for action in [None, Some("view"), Some("edit"), Some("add")] {
                            let check = json!({"tenant_id": "t", "app_id": "a", "user_name": "u",
                                "action": action, "now": NOW});
                            let may = *role == "admin" || matches!(action, None | Some("view"));
                            let writes = matches!(action, Some("edit" | "add"));
                            let fits = action != Some("add") || used < 10;
                            let expected = match is_in && may && fits && !(writes && served == "read-only") {
                                false => Verdict::Deny,
                                true if served == "read-only" => Verdict::AllowReadOnly,
                                true => Verdict::Allow,
                            };
                            assert_eq!(agree(&directory, &check), expected, "{world} {check}");
                            decided += 1;
                            allowed += u32::from(expected != Verdict::Deny);
                        }
                    }
                }
            }
        }
    }
    assert_eq!(decided, 3 * 14 * 9 * 5 * 6 * 4);
    assert!(allowed > 100, "{allowed}");
}

/// A tenant with more access policies than there are bits is looked at another way, and it must come to the same.
#[test]
fn more_access_policies_than_bits_decide_the_same() {
    let world = |others: usize, named: &Value| {
        let other = |number: usize| {
            json!({"name": format!("other {number}"), "tenant_id": "t", "users": ["nobody"],
            "departments": ["nowhere"], "action": "deny"})
        };
        let mut policies: Vec<Value> = (0..others).map(other).collect();
        policies.push(named.clone());
        let key = |mut row: Value| {
            row["tenant_id"] = json!("t");
            row
        };
        let department =
            |code: &str, parent: Option<&str>| key(json!({"org_code": code, "parent_code": parent}));
        let member = |name: &str, org: Option<&str>| {
            key(json!({"app_id": "a", "user_name": name, "role": "user", "org_code": org}))
        };
        json!({"policy": {"schema": 1, "version": "1",
                "access": {"default": "allow", "precedence": "first", "policies": policies}},
            "tenants": [key(json!({}))], "applications": [key(json!({"app_id": "a"}))],
            // One way ends at a top, one at a code without a record, and one goes round.
            "departments": [department("top", None), department("below", Some("top")),
                department("lost", Some("missing")), department("round", Some("about")), department("about", Some("round"))],
            "members": [member("plain", None), member("top", Some("top")), member("below", Some("below")),
                member("lost", Some("lost")), member("round", Some("round"))]})
    };
    let (mut denied, mut compared) = (0_u32, 0_u32);
    for named in [
        json!({"name": "one", "tenant_id": "t", "users": ["plain", "below"], "action": "deny"}),
        json!({"name": "one", "tenant_id": "t", "departments": ["top", "about"], "action": "deny"}),
        json!({"name": "one", "tenant_id": "t", "departments": ["missing"], "users": ["top"], "action": "deny"}),
    ] {
        let [few, many] = [3, 70].map(|others| load(&world(others, &named)));
        for user in ["plain", "top", "below", "lost", "round"] {
            let check =
                json!({"tenant_id": "t", "app_id": "a", "user_name": user, "now": 1_772_416_800_000_u64});
            agree(&few, &check);
            agree(&many, &check);
            let (few, many) = (decide(&few, &check), decide(&many, &check));
            assert_eq!(few, many, "{named} {user}");
            denied += u32::from(few.reason == CheckCode::AccessPolicyDeny);
            compared += 1;
        }
    }
    // Whose departments are not fully known meets the first of the others, which cannot be judged.
    assert_eq!((compared, denied), (15, 5));
}
