//! A policy and a world, held together.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::decision::Decision;
use super::evaluate;
use super::evaluate::plan::{Attributes, Bought, seats_of_instance, usage_of, value_of};
use super::policy::{Amount, Policy, find};
use super::policy::{read as read_policy, rules};
use super::request;
use super::shape::{Object, member};
use super::world::read::{Reading, read as read_world};
use super::world::{Owner, Phase, World};
use crate::config::{Problem, Problems};
use crate::reason::ReasonCode;
use crate::wire::json;
use crate::wire::time::LAST;

/// The records of one product under one policy.
#[derive(Debug, Clone)]
pub struct Directory {
    policy: Policy,
    world: World,
}

/// Why nothing was loaded, applied or decided.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntitlementError {
    /// A check that is not exactly one: a field that does not exist, a wrong type, no subject or two, two targets, no address.
    MalformedCheck,
    /// Mistakes, at least one of them under `policy`.
    InvalidPolicy(Vec<Problem>),
    /// Mistakes in records.
    InvalidWorld(Vec<Problem>),
}

impl EntitlementError {
    /// Code, number and sentence.
    #[must_use]
    pub const fn reason(&self) -> ReasonCode {
        match self {
            Self::MalformedCheck => ReasonCode::MalformedCheck,
            Self::InvalidPolicy(_) => ReasonCode::InvalidPolicy,
            Self::InvalidWorld(_) => ReasonCode::InvalidWorld,
        }
    }

    /// Every mistake, each with its path.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::MalformedCheck => &[],
            Self::InvalidPolicy(problems) | Self::InvalidWorld(problems) => problems,
        }
    }

    fn of(problems: Problems) -> Self {
        let problems = problems.into_list();
        let is_of_policy = |problem: &Problem| {
            let rest = problem.path.strip_prefix("policy");
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        if problems.iter().any(is_of_policy) {
            Self::InvalidPolicy(problems)
        } else {
            Self::InvalidWorld(problems)
        }
    }
}

impl fmt::Display for EntitlementError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.reason().message())?;
        self.problems().iter().try_for_each(|one| write!(out, "; {}: {}", one.path, one.message))
    }
}

impl core::error::Error for EntitlementError {}

/// What is allowed and may be a mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyWarning {
    /// Where, what, and a sentence.
    pub problem: Problem,
    /// The instance that it is about.
    pub instance_id: Option<String>,
}

impl Directory {
    /// Reads a policy and the records of one product.
    ///
    /// # Errors
    /// [`EntitlementError::InvalidPolicy`], [`EntitlementError::InvalidWorld`], with every mistake.
    pub fn load(document: &[u8]) -> Result<(Self, Vec<PolicyWarning>), EntitlementError> {
        let mut problems = Problems::default();
        let document = read_json(document)?;
        let mut world = World::default();
        let mut policy = None;
        if let Some(mut object) = Object::new(document.value(), "", &mut problems) {
            if let Some(value) = object.required("policy", &mut problems) {
                policy = read_policy::read(value, &mut problems);
            }
            world.as_of = object.number("as_of", 0..=LAST, &mut problems);
            read_world(&mut object, Reading::Whole, &mut world, &mut problems);
            object.finish(&mut problems);
        }
        let warnings = judged(policy.as_ref(), problems)?;
        let Some(policy) = policy else { return Err(EntitlementError::InvalidPolicy(Vec::new())) };
        let directory = Self { policy, world };
        let warnings = directory.warnings(warnings);
        Ok((directory, warnings))
    }

    /// Replaces rows by their keys, takes those out that are `absent`, and replaces policy and `as_of` where they are named.
    /// Nothing is applied unless everything is.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn apply(&mut self, part: &[u8]) -> Result<(), EntitlementError> {
        let mut problems = Problems::default();
        let document = read_json(part)?;
        let mut after = self.clone();
        let mut policy = None;
        if let Some(mut object) = Object::new(document.value(), "", &mut problems) {
            if let Some(value) = object.value("policy") {
                policy = read_policy::read(value, &mut problems);
            }
            let names_as_of = document.value().get("as_of").is_some();
            let as_of = object.number("as_of", 0..=LAST, &mut problems);
            if names_as_of {
                after.world.as_of = as_of;
            }
            read_world(&mut object, Reading::Part, &mut after.world, &mut problems);
            object.finish(&mut problems);
        }
        judged(policy.as_ref(), problems)?;
        if let Some(policy) = policy {
            after.policy = policy;
        }
        *self = after;
        Ok(())
    }

    /// Decides one check.
    ///
    /// # Errors
    /// [`EntitlementError::MalformedCheck`]; never a decision.
    pub fn check(&self, check: &[u8]) -> Result<Decision, EntitlementError> {
        let document = json::read(check).map_err(|_| EntitlementError::MalformedCheck)?;
        let request = request::read(document.value()).ok_or(EntitlementError::MalformedCheck)?;
        Ok(evaluate::decide(&self.world, &self.policy, &request))
    }

    /// What the policy's rules said, and every instance that uses more than its plan allows.
    fn warnings(&self, of_policy: Problems) -> Vec<PolicyWarning> {
        let plain = |problem| PolicyWarning { problem, instance_id: None };
        let mut warnings: Vec<PolicyWarning> = of_policy.into_list().into_iter().map(plain).collect();
        for (id, instance) in &self.world.instances {
            if !matches!(instance.phase, Phase::Active | Phase::Trial | Phase::Frozen) {
                continue;
            }
            let Some((name, plan)) = Bought::of(id, instance).plan(&self.policy) else { continue };
            for (limit, _) in &self.policy.limits {
                let amount = find(&plan.limits, limit).copied().unwrap_or(Amount::Unlimited);
                let Ok(Some(value)) = value_of(amount, Attributes::of(Some(instance))) else { continue };
                let used = if self.policy.seats.as_ref() == Some(limit) {
                    seats_of_instance(&self.world, id)
                } else {
                    usage_of(&self.world, Owner::Instance(id.clone()), limit)
                };
                if used > value {
                    let path = member(&member(&member("policy.plans", name), "limits"), limit);
                    let message = format!("an instance uses {used} of {value}");
                    let problem = Problem { path, code: "limit-below-use", message };
                    warnings.push(PolicyWarning { problem, instance_id: Some(id.to_string()) });
                }
            }
        }
        warnings
    }
}

fn read_json(text: &[u8]) -> Result<json::Document<'_>, EntitlementError> {
    json::read(text).map_err(|error| {
        let mut problems = Problems::default();
        problems.add("", error.code(), "is no JSON text");
        EntitlementError::InvalidWorld(problems.into_list())
    })
}

/// Shapes first; the rules between fields, what stands twice among them, only when all shapes are right. What is allowed and may
/// be a mistake.
fn judged(policy: Option<&Policy>, mut problems: Problems) -> Result<Problems, EntitlementError> {
    let is_shape = |problem: &Problem| problem.code != "duplicate";
    if problems.any(is_shape) {
        problems.retain(is_shape);
        return Err(EntitlementError::of(problems));
    }
    let warnings = policy.map(|policy| rules::check(policy, &mut problems)).unwrap_or_default();
    if problems.is_empty() { Ok(warnings) } else { Err(EntitlementError::of(problems)) }
}
