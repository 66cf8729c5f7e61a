//! The loop around the core: load, decide, commit, perform, settle. It knows no rule of the protocol; whatever it does
//! the core said.

mod entropy;
mod operate;
mod owed;
pub(crate) mod rounds;
mod settle;
mod shadow;
mod tasks;
mod time;

use std::sync::Arc;

use countersign_core::ledger::{Alarm, Assignment, Decision, Effect, Outcome, Write};
use countersign_core::{Answer, Body, Request, Verdict};
use countersign_ledger::{Store, Subscription, Watch, Watched};
use countersign_runtime::{OpenSeller, SellerError};
use tokio::sync::Notify;

use tasks::Tasks;

pub(crate) use entropy::fresh;
pub use entropy::{Entropy, SystemEntropy};
pub use operate::{AccessChange, Report};
pub use rounds::LedgerError;
pub(crate) use settle::outcome_name;
pub use time::{Clock, SystemClock};

/// Carries effects and questions to the seller's application.
pub trait Backend: Send + Sync {
    /// Sends one message and says how it ended; after `give_up_at` (milliseconds, UTC) nobody waits for it.
    fn send(&self, effect: Effect, give_up_at: u64) -> Sending;

    /// Whether it may be sent at all: an effect that is not stays owed.
    fn takes(&self, _effect: &Effect) -> bool {
        true
    }
}

/// A send that is under way.
pub type Sending = std::pin::Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// One HTTP request, owned.
#[derive(Debug, Clone, Default)]
pub struct OwnedRequest {
    /// Upper case.
    pub method: String,
    /// Origin form, still percent-encoded.
    pub target: Vec<u8>,
    /// In the order of arrival.
    pub headers: Vec<(String, Vec<u8>)>,
    /// `None`: larger than the listener reads.
    pub body: Option<Vec<u8>>,
}

impl OwnedRequest {
    /// The request as the core reads it.
    pub fn read<T>(&self, with: impl FnOnce(&Request<'_>) -> T) -> T {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        let body = self.body.as_deref().map_or(Body::Oversized, Body::Bytes);
        with(&Request { method: &self.method, target: &self.target, headers: &headers, body })
    }
}

/// What happened to a call, step by step, for logs, metrics and whoever watches. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Refused before anything was read: the reason's code.
    Refused(String),
    /// Genuine.
    Admitted {
        /// The dialect's name.
        dialect: String,
        /// The product of the route.
        product: String,
        /// The event's type.
        event: &'static str,
        /// Test traffic.
        test: bool,
    },
    /// Another call is at work on it.
    Waited,
    /// The rows changed meanwhile.
    Conflicted,
    /// Answered from the ledger; the reason's code where it is no success.
    Answered(Option<String>),
    /// Reserved, and sent to the backend.
    Performed {
        /// The effect id.
        effect: String,
    },
    /// Asked the backend.
    Asked {
        /// The id of the question.
        effect: String,
    },
    /// The outcome is in the ledger.
    Settled {
        /// `done`, `accepted`, `refused`, `failed`, `running`.
        outcome: &'static str,
        /// The reason's code where it is no success.
        reason: Option<String>,
    },
    /// The answer left before the backend's.
    OutOfTime,
    /// The store or the engine failed: a code.
    Failed(String),
    /// An operator should look.
    Alarm {
        /// The alarm's code.
        code: String,
        /// The instance.
        instance: String,
    },
}

impl Step {
    /// The name in logs, metrics and the driver's answers.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Admitted { .. } => "admitted",
            Self::Waited => "waited",
            Self::Conflicted => "conflicted",
            Self::Answered(_) => "answered",
            Self::Performed { .. } => "performed",
            Self::Asked { .. } => "asked",
            Self::Settled { .. } => "settled",
            Self::OutOfTime => "out-of-time",
            Self::Failed(_) => "failed",
            Self::Alarm { .. } => "alarm",
        }
    }

    /// Why the answer is no success, where this step knows.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Refused(code) | Self::Failed(code) => Some(code),
            Self::Answered(reason) | Self::Settled { reason, .. } => reason.as_deref(),
            _ => None,
        }
    }
}

/// Is told of every step.
pub trait Observer: Send + Sync {
    /// A step of the call with this request id (lower-case hex), or of a work that the gate took up by itself.
    fn step(&self, request: &str, step: &Step);

    /// So many works are owed, as the last look at all of them found; those that are being sent count too.
    fn owed(&self, _works: usize) {}
}

/// What the gate needs beside the seller.
pub struct Gate {
    pub(crate) seller: OpenSeller,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) watch: Watch,
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) observer: Arc<dyn Observer>,
    /// Rung when a work may have come to the front of its queue.
    pub(crate) owed: Notify,
    tasks: Tasks,
    products: Vec<String>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Gate({})", self.seller.engine())
    }
}

