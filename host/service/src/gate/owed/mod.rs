//! Works that nobody runs: taken up at start, when their time has come, and whenever one comes to the front of its queue.
//!
//! One task keeps the schedule. It reads all works of the ledger from time to time, since another gateway may have left
//! some behind, and hears at once of those that this process writes. A work is claimed when its turn has come and not
//! before, and each product has places of its own, so whatever hangs elsewhere keeps nobody waiting.

mod carry;
mod schedule;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use countersign_core::ledger::{Due, Row, WORK_PREFIX};
use countersign_ledger::Limit;
use tokio::sync::mpsc;

use super::Gate;
use super::deliver::Hindrance;
use super::rounds::LedgerError;
use super::step::{Step, Subject};
use super::terms::Terms;
use carry::Back;
use schedule::Schedule;
pub use schedule::{Carrier, Origin};

/// One look at the ledger: far below what the engine takes at once, and short enough that calls get in between.
const PAGE: Limit = Limit { rows: 256, bytes: 262_144 };
/// The pause between two readings of all works, milliseconds; longer after one that took long.
const PAUSE_MS: u64 = 1_000;
/// A reading may take this part of the time: so many works are owed that the rest is better spent on sending them.
const SHARE: u64 = 10;
/// The longest pause between two readings, milliseconds: works that another gateway left behind wait so long at most.
const MAX_PAUSE_MS: u64 = 60_000;
/// What this process writes is looked at after so long at the latest.
const TICK: Duration = Duration::from_millis(250);
/// An alarm about the same thing is raised so often, milliseconds.
const ALARM_EVERY_MS: u64 = 600_000;
/// Names the gate's own steps.
const NAME: &str = "owed";

/// What the one task knows. Times are of the monotonic clock.
struct Owed {
    schedule: Schedule,
    reading: Reading,
    /// When an alarm was raised last, by what it is about.
    alarms: HashMap<String, u64>,
}

/// Where the reading of all works stands.
enum Reading {
    /// Behind this key; so many works were found since it began, and so many are over since.
    At { after: Option<String>, works: usize, gone: usize, begun: u64 },
    /// Over; the next one begins when it is worth it.
    Over { at: u64, took: u64, found: usize, left: usize },
    /// Broken off; the next one begins then.
    Until(u64),
}

impl Reading {
    /// When the next one begins: it will take the longer the more works are left.
    fn next(&self) -> u64 {
        match self {
            Self::At { .. } => 0,
            Self::Over { at, took, found, left } => {
                let whole = |works: usize| u64::try_from(works).unwrap_or(u64::MAX);
                let will_take = took.saturating_mul(whole(*left)) / whole(*found).max(1);
                at.saturating_add(will_take.saturating_mul(SHARE).clamp(PAUSE_MS, MAX_PAUSE_MS))
            }
            Self::Until(time) => *time,
        }
    }

    fn begin(monotonic: u64) -> Self {
        Self::At { after: None, works: 0, gone: 0, begun: monotonic }
    }

    /// So many works are over.
    fn forget(&mut self, works: usize) {
        match self {
            Self::At { gone, .. } => *gone = gone.saturating_add(works),
            Self::Over { left, .. } => *left = left.saturating_sub(works),
            Self::Until(_) => {}
        }
    }
}

impl Gate {
    /// Takes up owed works until the gate closes; run it in a task of its own.
    pub async fn run_owed(self: Arc<Self>) {
        let (ended, mut endings) = mpsc::unbounded_channel::<Back>();
        let mut owed = Owed {
            schedule: Schedule::default(),
            reading: Reading::begin(self.clock.monotonic()),
            alarms: HashMap::new(),
        };
        while !self.tasks.is_closing() {
            let terms = self.terms();
            while let Ok(back) = endings.try_recv() {
                self.take_back(&mut owed, back);
            }
            if let Err(error) = self.catch_up(&mut owed, &terms).await {
                self.stumbled(&error);
                // From the beginning, once the store has had time to come back.
                owed.reading = Reading::Until(self.clock.monotonic().saturating_add(PAUSE_MS));
            }
            let carrier = |origin: &Origin| terms.backend.carrier(origin);
            for turn in owed.schedule.take(self.clock.monotonic(), carrier) {
                let (gate, terms, ended) = (Arc::clone(&self), Arc::clone(&terms), ended.clone());
                self.tasks.spawn(async move {
                    let back = gate.carry(&terms, turn).await;
                    // Nobody listens once the gate is closing.
                    let _ = ended.send(back);
                });
            }
            self.alarm_stranded(&mut owed, &terms);
            if matches!(owed.reading, Reading::At { .. }) {
                tokio::task::yield_now().await;
                continue;
            }
            let monotonic = self.clock.monotonic();
            let next = owed.schedule.next_at(carrier);
            let pause = next.map_or(TICK, |at| Duration::from_millis(at.saturating_sub(monotonic)).min(TICK));
            tokio::select! {
                () = self.owed.notified() => {}
                back = endings.recv() => {
                    if let Some(back) = back {
                        self.take_back(&mut owed, back);
                    }
                }
                () = self.clock.sleep(pause) => {}
                () = self.tasks.closed() => {}
            }
        }
    }

