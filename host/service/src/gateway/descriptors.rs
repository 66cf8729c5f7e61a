//! File descriptors: the process takes as many as it may have, and shares them out, so that strangers who connect never
//! take those that the store, the backends and the operator need.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// For the store, logs, signals, the runtime and whatever libraries open for a moment.
const PROCESS: u64 = 64;
/// Fewer connections than this are no gateway.
const FEWEST: u64 = 8;

/// What each may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shares {
    /// Connections of the public listener.
    pub(super) public: usize,
    /// Connections to backends and old handlers.
    pub(super) backend: usize,
}

/// The process may not have enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooFew {
    pub(super) allowed: u64,
    pub(super) needed: u64,
}

/// Raises the limit of this process to the hardest one, and says what it is now; `None`: there is none.
pub(super) fn raise() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return limit.current;
    }
    // Where it cannot be raised, the one that there is will do: macOS names a maximum that it does not grant.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    getrlimit(Resource::Nofile).current
}

/// Shares out what the process may have. A call takes one connection of the public listener and, as long as it is in
/// progress, one to a backend: each side gets half of what the process and the api listener leave.
pub(super) fn share(allowed: Option<u64>, public: usize, api: usize) -> Result<Shares, TooFew> {
    let allowed = allowed.unwrap_or(u64::MAX);
    let kept = PROCESS.saturating_add(u64::try_from(api).unwrap_or(u64::MAX));
    let half = allowed.saturating_sub(kept) / 2;
    if half < FEWEST {
        return Err(TooFew { allowed, needed: kept.saturating_add(2 * FEWEST) });
    }
    let half = usize::try_from(half).unwrap_or(usize::MAX);
    Ok(Shares { public: public.min(half), backend: half })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_connections_are_what_the_rest_leaves() {
        let public = |allowed, wanted, api| share(allowed, wanted, api).map(|shares| shares.public);
        assert_eq!(public(None, 1_024, 128), Ok(1_024));
        assert_eq!(public(Some(1_048_576), 1_024, 128), Ok(1_024));
        assert_eq!(public(Some(1_024), 1_024, 128), Ok(416));
        assert_eq!(public(Some(1_024), 100, 128), Ok(100));
        assert_eq!(public(Some(1_024), 1_024, 0), Ok(480));
        assert_eq!(public(Some(208), 1_024, 128), Ok(8));
        assert_eq!(public(Some(207), 1_024, 128), Err(TooFew { allowed: 207, needed: 208 }));
        assert_eq!(public(Some(0), 1, 0), Err(TooFew { allowed: 0, needed: 80 }));
    }

    #[test]
    fn what_is_shared_out_is_never_more_than_there_is() {
        for allowed in 0..5_000 {
            if let Ok(shares) = share(Some(allowed), 1_024, 128) {
                let all = shares.public + shares.backend + 128 + 64;
                assert!(u64::try_from(all).is_ok_and(|all| all <= allowed), "{allowed}");
            }
        }
    }
}
