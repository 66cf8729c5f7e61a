//! Works that nobody runs: listed at start and on a timer, and claimed one at a time when the turn of each has come, so
//! that one backend that hangs keeps no work of another from being sent.

use alloc::string::String;
use alloc::vec::Vec;

use super::assignment::{self, order_of};
use super::contract::{Change, Row, Write};
use super::decision::{Assignment, Due, DueWork, Unreadable};
use super::lease;
use super::row::{self, Record, WorkRow};
use crate::crypto::Entropy;
use crate::reason::ReasonCode;
use crate::seller::Seller;
use crate::wire::hex;

impl Seller {
    /// Lists the works among these rows that stand at the front of their queues, each with the time from which it is due.
    /// `rows` come from `scan("work/")`, their versions are not looked at; `now` is in milliseconds, UTC. What cannot be
    /// read is named and left alone.
    #[must_use]
    pub fn due(&self, rows: &[Row], now: u64) -> Due {
        let mut due = Due { works: Vec::new(), unreadable: Vec::new(), next_at: None };
        for row in rows {
            let Some(stored) = &row.value else { continue };
            let work = match self.listed(&row.key, &stored.bytes, now) {
                Ok(Some(work)) => work,
                Ok(None) => continue,
                Err(code) => {
                    due.unreadable.push(Unreadable { key: row.key.clone(), reason: code.into() });
                    continue;
                }
            };
            if work.at > now {
                due.next_at = Some(due.next_at.map_or(work.at, |next| next.min(work.at)));
            }
            due.works.push(work);
        }
        due
    }

    /// Leases one work to whoever asks, if it is due and nobody runs it; `None` otherwise, and when it is gone. The row is
    /// as the store has it now: the work may be sent once the commit, which expects this very version, held. `entropy` is
    /// 32 fresh bytes; `now` is in milliseconds, UTC.
    ///
    /// # Errors
    /// [`ReasonCode::NewerRow`], [`ReasonCode::CorruptRow`].
    pub fn claim(&self, row: &Row, now: u64, entropy: &[u8; 32]) -> Result<Option<Assignment>, ReasonCode> {
        let Some(stored) = &row.value else { return Ok(None) };
        let mut work: WorkRow = row::decode(&stored.bytes)?;
        if work.queued || lease::due_at(&work, now, &self.settings) > now {
            return Ok(None);
        }
        let owner = hex::encode(&Entropy::new(entropy).bytes::<16>("owner"));
        lease::claim(&mut work, &owner, now, &self.settings);
        let bytes = row::keep(row::encode(&work), WorkRow::knows, Some(&stored.bytes));
        let commit = Vec::from([Write {
            key: String::clone(&row.key),
            expect: Some(stored.version),
            change: Change::Put { bytes, expires_at: None },
        }]);
        let order = order_of(&work.event.parse()?);
        Ok(Some(Assignment { commit, ..assignment::of_work(&work, order, now, now, &self.settings) }))
    }

    /// The work of a row; `None` for one that stands behind another.
    fn listed(&self, key: &str, bytes: &[u8], now: u64) -> Result<Option<DueWork>, ReasonCode> {
        let work: WorkRow = row::decode(bytes)?;
        if work.queued {
            return Ok(None);
        }
        Ok(Some(DueWork {
            key: String::from(key),
            order: order_of(&work.event.parse()?),
            at: lease::due_at(&work, now, &self.settings),
            instance: String::from(work.subject.instance()),
            product: work.product,
            path: work.path,
            dialect: work.dialect,
            sends: work.sends,
            accepted: work.last.map(|last| last.accepted),
        }))
    }
}
