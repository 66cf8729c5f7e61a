//! Step 7: access policies.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use super::evaluation::Evaluation;
use super::report::{Report, said};
use crate::entitlement::code::CheckCode;
use crate::entitlement::decision::Datum;
use crate::entitlement::json::Json;
use crate::entitlement::number::at;
use crate::entitlement::policy::access::{Access, AccessAction, AccessPolicy, Truth};
use crate::entitlement::store::Store;
use crate::entitlement::store::member::Record;
use crate::entitlement::store::slot::{MOST_NAMED, Tenant};

/// What decides so far, the weakest first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Allow,
    SecondFactor,
    Unknown,
    Deny,
}

impl<'a, R: Report> Evaluation<'a, R> {
    pub(super) fn access(&mut self, tenant: &Tenant, number: u32, member: &Record) {
        let policy = self.policy;
        let Some(access) = policy.access() else { return };
        let store = self.store;
        self.report.note(|notes| {
            let (codes, is_complete) = chain(store, member);
            let codes = codes.into_iter().map(Json::Text);
            notes.departments = Json::List(codes.chain((!is_complete).then_some(Json::Null)).collect());
        });
        let within = self.check.address.map(|address| policy.regions.holding(address.to_canonical()));
        let mut deciding: Option<(Weight, &AccessPolicy, Truth)> = None;
        for (bit, index) in (0_u32..).zip(&tenant.policies) {
            let Some(one) = policy.access_policy(*index) else { continue };
            let who = self.who(tenant, one, bit, number, member);
            if who == Truth::False {
                continue;
            }
            let time = one.time.as_ref().map(|time| {
                let (holds, turn) = time.at(self.check.now);
                self.turns_at(turn);
                Truth::from(holds)
            });
            let region = one.regions.as_ref().map(|_| match within {
                None => Truth::Unknown,
                Some(policies) => Truth::from(policies.binary_search(index).is_ok()),
            });
            let weight = match who.and(condition(access, time, region)) {
                Truth::False => continue,
                Truth::Unknown => Weight::Unknown,
                Truth::True => match one.action {
                    AccessAction::Allow => Weight::Allow,
                    AccessAction::SecondFactor => Weight::SecondFactor,
                    AccessAction::Deny => Weight::Deny,
                },
            };
            // The first of the weightiest; under `first` the first at all. The rest still says when it turns.
            let is_before = match &deciding {
                None => true,
                Some((known, ..)) => !access.first && weight > *known,
            };
            if is_before {
                deciding = Some((weight, one, who));
            }
        }
        let Some((weight, one, who)) = deciding else {
            if access.default_denies {
                self.report.fail(CheckCode::AccessDefaultDeny, || said(None, "allow", "deny"));
            }
            return;
        };
        let name = Some(one.name.as_str());
        match weight {
            Weight::Allow => {}
            Weight::Deny => self.report.fail(CheckCode::AccessPolicyDeny, || said(name, "allow", "deny")),
            Weight::SecondFactor if self.check.second_factor => {}
            Weight::SecondFactor => self
                .report
                .fail(CheckCode::SecondFactorRequired, || said(name, Datum::Flag(true), Datum::Flag(false))),
            Weight::Unknown if who == Truth::Unknown => {
                self.report.fail(CheckCode::DepartmentUnknown, || {
                    let own = at(&store.departments, member.department).map(|own| &*own.code);
                    said(name, Datum::None, own.map_or(Datum::None, Datum::from))
                });
            }
            Weight::Unknown => {
                self.report.fail(CheckCode::AddressUnknown, || said(name, Datum::None, Datum::None));
            }
        }
    }

    /// Whether a policy is about this member. `bit` is its place among those of his tenant.
    fn who(&self, tenant: &Tenant, one: &AccessPolicy, bit: u32, number: u32, member: &Record) -> Truth {
        if one.users.is_none() && one.departments.is_none() {
            return Truth::True;
        }
        let department = at(&self.store.departments, member.department);
        let is_complete = department.is_none_or(|own| own.is_complete);
        let is_named = if tenant.policies.len() <= MOST_NAMED {
            (member.named | department.map_or(0, |own| own.named)) >> bit & 1 == 1
        } else {
            let has_user =
                one.users.as_ref().is_some_and(|users| users.contains(self.store.members.name(number)));
            has_user
                || one.departments.as_ref().is_some_and(|codes| {
                    self.store.departments_of(member).any(|own| codes.contains(&*own.code))
                })
        };
        match is_named {
            true => Truth::True,
            false if one.departments.is_some() && !is_complete => Truth::Unknown,
            false => Truth::False,
        }
    }
}

fn condition(access: &Access, time: Option<Truth>, region: Option<Truth>) -> Truth {
    match (time, region) {
        (None, None) => Truth::True,
        (Some(one), None) | (None, Some(one)) => one,
        (Some(time), Some(region)) if access.either => time.or(region),
        (Some(time), Some(region)) => time.and(region),
    }
}

/// The codes on the way up, and whether it ends at a top. One that is met again ends it, and stands in it twice.
fn chain(store: &Store, member: &Record) -> (Vec<String>, bool) {
    let mut met = BTreeSet::new();
    let mut codes = Vec::new();
    for one in store.departments_of(member) {
        codes.push(String::from(&*one.code));
        if !met.insert(&*one.code) {
            break;
        }
    }
    (codes, at(&store.departments, member.department).is_none_or(|own| own.is_complete))
}
