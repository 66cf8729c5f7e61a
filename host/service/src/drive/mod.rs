//! The black-box face: one JSON object per line in, one per line out. Every binding has the same small program, so that
//! one runner replays every vector through every language.

mod deliver;
mod entitlement;
mod line;
mod script;
mod sign;

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::Arc;

use countersign_core::abi::CallError;
use countersign_core::ledger::{Assignment, Effect};
use countersign_core::wire::base64;
use countersign_core::{Answer, ReasonCode, Seller};
use countersign_ledger::{MemoryStore, Store};
use countersign_runtime::{Engine, OpenSeller, SellerError};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use crate::gate::{Gate, LedgerError, Step, Terms};
use deliver::Delivery;
use entitlement::Directories;
use line::{Line, malformed};
use script::Script;

/// The driver: open sellers and one ledger.
pub struct Driver {
    engine: Arc<dyn Engine>,
    runtime: tokio::runtime::Runtime,
    store: Arc<dyn Store>,
    sellers: BTreeMap<u64, Opened>,
    last: u64,
    directories: Directories,
    /// Whether secrets are shown to whoever asks.
    reveals: bool,
}

/// A seller, and the configuration with which `handle` opens it again behind a gate.
struct Opened {
    seller: OpenSeller,
    configuration: Vec<u8>,
    products: Vec<String>,
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Driver({}, {} sellers)", self.engine.name(), self.sellers.len())
    }
}

/// The end of one operation: JSON text, in which numbers of the call stand with the digits that they came with.
type Done = Result<Box<RawValue>, CallError>;

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
fn shape(value: &impl Serialize) -> Done {
    to_raw_value(value).map_err(|_| ReasonCode::Internal.into())
}

/// What `due` came to.
#[derive(Serialize)]
struct Claimed {
    claims: Vec<Assignment>,
    next_at: Option<u64>,
}

/// What `handle` came to.
#[derive(Serialize)]
struct Handled<'a> {
    answer: &'a Answer,
    /// The CloudEvents as the core wrote them.
    effects: Vec<&'a RawValue>,
    steps: Vec<&'a str>,
    reason: Option<&'a str>,
}

/// What `deliver` came to.
#[derive(Serialize)]
struct Delivered<'a> {
    effects: Vec<&'a RawValue>,
    steps: Vec<&'a str>,
    next_at: Option<u64>,
}

