//! The black-box face: one JSON object per line in, one per line out. Every binding has the same small program, so that
//! one runner replays every vector through every language.

mod line;
mod script;

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::Arc;

use countersign_core::ReasonCode;
use countersign_core::abi::CallError;
use countersign_core::wire::base64;
use countersign_ledger::{MemoryStore, Store};
use countersign_runtime::{Engine, OpenSeller, SellerError};
use countersign_simulator as simulator;
use serde_json::{Value, json};

use crate::gate::{Gate, Step, Terms, fresh};
use line::{Line, malformed};
use script::Script;

/// The driver: open sellers and one ledger.
pub struct Driver {
    engine: Arc<dyn Engine>,
    runtime: tokio::runtime::Runtime,
    store: Arc<dyn Store>,
    sellers: BTreeMap<u64, Opened>,
    last: u64,
}

/// A seller, and the configuration with which `handle` opens it again behind a gate.
struct Opened {
    seller: OpenSeller,
    configuration: Vec<u8>,
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Driver({}, {} sellers)", self.engine.name(), self.sellers.len())
    }
}

/// The end of one operation.
type Done = Result<Value, CallError>;

fn plain(error: SellerError) -> CallError {
    match error {
        SellerError::Call(error) => error,
        SellerError::Engine(error) => CallError {
            code: error.code().to_string(),
            message: error.to_string(),
            ..ReasonCode::Internal.into()
        },
    }
}

/// A type of the core in its JSON shape.
fn shape(value: &impl serde::Serialize) -> Done {
    serde_json::to_value(value).map_err(|_| ReasonCode::Internal.into())
}

