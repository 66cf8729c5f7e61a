//! Steps 5, 6 and 8: the member, his role, and what an action asks of him.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::evaluation::Evaluation;
use crate::entitlement::code::CheckCode;
use crate::entitlement::decision::Datum;
use crate::entitlement::json::Json;
use crate::entitlement::policy::{Action, Condition, find};
use crate::entitlement::request::Target;
use crate::entitlement::world::{Member, Status};

impl<'a> Evaluation<'a> {
    pub(super) fn member(&mut self, member: Option<&Member>) {
        let Some(member) = member else {
            self.fail(CheckCode::MemberUnknown, None, "authorised", "unknown");
            return;
        };
        if member.is_removed() {
            self.fail(CheckCode::MemberRemoved, None, "authorised", "removed");
            return;
        }
        if !member.enabled {
            self.fail(CheckCode::MemberDisabled, None, Datum::Flag(true), Datum::Flag(false));
        }
        if member.status == Status::Cancelled {
            self.fail(CheckCode::AuthorisationCancelled, None, "authorised", "cancelled");
        }
    }

    /// The action that is asked for, if the policy has it.
    pub(super) fn action(&self) -> Option<(&'a str, &'a Action)> {
        match &self.request.target {
            Target::Action(name) => find(&self.policy.actions, name).map(|action| (name.as_str(), action)),
            _ => None,
        }
    }

    /// `member` is one who is not removed.
    pub(super) fn role_and_action(&mut self, member: Option<&Member>, is_read_only: bool) {
        let policy = self.policy;
        let role = member.map(|member| (member, policy.role_of(&member.role)));
        if let Some((member, None)) = role {
            self.fail(CheckCode::RoleUnknown, None, Datum::None, member.role.as_str());
        }
        let role = role.and_then(|(_, role)| role);
        self.facts.role = role.map(ToString::to_string);
        let action = self.action();
        if let (Target::Action(name), None) = (&self.request.target, action) {
            self.fail(CheckCode::ActionUnknown, Some(name.as_str()), Datum::None, Datum::None);
        }
        if let (Some((name, _)), Some(role)) = (action, role) {
            let may = |role: &str| find(&policy.roles, role).is_some_and(|actions| actions.have(name));
            if !may(role) {
                let mut others: Vec<String> =
                    policy.roles.iter().map(|(role, _)| role.clone()).filter(|role| may(role)).collect();
                others.sort_unstable();
                self.fail(CheckCode::ActionNotPermitted, Some(name), Datum::List(others), role);
            }
        }
        if let (Some((_, action)), Some(member)) = (action, member) {
            self.conditions(action, member);
        }
        let is_known_limit = match &self.request.target {
            Target::Limit(limit) => find(&policy.limits, limit).is_some(),
            _ => false,
        };
        if is_read_only && (is_known_limit || action.is_some_and(|(_, action)| action.writes)) {
            self.fail(CheckCode::ReadOnly, None, "write", "read-only");
        }
    }

    fn conditions(&mut self, action: &Action, member: &Member) {
        let texts: Vec<(&Condition, Vec<String>)> =
            action.conditions.iter().map(|condition| (condition, texts_of(member, condition))).collect();
        let list =
            |texts: &Vec<String>| Json::List(texts.iter().map(|text| Json::Text(text.clone())).collect());
        self.read.extension =
            Some(texts.iter().map(|(condition, texts)| (condition.field.clone(), list(texts))).collect());
        let request = self.request;
        for (condition, texts) in texts {
            let field = condition.field.as_str();
            let asked = request.extension.iter().find(|(name, _)| name == field).map(|(_, value)| value);
            if condition.requested {
                let Some(asked) = asked else {
                    self.fail(CheckCode::ExtensionMissing, Some(field), Datum::None, Datum::None);
                    return;
                };
                if !texts.contains(asked) {
                    self.fail(CheckCode::ExtensionMismatch, Some(field), asked.as_str(), Datum::List(texts));
                    return;
                }
            }
            if let Some(one_of) = &condition.one_of
                && !one_of.iter().any(|text| texts.contains(text))
            {
                let expected = Datum::List(one_of.clone());
                self.fail(CheckCode::ExtensionMismatch, Some(field), expected, Datum::List(texts));
                return;
            }
        }
    }
}

impl Member {
    pub(super) fn is_removed(&self) -> bool {
        self.status == Status::Removed
    }
}

/// The texts of a field of a member's extension.
fn texts_of(member: &Member, condition: &Condition) -> Vec<String> {
    let Json::Object(fields) = &member.extension else { return Vec::new() };
    let value = fields.iter().find(|(name, _)| *name == condition.field).map(|(_, value)| value);
    let mut texts = Vec::new();
    match value {
        Some(Json::List(elements)) => {
            elements.iter().for_each(|element| push_texts(element, condition.separator, &mut texts));
        }
        Some(value) => push_texts(value, condition.separator, &mut texts),
        None => {}
    }
    texts
}

fn push_texts(value: &Json, separator: Option<char>, texts: &mut Vec<String>) {
    match (value, separator) {
        (Json::Text(text), Some(separator)) => {
            let parts =
                text.split(separator).map(|part| part.trim_matches(' ')).filter(|part| !part.is_empty());
            texts.extend(parts.map(ToString::to_string));
        }
        (Json::Text(text), None) if !text.is_empty() => texts.push(text.clone()),
        (Json::Bool(value), _) => texts.push(value.to_string()),
        (Json::Number(number), _) if *number <= super::super::shape::GREATEST => {
            texts.push(number.to_string());
        }
        (Json::Digits(digits), _) => {
            let is_whole =
                digits.strip_prefix('-').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
            let number = digits.parse::<i64>().ok().filter(|_| is_whole);
            let least =
                i64::try_from(super::super::shape::GREATEST).map_or(i64::MIN, |most| most.saturating_neg());
            texts.extend(number.filter(|number| *number >= least).map(|number| number.to_string()));
        }
        _ => {}
    }
}
