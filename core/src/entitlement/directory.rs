//! A policy and a world, held together.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use sha2::{Digest as _, Sha256};

use super::check::{self, Check};
use super::decision::{Decision, Outcome};
use super::evaluate;
use super::policy::compiled::Compiled;
use super::policy::{Policy, read as read_policy, rules};
use super::shape::{Object, member};
use super::store::Store;
use super::world::read::{Reading, read as read_world};
use super::world::{Part, Phase};
use crate::config::{Problem, Problems};
use crate::reason::ReasonCode;
use crate::wire::json;

/// The records of one product under one policy.
#[derive(Debug, Clone)]
pub struct Directory {
    policy: Compiled,
    store: Store,
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
    /// Reads a policy and the records of one product. The key of the hash comes of the records; whoever has randomness gives some
    /// to [`Self::load_seeded`].
    ///
    /// # Errors
    /// [`EntitlementError::InvalidPolicy`], [`EntitlementError::InvalidWorld`], with every mistake.
    pub fn load(document: &[u8]) -> Result<(Self, Vec<PolicyWarning>), EntitlementError> {
        let mut seed = [0; 16];
        seed.iter_mut().zip(Sha256::digest(document)).for_each(|(to, from)| *to = from);
        Self::load_seeded(document, seed)
    }

    /// As [`Self::load`], with 16 random bytes: names that come from outside cannot be chosen to slow a check down.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_seeded(
        document: &[u8],
        seed: [u8; 16],
    ) -> Result<(Self, Vec<PolicyWarning>), EntitlementError> {
        let mut problems = Problems::default();
        let document = read_json(document)?;
        let mut policy = None;
        let mut part = Part::default();
        if let Some(mut object) = Object::new(document.value(), "", &mut problems) {
            if let Some(value) = object.required("policy", &mut problems) {
                policy = read_policy::read(value, &mut problems);
            }
            part = read_world(&mut object, Reading::Whole, &mut problems);
            object.finish(&mut problems);
        }
        let warnings = judged(policy.as_ref(), problems)?;
        let Some(policy) = policy else { return Err(EntitlementError::InvalidPolicy(Vec::new())) };
        let mut directory = Self { policy: Compiled::new(policy), store: Store::new(seed) };
        directory.store.apply(&directory.policy, part);
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
        let mut policy = None;
        let mut rows = Part::default();
        if let Some(mut object) = Object::new(document.value(), "", &mut problems) {
            if let Some(value) = object.value("policy") {
                policy = read_policy::read(value, &mut problems);
            }
            rows = read_world(&mut object, Reading::Part, &mut problems);
            object.finish(&mut problems);
        }
        judged(policy.as_ref(), problems)?;
        if let Some(policy) = policy {
            self.policy = Compiled::new(policy);
            self.store.adopt(&self.policy);
        }
        self.store.apply(&self.policy, rows);
        Ok(())
    }

    /// Decides, and says nothing but the answer. Allocates nothing.
    ///
    /// # Errors
    /// [`EntitlementError::MalformedCheck`]: a user cannot `change`, an instance cannot do an `action`, and a number or an
    /// instant that is greater than there are.
    pub fn decide(&self, check: &Check<'_>) -> Result<Outcome, EntitlementError> {
        if !check.is_sound() {
            return Err(EntitlementError::MalformedCheck);
        }
        Ok(evaluate::decide(&self.store, &self.policy, check))
    }

    /// Decides one check that is written as JSON, with every value, sentence and the digest of what was read.
    ///
    /// # Errors
    /// [`EntitlementError::MalformedCheck`]; never a decision.
    pub fn check(&self, check: &[u8]) -> Result<Decision, EntitlementError> {
        let document = json::read(check).map_err(|_| EntitlementError::MalformedCheck)?;
        let written = check::read(document.value()).ok_or(EntitlementError::MalformedCheck)?;
        Ok(evaluate::explain(&self.store, &self.policy, &written.check(), written.asked.clone()))
    }

    /// The number of an action, for [`Name::Number`](super::Name::Number). It is another one under another policy.
    #[must_use]
    pub fn action(&self, name: &str) -> Option<u32> {
        self.policy.action(name)
    }

    /// The number of a feature.
    #[must_use]
    pub fn feature(&self, name: &str) -> Option<u32> {
        self.policy.feature(name)
    }

    /// The number of a limit.
    #[must_use]
    pub fn limit(&self, name: &str) -> Option<u32> {
        self.policy.limit(name)
    }

    /// What the policy's rules said, and every instance that uses more than its plan allows.
    fn warnings(&self, of_policy: Problems) -> Vec<PolicyWarning> {
        let plain = |problem| PolicyWarning { problem, instance_id: None };
        let mut warnings: Vec<PolicyWarning> = of_policy.into_list().into_iter().map(plain).collect();
        let rows =
            self.store.instances.iter().filter_map(|instance| Some((instance, instance.row.as_ref()?)));
        let mut rows: Vec<_> = rows
            .filter(|(_, row)| matches!(row.phase, Phase::Active | Phase::Trial | Phase::Frozen))
            .collect();
        rows.sort_unstable_by(|(left, _), (right, _)| left.id.cmp(&right.id));
        for (instance, row) in rows {
            let Some(plan) = instance.plan else { continue };
            for (limit, (name, _)) in (0_u32..).zip(&self.policy.source.limits) {
                let Ok(Some(value)) = self.policy.value(plan, limit, row.bought) else { continue };
                let used = if self.policy.seats == Some(limit) {
                    self.store.seats_of_instance(instance)
                } else {
                    instance.usage.get(name)
                };
                if used > value {
                    let plan = member("policy.plans", self.policy.plan_name(plan));
                    let path = member(&member(&plan, "limits"), name);
                    let message = format!("an instance uses {used} of {value}");
                    let problem = Problem { path, code: "limit-below-use", message };
                    warnings.push(PolicyWarning { problem, instance_id: Some(instance.id.to_string()) });
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
