//! From a document to access control: shapes only.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::IpAddr;

use super::super::shape::{self, Object};
use super::access::{Access, AccessAction, AccessPolicy, Network, Time};
use crate::config::Problems;
use crate::wire::json::Value;
use crate::wire::time;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

pub(super) fn read(value: Value<'_>, path: &str, problems: &mut Problems) -> Option<Access> {
    let mut object = Object::new(value, path, problems)?;
    let default = object.required("default", problems);
    let at = object.at("default");
    let words = [("allow", false), ("deny", true)];
    let default_denies = default.and_then(|value| shape::word(value, &at, &words, problems)).unwrap_or(true);
    let first =
        object.word("precedence", &[("strictest", false), ("first", true)], problems).unwrap_or(false);
    let either =
        object.word("time_and_region", &[("both", false), ("either", true)], problems).unwrap_or(false);
    let mut regions = Vec::new();
    for (name, path, value) in object.entries("regions", problems).unwrap_or_default() {
        if !shape::is_name(name) {
            problems.add(&path, "malformed", "the name must match [A-Za-z0-9][A-Za-z0-9._:/-]{0,63}");
        }
        regions.push((name.to_owned(), region(value, &path, problems)));
    }
    let list = object.list("policies", problems).unwrap_or_default();
    let policies = list.into_iter().filter_map(|(path, value)| policy(value, &path, problems)).collect();
    object.finish(problems);
    Some(Access { default_denies, first, either, regions, policies })
}

fn region(value: Value<'_>, path: &str, problems: &mut Problems) -> Vec<Network> {
    let list = shape::elements(value, path, problems).unwrap_or_default();
    if list.is_empty() && value.as_array().is_some() {
        problems.add(path, "out-of-range", "must have at least one network");
    }
    let mut networks = Vec::new();
    for (path, value) in list {
        let Some(text) = value.as_str() else {
            problems.add(&path, "wrong-type", "must be a text");
            continue;
        };
        match network(text) {
            None => {
                problems.add(&path, "malformed", "must be a network with its prefix length and no host bits");
            }
            Some(network) => networks.push(network),
        }
    }
    networks
}

fn network(text: &str) -> Option<Network> {
    let (address, prefix) = text.split_once('/')?;
    let is_plain = !prefix.is_empty()
        && prefix.bytes().all(|byte| byte.is_ascii_digit())
        && (prefix == "0" || !prefix.starts_with('0'));
    let address: IpAddr = address.parse().ok()?;
    let prefix: u32 = prefix.parse().ok().filter(|_| is_plain)?;
    let (bits, zeros) = match address {
        IpAddr::V4(address) => (32, address.to_bits().trailing_zeros()),
        // A network of mapped addresses is written as one of IPv4.
        IpAddr::V6(address) if address.to_ipv4_mapped().is_some() && prefix >= 96 => return None,
        IpAddr::V6(address) => (128, address.to_bits().trailing_zeros()),
    };
    let has_no_host_bits = prefix <= bits && zeros >= bits.saturating_sub(prefix);
    has_no_host_bits.then_some(Network { address, prefix })
}

fn policy(value: Value<'_>, path: &str, problems: &mut Problems) -> Option<AccessPolicy> {
    let mut object = Object::new(value, path, problems)?;
    let name = object.required_text("name", 64, problems).to_string();
    let enabled = object.flag("enabled", true, problems);
    let tenant_id = object.text("tenant_id", 128, problems).map(ToString::to_string);
    let users =
        some(&mut object, "users", problems, |value, path, problems| shape::text(value, path, 128, problems));
    let departments = some(&mut object, "departments", problems, |value, path, problems| {
        shape::text(value, path, 128, problems)
    });
    if tenant_id.is_none() && (users.is_some() || departments.is_some()) {
        let message = "users and departments are known within a tenant only";
        problems.add(&object.at("tenant_id"), "missing", message);
    }
    let at = object.at("time");
    let time = object.value("time").and_then(|value| windows(value, &at, problems));
    let regions = some(&mut object, "regions", problems, shape::name);
    let action = object.required("action", problems);
    let at = object.at("action");
    let words = [
        ("allow", AccessAction::Allow),
        ("second-factor", AccessAction::SecondFactor),
        ("deny", AccessAction::Deny),
    ];
    let action =
        action.and_then(|value| shape::word(value, &at, &words, problems)).unwrap_or(AccessAction::Deny);
    object.finish(problems);
    let users = users.map(|users| users.into_iter().collect());
    let departments = departments.map(|codes| codes.into_iter().collect());
    Some(AccessPolicy { name, enabled, tenant_id, users, departments, time, regions, action })
}

