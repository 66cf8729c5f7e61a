//! Points in time as the platform writes them: digits only, UTC.

/// Milliseconds since the epoch as `yyyyMMddHHmmssSSS`, UTC: the `timeStamp` of V1.
#[must_use]
pub fn with_millis(now_ms: u64) -> String {
    format!("{}{:03}", without_millis(now_ms), now_ms % 1000)
}

/// Milliseconds since the epoch as `yyyyMMddHHmmss`, UTC: every `expireTime`.
#[must_use]
pub fn without_millis(now_ms: u64) -> String {
    let seconds = now_ms / 1000;
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
}

/// Days since the epoch to the Gregorian calendar: eras of 400 years, years that begin in March.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "days come from a u64 of milliseconds: far below any overflow"
)]
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_knows_leap_days_and_centuries() {
        for (ms, text) in [
            (0, "19700101000000000"),
            (951_782_400_000, "20000229000000000"),
            (1_595_835_431_903, "20200727073711903"),
            (1_709_164_799_999, "20240228235959999"),
            (4_107_542_400_000, "21000301000000000"),
        ] {
            assert_eq!(with_millis(ms), text);
        }
    }
}
