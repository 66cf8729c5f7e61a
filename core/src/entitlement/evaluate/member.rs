//! Steps 5, 6 and 8: the member, his role, and what an action asks of him.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::evaluation::{Evaluation, Wanted};
use super::report::{Report, named, said};
use crate::entitlement::check::{Name, Target};
use crate::entitlement::code::CheckCode;
use crate::entitlement::decision::Datum;
use crate::entitlement::json::Json;
use crate::entitlement::policy::Condition;
use crate::entitlement::shape::GREATEST;
use crate::entitlement::store::member::Record;
use crate::entitlement::world::Status;

impl<'a, R: Report> Evaluation<'a, R> {
    pub(super) fn member(&mut self, member: Option<&Record>) {
        let Some(member) = member else {
            self.report.fail(CheckCode::MemberUnknown, || said(None, "authorised", "unknown"));
            return;
        };
        if member.is_removed() {
            self.report.fail(CheckCode::MemberRemoved, || said(None, "authorised", "removed"));
            return;
        }
        if !member.is_enabled() {
            let flags = || said(None, Datum::Flag(true), Datum::Flag(false));
            self.report.fail(CheckCode::MemberDisabled, flags);
        }
        if member.status() == Status::Cancelled {
            self.report.fail(CheckCode::AuthorisationCancelled, || said(None, "authorised", "cancelled"));
        }
    }

    /// `member` is one who is not removed.
    pub(super) fn role_and_action(&mut self, member: Option<(u32, &'a Record)>) {
        let (policy, store) = (self.policy, self.store);
        if let Some((number, member)) = member {
            self.role = policy.role(member.role);
            if self.role.is_none() {
                let role = || said(None, Datum::None, store.members.role(number));
                self.report.fail(CheckCode::RoleUnknown, role);
            }
        }
        if let Some(role) = self.role {
            self.report.note(|notes| notes.facts.role = Some(policy.role_name(role).to_string()));
        }
        let action = self.wanted.action();
        if let (Target::Action(name), None) = (self.check.target, action) {
            self.report
                .fail(CheckCode::ActionUnknown, || said(Some(&text_of(name)), Datum::None, Datum::None));
        }
        if let (Some((action, _)), Some(role)) = (action, self.role)
            && !policy.may(role, action)
        {
            self.report.fail(CheckCode::ActionNotPermitted, || {
                let others = named(&policy.source.roles, |role| policy.may(role, action));
                said(policy.action_name(action), others, policy.role_name(role))
            });
        }
        if let (Some((action, needs)), Some((_, member))) = (action, member) {
            let extension = store.members.extension(member);
            let conditions = policy.conditions(action);
            self.report.note(|notes| {
                let texts = conditions.iter().map(|one| {
                    let texts = texts_of(extension, one).into_iter().map(Json::Text);
                    (one.field.clone(), Json::List(texts.collect()))
                });
                notes.member.push(("extension".to_string(), Json::Object(texts.collect())));
            });
            if needs.has_conditions {
                self.conditions(conditions, extension);
            }
        }
        let is_known_limit = matches!(self.wanted, Wanted::Limit(Some(_)));
        if self.is_read_only && (is_known_limit || action.is_some_and(|(_, needs)| needs.writes)) {
            self.report.fail(CheckCode::ReadOnly, || said(None, "write", "read-only"));
        }
    }

    /// The first condition that fails counts.
    fn conditions(&mut self, conditions: &[Condition], extension: &[(String, Json)]) {
        for condition in conditions {
            let field = condition.field.as_str();
            let mismatch =
                |expected: Datum| said(Some(field), expected, Datum::List(texts_of(extension, condition)));
            if condition.requested {
                let asked = self.check.extension.iter().find(|(name, _)| *name == field);
                let Some((_, asked)) = asked else {
                    let missing = || said(Some(field), Datum::None, Datum::None);
                    self.report.fail(CheckCode::ExtensionMissing, missing);
                    return;
                };
                if !any_text(extension, condition, &mut |text| text == *asked) {
                    self.report.fail(CheckCode::ExtensionMismatch, || mismatch(Datum::from(*asked)));
                    return;
                }
            }
            if let Some(one_of) = &condition.one_of
                && !any_text(extension, condition, &mut |text| one_of.iter().any(|one| one == text))
            {
                self.report.fail(CheckCode::ExtensionMismatch, || mismatch(Datum::List(one_of.clone())));
                return;
            }
        }
    }
}

/// A target as it was asked.
pub(super) fn text_of(name: Name<'_>) -> String {
    match name {
        Name::Text(text) => text.to_string(),
        Name::Number(number) => number.to_string(),
    }
}

/// The texts of a field of a member's extension.
fn texts_of(extension: &[(String, Json)], condition: &Condition) -> Vec<String> {
    let mut texts = Vec::new();
    any_text(extension, condition, &mut |text| {
        texts.push(text.to_string());
        false
    });
    texts
}

/// Whether this holds of any text of a field.
fn any_text(
    extension: &[(String, Json)],
    condition: &Condition,
    holds: &mut dyn FnMut(&str) -> bool,
) -> bool {
    let value = extension.iter().find(|(name, _)| *name == condition.field).map(|(_, value)| value);
    match value {
        Some(Json::List(elements)) => elements.iter().any(|one| any_part(one, condition.separator, holds)),
        Some(value) => any_part(value, condition.separator, holds),
        None => false,
    }
}

fn any_part(value: &Json, separator: Option<char>, holds: &mut dyn FnMut(&str) -> bool) -> bool {
    match (value, separator) {
        (Json::Text(text), Some(separator)) => {
            let mut parts =
                text.split(separator).map(|part| part.trim_matches(' ')).filter(|part| !part.is_empty());
            parts.any(holds)
        }
        (Json::Text(text), None) => !text.is_empty() && holds(text),
        (Json::Bool(value), _) => holds(if *value { "true" } else { "false" }),
        // JSON has one way to write a whole number, so its text is the decimal one.
        (Json::Digits(digits), _) => {
            let number = digits.strip_prefix('-').unwrap_or(digits);
            let is_whole = number.bytes().all(|byte| byte.is_ascii_digit());
            is_whole && number.parse::<u64>().is_ok_and(|number| number <= GREATEST) && holds(digits)
        }
        _ => false,
    }
}