/// A list of at least one, or none at all.
fn some<'a>(
    object: &mut Object<'a>,
    name: &'static str,
    problems: &mut Problems,
    read: impl Fn(Value<'a>, &str, &mut Problems) -> Option<&'a str>,
) -> Option<Vec<String>> {
    let list = object.list(name, problems)?;
    if list.is_empty() {
        problems.add(&object.at(name), "out-of-range", "must name at least one");
    }
    Some(shape::texts(list, read, problems))
}

fn windows(value: Value<'_>, path: &str, problems: &mut Problems) -> Option<Time> {
    let mut object = Object::new(value, path, problems)?;
    let mut time = Time { weekdays: 0x7f, first_day: None, last_day: None, hours: (0, 1_440), offset: 480 };
    let mut parts = 0_u8;
    let at = object.at("weekdays");
    let day = |value: Value<'_>, path: &str, problems: &mut Problems| {
        let words = DAYS.map(|day| (day, day));
        shape::word(value, path, &words, problems)
    };
    if let Some(days) = some(&mut object, "weekdays", problems, day) {
        parts = parts.saturating_add(1);
        let bit = |day: &String| DAYS.iter().position(|known| known == day);
        time.weekdays = days.iter().filter_map(bit).fold(0, |mask, index| mask | 1_u8 << (index & 7));
    }
    let dates = object.value("dates");
    if let Some(value) = dates {
        parts = parts.saturating_add(1);
        let path = object.at("dates");
        if let Some(mut dates) = Object::new(value, &path, problems) {
            time.first_day = date(&mut dates, "from", problems);
            time.last_day = date(&mut dates, "to", problems);
            dates.finish(problems);
        }
    }
    if let Some(value) = object.value("hours") {
        parts = parts.saturating_add(1);
        let path = object.at("hours");
        if let Some(mut hours) = Object::new(value, &path, problems) {
            time.hours =
                (minute(&mut hours, "from", 1_439, problems), minute(&mut hours, "to", 1_440, problems));
            hours.finish(problems);
        }
    }
    let offset = object.at("offset");
    if let Some(value) = object.value("offset") {
        match value.as_str() {
            None => problems.add(&offset, "wrong-type", "must be a text"),
            Some(text) => match offset_of(text) {
                None => problems.add(&offset, "malformed", "must be +HH:MM or -HH:MM, at most 14:00"),
                Some(minutes) => time.offset = minutes,
            },
        }
    }
    object.finish(problems);
    if parts == 0 {
        problems.add(&at, "missing", "weekdays, dates or hours must be there");
    }
    Some(time)
}

fn date(object: &mut Object<'_>, name: &'static str, problems: &mut Problems) -> Option<i64> {
    let at = object.at(name);
    let value = object.required(name, problems)?;
    let Some(text) = value.as_str() else {
        problems.add(&at, "wrong-type", "must be a text");
        return None;
    };
    let day = day_of(text);
    if day.is_none() {
        problems.add(&at, "malformed", "must be a date, YYYY-MM-DD, 1970 to 9999");
    }
    day
}

/// Days since 1970-01-01 of `YYYY-MM-DD`.
fn day_of(text: &str) -> Option<i64> {
    let digits: String = text.split('-').collect();
    let is_date =
        text.len() == 10 && text.bytes().enumerate().all(|(at, byte)| (byte == b'-') == matches!(at, 4 | 7));
    let midnight = time::parse_14(&format!("{digits}000000"), time::UTC).ok().filter(|_| is_date)?;
    i64::try_from(midnight / 86_400_000).ok()
}

/// Minutes of the day.
fn minute(object: &mut Object<'_>, name: &'static str, most: i64, problems: &mut Problems) -> i64 {
    let at = object.at(name);
    let Some(value) = object.required(name, problems) else { return 0 };
    let Some(text) = value.as_str() else {
        problems.add(&at, "wrong-type", "must be a text");
        return 0;
    };
    let minutes = clock_of(text).filter(|minutes| *minutes <= most);
    if minutes.is_none() {
        let end = if most == 1_440 { ", or 24:00" } else { "" };
        problems.add(&at, "malformed", &format!("must be a time, HH:MM{end}"));
    }
    minutes.unwrap_or(0)
}

/// `HH:MM`, up to 24:00.
fn clock_of(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |digits: &str| {
        let is_two = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<i64>().ok().filter(|_| is_two)
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    let total = hours.saturating_mul(60).saturating_add(minutes);
    (minutes < 60 && total <= 1_440).then_some(total)
}

fn offset_of(text: &str) -> Option<i64> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, text.get(1..)?),
        b'-' => (-1_i64, text.get(1..)?),
        _ => return None,
    };
    let minutes = clock_of(rest).filter(|minutes| *minutes <= 840)?;
    Some(minutes.saturating_mul(sign))
}