impl Gate {
    /// A gate over a store. `products` are the seller's, for look-ups by instance id alone.
    pub fn new(
        seller: OpenSeller,
        store: Arc<dyn Store>,
        backend: Arc<dyn Backend>,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn Observer>,
        products: Vec<String>,
    ) -> Arc<Self> {
        Self::with_entropy(seller, store, backend, clock, Arc::new(SystemEntropy), observer, products)
    }

    /// The same with randomness from elsewhere: for runs that are to be repeated, never for production.
    pub fn with_entropy(
        seller: OpenSeller,
        store: Arc<dyn Store>,
        backend: Arc<dyn Backend>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        observer: Arc<dyn Observer>,
        products: Vec<String>,
    ) -> Arc<Self> {
        let watch = Watch::new();
        let store: Arc<dyn Store> = Arc::new(Watched::new(store, watch.clone()));
        let (owed, tasks) = (Notify::new(), Tasks::new());
        Arc::new(Self { seller, store, watch, backend, clock, entropy, observer, owed, tasks, products })
    }

    /// Answers one call. Runs to its end even when the caller stops waiting.
    pub async fn handle(self: &Arc<Self>, request: OwnedRequest, request_id: [u8; 16]) -> Answer {
        let gate = Arc::clone(self);
        let call = self.tasks.spawn(async move { Call::new(&gate, request_id).run(&request).await });
        call.await.unwrap_or_else(|_| unavailable())
    }

    /// The most bytes of a body of any use to a call with this method and target; 0 where no route takes it, or nobody
    /// can say.
    pub(crate) fn body_limit(&self, method: &str, target: &[u8]) -> u64 {
        self.seller.body_limit(method, target).ok().flatten().unwrap_or(0)
    }

    /// Runs a future to its end, whoever waits for it; [`Gate::close`] waits.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<T> {
        self.tasks.spawn(future)
    }

    /// Takes up nothing owed any more and waits until every call and every send has ended. What this waits for is
    /// bounded by the deadlines of calls and sends; whoever cannot wait so long drops the future, and loses nothing: the
    /// lease of an unsettled work runs out.
    pub async fn close(&self) {
        self.tasks.close();
        self.tasks.idle().await;
    }

    fn alarms(&self, name: &str, alarms: &[Alarm]) {
        for alarm in alarms {
            let step = Step::Alarm { code: alarm.code.to_string(), instance: alarm.instance.clone() };
            self.observer.step(name, &step);
        }
    }

    /// The seller behind the gate.
    pub fn seller(&self) -> &OpenSeller {
        &self.seller
    }

    /// The store behind the gate.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The products that the seller's routes name.
    pub fn products(&self) -> &[String] {
        &self.products
    }
}

/// When not even an answer can be built: the platform counts anything but 200 as an outage and calls again.
fn unavailable() -> Answer {
    Answer { status: 503, headers: Vec::new(), body: Vec::new() }
}

/// One call on its way through the gate.
struct Call<'g> {
    gate: &'g Arc<Gate>,
    request_id: [u8; 16],
    name: String,
}

/// Rounds of one call before it is declined: each is a load and a decision.
const MAX_ROUNDS: usize = 64;

/// Another process wakes nobody here: a waiter looks again after so many milliseconds.
const LOOK_AGAIN_MS: u64 = 200;

impl<'g> Call<'g> {
    fn new(gate: &'g Arc<Gate>, request_id: [u8; 16]) -> Self {
        Self { gate, request_id, name: countersign_core::wire::hex::encode(&request_id) }
    }

    fn note(&self, step: &Step) {
        self.gate.observer.step(&self.name, step);
    }

    fn failed(&self, code: &str) {
        self.note(&Step::Failed(code.to_string()));
    }

    async fn run(&self, request: &OwnedRequest) -> Answer {
        let now = self.gate.clock.now();
        match request.read(|request| self.gate.seller.admit(request, &self.request_id, now)) {
            Ok(Verdict::Refused(refusal)) => {
                self.note(&Step::Refused(refusal.reason.code.code().to_string()));
                refusal.answer
            }
            Ok(Verdict::Admitted(admitted)) => {
                self.note(&Step::Admitted {
                    dialect: admitted.dialect.to_string(),
                    product: admitted.product.clone(),
                    event: admitted.event.kind.name(),
                    test: admitted.test,
                });
                self.decide(&admitted.admission, &admitted.keys, admitted.answer_by).await
            }
            Err(error) => {
                self.failed(error.code());
                unavailable()
            }
        }
    }

