//! The contract of every store.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use countersign_core::ledger::{Row, Write};

use crate::StoreError;

/// What a store answers, later. It borrows nothing, so it can be spawned.
///
/// The work may begin with the call, before the first poll. Dropping the reply stops the waiting, never the work: the
/// fate of a commit whose reply was dropped is unknown.
pub type Reply<T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send>>;

/// Rows with versions, atomic commits over them, and the order of those commits.
///
/// Keys are printable ASCII ([`MAX_KEY_BYTES`](crate::MAX_KEY_BYTES)), ordered by their bytes. Values are bytes
/// ([`MAX_VALUE_BYTES`](crate::MAX_VALUE_BYTES)) and may be empty. Times are milliseconds since the Unix epoch, UTC, and
/// always come from the caller: a store reads no clock to judge a row.
///
/// # Sequence and version
///
/// Every put and every delete gets the next number of one sequence that belongs to the whole store. The number of a put
/// is the row's version. So a version never repeats, not even when a row is deleted and put again, and not after a
/// restart. No reader ever sees a number appear below one that could be seen before.
///
/// # Errors of every call, in order of precedence
///
/// [`StoreError::Misuse`]: the call itself breaks the contract; nothing was done. [`StoreError::Unavailable`]: nothing was
/// done; later it may work. [`StoreError::Unknown`] (`commit` only): it may have been done.
///
/// # Examples
///
/// A version is taken once: of two that read the same row, one commits.
///
/// ```
/// # use std::future::Future;
/// # fn now<T>(future: impl Future<Output = T>) -> T {
/// #     let mut future = Box::pin(future);
/// #     match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
/// #         std::task::Poll::Ready(value) => value,
/// #         std::task::Poll::Pending => unreachable!("memory does not wait"),
/// #     }
/// # }
/// use countersign_core::ledger::{Change, Write};
/// use countersign_ledger::{MemoryStore, Outcome, Store};
///
/// let store = MemoryStore::new();
/// let put = |bytes: &[u8]| {
///     let change = Change::Put { bytes: bytes.to_vec(), expires_at: None };
///     Write { key: "order/crm/CS1".into(), expect: None, change }
/// };
/// assert_eq!(now(store.commit(vec![put(b"first")]))?, Outcome::Committed);
/// assert_eq!(now(store.commit(vec![put(b"second")]))?, Outcome::Conflict);
/// let rows = now(store.load(vec!["order/crm/CS1".into()]))?;
/// assert_eq!(rows[0].value.as_ref().map(|stored| stored.bytes.as_slice()), Some(b"first".as_slice()));
/// # Ok::<(), countersign_ledger::StoreError>(())
/// ```
pub trait Store: Send + Sync {
    /// One row per key, in the order asked, all of one moment. A key asked twice is answered twice. Rows past their
    /// expiry are returned as they are until they are purged.
    ///
    /// The moment is no earlier than the call: whatever was answered as committed before it is seen, whichever process
    /// on the same store committed it.
    fn load(&self, keys: Vec<String>) -> Reply<Vec<Row>>;

    /// Makes all writes or none. [`Outcome::Committed`] means durable: it survives the end of the process and of the
    /// machine's power. [`Outcome::Conflict`] means that at least one row was not as expected and nothing was written.
    ///
    /// The order of the writes means nothing; a key may occur once. No writes at all are committed without a trace. A
    /// delete of a row that is expected absent changes nothing, like a check.
    fn commit(&self, writes: Vec<Write>) -> Reply<Outcome>;

    /// The first rows whose key begins with `prefix` and is greater than `after`, in key order, as far as the limit goes.
    /// Each call is of one moment, two calls are of two.
    fn scan(&self, prefix: &str, after: Option<&str>, limit: Limit) -> Reply<Page>;

    /// The first changes with a sequence number greater than `after`, in commit order, as far as the limit goes.
    ///
    /// Of the puts of a row only the last is kept. A delete appears as the value `None` until it is purged, also when the
    /// row has been put again since. A row removed by [`purge`](Self::purge) because it expired leaves no change. A page
    /// may end inside a commit. [`Follower`](crate::Follower) reads on from page to page.
    fn changes(&self, after: u64, limit: Limit) -> Reply<Changes>;

    /// Removes up to `limit` rows whose expiry lies more than ten minutes ([`PURGE_DELAY_MS`](crate::PURGE_DELAY_MS))
    /// before `now`, and deletes that were remembered for those who follow the changes: a purge that finds new ones
    /// notes the time, and one more than ten minutes later forgets them.
    ///
    /// To be called on a timer, and again at once while there is [`more`](Purged::more).
    fn purge(&self, now: u64, limit: usize) -> Reply<Purged>;
}

impl<S: Store + ?Sized> Store for Arc<S> {
    fn load(&self, keys: Vec<String>) -> Reply<Vec<Row>> {
        (**self).load(keys)
    }

    fn commit(&self, writes: Vec<Write>) -> Reply<Outcome> {
        (**self).commit(writes)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: Limit) -> Reply<Page> {
        (**self).scan(prefix, after, limit)
    }

    fn changes(&self, after: u64, limit: Limit) -> Reply<Changes> {
        (**self).changes(after, limit)
    }

    fn purge(&self, now: u64, limit: usize) -> Reply<Purged> {
        (**self).purge(now, limit)
    }
}

/// How much one page may hold: whoever reads pages hands them on to something with a limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Rows, or changes.
    pub rows: usize,
    /// Bytes of their keys and values together. The first row of a page comes whatever its size: otherwise nobody would
    /// ever see it, or what is behind it.
    pub bytes: usize,
}

impl Limit {
    /// So many rows of whatever size.
    pub const fn rows(rows: usize) -> Self {
        Self { rows, bytes: usize::MAX }
    }
}

/// One page of rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// In key order.
    pub rows: Vec<Row>,
    /// The limit ended the page: there are rows behind it.
    pub more: bool,
}

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a conflict means that nothing was written"]
pub enum Outcome {
    /// All writes hold and are durable.
    Committed,
    /// A row was not as expected; nothing was written.
    Conflict,
}

/// One page of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// In commit order, sequence numbers ascending. Empty: nothing has changed since.
    pub entries: Vec<Changed>,
    /// The highest sequence number of a delete that is no longer remembered; 0: none was forgotten. Who had read up to
    /// a lower number may have missed that delete.
    pub forgotten: u64,
}

/// One change of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its place in the order of commits. Of a put it is the row's version.
    pub sequence: u64,
    /// The row as the change left it; the value is `None` if the change was a delete.
    pub row: Row,
}

/// What a purge did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purged {
    /// Rows and remembered deletes that are gone.
    pub removed: usize,
    /// The limit was reached; another purge may find more.
    pub more: bool,
}
