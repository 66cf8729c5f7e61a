//! Laws of the decision, over policies and records that nobody wrote.

use countersign_core::entitlement::{Check, Directory, Name, Outcome, Target, Verdict};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A Monday, 10:00 in the morning at +08:00.
const NOW: u64 = 1_772_416_800_000;
const MINUTE: u64 = 60_000;
const DAY: u64 = 86_400_000;

const MEMBERS: [&str; 3] = ["li", "wang", "zhao"];

fn load(world: &Value) -> Directory {
    Directory::load(world.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}: {world}")).0
}

fn time() -> impl Strategy<Value = Value> {
    let weekdays = prop::sample::subsequence(vec!["mon", "tue", "wed", "thu", "fri", "sat", "sun"], 1..=7);
    let hour = |number: u32| format!("{:02}:{:02}", number / 4, number % 4 * 15);
    // Both ends differ; the second may lie on the next day.
    let hours = (0_u32..96, 1_u32..96).prop_map(move |(from, length)| {
        let to = if from + length == 96 { "24:00".to_string() } else { hour((from + length) % 96) };
        json!({"from": hour(from), "to": to})
    });
    let dates = (1_u32..15, 0_u32..9).prop_map(|(from, days)| {
        json!({"from": format!("2026-03-{from:02}"), "to": format!("2026-03-{:02}", from + 7 + days)})
    });
    let offset = prop::sample::select(vec!["+08:00", "-05:30", "+00:00", "+14:00", "-14:00"]);
    (prop::option::of(weekdays), prop::option::of(hours), prop::option::of(dates), offset).prop_map(
        |(weekdays, hours, dates, offset)| {
            let weekdays = if hours.is_none() && dates.is_none() && weekdays.is_none() {
                json!(["mon", "wed"])
            } else {
                json!(weekdays)
            };
            json!({"weekdays": weekdays, "hours": hours, "dates": dates, "offset": offset})
        },
    )
}

/// An access policy without its name.
fn access_policy() -> impl Strategy<Value = Value> {
    let users = prop::option::of(prop::sample::subsequence(MEMBERS.to_vec(), 1..=2));
    let departments = prop::option::of(prop::sample::subsequence(vec!["top", "below", "missing"], 1..=2));
    let action = prop::sample::select(vec!["allow", "second-factor", "deny"]);
    (users, departments, prop::option::of(time()), prop::bool::ANY, action).prop_map(
        |(users, departments, time, office, action)| {
            let regions = if office { json!(["office"]) } else { json!(null) };
            json!({"tenant_id": "t", "users": users, "departments": departments, "time": time,
                "regions": regions, "action": action})
        },
    )
}

fn world() -> impl Strategy<Value = Value> {
    let effect = || prop::sample::select(vec!["allow", "read-only", "deny"]);
    let overdue = prop::sample::select(vec!["allow", "read-only"]);
    let policies = prop::collection::vec(access_policy(), 0..5);
    let days = || prop::option::of(0_u64..9);
    let phase = prop::sample::select(vec!["active", "trial", "frozen", "released", "reserved"]);
    let member = (
        prop::sample::select(vec!["user", "admin", "boss"]),
        prop::bool::weighted(0.9),
        prop::sample::select(vec!["authorised", "authorised", "authorised", "cancelled", "removed"]),
        prop::sample::select(vec![json!(null), json!("top"), json!("below"), json!("lost")]),
        0_u64..3,
    );
    let access = (policies, prop::bool::ANY, prop::bool::ANY, prop::bool::ANY);
    let clocks = (days(), days(), effect(), overdue);
    let instance = (phase, -3_i64..9, 0_u64..4, prop::bool::ANY);
    let members = prop::collection::vec(member, 3);
    (access, clocks, instance, members, prop::option::of(0_u64..90)).prop_map(
        |((policies, first, either, denies), (active, trial, effect, overdue), (phase, expires, quantity, stale),
          members, age)| {
            let policies: Vec<Value> = (0..)
                .zip(policies)
                .map(|(number, mut policy)| {
                    policy["name"] = json!(format!("p{number}"));
                    policy
                })
                // So that no region is without a use.
                .chain([json!({"name": "last", "tenant_id": "another", "regions": ["office"], "action": "deny"})])
                .collect();
            let members: Vec<Value> = MEMBERS
                .iter()
                .zip(members)
                .map(|(name, (role, enabled, status, org_code, at))| {
                    json!({"tenant_id": "t", "instance_id": "i", "app_id": "a", "user_name": name, "role": role,
                        "enabled": enabled, "status": status, "org_code": org_code, "authorised_at": at})
                })
                .collect();
            let department = |code: &str, parent: Option<&str>| {
                json!({"tenant_id": "t", "instance_id": "i", "org_code": code, "parent_code": parent})
            };
            let expire_time = NOW.checked_add_signed(expires * 21_600_000).unwrap();
            json!({
                "policy": {"schema": 1, "version": "1", "limits": {"seats": {"unit": "members"}}, "seats": "seats",
                    "actions": {"view": {"writes": false}, "edit": {}},
                    "roles": {"user": ["view"], "admin": ["*"]},
                    "plans": {"only": {"default": true, "limits": {"seats": {"per": "quantity"}}}},
                    "phases": {"active": "allow", "trial": effect, "overdue": overdue, "frozen": "deny",
                        "released": "deny", "workbench": "allow", "seller": "allow"},
                    "clock": {"active": active, "trial": trial, "workbench": null, "seller": null},
                    "stale": {"after_ms": 60_000, "effect": if stale { "deny" } else { "allow" }},
                    "access": {"default": if denies { "deny" } else { "allow" },
                        "precedence": if first { "first" } else { "strictest" },
                        "time_and_region": if either { "either" } else { "both" },
                        "regions": {"office": ["203.0.113.0/24"]}, "policies": policies}},
                "as_of": age.map(|age| NOW - age * 1_000),
                "instances": [{"instance_id": "i", "phase": phase, "quantity": quantity, "expire_time": expire_time}],
                "tenants": [{"tenant_id": "t", "instance_id": "i"}],
                "applications": [{"tenant_id": "t", "instance_id": "i", "app_id": "a"}],
                "departments": [department("top", None), department("below", Some("top")),
                    department("lost", Some("missing"))],
                "members": members,
            })
        },
    )
}

