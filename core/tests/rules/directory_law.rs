//! Laws of a tenant's life, over stories that nobody wrote: calls of a kit in any order, also late ones, and a backend that
//! answers, fails, dies with a work in its hands, or whose answer is lost.

use std::collections::{BTreeMap, BTreeSet};

use countersign_core::ledger::{Assignment, Outcome};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::directory::{sync_at, view_of, world};
use super::world::{World, data, done};

const USERS: [&str; 3] = ["li", "wang", "zhao"];
const TENANTS: [&str; 2] = ["t1", "t2"];

#[derive(Debug, Clone)]
enum Step {
    Call {
        tenant: usize,
        call: Call,
        late: u64,
    },
    /// Everything that is due is sent, and ends so.
    Send(End),
    Wait(u64),
}

#[derive(Debug, Clone)]
enum Call {
    Tenant(u8),
    Application(u8),
    Members(u8, Vec<usize>),
    Department(u8, usize),
    Departments(Vec<usize>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Done,
    Failed,
    Accepted,
    /// The process that claimed the work is gone.
    Crashed,
    /// The backend's answer reached the ledger, and nobody heard of it.
    CommitLost,
}

fn call() -> impl Strategy<Value = Call> {
    let some = || proptest::sample::subsequence((0..3).collect::<Vec<usize>>(), 1..=3);
    prop_oneof![
        2 => prop_oneof![3 => Just(1_u8), 1 => Just(2), 1 => Just(0)].prop_map(Call::Tenant),
        2 => prop_oneof![3 => Just(1_u8), 1 => Just(2), 1 => Just(0)].prop_map(Call::Application),
        6 => (0_u8..4, some()).prop_map(|(flag, users)| Call::Members(flag, users)),
        1 => (0_u8..3, 0_usize..3).prop_map(|(flag, code)| Call::Department(flag, code)),
        1 => some().prop_map(Call::Departments),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let late = prop_oneof![4 => Just(0_u64), 1 => 1_u64..40_000];
    let end = prop_oneof![
        4 => Just(End::Done), 2 => Just(End::Failed), 1 => Just(End::Accepted), 2 => Just(End::Crashed),
        1 => Just(End::CommitLost),
    ];
    prop_oneof![
        5 => (0_usize..2, call(), late).prop_map(|(tenant, call, late)| Step::Call { tenant, call, late }),
        3 => end.prop_map(Step::Send),
        1 => (1_u64..90_000).prop_map(Step::Wait),
    ]
}

/// The interface and the fields of a call.
fn fields(tenant: usize, call: &Call) -> (&'static str, Value) {
    let mut fields = json!({"instanceId": "i1", "tenantId": TENANTS[tenant]});
    let (interface, more) = match call {
        Call::Tenant(flag) => ("tenantSync", json!({"domainName": "https://e.example.com", "flag": flag})),
        Call::Application(flag) => {
            ("applicationSync", json!({"appId": "a1", "clientId": "c", "clientSecret": "s", "flag": flag}))
        }
        Call::Members(flag, users) => {
            let users: Vec<Value> = users.iter().map(|user| json!({"userName": USERS[*user]})).collect();
            ("authSync", json!({"appId": "a1", "userList": users, "flag": flag}))
        }
        Call::Department(flag, code) => {
            ("singleOrgSync", json!({"orgCode": format!("d{code}"), "flag": flag}))
        }
        Call::Departments(codes) => {
            let list: Vec<Value> = codes.iter().map(|code| json!({"orgCode": format!("d{code}")})).collect();
            ("allOrgSync", json!({"orgInfoList": list}))
        }
    };
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    (interface, fields)
}

/// A seller's application that trusts nobody.
#[derive(Default)]
struct Backend {
    tenants: BTreeMap<String, Tenant>,
}

#[derive(Default)]
struct Tenant {
    /// The effect that was sent and has not ended.
    open: Option<String>,
    told: BTreeMap<String, Value>,
    token: u64,
    is_bound: bool,
    application: bool,
    members: BTreeSet<String>,
    /// Who may not work any more: other data of theirs change nothing.
    gone: BTreeSet<String>,
}

impl Backend {
    fn take(&mut self, work: &Assignment) {
        let (id, event) = (work.effect.id.clone(), data(work));
        let tenant = self.tenants.entry(event["tenant_id"].as_str().unwrap().to_owned()).or_default();
        assert!(
            tenant.open.as_ref().is_none_or(|open| *open == id),
            "{id} came before {:?} had ended",
            tenant.open
        );
        let message: Value = serde_json::from_str(&work.effect.body).unwrap();
        let token = message["fencingtoken"].as_u64().unwrap();
        assert!(token >= tenant.token, "the fencing token went down");
        (tenant.token, tenant.open) = (token, Some(id.clone()));
        match tenant.told.insert(id.clone(), event.clone()) {
            Some(before) => assert_eq!(before, event, "{id} says something else"),
            None => tenant.hear(&event),
        }
    }

    fn ended(&mut self, work: &Assignment) {
        let event = data(work);
        self.tenants.get_mut(event["tenant_id"].as_str().unwrap()).unwrap().open = None;
    }

    fn active(&self, tenant: &str) -> Vec<String> {
        let Some(tenant) = self.tenants.get(tenant) else { return Vec::new() };
        if tenant.is_bound && tenant.application {
            tenant.members.iter().cloned().collect()
        } else {
            Vec::new()
        }
    }
}

impl Tenant {
    fn hear(&mut self, event: &Value) {
        let users = event["users"].as_array().map(Vec::as_slice).unwrap_or_default().iter();
        let users = users.map(|user| user["user_name"].as_str().unwrap().to_owned());
        match event["type"].as_str().unwrap() {
            "tenant_add" | "tenant_update" => self.is_bound = true,
            "tenant_remove" => {
                (self.is_bound, self.application) = (false, false);
                self.members.clear();
                self.gone.clear();
            }
            "application_add" | "application_update" => self.application = true,
            "application_remove" => self.application = false,
            "members_add" => users.for_each(|user| {
                self.gone.remove(&user);
                self.members.insert(user);
            }),
            "members_update" => self.members.extend(users.filter(|user| !self.gone.contains(user))),
            "members_revoke" | "members_remove" => users.for_each(|user| {
                self.members.remove(&user);
                self.gone.insert(user);
            }),
            _ => {}
        }
    }
}

fn send(world: &mut World, backend: &mut Backend, end: End) {
    for work in world.due() {
        backend.take(&work);
        match end {
            End::Done | End::CommitLost => {
                world.lose_next_answer = end == End::CommitLost;
                world.settle(&work.work, None, &done());
                world.lose_next_answer = false;
                backend.ended(&work);
            }
            End::Failed => drop(world.settle(&work.work, None, &Outcome::Failed)),
            End::Accepted => drop(world.settle(&work.work, None, &Outcome::Accepted)),
            End::Crashed => {}
        }
    }
}

/// Whether the calls, in the order in which they came, let a user in at the end. What was signed before what is recorded, or before
/// the end of a binding, is too late. Whoever is gone is let in by flag 1 alone; other data of a user whom nobody knew make him known.
fn may_work(calls: &[(u64, usize, Call)], tenant: usize, user: usize) -> bool {
    let (mut tenant_at, mut ended_at, mut user_at, mut is_removed) = (0, 0, 0, false);
    let (mut may, mut has_tombstone) = (None, false);
    for (signed_at, _, call) in calls.iter().filter(|(_, of, _)| *of == tenant) {
        match call {
            Call::Tenant(0) if *signed_at >= tenant_at => {
                (tenant_at, ended_at, user_at, is_removed) = (*signed_at, *signed_at, 0, true);
                (may, has_tombstone) = (None, false);
            }
            Call::Tenant(flag) if *signed_at >= tenant_at && (*flag == 1 || !is_removed) => {
                (tenant_at, is_removed) = (*signed_at, false);
            }
            Call::Members(flag, users)
                if users.contains(&user) && *signed_at >= ended_at && *signed_at >= user_at =>
            {
                // Other data of who was removed are not even recorded.
                if *flag == 2 && has_tombstone {
                    continue;
                }
                user_at = *signed_at;
                has_tombstone = *flag == 0 || *flag == 3 && has_tombstone;
                may = match flag {
                    1 => Some(true),
                    2 => may.or(Some(true)),
                    _ => Some(false),
                };
            }
            _ => {}
        }
    }
    may == Some(true)
}

fn active(world: &World, tenant: &str) -> Vec<String> {
    let view = view_of(world, tenant, "i1");
    let members = view["members"].as_array().map(Vec::as_slice).unwrap_or_default().iter();
    let active = members.filter(|member| member["active"] == true);
    active.map(|member| member["user_name"].as_str().unwrap().to_owned()).collect()
}

proptest! {
    // A story is long: 64 of them, or a quarter of PROPTEST_CASES.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 4, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_to_tenants_the_laws_hold(steps in proptest::collection::vec(step(), 1..40)) {
        let (mut world, mut backend) = (world(), Backend::default());
        let mut calls: Vec<(u64, usize, Call)> = Vec::new();
        let mut is_in_order = true;
        for step in steps {
            match step {
                Step::Call { tenant, call, late } => {
                    world.now += 1_000;
                    let signed_at = world.now - late;
                    let (interface, fields) = fields(tenant, &call);
                    sync_at(&mut world, interface, &fields, signed_at);
                    is_in_order &= calls.iter().all(|(before, of, _)| *of != tenant || *before <= signed_at);
                    calls.push((signed_at, tenant, call));
                }
                Step::Send(end) => send(&mut world, &mut backend, end),
                Step::Wait(ms) => world.now += ms,
            }
        }
        // In the end the backend is well again, and nothing stays owed.
        for _ in 0..200 {
            if world.works() == 0 {
                break;
            }
            world.now += 60_000;
            send(&mut world, &mut backend, End::Done);
        }
        prop_assert_eq!(world.works(), 0);
        for (number, tenant) in TENANTS.into_iter().enumerate() {
            let active = active(&world, tenant);
            for user in &active {
                let user = USERS.iter().position(|name| name == user).unwrap();
                prop_assert!(may_work(&calls, number, user), "{} of {}", USERS[user], tenant);
            }
            if is_in_order {
                prop_assert_eq!(backend.active(tenant), active, "{}", tenant);
            }
        }
    }
}
