//! The loop around the core: load, decide, commit, perform, settle. It knows no rule of the protocol; whatever it does
//! the core said.

mod agreement;
mod call;
mod causes;
mod deliver;
mod entropy;
mod health;
mod notices;
mod operate;
mod owed;
mod purge;
mod request;
pub(crate) mod rounds;
mod sent;
mod settle;
mod shadow;
mod step;
mod tasks;
mod terms;
mod time;

use std::sync::{Arc, PoisonError, RwLock};

use countersign_core::Answer;
use countersign_core::ledger::Alarm;
use countersign_ledger::{Store, Watch, Watched};
use tokio::sync::Notify;

use call::Call;
use causes::Causes;
use deliver::Places;
use health::Health;
use notices::{NoticedStore, Notices};
use tasks::Tasks;

pub(crate) use entropy::fresh;
pub use entropy::{Entropy, SystemEntropy};
pub use operate::{AccessChange, Report};
pub use owed::{Carrier, Origin};
pub use request::OwnedRequest;
pub use rounds::LedgerError;
pub use sent::{Backend, Sending, Sent};
pub(crate) use settle::outcome_name;
pub(crate) use step::path_of;
pub use step::{Observer, Step, Subject};
pub use terms::Terms;
pub use time::{Clock, Sleep, SystemClock};

/// What the gate needs beside its terms.
pub struct Gate {
    terms: RwLock<Arc<Terms>>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) watch: Watch,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) observer: Arc<dyn Observer>,
    /// Rung when a work may have come to the front of its queue.
    pub(crate) owed: Notify,
    notices: Arc<Notices>,
    health: Arc<Health>,
    places: Places,
    causes: Causes,
    tasks: Tasks,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Gate({:?})", self.terms())
    }
}

impl Gate {
    /// A gate over a store.
    pub fn new(
        terms: Terms,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn Observer>,
    ) -> Arc<Self> {
        Self::with_entropy(terms, store, clock, Arc::new(SystemEntropy), observer)
    }

    /// The same with randomness from elsewhere: for runs that are to be repeated, never for production.
    pub fn with_entropy(
        terms: Terms,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        observer: Arc<dyn Observer>,
    ) -> Arc<Self> {
        let terms = RwLock::new(Arc::new(terms));
        let (watch, notices, health) = (Watch::new(), Arc::<Notices>::default(), Arc::new(Health::new()));
        let store = NoticedStore {
            store: Watched::new(store, watch.clone()),
            notices: Arc::clone(&notices),
            health: Arc::clone(&health),
            clock: Arc::clone(&clock),
        };
        Arc::new(Self {
            terms,
            store: Arc::new(store),
            watch,
            clock,
            entropy,
            observer,
            owed: Notify::new(),
            notices,
            health,
            places: Places::default(),
            causes: Causes::default(),
            tasks: Tasks::new(),
        })
    }

    /// The terms of today. Whoever goes through several steps of one call keeps what it got at the first.
    pub fn terms(&self) -> Arc<Terms> {
        Arc::clone(&self.terms.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on calls are admitted under these terms; those under way end under theirs.
    pub fn replace_terms(&self, terms: impl Into<Arc<Terms>>) {
        *self.terms.write().unwrap_or_else(PoisonError::into_inner) = terms.into();
        self.places.forget();
        // A work may have a backend now that had none.
        self.owed.notify_one();
    }

    /// Answers one call. Runs to its end even when the caller stops waiting.
    pub async fn handle(self: &Arc<Self>, request: OwnedRequest, request_id: [u8; 16]) -> Answer {
        let gate = Arc::clone(self);
        let call = self.tasks.spawn(async move { Call::new(gate, request_id).run(request).await });
        call.await.unwrap_or_else(|_| unavailable())
    }

    /// The most bytes of a body of any use to a call with this method and target; 0 where no route takes it, or nobody
    /// can say.
    pub(crate) fn body_limit(&self, method: &str, target: &[u8]) -> u64 {
        self.terms().seller.body_limit(method, target).ok().flatten().unwrap_or(0)
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

    fn alarms(&self, subject: &Subject, alarms: &[Alarm]) {
        for alarm in alarms {
            let subject = Subject { instance: alarm.instance.clone(), ..subject.clone() };
            self.observer
                .step(&subject, &Step::Alarm { code: alarm.code.to_string(), detail: String::new() });
        }
    }

    /// The store behind the gate.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }
}

/// When not even an answer can be built: the platform counts anything but 200 as an outage and calls again.
fn unavailable() -> Answer {
    Answer { status: 503, headers: Vec::new(), body: Vec::new() }
}
