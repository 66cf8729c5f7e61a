//! Times as the platform writes them, to and from milliseconds since the Unix epoch, UTC.
//!
//! The platform writes 17 digits `yyyyMMddHHmmssSSS` or 14 digits `yyyyMMddHHmmss`: in UTC in the query of V1 and in
//! V2, in UTC+8 in the bodies of the kit interfaces. So every function takes the zone, in minutes east of UTC
//! ([`UTC`], [`BEIJING`]). Years go from 1970 to 9999; the calendar is the proleptic Gregorian one without leap
//! seconds.

use alloc::string::String;
use core::fmt::Write;

use super::civil::Civil;

pub use super::civil::LAST;

/// Minutes east of UTC: none.
pub const UTC: i16 = 0;

/// Minutes east of UTC in the bodies of the kit interfaces.
pub const BEIJING: i16 = 480;

/// The text is no time of the expected form: another number of digits, another character, or a date or time of day
/// that does not exist or lies before 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeError;

/// Reads 17 digits `yyyyMMddHHmmssSSS`, the `timeStamp` of V1 and of the kit interfaces.
///
/// # Errors
///
/// [`TimeError`].
pub fn parse_17(text: &str, zone: i16) -> Result<u64, TimeError> {
    let digits: &[u8; 17] = text.as_bytes().try_into().map_err(|_| TimeError)?;
    parse(digits, zone)
}

/// Reads 14 digits `yyyyMMddHHmmss`.
///
/// # Errors
///
/// [`TimeError`].
pub fn parse_14(text: &str, zone: i16) -> Result<u64, TimeError> {
    let digits: &[u8; 14] = text.as_bytes().try_into().map_err(|_| TimeError)?;
    parse(digits, zone)
}

/// Reads an `expireTime`: 14 or 17 digits, both valid times, of which the first 14 count.
///
/// The tables say 14 digits; some examples have 17 (SaaS access guide V2, newInstance and refreshInstance).
///
/// # Errors
///
/// [`TimeError`].
pub fn parse_expiry(text: &str, zone: i16) -> Result<u64, TimeError> {
    match text.len() {
        14 => parse_14(text, zone),
        17 => parse_17(text, zone).map(|time| time.wrapping_sub(time % 1_000)),
        _ => Err(TimeError),
    }
}

/// Reads exactly 13 digits of milliseconds since the epoch, the `timestamp` of V2 (SaaS access guide V2, signature).
///
/// Exactly 13, since nonce and timestamp are signed without a separator: a digit moved from one to the other gives
/// another time under the same signature.
///
/// # Errors
///
/// [`TimeError`].
pub fn parse_13(text: &str) -> Result<u64, TimeError> {
    let digits: &[u8; 13] = text.as_bytes().try_into().map_err(|_| TimeError)?;
    number(digits)
}

/// Writes 17 digits `yyyyMMddHHmmssSSS`. Beyond the years 1970 to 9999 the nearest time within them is written.
#[must_use]
pub fn format_17(time: u64, zone: i16) -> String {
    let t = Civil::from_millis(time, zone);
    digits(format_args!(
        "{:04}{:02}{:02}{:02}{:02}{:02}{:03}",
        t.year, t.month, t.day, t.hour, t.minute, t.second, t.millisecond
    ))
}

/// Writes 14 digits `yyyyMMddHHmmss`, milliseconds cut off. Out of range as [`format_17`].
#[must_use]
pub fn format_14(time: u64, zone: i16) -> String {
    let t = Civil::from_millis(time, zone);
    digits(format_args!("{:04}{:02}{:02}{:02}{:02}{:02}", t.year, t.month, t.day, t.hour, t.minute, t.second))
}

/// Writes RFC 3339 with milliseconds in UTC, `2024-01-01T00:00:00.123Z`, as CloudEvents carry it in `time`.
/// Out of range as [`format_17`].
#[must_use]
pub fn format_rfc3339(time: u64) -> String {
    let t = Civil::from_millis(time, UTC);
    digits(format_args!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        t.year, t.month, t.day, t.hour, t.minute, t.second, t.millisecond
    ))
}

fn digits(written: core::fmt::Arguments<'_>) -> String {
    let mut text = String::with_capacity(24);
    // Writing to a `String` cannot fail.
    let _ = text.write_fmt(written);
    text
}

fn parse(digits: &[u8], zone: i16) -> Result<u64, TimeError> {
    let mut rest = digits;
    let mut take = |count| -> Result<u64, TimeError> {
        let (field, behind) = rest.split_at_checked(count).unwrap_or((rest, &[]));
        rest = behind;
        number(field)
    };
    Civil {
        year: take(4)?,
        month: take(2)?,
        day: take(2)?,
        hour: take(2)?,
        minute: take(2)?,
        second: take(2)?,
        millisecond: take(3)?,
    }
    .to_millis(zone)
}

/// The value of at most 19 digits and nothing else; of no digits, 0.
fn number(digits: &[u8]) -> Result<u64, TimeError> {
    digits.iter().try_fold(0_u64, |value, digit| match digit {
        b'0'..=b'9' => Ok(value.wrapping_mul(10).wrapping_add(u64::from(digit.wrapping_sub(b'0')))),
        _ => Err(TimeError),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(time in 86_400_000..LAST - 86_400_000, zone in -720_i16..=840) {
            prop_assert_eq!(parse_17(&format_17(time, zone), zone), Ok(time));
            prop_assert_eq!(parse_14(&format_14(time, zone), zone), Ok(time / 1_000 * 1_000));
            prop_assert_eq!(parse_expiry(&format_17(time, zone), zone), Ok(time / 1_000 * 1_000));
        }

        #[test]
        fn any_time_and_zone_is_written(time: u64, zone: i16) {
            prop_assert_eq!(format_17(time, zone).len(), 17);
            prop_assert_eq!(format_14(time, zone).len(), 14);
            prop_assert_eq!(format_rfc3339(time).len(), 24);
        }

        #[test]
        fn digits_are_a_time_or_refused(text in "[0-9]{17}", zone: i16) {
            if let Ok(time) = parse_17(&text, zone) {
                prop_assert_eq!(format_17(time, zone), text);
            }
        }

        #[test]
        fn timestamps_of_13_digits_are_numbers(time in 0_u64..10_000_000_000_000) {
            prop_assert_eq!(parse_13(&std::format!("{time:013}")), Ok(time));
        }
    }
}
