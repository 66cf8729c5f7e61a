//! Works that nobody runs: taken up again after a crash, a failure or a 202.

use alloc::string::String;
use alloc::vec::Vec;

use super::contract::{Change, Row, Write};
use super::decision::Due;
use super::queue;
use super::row::{self, WorkRow, encode};
use crate::crypto::Entropy;
use crate::seller::Seller;
use crate::wire::hex;

impl Seller {
    /// Claims every work among these rows whose time has come. `rows` come from `scan("work/")`; what cannot be read is
    /// left alone.
    #[must_use]
    pub fn due(&self, rows: &[Row], now: u64, entropy: &[u8; 32]) -> Due {
        let owner = hex::encode(&Entropy::new(entropy).bytes::<16>("owner"));
        let mut due = Due { claims: Vec::new(), next_at: None };
        for row in rows {
            let Some(stored) = &row.value else { continue };
            let Ok(mut work) = row::decode::<WorkRow>(&stored.bytes) else { continue };
            if work.queued {
                continue;
            }
            let at = work.leased_until.unwrap_or(work.next_at);
            if at > now {
                due.next_at = Some(due.next_at.map_or(at, |next| next.min(at)));
                continue;
            }
            queue::claim(&mut work, &owner, now, &self.settings);
            let mut claim = queue::assignment(&work, now, now, &self.settings);
            claim.commit = Vec::from([Write {
                key: String::clone(&row.key),
                expect: Some(stored.version),
                change: Change::Put { bytes: encode(&work), expires_at: None },
            }]);
            due.claims.push(claim);
        }
        due
    }
}
