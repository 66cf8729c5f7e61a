//! Access policies: who, when and from where, with three values.

use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;

/// Access control.
#[derive(Debug, Clone)]
pub(in crate::entitlement) struct Access {
    pub(in crate::entitlement) default_denies: bool,
    pub(in crate::entitlement) first: bool,
    pub(in crate::entitlement) either: bool,
    pub(in crate::entitlement) regions: Vec<(String, Vec<Network>)>,
    pub(in crate::entitlement) policies: Vec<AccessPolicy>,
}

/// What a policy that matches says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::entitlement) enum AccessAction {
    Allow,
    SecondFactor,
    Deny,
}

/// One access policy.
#[derive(Debug, Clone)]
pub(in crate::entitlement) struct AccessPolicy {
    pub(in crate::entitlement) name: String,
    pub(in crate::entitlement) enabled: bool,
    pub(in crate::entitlement) tenant_id: Option<String>,
    pub(in crate::entitlement) users: Option<Vec<String>>,
    pub(in crate::entitlement) departments: Option<Vec<String>>,
    pub(in crate::entitlement) time: Option<Time>,
    pub(in crate::entitlement) regions: Option<Vec<String>>,
    pub(in crate::entitlement) action: AccessAction,
}

/// A network: its address and the length of its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::entitlement) struct Network {
    pub(in crate::entitlement) address: IpAddr,
    pub(in crate::entitlement) prefix: u32,
}

impl Network {
    /// IPv4 and IPv6 never contain each other.
    pub(in crate::entitlement) fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32_u32.saturating_sub(self.prefix)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128_u32.saturating_sub(self.prefix)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }
}

/// True, false, or nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::entitlement) enum Truth {
    False,
    Unknown,
    True,
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

impl Truth {
    pub(in crate::entitlement) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            _ => Self::Unknown,
        }
    }

    pub(in crate::entitlement) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::False, Self::False) => Self::False,
            _ => Self::Unknown,
        }
    }
}

/// Windows: each begins on a local day that satisfies weekdays and dates.
#[derive(Debug, Clone, Copy)]
pub(in crate::entitlement) struct Time {
    /// Bit 0 is Monday.
    pub(in crate::entitlement) weekdays: u8,
    /// Days since 1970-01-01.
    pub(in crate::entitlement) first_day: Option<i64>,
    pub(in crate::entitlement) last_day: Option<i64>,
    /// Minutes of the day; `to` may be 1440, or before `from`: on the next day.
    pub(in crate::entitlement) hours: (i64, i64),
    /// Minutes east of UTC.
    pub(in crate::entitlement) offset: i64,
}

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

impl Time {
    fn starts_on(&self, day: i64) -> bool {
        // 1970-01-01 was a Thursday.
        let weekday = day.saturating_add(3).rem_euclid(7);
        let is_weekday = u32::try_from(weekday).is_ok_and(|weekday| self.weekdays >> weekday & 1 == 1);
        is_weekday
            && self.first_day.is_none_or(|first| day >= first)
            && self.last_day.is_none_or(|last| day <= last)
    }

    /// Whether any day satisfies weekdays and dates.
    pub(in crate::entitlement) fn ever_starts(&self) -> bool {
        match (self.first_day, self.last_day) {
            (Some(first), Some(last)) => {
                (0..7).map(|days| first.saturating_add(days)).any(|day| day <= last && self.starts_on(day))
            }
            _ => self.weekdays != 0,
        }
    }

    /// The window that begins on a local day, in milliseconds of local time.
    fn window(&self, day: i64) -> (i64, i64) {
        let (from, to) = self.hours;
        let midnight = day.saturating_mul(DAY);
        let to = if to < from { to.saturating_add(1_440) } else { to };
        let at = |minutes: i64| midnight.saturating_add(minutes.saturating_mul(MINUTE));
        (at(from), at(to))
    }

    fn local(&self, now: u64) -> i64 {
        i64::try_from(now).unwrap_or(i64::MAX).saturating_add(self.offset.saturating_mul(MINUTE))
    }

    pub(in crate::entitlement) fn holds(&self, now: u64) -> bool {
        self.holds_locally(self.local(now))
    }

    fn holds_locally(&self, local: i64) -> bool {
        let today = local.div_euclid(DAY);
        [today.saturating_sub(1), today].into_iter().any(|day| {
            let (from, to) = self.window(day);
            self.starts_on(day) && from <= local && local < to
        })
    }

    /// The first instant after now at which it turns; `None` if it never does.
    pub(in crate::entitlement) fn next_turn(&self, now: u64) -> Option<u64> {
        let local = self.local(now);
        let holds = self.holds_locally(local);
        let today = local.div_euclid(DAY);
        // Nothing turns before the day on which windows may begin.
        let first = self.first_day.map_or(today, |first| first.max(today)).saturating_sub(1);
        let near = (0..10).map(|days| today.saturating_sub(1).saturating_add(days));
        let later = (0..10).map(|days| first.saturating_add(days));
        let last = self.last_day.into_iter();
        let edges = near.chain(later).chain(last).filter(|day| self.starts_on(*day)).flat_map(|day| {
            let (from, to) = self.window(day);
            [from, to]
        });
        let turn = edges.filter(|edge| *edge > local && self.holds_locally(*edge) != holds).min()?;
        let utc = turn.saturating_sub(self.offset.saturating_mul(MINUTE));
        u64::try_from(utc).ok().filter(|turn| *turn > now)
    }
}
