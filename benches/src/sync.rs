//! A whole directory through the ledger: one tenant, 999 departments, and 100 000 users in calls of 500.
//!
//! Measured is what a gateway does for each call between its bytes and its answer: admit, load, decide, commit in SQLite.
//! Nothing is delivered. The calls are signed before the clock runs.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use countersign_benches::sample::NOW;
use countersign_core::ledger::{Decision, Row};
use countersign_core::{Body, Request, Verdict};
use countersign_ledger::{Missing, Outcome, Store, open};
use countersign_runtime::{Engine, NativeEngine, OpenSeller, WasmEngine, WasmSettings};
use countersign_simulator::{AccessKey, Dialect, Entropy, Fields, HttpRequest, SignInput, sign};
use serde_json::{Value, json};

use crate::gateway::{Failed, Result};

const KEY: &str = "bench-access-key-0001";
const DEPARTMENTS: usize = 999;
const USERS: usize = 100_000;
/// The most that the platform puts into one call.
const USERS_PER_CALL: usize = 500;
/// Between two calls, milliseconds.
const APART: u64 = 1;

/// Both engines, each over a ledger of its own: one line each.
pub(crate) fn measure(folder: &Path) -> Result<Vec<Value>> {
    let calls = calls()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let engines: [(&str, Arc<dyn Engine>); 2] = [
        ("native", Arc::new(NativeEngine::new())),
        ("wasm", Arc::new(WasmEngine::new(WasmSettings::default())?)),
    ];
    std::fs::create_dir_all(folder)?;
    engines
        .into_iter()
        .map(|(name, engine)| {
            let folder = tempfile::tempdir_in(folder)?;
            let address = format!("sqlite:{}", folder.path().join("ledger.db").display());
            let store = open(&address, Path::new("."), Missing::Create)?.store;
            runtime.block_on(run(name, engine, &*store, &calls))
        })
        .collect()
}

async fn run(name: &str, engine: Arc<dyn Engine>, store: &dyn Store, calls: &[HttpRequest]) -> Result<Value> {
    let seller = OpenSeller::open(engine, configuration().to_string().as_bytes())?;
    let (mut peaks, mut took) = (Vec::new(), Vec::new());
    let began = Instant::now();
    for (number, call) in (0..).zip(calls) {
        let call_began = Instant::now();
        handle(&seller, store, call, number).await?;
        took.push(call_began.elapsed().as_secs_f64() * 1e3);
        if [calls.len() / 10, calls.len() - 1].contains(&took.len()) {
            peaks.push(peak_kib()?);
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    took.sort_by(f64::total_cmp);
    Ok(json!({
        "contender": name,
        "departments": DEPARTMENTS,
        "users": USERS,
        "calls": calls.len(),
        "seconds": seconds,
        "median_call_ms": took[took.len() / 2],
        "longest_call_ms": took[took.len() - 1],
        // The process holds all signed calls as well; what counts is that the second figure is hardly more than the first.
        "peak_kib_after_a_tenth": peaks[0],
        "peak_kib_at_the_end": peaks[1],
    }))
}

async fn handle(seller: &OpenSeller, store: &dyn Store, call: &HttpRequest, number: u64) -> Result {
    let failed = |why: &dyn std::fmt::Debug| Failed(format!("call {number}: {why:?}"));
    let now = NOW + number * APART;
    let headers: Vec<(&str, &[u8])> =
        call.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let request = Request::new(call.method, call.target.as_bytes(), &headers, Body::Bytes(&call.body));
    let request_id: [u8; 16] = drawn(number);
    let admitted = match seller.admit(&request, &request_id, now)? {
        Verdict::Admitted(admitted) => admitted,
        refused => return Err(failed(&refused)),
    };
    let load = async |keys| store.load(keys).await.map_err(|error| failed(&error));
    let mut rows: Vec<Row> = load(admitted.keys).await?;
    loop {
        let decision = seller.decide(&admitted.admission, &rows, now, &drawn(number));
        match decision? {
            Decision::Need { keys } => rows.extend(load(keys).await?),
            Decision::Answer(answered) => {
                let right = answered.answer.body.starts_with(br#"{"resultCode":"000000""#);
                let committed = store.commit(answered.commit).await?;
                let is_done = right && committed == Outcome::Committed;
                return if is_done { Ok(()) } else { Err(failed(&answered.reason)) };
            }
            other => return Err(failed(&other)),
        }
    }
}

/// Different for each call; entropy of a quality that nobody needs here.
fn drawn<const N: usize>(number: u64) -> [u8; N] {
    let mut bytes = [0; N];
    bytes[..8].copy_from_slice(&(number + 1).to_le_bytes());
    bytes
}

fn configuration() -> Value {
    json!({"routes": [{"path": "/kit", "dialect": "kit-v2", "keys": [KEY], "product": "crm"}]})
}

/// The binding, the departments, and all users; signed.
fn calls() -> Result<Vec<HttpRequest>> {
    let department = |number: usize| {
        let parent = if number == 0 { String::new() } else { format!("d{}", (number - 1) / 9) };
        json!({"orgCode": format!("d{number}"), "orgName": format!("部门 {number}"), "parentCode": parent})
    };
    let user = |number: usize| {
        json!({
            "userName": format!("user{number:06}"),
            "name": format!("用户 {number}"),
            "mobile": format!("139{number:08}"),
            "orgCode": format!("d{}", number % DEPARTMENTS),
            "role": if number.is_multiple_of(1_000) { "admin" } else { "user" },
            "enable": "true",
        })
    };
    let tenant = json!({"orderId": "CS2211181819F6XXX", "tenantCode": "code-1", "name": "测试企业",
        "domainName": "https://tenant.example.com", "flag": 1});
    let application = json!({"appId": "app-1", "flag": 1, "clientId": "client-1", "clientSecret": "secret"});
    let departments: Vec<Value> = (0..DEPARTMENTS).map(department).collect();
    let mut bodies = vec![
        ("tenantSync", tenant),
        ("applicationSync", application),
        ("allOrgSync", json!({"orgInfoList": departments})),
    ];
    bodies.extend((0..USERS / USERS_PER_CALL).map(|call| {
        let users: Vec<Value> = (0..USERS_PER_CALL).map(|of| user(call * USERS_PER_CALL + of)).collect();
        ("authSync", json!({"appId": "app-1", "flag": 1, "userList": users}))
    }));
    let mut entropy = Entropy::from_seed(1);
    let key = AccessKey::new(KEY);
    (0..)
        .zip(bodies)
        .map(|(number, (interface, body))| {
            let mut fields: Fields = body.as_object().cloned().unwrap_or_default();
            fields.insert("instanceId".into(), "instance-1".into());
            fields.insert("tenantId".into(), "tenant-1".into());
            let input = SignInput {
                dialect: Dialect::KitV2,
                key: &key,
                host: "isv.example.com",
                path: &format!("/kit/produceAPI/v2/{interface}"),
                fields: &fields,
                now_ms: NOW + number * APART,
                nonce: &entropy.nonce(),
            };
            Ok(sign(&input)?)
        })
        .collect()
}

/// The most memory that this process ever had, KiB.
fn peak_kib() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let figure = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    figure.ok_or_else(|| Failed("this system does not say how much memory was used".to_owned()))
}
