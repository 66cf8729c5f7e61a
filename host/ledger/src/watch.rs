//! Waking those who wait for a row to change.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use countersign_core::ledger::{Change, Row, Write};
use tokio::sync::Notify;

use crate::{Changes, Limit, Outcome, Page, Purged, Reply, Store, StoreError};

/// Who waits for which rows, in this process.
///
/// No wake-up is lost when the waiter subscribes first, loads second and waits third: a change committed before the load
/// is seen by it, and a change committed later wakes. Commits of other processes wake nobody, so a wait always has a
/// deadline. Clones share the waiters.
///
/// # Examples
///
/// ```
/// use std::task::{Context, Poll, Waker};
///
/// use countersign_ledger::{Watch, Woken};
///
/// let watch = Watch::new();
/// let mut waiter = watch.subscribe(&["instance/crm/i-1".to_owned()]);
/// watch.notify(["instance/crm/i-1"]); // after the load, before the wait: it is not lost
///
/// let mut woken = Box::pin(waiter.changed_or(std::future::pending()));
/// assert_eq!(woken.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Woken::Changed));
/// ```
#[derive(Clone, Default)]
pub struct Watch {
    waiters: Arc<Mutex<Waiters>>,
}

type Waiters = HashMap<String, Vec<Arc<Notify>>>;

impl Watch {
    /// With nobody waiting.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins to listen to the rows. From now on a change of any of them is remembered until it is waited for.
    pub fn subscribe(&self, keys: &[String]) -> Subscription {
        let signal = Arc::new(Notify::new());
        let mut waiters = self.waiters();
        for key in keys {
            waiters.entry(key.clone()).or_default().push(Arc::clone(&signal));
        }
        Subscription { watch: self.clone(), keys: keys.to_vec(), signal }
    }

    /// Wakes everybody who listens to any of the rows. To be called after their commit.
    pub fn notify<'a>(&self, keys: impl IntoIterator<Item = &'a str>) {
        let waiters = self.waiters();
        if waiters.is_empty() {
            return;
        }
        for signal in keys.into_iter().filter_map(|key| waiters.get(key)).flatten() {
            signal.notify_one(); // kept for the subscriber if it does not wait yet; several are one
        }
    }

    fn waiters(&self) -> MutexGuard<'_, Waiters> {
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Watch").field("rows", &self.waiters().len()).finish()
    }
}

/// One listener. It stops listening when dropped.
#[derive(Debug)]
pub struct Subscription {
    watch: Watch,
    keys: Vec<String>,
    signal: Arc<Notify>,
}

/// Why a waiter woke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// A row changed, or may have: load and look.
    Changed,
    /// The deadline came first.
    Deadline,
}

impl Subscription {
    /// Waits until a row has changed since the subscription or the last wait. May be dropped at any time without losing
    /// a change.
    pub async fn changed(&mut self) {
        self.signal.notified().await;
    }

    /// Waits for a change, at most until `deadline` is done: the sleep of whatever executor runs this.
    pub async fn changed_or(&mut self, deadline: impl Future<Output = ()>) -> Woken {
        let mut deadline = pin!(deadline);
        let mut changed = pin!(self.signal.notified());
        std::future::poll_fn(|context: &mut Context<'_>| {
            if changed.as_mut().poll(context).is_ready() {
                return Poll::Ready(Woken::Changed);
            }
            deadline.as_mut().poll(context).map(|()| Woken::Deadline)
        })
        .await
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut waiters = self.watch.waiters();
        for key in &self.keys {
            if let Some(signals) = waiters.get_mut(key) {
                signals.retain(|signal| !Arc::ptr_eq(signal, &self.signal));
                if signals.is_empty() {
                    waiters.remove(key);
                }
            }
        }
    }
}

/// A store that tells a [`Watch`] which rows its commits changed.
///
/// A commit whose fate is unknown wakes as well. A dropped reply wakes at the drop, which may be before its commit
/// happens: spawn a commit rather than drop it.
#[derive(Debug)]
pub struct Watched<S> {
    store: S,
    watch: Watch,
}

impl<S: Store> Watched<S> {
    /// Listens to the commits of `store`.
    pub fn new(store: S, watch: Watch) -> Self {
        Self { store, watch }
    }

    /// Where to wait for them.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }
}

impl<S: Store> Store for Watched<S> {
    fn load(&self, keys: Vec<String>) -> Reply<Vec<Row>> {
        self.store.load(keys)
    }

    fn commit(&self, writes: Vec<Write>) -> Reply<Outcome> {
        let changes = |write: &&Write| write.change != Change::Check;
        let keys = writes.iter().filter(changes).map(|write| write.key.clone()).collect();
        let announcement = Announcement { watch: self.watch.clone(), keys };
        let commit = self.store.commit(writes);
        Box::pin(announcement.after(commit))
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: Limit) -> Reply<Page> {
        self.store.scan(prefix, after, limit)
    }

    fn changes(&self, after: u64, limit: Limit) -> Reply<Changes> {
        self.store.changes(after, limit)
    }

    fn purge(&self, now: u64, limit: usize) -> Reply<Purged> {
        self.store.purge(now, limit)
    }
}

/// Wakes when it is dropped, which is when the commit is over or nobody waits for it any more.
struct Announcement {
    watch: Watch,
    keys: Vec<String>,
}

impl Announcement {
    async fn after(
        mut self,
        commit: Pin<Box<dyn Future<Output = Result<Outcome, StoreError>> + Send>>,
    ) -> Result<Outcome, StoreError> {
        let result = commit.await;
        match &result {
            Ok(Outcome::Committed) | Err(StoreError::Unknown { .. }) => {}
            Ok(Outcome::Conflict) | Err(_) => self.keys.clear(),
        }
        result
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        self.watch.notify(self.keys.iter().map(String::as_str));
    }
}