impl Driver {
    /// A driver on this engine.
    ///
    /// # Errors
    /// When the machine gives no runtime.
    pub fn new(engine: Arc<dyn Engine>) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        Ok(Self { engine, runtime, store, sellers: BTreeMap::new(), last: 0 })
    }

    /// Answers line after line until the input ends. Every answer is flushed. Blank lines are passed over.
    ///
    /// # Errors
    /// When reading or writing fails.
    pub fn run(&mut self, input: impl BufRead, mut output: impl Write) -> std::io::Result<()> {
        for line in input.split(b'\n') {
            let line = line?;
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let answer = self.answer(&line);
            serde_json::to_writer(&mut output, &answer)?;
            output.write_all(b"\n")?;
            output.flush()?;
        }
        Ok(())
    }

    /// Answers one line.
    pub fn answer(&mut self, line: &[u8]) -> Value {
        self.operate(line).unwrap_or_else(|error| json!({ "error": error }))
    }

    fn operate(&mut self, line: &[u8]) -> Done {
        let document: Value = serde_json::from_slice(line).map_err(|_| ReasonCode::MalformedFrame)?;
        let line = Line(document.as_object().ok_or(ReasonCode::MalformedFrame)?);
        match line.text("op")? {
            "open" => self.open(&line),
            "close" => self.close(&line),
            "admit" => self.admit(&line),
            "decide" => self.decide(&line),
            "settle" => self.settle(&line),
            "due" => self.due(&line),
            "decline" => {
                shape(&self.seller(&line)?.seller.decline(&line.handle("admission")?).map_err(plain)?)
            }
            "report" => self.report(&line),
            "import" => self.import(&line),
            "export" => self.export(&line),
            "handle" => self.handle(&line),
            "sign" => sign(&line),
            "compute" => self.compute(&line),
            _ => Err(ReasonCode::UnknownOperation.into()),
        }
    }

    fn open(&mut self, line: &Line<'_>) -> Done {
        let mut document = line.get("config").cloned().ok_or_else(|| malformed("config"))?;
        let problems = crate::config::resolve_secrets(&mut document, Path::new("."));
        if !problems.is_empty() {
            let shape = |one: &crate::config::Problem| json!({"path": one.path, "code": one.code, "message": one.message});
            let problems = Value::Array(problems.iter().map(shape).collect()).to_string();
            return Err(CallError { problems, ..ReasonCode::InvalidConfiguration.into() });
        }
        let configuration = document.to_string().into_bytes();
        let seller = OpenSeller::open(Arc::clone(&self.engine), &configuration).map_err(plain)?;
        self.last += 1;
        self.sellers.insert(self.last, Opened { seller, configuration });
        Ok(json!({ "seller": self.last }))
    }

    fn close(&mut self, line: &Line<'_>) -> Done {
        let handle = line.get("seller").and_then(Value::as_u64).ok_or_else(|| malformed("seller"))?;
        self.sellers.remove(&handle).ok_or(ReasonCode::UnknownSeller)?;
        Ok(json!({ "closed": handle }))
    }

    fn seller(&self, line: &Line<'_>) -> Result<&Opened, CallError> {
        let handle = line.get("seller").and_then(Value::as_u64).ok_or_else(|| malformed("seller"))?;
        self.sellers.get(&handle).ok_or(ReasonCode::UnknownSeller.into())
    }

    fn admit(&self, line: &Line<'_>) -> Done {
        let seller = &self.seller(line)?.seller;
        let request = line.request()?;
        let (request_id, now) = (line.bytes("request_id")?, line.now()?);
        shape(&request.read(|request| seller.admit(request, &request_id, now)).map_err(plain)?)
    }

    fn decide(&self, line: &Line<'_>) -> Done {
        let seller = &self.seller(line)?.seller;
        let (admission, rows) = (line.handle("admission")?, line.rows()?);
        shape(&seller.decide(&admission, &rows, line.now()?, &line.bytes("entropy")?).map_err(plain)?)
    }

    fn settle(&self, line: &Line<'_>) -> Done {
        let seller = &self.seller(line)?.seller;
        let work = line.optional_handle("work")?.map_or_else(|| line.handle("question"), Ok)?;
        let (admission, rows, outcome) = (line.optional_handle("admission")?, line.rows()?, line.outcome()?);
        let (now, entropy) = (line.now()?, line.bytes("entropy")?);
        shape(&seller.settle(&work, admission.as_deref(), &rows, &outcome, now, &entropy).map_err(plain)?)
    }

    /// Every work among the rows whose time has come, claimed.
    fn due(&self, line: &Line<'_>) -> Done {
        let seller = &self.seller(line)?.seller;
        let (rows, now, entropy) = (line.rows()?, line.now()?, line.bytes("entropy")?);
        let due = seller.due(&rows, now).map_err(plain)?;
        let mut claims = Vec::new();
        for work in due.works.iter().filter(|work| work.at <= now) {
            for row in rows.iter().filter(|row| row.key == work.key) {
                claims.extend(seller.claim(row, now, &entropy).map_err(plain)?);
            }
        }
        Ok(json!({ "claims": claims, "next_at": due.next_at }))
    }

    fn report(&self, line: &Line<'_>) -> Done {
        let seller = &self.seller(line)?.seller;
        let (effect, rows, outcome) = (line.text("effect")?, line.rows()?, line.outcome()?);
        shape(&seller.report(effect, &rows, &outcome, line.now()?, &line.bytes("entropy")?).map_err(plain)?)
    }

    /// A primitive of the rules, for known answers.
    fn compute(&self, line: &Line<'_>) -> Done {
        let (name, inputs) = (line.text("name")?, line.inputs()?);
        let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
        let output = countersign_runtime::compute(&*self.engine, name, &inputs).map_err(plain)?;
        Ok(json!({ "output_base64": base64::encode(&output) }))
    }

    fn import(&self, line: &Line<'_>) -> Done {
        let seller = &self.seller(line)?.seller;
        let instance = line.get("instance").ok_or_else(|| malformed("instance"))?.to_string();
        let (product, rows) = (line.optional_text("product")?.unwrap_or_default(), line.rows()?);
        let (now, entropy) = (line.now()?, line.bytes("entropy")?);
        shape(&seller.import_instance(product, instance.as_bytes(), &rows, now, &entropy).map_err(plain)?)
    }

    fn export(&self, line: &Line<'_>) -> Done {
        let row = line.row("row")?.value.ok_or_else(|| malformed("row"))?;
        let with_access = line.get("with_access").is_some_and(|flag| flag == true);
        shape(&self.seller(line)?.seller.export_instance(&row.bytes, with_access).map_err(plain)?)
    }

    /// The whole loop on the driver's ledger.
    fn handle(&self, line: &Line<'_>) -> Done {
        let opened = self.seller(line)?;
        let request = line.request()?;
        let script = Script::new(line.now()?, line.outcomes()?, line.bytes("entropy")?);
        let seller = OpenSeller::open(Arc::clone(&self.engine), &opened.configuration).map_err(plain)?;
        let terms = Terms { seller, backend: script.clone(), products: Vec::new() };
        let store = Arc::clone(&self.store);
        let gate = Gate::with_entropy(terms, store, script.clone(), script.clone(), script.clone());
        let answer = self.runtime.block_on(gate.handle(request, line.bytes("request_id")?));
        let steps = script.steps();
        let reason = steps.iter().rev().find_map(Step::reason);
        let effects: Vec<Value> =
            script.effects().iter().filter_map(|effect| serde_json::from_str(&effect.body).ok()).collect();
        let steps: Vec<&str> = steps.iter().map(Step::name).collect();
        Ok(json!({ "answer": answer, "effects": effects, "steps": steps, "reason": reason }))
    }
}

/// The signed request that the platform would send.
fn sign(line: &Line<'_>) -> Done {
    let dialect = simulator::Dialect::from_name(line.text("dialect")?).ok_or_else(|| malformed("dialect"))?;
    let nonce = match line.optional_text("nonce")? {
        Some(nonce) => nonce.to_string(),
        None => simulator::Entropy::from_bytes(fresh()).nonce(),
    };
    let input = simulator::SignInput {
        dialect,
        key: &simulator::AccessKey::new(line.text("key")?),
        host: line.optional_text("host")?.unwrap_or("localhost"),
        path: line.text("path")?,
        fields: line.table("fields")?.0,
        now_ms: line.now()?,
        nonce: &nonce,
    };
    let request = simulator::sign(&input)
        .map_err(|error| CallError { message: error.to_string(), ..malformed("fields") })?;
    Ok(json!({ "request": {
        "method": request.method,
        "target": request.target,
        "headers": request.headers,
        "body": String::from_utf8_lossy(&request.body),
    } }))
}
