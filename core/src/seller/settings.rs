//! Times and limits that hold for every route.

use serde::Serialize;

use crate::abi;
use crate::config::{Problems, Table};
use crate::wire::json::Value;

/// Times in milliseconds, sizes in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// A concurrent duplicate waits until so long after its arrival for the call that is at work (3 000).
    pub duplicate_wait_ms: u64,
    /// An effect may take so long at the seller's backend, the answer to the platform may have gone out before (10 000).
    pub effect_deadline_ms: u64,
    /// So long a worker owns a work; longer than the effect's deadline (15 000).
    pub lease_ms: u64,
    /// A question about usage may take so long; the answer then goes without (2 000).
    pub usage_deadline_ms: u64,
    /// The longest wait between two sends of one effect; they come after 1, 2, 4 … seconds (300 000).
    pub resend_limit_ms: u64,
    /// The largest body of a base call: every call of SaaS V1 and V2 (65 536).
    pub max_base_body_bytes: u64,
    /// The largest body that a host reads at all (1 048 576).
    pub max_body_bytes: u64,
    /// The longest request target (16 384).
    pub max_target_bytes: u64,
    /// The largest header section, names and values (32 768).
    pub max_header_bytes: u64,
    /// The most header fields (100).
    pub max_headers: u64,
}

/// What a body becomes while one call is at work on it, in times of its length: the tree of the most hostile one takes
/// 60 on a machine of 64 bits and half of that in the module; the request, the event and the answer take the rest.
const COPIES: u64 = 64;
/// The largest body that a module holds with half of its memory to spare: 2 MiB.
const MAX_BODY: u64 = abi::MEMORY_BYTES / 2 / COPIES;
/// The largest body of a call whose event goes on through rows and effects, which are further copies: 1 MiB.
const MAX_BASE_BODY: u64 = MAX_BODY / 2;

impl Default for Settings {
    fn default() -> Self {
        Self {
            duplicate_wait_ms: 3_000,
            effect_deadline_ms: 10_000,
            lease_ms: 15_000,
            usage_deadline_ms: 2_000,
            resend_limit_ms: 300_000,
            max_base_body_bytes: 65_536,
            max_body_bytes: 1_048_576,
            max_target_bytes: 16_384,
            max_header_bytes: 32_768,
            max_headers: 100,
        }
    }
}

impl Settings {
    pub(super) fn read(value: Value<'_>, problems: &mut Problems) -> Self {
        let default = Self::default();
        let Some(mut table) = Table::new(value, "settings", problems) else { return default };
        let base_body = table.optional_number("max_base_body_bytes", 1_024..=MAX_BASE_BODY, problems);
        let settings = Self {
            duplicate_wait_ms: table.number(
                "duplicate_wait_ms",
                default.duplicate_wait_ms,
                0..=14_000,
                problems,
            ),
            effect_deadline_ms: table.number(
                "effect_deadline_ms",
                default.effect_deadline_ms,
                100..=600_000,
                problems,
            ),
            lease_ms: table.number("lease_ms", default.lease_ms, 200..=900_000, problems),
            usage_deadline_ms: table.number(
                "usage_deadline_ms",
                default.usage_deadline_ms,
                0..=10_000,
                problems,
            ),
            resend_limit_ms: table.number(
                "resend_limit_ms",
                default.resend_limit_ms,
                1_000..=86_400_000,
                problems,
            ),
            max_base_body_bytes: base_body.unwrap_or(default.max_base_body_bytes),
            max_body_bytes: table.number(
                "max_body_bytes",
                default.max_body_bytes,
                1_024..=MAX_BODY,
                problems,
            ),
            max_target_bytes: table.number(
                "max_target_bytes",
                default.max_target_bytes,
                256..=65_536,
                problems,
            ),
            max_header_bytes: table.number(
                "max_header_bytes",
                default.max_header_bytes,
                1_024..=1_048_576,
                problems,
            ),
            max_headers: table.number("max_headers", default.max_headers, 8..=1_000, problems),
        };
        if settings.lease_ms <= settings.effect_deadline_ms {
            problems.add("settings.lease_ms", "conflict", "must be longer than effect_deadline_ms");
        }
        if base_body.is_some_and(|base| base <= MAX_BASE_BODY && base > settings.max_body_bytes) {
            let message = "must not be beyond max_body_bytes: nothing larger is read";
            problems.add("settings.max_base_body_bytes", "conflict", message);
        }
        table.finish(None, problems);
        settings
    }
}
