//! Step 7: access policies.

use alloc::string::String;
use alloc::vec::Vec;

use super::evaluation::Evaluation;
use crate::entitlement::code::CheckCode;
use crate::entitlement::decision::Datum;
use crate::entitlement::json::Json;
use crate::entitlement::policy::access::{Access, AccessAction, AccessPolicy, Truth};
use crate::entitlement::policy::find;
use crate::entitlement::world::{Binding, Member};

/// A member's departments, from his own upwards.
struct Chain {
    codes: Vec<String>,
    is_complete: bool,
}

/// One policy, judged.
struct Judged<'p> {
    policy: &'p AccessPolicy,
    who: Truth,
    matches: Truth,
}

impl<'a> Evaluation<'a> {
    pub(super) fn access(&mut self, binding: &Binding, user: &str, member: &Member) {
        let policy = self.policy;
        let Some(access) = &policy.access else { return };
        let chain = self.chain(binding, member);
        let codes = chain.codes.iter().map(|code| Json::Text(code.clone()));
        let end = (!chain.is_complete).then_some(Json::Null);
        self.read.departments = Json::List(codes.chain(end).collect());
        let mut judged = Vec::new();
        for policy in access.policies.iter().filter(|policy| policy.enabled) {
            let who = who(policy, &binding.0, user, &chain);
            if who != Truth::False
                && let Some(time) = &policy.time
            {
                self.turns.extend(time.next_turn(self.request.now));
            }
            let matches = who.and(self.condition(access, policy));
            judged.push(Judged { policy, who, matches });
        }
        let deciding = if access.first {
            judged.iter().find(|one| one.matches != Truth::False)
        } else {
            let with = |matches: Truth, action: AccessAction| {
                judged.iter().find(|one| one.matches == matches && one.policy.action == action)
            };
            with(Truth::True, AccessAction::Deny)
                .or_else(|| judged.iter().find(|one| one.matches == Truth::Unknown))
                .or_else(|| with(Truth::True, AccessAction::SecondFactor))
                .or_else(|| with(Truth::True, AccessAction::Allow))
        };
        match deciding {
            None if access.default_denies => self.fail(CheckCode::AccessDefaultDeny, None, "allow", "deny"),
            None => {}
            Some(Judged { policy, who, matches: Truth::Unknown }) => {
                let name = Some(policy.name.as_str());
                if *who == Truth::Unknown {
                    let found = Datum::from(member.org_code.as_ref());
                    self.fail(CheckCode::DepartmentUnknown, name, Datum::None, found);
                } else {
                    self.fail(CheckCode::AddressUnknown, name, Datum::None, Datum::None);
                }
            }
            Some(Judged { policy, .. }) => match policy.action {
                AccessAction::Allow => {}
                AccessAction::Deny => {
                    self.fail(CheckCode::AccessPolicyDeny, Some(policy.name.as_str()), "allow", "deny");
                }
                AccessAction::SecondFactor if self.request.second_factor => {}
                AccessAction::SecondFactor => {
                    let (expected, found) = (Datum::Flag(true), Datum::Flag(false));
                    self.fail(CheckCode::SecondFactorRequired, Some(policy.name.as_str()), expected, found);
                }
            },
        }
    }

    fn chain(&self, binding: &Binding, member: &Member) -> Chain {
        let mut codes: Vec<String> = Vec::new();
        let mut next = member.org_code.clone();
        while let Some(code) = next {
            let is_known = codes.contains(&code);
            codes.push(code.clone());
            match self.world.departments.get(&(binding.clone(), code)) {
                Some(parent) if !is_known => next = parent.clone(),
                _ => return Chain { codes, is_complete: false },
            }
        }
        Chain { codes, is_complete: true }
    }

    fn condition(&self, access: &Access, policy: &AccessPolicy) -> Truth {
        let time = policy.time.as_ref().map(|time| Truth::from(time.holds(self.request.now)));
        let region = policy.regions.as_ref().map(|regions| match self.request.address {
            None => Truth::Unknown,
            Some(address) => {
                let mut networks =
                    regions.iter().filter_map(|region| find(&access.regions, region)).flatten();
                Truth::from(networks.any(|network| network.contains(address)))
            }
        });
        match (time, region) {
            (None, None) => Truth::True,
            (Some(one), None) | (None, Some(one)) => one,
            (Some(time), Some(region)) if access.either => time.or(region),
            (Some(time), Some(region)) => time.and(region),
        }
    }
}

fn who(policy: &AccessPolicy, tenant: &str, user: &str, chain: &Chain) -> Truth {
    if policy.tenant_id.as_ref().is_some_and(|of| of != tenant) {
        return Truth::False;
    }
    let has_user = policy.users.as_ref().is_some_and(|users| users.iter().any(|known| known == user));
    match &policy.departments {
        None => Truth::from(has_user || policy.users.is_none()),
        Some(departments) => {
            let is_below = chain.codes.iter().any(|code| departments.contains(code));
            match has_user || is_below {
                true => Truth::True,
                false if chain.is_complete => Truth::False,
                false => Truth::Unknown,
            }
        }
    }
}
