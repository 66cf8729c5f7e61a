//! From the start of the process to its first answer, over an empty ledger that it has to make.

use countersign_benches::statistics::median;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

use super::connection::{Connection, parse};
use super::contender::{Contender, Process};
use super::purchases::Purchases;
use super::{Field, Result, backend};

/// Lets all contenders take turns and gives the median of each, in milliseconds.
pub(crate) fn compare(field: &Field) -> Result<Vec<Value>> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let mut times: Vec<(Contender, Vec<f64>)> = Contender::ALL.map(|who| (who, Vec::new())).into();
    for _ in 0..field.rounds.max(1) {
        for (contender, times) in &mut times {
            times.push(first_answer(&runtime, *contender, field)?);
        }
    }
    let line = |(contender, times): &(Contender, Vec<f64>)| json!({"contender": contender.name(), "runs": times.len(), "first_answer_ms": median(times)});
    Ok(times.iter().map(line).collect())
}

fn first_answer(runtime: &Runtime, contender: Contender, field: &Field) -> Result<f64> {
    let backend = runtime.block_on(backend::listen())?;
    let purchase = Purchases::new().sign(1)?.pop().ok_or("no purchase")?;
    let gateway = Process::start(contender, field, backend)?;
    let (took, answer) = runtime.block_on(async {
        let mut connection = Connection::new(TcpStream::connect(gateway.address).await?)?;
        connection.write(&purchase.bytes).await?;
        let answer = connection.read().await?.ok_or("the gateway hung up")?;
        Result::Ok((gateway.begun.elapsed(), answer))
    })?;
    purchase.check(&parse(&answer)?)?;
    Ok(took.as_secs_f64() * 1e3)
}
