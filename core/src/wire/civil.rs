//! Dates and times of day in the proleptic Gregorian calendar, without leap seconds.
//!
//! Days and dates are converted by `days_from_civil` and `civil_from_days` of Howard Hinnant's "chrono-Compatible
//! Low-Level Date Algorithms".

/// The last millisecond of the year 9999, UTC.
pub const LAST: u64 = 253_402_300_799_999;

const DAY: u64 = 86_400_000;

/// Days from 0000-03-01, where the algorithm begins to count, to 1970-01-01.
const EPOCH: u64 = 719_468;

/// A date and a time of day, in some zone.
pub(super) struct Civil {
    pub(super) year: u64,
    pub(super) month: u64,
    pub(super) day: u64,
    pub(super) hour: u64,
    pub(super) minute: u64,
    pub(super) second: u64,
    pub(super) millisecond: u64,
}

impl Civil {
    /// Milliseconds since the epoch; `None` unless date and time of day exist and lie between 1970 and [`LAST`].
    pub(super) fn to_millis(&self, zone: i16) -> Option<u64> {
        let exists = self.year >= 1970
            && (1..=days_in_month(self.year, self.month)).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60;
        if !exists {
            return None;
        }
        let time = self.local_millis().checked_add_signed(shift(zone).wrapping_neg())?;
        (time <= LAST).then_some(time)
    }

    #[expect(clippy::arithmetic_side_effects, reason = "every field is within its calendar: at most LAST")]
    fn local_millis(&self) -> u64 {
        let minutes = self.hour * 60 + self.minute;
        let seconds = minutes * 60 + self.second;
        days_from_civil(self.year, self.month, self.day) * DAY + seconds * 1_000 + self.millisecond
    }

    /// The nearest time within 1970 to 9999.
    pub(super) fn from_millis(time: u64, zone: i16) -> Self {
        let local = time.min(LAST).saturating_add_signed(shift(zone)).min(LAST);
        let of_day = local % DAY;
        let (year, month, day) = civil_from_days(local / DAY);
        Self {
            year,
            month,
            day,
            hour: of_day / 3_600_000,
            minute: of_day / 60_000 % 60,
            second: of_day / 1_000 % 60,
            millisecond: of_day % 1_000,
        }
    }
}

/// Milliseconds east of UTC.
fn shift(zone: i16) -> i64 {
    i64::from(zone).wrapping_mul(60_000)
}

/// 0 for a month that does not exist.
fn days_in_month(year: u64, month: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}

/// Days since 1970-01-01. Years start in March, so that the leap day is the last of its year.
#[expect(clippy::arithmetic_side_effects, reason = "years go from 1970 to 9999, months and days are theirs")]
const fn days_from_civil(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - EPOCH
}

/// Year, month and day of a number of days since 1970-01-01.
#[expect(clippy::arithmetic_side_effects, reason = "days go to the end of 9999")]
const fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let days = days + EPOCH;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = era * 400 + year_of_era;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_to_the_end_of_9999_follows_the_one_before() {
        assert_eq!(civil_from_days(0), (1970, 1, 1));
        // Miri interprets: it looks at the last year and a half.
        let first = if cfg!(miri) { LAST / DAY - 500 } else { 0 };
        let mut expected = civil_from_days(first);
        for days in first..=LAST / DAY {
            assert_eq!(civil_from_days(days), expected);
            let (year, month, day) = expected;
            assert_eq!(days_from_civil(year, month, day), days);
            expected = if day < days_in_month(year, month) {
                (year, month, day + 1)
            } else if month < 12 {
                (year, month + 1, 1)
            } else {
                (year + 1, 1, 1)
            };
        }
        assert_eq!(expected, (10_000, 1, 1));
    }
}