/// One of several questions.
fn decide(directory: &Directory, question: usize, now: u64) -> Outcome {
    let user = MEMBERS[question % 3];
    let target = match question / 3 % 3 {
        0 => Target::Entry,
        1 => Target::Action(Name::Text("view")),
        _ => Target::Action(Name::Text("edit")),
    };
    let mut check = Check::user("t", "a", user, now).to(target);
    check.address = match question / 9 % 3 {
        0 => None,
        1 => Some("203.0.113.9".parse().unwrap()),
        _ => Some("::ffff:198.51.100.1".parse().unwrap()),
    };
    directory.decide(&check).unwrap()
}

const QUESTIONS: usize = 27;

fn told(outcome: &Outcome) -> impl PartialEq + core::fmt::Debug + use<> {
    (outcome.verdict, outcome.reason, outcome.failed, outcome.warnings)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 400 }))]

    /// Until the instant that an answer names nothing of it changes: each quarter of an hour, and right before it.
    #[test]
    fn an_answer_holds_until_it_says(world in world(), question in 0..QUESTIONS) {
        let directory = load(&world);
        let answer = decide(&directory, question, NOW);
        let until = answer.valid_until.unwrap_or(NOW + 30 * DAY);
        prop_assert!(until > NOW);
        let steps = (1..30 * 96).map(|quarters| NOW + quarters * 15 * MINUTE).take_while(|at| *at < until);
        for now in steps.chain([until - 1]) {
            prop_assert_eq!(told(&decide(&directory, question, now)), told(&answer), "at {} of {}", now, world);
        }
    }

    /// One more policy that denies opens nothing.
    #[test]
    fn a_policy_that_denies_never_widens(world in world(), mut deny in access_policy(), question in 0..QUESTIONS) {
        let before = decide(&load(&world), question, NOW);
        deny["name"] = json!("one more");
        deny["action"] = json!("deny");
        let mut after = world.clone();
        after["policy"]["access"]["policies"].as_array_mut().unwrap().insert(0, deny);
        let after = decide(&load(&after), question, NOW);
        prop_assert!(after.verdict >= before.verdict, "{:?} became {:?} in {}", before, after, world);
    }

    /// Without a record that a decision needs, nobody gets in.
    #[test]
    fn what_is_not_known_never_allows(world in world(), question in 0..QUESTIONS) {
        for list in ["instances", "tenants", "applications", "members"] {
            let mut without = world.clone();
            without[list] = json!([]);
            prop_assert_eq!(decide(&load(&without), question, NOW).verdict, Verdict::Deny, "without {}", list);
        }
        let mut lost = world.clone();
        lost["instances"][0]["quantity"] = json!(null);
        let seated = decide(&load(&lost), question, NOW);
        let member = &world["members"][question % 3];
        if member["status"] == "authorised" && member["enabled"] == true {
            prop_assert_eq!(seated.verdict, Verdict::Deny);
        }
    }

    /// Rows one by one, in any order, some of them first wrong or taken out again, end in the state of one load.
    #[test]
    fn rows_in_any_order_are_one_load(world in world(), order in Just((0..9_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let whole = load(&world);
        let mut rows: Vec<Value> = Vec::new();
        for list in ["instances", "tenants", "applications", "departments", "members"] {
            rows.extend(world[list].as_array().unwrap().iter().map(|row| json!({list: [row]})));
        }
        prop_assert_eq!(rows.len(), order.len());
        let mut apart = load(&json!({"policy": world["policy"]}));
        // Before what counts, what does not: every member enabled and first, and gone again.
        for (name, status) in MEMBERS.iter().zip(["authorised", "removed", "cancelled"]) {
            let mut row = json!({"tenant_id": "t", "instance_id": "i", "app_id": "a", "user_name": name,
                "role": "admin", "status": status, "authorised_at": 9, "extension": {"a": "b"}});
            apart.apply(json!({"members": [row]}).to_string().as_bytes()).unwrap();
            row["absent"] = json!(true);
            apart.apply(json!({"members": [row]}).to_string().as_bytes()).unwrap();
        }
        for number in order {
            apart.apply(rows[number].to_string().as_bytes()).unwrap();
        }
        apart.apply(json!({"as_of": world["as_of"]}).to_string().as_bytes()).unwrap();
        for question in 0..QUESTIONS {
            prop_assert_eq!(decide(&apart, question, NOW), decide(&whole, question, NOW));
        }
    }
}