    fn take_back(&self, owed: &mut Owed, back: Back) {
        if let Some(error) = &back.error {
            self.stumbled(error);
        }
        let monotonic = self.clock.monotonic();
        owed.schedule.back(back.turn, back.again.map(|wait| later(monotonic, wait)));
    }

    /// What this process wrote since the last look, and one page of everything.
    async fn catch_up(&self, owed: &mut Owed, terms: &Terms) -> Result<(), LedgerError> {
        let noticed = self.notices.take();
        owed.reading.forget(noticed.gone.len());
        for key in &noticed.gone {
            owed.schedule.remove(key);
        }
        for key in noticed.changed {
            // One at a time: each may be as large as a row can be.
            let rows = self.store.load(vec![key]).await?;
            self.list(owed, terms, &rows)?;
        }
        let mut rows = noticed.written.as_slice();
        while !rows.is_empty() {
            let page = page_of(rows);
            rows = rows.get(page.len()..).unwrap_or_default();
            self.list(owed, terms, page)?;
        }
        let monotonic = self.clock.monotonic();
        if !matches!(owed.reading, Reading::At { .. }) {
            if owed.reading.next() > monotonic {
                return Ok(());
            }
            owed.reading = Reading::begin(monotonic);
        }
        self.read_page(owed, terms).await
    }

    async fn read_page(&self, owed: &mut Owed, terms: &Terms) -> Result<(), LedgerError> {
        let Reading::At { after, works, gone, begun } = &mut owed.reading else { return Ok(()) };
        let page = self.store.scan(WORK_PREFIX, after.as_deref(), PAGE).await?;
        *works = works.saturating_add(page.rows.len());
        *after = page.rows.last().map(|row| row.key.clone());
        let (works, left, begun) = (*works, works.saturating_sub(*gone), *begun);
        if !page.more {
            self.observer.owed(works);
            let monotonic = self.clock.monotonic();
            let took = monotonic.saturating_sub(begun);
            owed.reading = Reading::Over { at: monotonic, took, found: works, left };
        }
        self.list(owed, terms, &page.rows)
    }

    /// Enters what stands in some rows into the schedule.
    fn list(&self, owed: &mut Owed, terms: &Terms, rows: &[Row]) -> Result<(), LedgerError> {
        let (now, monotonic) = (self.clock.now(), self.clock.monotonic());
        let Due { works, unreadable, .. } = terms.seller.due(rows, now)?;
        for work in works {
            let at = monotonic.saturating_add(work.at.saturating_sub(now));
            let origin = Origin { product: work.product, path: work.path, dialect: work.dialect };
            owed.schedule.put(work.key, origin, at, work.accepted);
        }
        for row in unreadable {
            let code = row.reason.code.code().to_owned();
            if owed.may_alarm(&code, monotonic) {
                let detail = format!("among others: {}", row.key);
                self.observer.step(&Subject::of(NAME), &Step::Alarm { code, detail });
            }
        }
        Ok(())
    }

    /// Works of a product that the configuration does not have: they stay owed, and never go to another's backend.
    fn alarm_stranded(&self, owed: &mut Owed, terms: &Terms) {
        let monotonic = self.clock.monotonic();
        let stranded = owed.schedule.stranded(monotonic, |origin| terms.backend.carrier(origin));
        for product in stranded {
            if owed.may_alarm(&product, monotonic) {
                let works = owed.schedule.due_of(&product, monotonic);
                let subject = Subject { product, ..Subject::of(NAME) };
                let (code, detail) = (Hindrance::NoBackend.code().to_owned(), format!("works owed: {works}"));
                self.observer.step(&subject, &Step::Alarm { code, detail });
            }
        }
    }

    /// A look or a claim failed; the next one comes by itself.
    fn stumbled(&self, error: &LedgerError) {
        let (code, cause) = (error.code().to_string(), error.to_string());
        self.observer.step(&Subject::of(NAME), &Step::Failed { code, cause });
    }
}

impl Owed {
    /// Whether nobody was told about this for a while.
    fn may_alarm(&mut self, about: &str, monotonic: u64) -> bool {
        self.alarms.retain(|_, raised| monotonic.saturating_sub(*raised) < ALARM_EVERY_MS);
        if self.alarms.contains_key(about) {
            return false;
        }
        self.alarms.insert(about.to_owned(), monotonic);
        true
    }
}

/// As many of the rows as the engine is given at once.
fn page_of(rows: &[Row]) -> &[Row] {
    let mut bytes: usize = 0;
    let fits = rows.iter().take(PAGE.rows).take_while(|row| {
        bytes = bytes.saturating_add(row.value.as_ref().map_or(0, |stored| stored.bytes.len()));
        bytes <= PAGE.bytes
    });
    let count = fits.count().max(1);
    rows.get(..count).unwrap_or(rows)
}

fn later(monotonic: u64, wait: Duration) -> u64 {
    monotonic.saturating_add(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))
}
