//! Access policies: who, when and from where, with three values.

use alloc::collections::BTreeSet;
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
    pub(in crate::entitlement) users: Option<BTreeSet<String>>,
    pub(in crate::entitlement) departments: Option<BTreeSet<String>>,
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

    /// Whether it holds, and the first instant after now from which it does not, or does again; `None` if it stays so.
    pub(in crate::entitlement) fn at(&self, now: u64) -> (bool, Option<u64>) {
        let local = self.local(now);
        let today = local.div_euclid(DAY);
        let yesterday = today.saturating_sub(1);
        // Windows last a day at most, so no other one can be open.
        let is_open = |day: &i64| {
            let (from, to) = self.window(*day);
            self.starts_on(*day) && from <= local && local < to
        };
        let open = [yesterday, today].into_iter().find(is_open);
        let turn = match open {
            Some(day) => self.end(day),
            None => self.begin(today, local),
        };
        let utc = turn.map(|turn| turn.saturating_sub(self.offset.saturating_mul(MINUTE)));
        (open.is_some(), utc.and_then(|turn| u64::try_from(turn).ok()))
    }

    /// When the window that began on a day ends; windows that touch are one.
    fn end(&self, day: i64) -> Option<i64> {
        let (_, end) = self.window(day);
        if self.hours != (0, 1_440) {
            return Some(end);
        }
        let ends = |days: i64| !self.starts_on(day.saturating_add(days));
        match (1..=7).find(|days| ends(*days)) {
            Some(days) => Some(self.window(day.saturating_add(days)).0),
            // Every day: until the last one.
            None => self.last_day.map(|last| self.window(last).1),
        }
    }

    /// When the next window begins.
    fn begin(&self, today: i64, local: i64) -> Option<i64> {
        let first = self.first_day.map_or(today, |first| first.max(today));
        let days = (0..=8).map(|days| first.saturating_add(days));
        days.filter(|day| self.starts_on(*day)).map(|day| self.window(day).0).find(|from| *from > local)
    }
}