    async fn decide(&self, admission: &[u8], keys: &[String], answer_by: u64) -> Answer {
        let mut rows = Vec::new();
        let mut wanted = keys.to_vec();
        let mut watching = None;
        for _ in 0..MAX_ROUNDS {
            if let Err(error) = rounds::load(&*self.gate.store, wanted, &mut rows).await {
                return self.decline(admission, error.code());
            }
            let now = self.gate.clock.now();
            let decision = match self.gate.seller.decide(admission, &rows, now, &self.gate.entropy.draw(&[]))
            {
                Ok(decision) => decision,
                Err(error) => return self.decline(admission, error.code()),
            };
            match decision {
                Decision::Need { keys } => {
                    wanted = keys;
                    continue;
                }
                Decision::Wait { keys, until } => {
                    self.wait(&keys, until, &mut watching).await;
                }
                Decision::Answer(answered) => {
                    match rounds::commit(&*self.gate.store, answered.commit).await {
                        Ok(true) => {
                            self.alarms(&answered.alarms);
                            self.note(&Step::Answered(code_of(answered.reason.as_ref())));
                            return answered.answer;
                        }
                        Ok(false) => self.conflicted(now, answer_by).await,
                        Err(error) => return self.decline(admission, error.code()),
                    }
                }
                Decision::Perform(mut work) => match rounds::commit(&*self.gate.store, take(&mut work)).await
                {
                    Ok(true) => {
                        self.note(&Step::Performed { effect: work.effect.id.clone() });
                        return self.perform(admission, work, false).await;
                    }
                    Ok(false) => self.conflicted(now, answer_by).await,
                    Err(error) => return self.decline(admission, error.code()),
                },
                Decision::Ask(mut question) => {
                    match rounds::commit(&*self.gate.store, take(&mut question)).await {
                        Ok(true) => {
                            self.note(&Step::Asked { effect: question.effect.id.clone() });
                            return self.perform(admission, question, true).await;
                        }
                        Ok(false) => self.conflicted(now, answer_by).await,
                        Err(error) => return self.decline(admission, error.code()),
                    }
                }
            }
            rows.clear();
            wanted = keys.to_vec();
        }
        self.decline(admission, "too-many-conflicts")
    }

    /// Sends, and settles with what came back in time; what comes later is settled without this call.
    async fn perform(&self, admission: &[u8], work: Assignment, question: bool) -> Answer {
        self.alarms(&work.alarms);
        let wait_until = if question { work.give_up_at } else { work.answer_by };
        let mut sending = self.gate.backend.send(work.effect, work.give_up_at);
        let outcome = tokio::select! {
            biased;
            outcome = &mut sending => outcome,
            () = self.gate.clock.sleep_until(wait_until.saturating_sub(SETTLE_MS)) => {
                self.note(&Step::OutOfTime);
                if !question {
                    let gate = Arc::clone(self.gate);
                    let (handle, name) = (work.work.clone(), self.name.clone());
                    self.gate.tasks.spawn(async move { gate.finish(&handle, sending.await, &name).await });
                }
                Outcome::Running
            }
        };
        match self.gate.settle(&work.work, Some(admission), &outcome, &self.name).await {
            Ok(Some(answer)) => answer,
            Ok(None) => self.decline(admission, "internal"),
            Err(error) => self.decline(admission, error.code()),
        }
    }

    /// Waits for a change of one of these rows. The first time it only begins to watch: the rows may have changed
    /// between the load and now.
    async fn wait(&self, keys: &[String], until: u64, watching: &mut Option<Subscription>) {
        self.note(&Step::Waited);
        match watching.take() {
            None => *watching = Some(self.gate.watch.subscribe(keys)),
            Some(mut subscription) => {
                let look_again = self.gate.clock.now().saturating_add(LOOK_AGAIN_MS).min(until);
                subscription.changed_or(self.gate.clock.sleep_until(look_again)).await;
                *watching = Some(self.gate.watch.subscribe(keys));
            }
        }
    }

    /// Somebody else changed the rows: a short pause of varying length, so that rivals do not stay in step.
    async fn conflicted(&self, now: u64, answer_by: u64) {
        self.note(&Step::Conflicted);
        let [pause] = fresh::<1>();
        self.gate.clock.sleep_until(now.saturating_add(u64::from(pause % 8)).min(answer_by)).await;
    }

    fn alarms(&self, alarms: &[Alarm]) {
        self.gate.alarms(&self.name, alarms);
    }

    fn decline(&self, admission: &[u8], code: &str) -> Answer {
        self.failed(code);
        self.gate.seller.decline(admission).unwrap_or_else(|error: SellerError| {
            self.failed(error.code());
            unavailable()
        })
    }
}

/// So long before the deadline an answer is settled and committed.
const SETTLE_MS: u64 = 100;

fn take(work: &mut Assignment) -> Vec<Write> {
    std::mem::take(&mut work.commit)
}

fn code_of(reason: Option<&countersign_core::Reason>) -> Option<String> {
    reason.map(|reason| reason.code.code().to_string())
}
