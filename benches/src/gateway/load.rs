//! New subscriptions over 64 connections that stay open.

use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use countersign_benches::statistics::{median, percentile};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;

use super::connection::{Connection, parse};
use super::contender::{Contender, Process, processor_seconds};
use super::purchases::{Purchase, Purchases};
use super::{Field, Result, backend};

const CONNECTIONS: usize = 64;
/// Purchases before anything is measured: compilers warm up, the log of the database is there.
const WARM_UP: usize = 1_000;
/// A run has at least so many: 1 % of them is a percentile.
const AT_LEAST: usize = 500;

/// What one run came to.
struct Run {
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    /// Processor time of the gateway, and of this process, for one purchase; microseconds.
    gateway_us: Option<f64>,
    harness_us: Option<f64>,
    sqlite: Option<String>,
}

/// Lets all contenders take turns and gives the medians of each.
pub(crate) fn compare(field: &Field) -> Result<Vec<Value>> {
    let mut runs: Vec<(Contender, Vec<Run>)> = Contender::ALL.map(|who| (who, Vec::new())).into();
    for round in 0..field.rounds.max(1) {
        for (contender, runs) in &mut runs {
            let run = run(*contender, field)?;
            eprintln!("round {}: {:6} {:8.0}/s", round + 1, contender.name(), run.per_second);
            runs.push(run);
        }
    }
    Ok(runs.iter().map(|(contender, runs)| line(*contender, runs)).collect())
}

fn line(contender: Contender, runs: &[Run]) -> Value {
    let middle = |of: fn(&Run) -> Option<f64>| {
        let values: Option<Vec<f64>> = runs.iter().map(of).collect();
        values.and_then(|values| median(&values))
    };
    json!({
        "contender": contender.name(),
        "runs": runs.len(),
        "connections": CONNECTIONS,
        "per_second": middle(|run| Some(run.per_second)),
        "p50_ms": middle(|run| Some(run.p50_ms)),
        "p99_ms": middle(|run| Some(run.p99_ms)),
        "gateway_us": middle(|run| run.gateway_us),
        "harness_us": middle(|run| run.harness_us),
        "sqlite": runs.first().and_then(|run| run.sqlite.as_deref()),
    })
}

/// One fresh process over one fresh ledger.
fn run(contender: Contender, field: &Field) -> Result<Run> {
    // Clients and backend share one thread: the others belong to the gateway.
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let backend = runtime.block_on(backend::listen())?;
    let gateway = Process::start(contender, field, backend)?;
    let mut purchases = Purchases::new();

    let warm_up = storm(&runtime, &gateway, purchases.sign(WARM_UP)?)?;
    let count = (warm_up.per_second * field.seconds) as usize;
    storm(&runtime, &gateway, purchases.sign(count.max(AT_LEAST))?)
}

/// Sends all purchases, as many at a time as there are connections, then checks every answer.
fn storm(runtime: &Runtime, gateway: &Process, purchases: Vec<Purchase>) -> Result<Run> {
    let purchases = Rc::new(purchases);
    let next = Rc::new(AtomicUsize::new(0));
    let processor = || (gateway.processor_seconds(), processor_seconds("/proc/self/stat"));
    let before = processor();
    let begun = Instant::now();
    let answers = LocalSet::new().block_on(runtime, async {
        let clients: Vec<_> = (0..CONNECTIONS)
            .map(|_| tokio::task::spawn_local(buy(gateway.address, Rc::clone(&purchases), Rc::clone(&next))))
            .collect();
        let mut answers = Vec::with_capacity(purchases.len());
        for client in clients {
            answers.extend(client.await??);
        }
        Result::Ok(answers)
    })?;
    let elapsed = begun.elapsed().as_secs_f64();
    let after = processor();

    let mut times = Vec::with_capacity(answers.len());
    for Answered { purchase, milliseconds, bytes } in answers {
        let purchase = purchases.get(purchase).ok_or("an answer to nothing")?;
        purchase.check(&parse(&bytes)?)?;
        times.push(milliseconds);
    }
    if times.len() != purchases.len() {
        return Err("not every purchase was answered".into());
    }
    let count = times.len() as f64;
    let used = |before: Option<f64>, after: Option<f64>| Some((after? - before?) / count * 1e6);
    Ok(Run {
        per_second: count / elapsed,
        p50_ms: percentile(&times, 0.50).unwrap_or_default(),
        p99_ms: percentile(&times, 0.99).unwrap_or_default(),
        gateway_us: used(before.0, after.0),
        harness_us: used(before.1, after.1),
        sqlite: gateway.sqlite(),
    })
}

struct Answered {
    purchase: usize,
    milliseconds: f64,
    bytes: Vec<u8>,
}

/// One connection: buys whatever is next until nothing is left.
async fn buy(
    gateway: std::net::SocketAddr,
    purchases: Rc<Vec<Purchase>>,
    next: Rc<AtomicUsize>,
) -> Result<Vec<Answered>> {
    let mut connection = Connection::new(TcpStream::connect(gateway).await?)?;
    let mut answers = Vec::new();
    loop {
        let purchase = next.fetch_add(1, Ordering::Relaxed);
        let Some(Purchase { bytes, .. }) = purchases.get(purchase) else { return Ok(answers) };
        let begun = Instant::now();
        connection.write(bytes).await?;
        let bytes = connection.read().await?.ok_or("the gateway hung up")?;
        answers.push(Answered { purchase, milliseconds: begun.elapsed().as_secs_f64() * 1e3, bytes });
    }
}
