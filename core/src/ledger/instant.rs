//! Stored instants, which are never trusted alone: clocks step both ways, and machines boot hours ahead. One that lies
//! further ahead than whoever stored it can have meant counts as over, so that nothing waits longer than it legally may
//! once the clock is right again; and nothing happened in the future.

/// By so much the clocks of hosts that share a store may differ, milliseconds. UNKNOWN in the protocol, which has one host;
/// hosts that follow an NTP server are within a second of each other.
const SKEW_MS: u64 = 5_000;

/// The instant at which something ends that lasts `longest` at most: `now`, where it cannot be what is stored.
pub(super) fn end(stored: u64, longest: u64, now: u64) -> u64 {
    if stored.saturating_sub(now) > longest.saturating_add(SKEW_MS) { now } else { stored }
}

/// Whether what is said to have happened at an instant happened since `since`, an instant of this host.
pub(super) fn is_since(stored: u64, since: u64, now: u64) -> bool {
    stored > since && !is_future(stored, now)
}

/// Whether an instant cannot have come yet.
pub(crate) fn is_future(stored: u64, now: u64) -> bool {
    stored > now.saturating_add(SKEW_MS)
}

#[cfg(test)]
mod tests {
    use super::{end, is_since};

    const HOUR: u64 = 3_600_000;
    const NOW: u64 = 1_700_000_000_000;

    #[test]
    fn an_end_further_ahead_than_its_longest_is_now() {
        assert_eq!(end(NOW + 15_000, 15_000, NOW), NOW + 15_000);
        assert_eq!(end(NOW + 15_900, 15_000, NOW), NOW + 15_900, "another host's clock is a little ahead");
        assert_eq!(end(NOW - HOUR, 15_000, NOW), NOW - HOUR, "long over");
        for stored in [NOW + 20_001, NOW + HOUR, u64::MAX] {
            assert_eq!(end(stored, 15_000, NOW), NOW);
        }
        assert_eq!(end(u64::MAX, u64::MAX, 0), u64::MAX);
    }

    #[test]
    fn nothing_happened_in_the_future() {
        assert!(is_since(NOW, NOW - 1, NOW));
        assert!(!is_since(NOW, NOW, NOW));
        assert!(is_since(NOW + 500, NOW, NOW), "on a host whose clock is a little ahead");
        assert!(!is_since(NOW + HOUR, NOW, NOW));
    }
}