impl Driver {
    /// A driver on this engine.
    ///
    /// # Errors
    /// When the machine gives no runtime.
    pub fn new(engine: Arc<dyn Engine>) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        Ok(Self {
            engine,
            runtime,
            store,
            sellers: BTreeMap::new(),
            last: 0,
            directories: Directories::default(),
            reveals: false,
        })
    }

    /// The same with an operation more: `reveal` shows the secret that a call carries.
    #[must_use]
    pub fn revealing(self) -> Self {
        Self { reveals: true, ..self }
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
            output.write_all(self.answer(&line).as_bytes())?;
            output.write_all(b"\n")?;
            output.flush()?;
        }
        Ok(())
    }

    /// Answers one line with one, without its end.
    pub fn answer(&mut self, line: &[u8]) -> String {
        match self.operate(line) {
            Ok(answer) => answer.get().to_string(),
            Err(error) => json!({ "error": error }).to_string(),
        }
    }

    fn operate(&mut self, line: &[u8]) -> Done {
        let text = line;
        let line = Line::read(line).ok_or(ReasonCode::MalformedFrame)?;
        match line.text("op")?.as_str() {
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
            "deliver" => self.deliver(&line),
            "directory" => self.directory(&line),
            "reveal" if self.reveals => self.reveal(&line),
            "sign" => sign::sign(&line),
            "load" => self.directories.load(&line),
            "apply" => self.directories.apply(&line),
            "check" => self.directories.check(&line, text),
            "compute" => self.compute(&line),
            _ => Err(ReasonCode::UnknownOperation.into()),
        }
    }

    fn open(&mut self, line: &Line<'_>) -> Done {
        let text = line.get("config").ok_or_else(|| malformed("config"))?.get();
        let configuration = match serde_json::from_str::<Value>(text) {
            Ok(mut document) => {
                let problems = crate::config::resolve_secrets(&mut document, Path::new("."));
                if !problems.is_empty() {
                    let shape = |one: &crate::config::Problem| json!({"path": one.path, "code": one.code, "message": one.message});
                    let problems = Value::Array(problems.iter().map(shape).collect()).to_string();
                    return Err(CallError { problems, ..ReasonCode::InvalidConfiguration.into() });
                }
                document.to_string().into_bytes()
            }
            // A number beyond every type is no setting: the core names it with its path.
            Err(_) => text.as_bytes().to_vec(),
        };
        let seller = OpenSeller::open(Arc::clone(&self.engine), &configuration).map_err(plain)?;
        let read = Seller::from_json(&configuration).map_err(|_| ReasonCode::InvalidConfiguration)?;
        let products = read.products().into_iter().map(str::to_owned).collect();
        self.last += 1;
        self.sellers.insert(self.last, Opened { seller, configuration, products });
        shape(&json!({ "seller": self.last }))
    }

    fn close(&mut self, line: &Line<'_>) -> Done {
        let handle = line.typed("seller").ok_or_else(|| malformed("seller"))?;
        self.sellers.remove(&handle).ok_or(ReasonCode::UnknownSeller)?;
        shape(&json!({ "closed": handle }))
    }

    fn seller(&self, line: &Line<'_>) -> Result<&Opened, CallError> {
        let handle = line.typed("seller").ok_or_else(|| malformed("seller"))?;
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
        shape(&Claimed { claims, next_at: due.next_at })
    }

    fn report(&self, line: &Line<'_>) -> Done {
        let seller = &self.seller(line)?.seller;
        let (effect, rows, outcome) = (line.text("effect")?, line.rows()?, line.outcome()?);
        shape(&seller.report(&effect, &rows, &outcome, line.now()?, &line.bytes("entropy")?).map_err(plain)?)
    }

    /// A primitive of the rules, for known answers.
    fn compute(&self, line: &Line<'_>) -> Done {
        let (name, inputs) = (line.text("name")?, line.inputs()?);
        let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
        let output = countersign_runtime::compute(&*self.engine, &name, &inputs).map_err(plain)?;
        shape(&json!({ "output_base64": base64::encode(&output) }))
    }

    fn import(&self, line: &Line<'_>) -> Done {
        let seller = &self.seller(line)?.seller;
        let instance = line.get("instance").ok_or_else(|| malformed("instance"))?.get();
        let (product, rows) = (line.optional_text("product")?.unwrap_or_default(), line.rows()?);
        let (now, entropy) = (line.now()?, line.bytes("entropy")?);
        shape(&seller.import_instance(&product, instance.as_bytes(), &rows, now, &entropy).map_err(plain)?)
    }

    fn export(&self, line: &Line<'_>) -> Done {
        let row = line.row("row")?.value.ok_or_else(|| malformed("row"))?;
        let with_access = line.typed("with_access").unwrap_or(false);
        shape(&self.seller(line)?.seller.export_instance(&row.bytes, with_access).map_err(plain)?)
    }

    /// The whole loop on the driver's ledger. What a call queued that is answered first is sent after its answer, as far
    /// as there are outcomes for it.
    fn handle(&self, line: &Line<'_>) -> Done {
        let delivery = self.delivery(line)?;
        let (request, request_id) = (line.request()?, line.bytes("request_id")?);
        let (answer, answered, delivered) = self
            .runtime
            .block_on(async {
                let before = deliver::keys(&deliver::works(&*self.store).await.map_err(LedgerError::from)?);
                let answer = delivery.gate.handle(request, request_id).await;
                let answered = delivery.script.steps();
                delivery.run(|work| !before.contains(&work.key)).await?;
                Ok::<_, LedgerError>((answer, answered, delivery.script.steps()))
            })
            .map_err(ledger)?;
        let steps = answered.iter().map(Step::name).chain(deliver::names(&delivered)).collect();
        let reason = answered.iter().rev().find_map(Step::reason);
        let effects = delivery.script.effects();
        shape(&Handled { answer: &answer, effects: events(&effects)?, steps, reason })
    }

    /// What this seller's products owe on the driver's ledger.
    fn deliver(&self, line: &Line<'_>) -> Done {
        let delivery = self.delivery(line)?;
        let next_at = self.runtime.block_on(async {
            delivery.run(|_| true).await?;
            delivery.next_at().await
        });
        let (next_at, script) = (next_at.map_err(ledger)?, delivery.script);
        let (effects, steps) = (script.effects(), script.steps());
        let steps = deliver::names(&steps).collect();
        shape(&Delivered { effects: events(&effects)?, steps, next_at })
    }

    /// What is kept of a tenant on the driver's ledger.
    fn directory(&self, line: &Line<'_>) -> Done {
        let seller = &self.seller(line)?.seller;
        let (tenant, instance) =
            (line.text("tenant_id")?, line.optional_text("instance_id")?.unwrap_or_default());
        let product = match line.optional_text("product")? {
            Some(product) => product,
            None => self.seller(line)?.products.first().cloned().unwrap_or_default(),
        };
        let keys = seller.directory_keys(&product, &tenant, &instance).map_err(plain)?;
        let rows = self.runtime.block_on(deliver::directory(&*self.store, keys));
        let rows = rows.map_err(|error| ledger(error.into()))?;
        let view = seller.view_directory(&product, &tenant, &instance, &rows).map_err(plain)?;
        serde_json::from_slice(&view).map_err(|_| ReasonCode::Internal.into())
    }

    /// The secret that an admitted call carries, in plain text.
    fn reveal(&self, line: &Line<'_>) -> Done {
        let secret = self.seller(line)?.seller.reveal(&line.handle("admission")?).map_err(plain)?;
        serde_json::from_slice(&secret).map_err(|_| ReasonCode::Internal.into())
    }

    /// A gate over the driver's ledger, in the world of one line.
    fn delivery(&self, line: &Line<'_>) -> Result<Delivery, CallError> {
        let opened = self.seller(line)?;
        let script = Script::new(line.now()?, line.outcomes()?, line.bytes("entropy")?);
        let seller = OpenSeller::open(Arc::clone(&self.engine), &opened.configuration).map_err(plain)?;
        let products = opened.products.clone();
        let terms = Terms { seller, backend: script.clone(), products: products.clone() };
        let store = Arc::clone(&self.store);
        let gate = Gate::with_entropy(terms, store, script.clone(), script.clone(), script.clone());
        Ok(Delivery { gate, script, products })
    }
}

/// What went wrong with the driver's own ledger.
fn ledger(error: LedgerError) -> CallError {
    match error {
        LedgerError::Seller(error) => plain(error),
        other => CallError { message: other.to_string(), ..ReasonCode::Internal.into() },
    }
}

/// The CloudEvents as the core wrote them.
fn events(effects: &[Effect]) -> Result<Vec<&RawValue>, CallError> {
    let events = effects.iter().map(|effect| serde_json::from_str(&effect.body));
    events.collect::<Result<_, _>>().map_err(|_| ReasonCode::Internal.into())
}
