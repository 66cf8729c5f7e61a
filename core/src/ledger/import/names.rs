//! The names of a line's members: ours, or the platform's camel case of the same words.

use alloc::string::String;
use alloc::vec::Vec;

use crate::config::Problems;
use crate::wire::json::Value;

/// A member: our name, and what else it may be called beside the camel case of the same words.
pub(super) type Name = (&'static str, &'static [&'static str]);

pub(super) const LINE: [Name; 14] = [
    ("product", &[]),
    ("instance_id", &[]),
    ("order_id", &[]),
    ("order_line_id", &[]),
    ("product_id", &[]),
    ("sku_code", &[]),
    ("customer_id", &[]),
    ("charging_mode", &[]),
    ("phase", &[]),
    ("trial", &[]),
    ("expire_time", &["expiry"]),
    ("license", &[]),
    ("access", &["app_info", "appInfo"]),
    ("state", &[]),
];

/// Stand under `access` or beside the rest. `revision` is the ledger's own: an export has it.
pub(super) const ACCESS: [Name; 6] = [
    ("front_end_url", &[]),
    ("admin_url", &[]),
    ("user_name", &[]),
    ("password", &[]),
    ("memo", &[]),
    ("revision", &[]),
];

/// Our name of a member.
pub(super) fn find(names: &[Name], found: &str) -> Option<&'static str> {
    let is = |ours: &str, others: &[&str]| ours == found || is_camel(ours, found) || others.contains(&found);
    names.iter().find(|(ours, others)| is(ours, others)).map(|(ours, _)| *ours)
}

/// Whether `camel` is `snake` in camel case.
fn is_camel(snake: &str, camel: &str) -> bool {
    let mut after_line = false;
    let wanted = snake.chars().filter_map(|letter| {
        let upper = core::mem::replace(&mut after_line, letter == '_');
        match letter {
            '_' => None,
            letter if upper => Some(letter.to_ascii_uppercase()),
            letter => Some(letter),
        }
    });
    wanted.eq(camel.chars())
}

/// A name of the line as a path: never longer than a line on a screen.
pub(super) fn shown(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(64).collect()
}

pub(super) fn put<'v>(
    members: &mut Vec<(&'static str, Value<'v>)>,
    ours: &'static str,
    value: Value<'v>,
    path: &str,
    problems: &mut Problems,
) {
    if members.iter().any(|(known, _)| *known == ours) {
        problems.add(path, "duplicate", "stands twice, in two spellings or places");
    } else if !matches!(value, Value::Null) {
        members.push((ours, value));
    }
}
