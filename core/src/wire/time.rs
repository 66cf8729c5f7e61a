//! Times as the platform writes them, to and from milliseconds since the Unix epoch, UTC.
//!
//! The platform writes 17 digits `yyyyMMddHHmmssSSS` or 14 digits `yyyyMMddHHmmss`: in UTC in the query of V1 and in
//! V2, in UTC+8 in the bodies of the kit interfaces. So every function takes the zone, in minutes east of UTC
//! ([`UTC`], [`BEIJING`]). Years go from 1970 to 9999; the calendar is the proleptic Gregorian one without leap
//! seconds.
//!
//! # Examples
//!
//! ```
//! use countersign_core::wire::time;
//!
//! let noon = time::parse_14("20240229120000", time::UTC)?;
//! assert_eq!(noon, 1_709_208_000_000);
//! assert_eq!(time::format_17(noon, time::BEIJING), "20240229200000000");
//! assert!(time::parse_14("20230229120000", time::UTC).is_err(), "no such day");
//! # Ok::<(), countersign_core::wire::TimeError>(())
//! ```

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

/// Reads RFC 3339: `2024-01-01T00:00:00Z`, with a fraction of any length, of which milliseconds count, and with an offset
/// in the place of `Z`. A blank may stand for the `T`. Leap seconds do not exist here.
///
/// # Errors
///
/// [`TimeError`].
pub fn parse_rfc3339(text: &str) -> Result<u64, TimeError> {
    let (date, rest) = text.split_at_checked(10).ok_or(TimeError)?;
    let rest = rest.strip_prefix(['T', 't', ' ']).ok_or(TimeError)?;
    let (clock, rest) = rest.split_at_checked(8).ok_or(TimeError)?;
    let zone_at = rest.find(['Z', 'z', '+', '-']).ok_or(TimeError)?;
    let (fraction, zone) = rest.split_at_checked(zone_at).ok_or(TimeError)?;
    let mut joined = String::with_capacity(17);
    for (part, separator) in [(date, '-'), (clock, ':')] {
        let mut fields = part.split(separator);
        let widths: &[usize] = if separator == '-' { &[4, 2, 2] } else { &[2, 2, 2] };
        for width in widths {
            joined.push_str(fields.next().filter(|field| field.len() == *width).ok_or(TimeError)?);
        }
    }
    joined.push_str(&milliseconds(fraction)?);
    parse_17(&joined, offset(zone)?)
}

/// Reads a time of a licence, always UTC: `2023-10-27 10:30:15 z` (docking guide of client software, getLicenseAsync), with a
/// blank or `T` in the middle, perhaps a fraction of one to three digits, and `z`, `Z`, `UTC` or nothing at the end, perhaps
/// behind a blank; or 14 or 17 digits.
///
/// # Errors
///
/// [`TimeError`].
pub fn parse_moment_utc(text: &str) -> Result<u64, TimeError> {
    match text.len() {
        14 => return parse_14(text, UTC),
        17 if text.bytes().all(|byte| byte.is_ascii_digit()) => return parse_17(text, UTC),
        _ => {}
    }
    let plain = ["z", "Z", "UTC"].into_iter().find_map(|zone| text.strip_suffix(zone));
    let plain = plain.unwrap_or(text);
    let plain = plain.strip_suffix(' ').unwrap_or(plain);
    let (moment, fraction) = plain.split_at_checked(19).ok_or(TimeError)?;
    let is_short = fraction.is_empty() || (2..=4).contains(&fraction.len());
    if !is_short || moment.as_bytes().get(10) == Some(&b't') {
        return Err(TimeError);
    }
    let mut written = String::with_capacity(24);
    for part in [moment, fraction, "Z"] {
        written.push_str(part);
    }
    parse_rfc3339(&written)
}

/// Three digits out of `.123456`; of nothing, `000`.
fn milliseconds(fraction: &str) -> Result<String, TimeError> {
    let digits = match fraction.strip_prefix('.') {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => digits,
        None if fraction.is_empty() => "",
        _ => return Err(TimeError),
    };
    Ok(digits.bytes().map(char::from).chain(['0'; 3]).take(3).collect())
}

/// Minutes east of UTC out of `Z` or `+08:00`.
fn offset(zone: &str) -> Result<i16, TimeError> {
    if zone.eq_ignore_ascii_case("z") {
        return Ok(UTC);
    }
    let (east, clock) = match zone.split_at_checked(1).ok_or(TimeError)? {
        ("+", clock) => (true, clock),
        (_, clock) => (false, clock),
    };
    let (hours, minutes) = clock.split_once(':').ok_or(TimeError)?;
    if hours.len() != 2 || minutes.len() != 2 {
        return Err(TimeError);
    }
    let (hours, minutes) = (number(hours.as_bytes())?, number(minutes.as_bytes())?);
    if hours > 23 || minutes > 59 {
        return Err(TimeError);
    }
    let minutes = i16::try_from(hours.saturating_mul(60).saturating_add(minutes)).map_err(|_| TimeError)?;
    Ok(if east { minutes } else { minutes.saturating_neg() })
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
    .ok_or(TimeError)
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

    #[test]
    fn rfc_3339_in_every_spelling() {
        let at = 1_700_000_000_000;
        for text in [
            "2023-11-14T22:13:20Z",
            "2023-11-14t22:13:20z",
            "2023-11-14 22:13:20Z",
            "2023-11-14T22:13:20.000Z",
            "2023-11-14T22:13:20.0009Z",
            "2023-11-15T06:13:20+08:00",
            "2023-11-14T16:43:20-05:30",
        ] {
            assert_eq!(parse_rfc3339(text), Ok(at), "{text}");
        }
        assert_eq!(parse_rfc3339("2023-11-14T22:13:20.12Z"), Ok(at + 120));
        for text in [
            "",
            "2023-11-14",
            "2023-11-14T22:13:20",
            "2023-11-14T22:13Z",
            "2023-11-14T22:13:20.Z",
            "2023-11-14T22:13:60Z",
            "2023-02-29T00:00:00Z",
            "2023-11-14T22:13:20+0800",
            "2023-11-14T22:13:20+24:00",
            "23-11-14T22:13:20Z",
            "2023-1-14T22:13:20Z0",
            "2023-11-14T22:13:20ZZ",
            "2023:11:14T22:13:20Z",
            "2023-11-14T2２:13:20Z",
        ] {
            assert_eq!(parse_rfc3339(text), Err(TimeError), "{text}");
        }
    }

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
        fn rfc_3339_is_read_as_it_was_written(time in 0..=LAST) {
            prop_assert_eq!(parse_rfc3339(&format_rfc3339(time)), Ok(time));
        }

        #[test]
        fn any_text_is_a_time_or_none(text: String) {
            let _ = parse_rfc3339(&text);
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
