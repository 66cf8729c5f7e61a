//! The decision: every step runs as soon as what it reads exists, whatever failed before.

mod access;
mod evaluation;
mod member;
pub(super) mod plan;
mod standing;

use alloc::string::ToString;
use alloc::vec::Vec;

use super::code::CheckCode;
use super::decision::{Datum, Decision, Entry, Facts, Verdict};
use super::digest;
use super::json::Json;
use super::policy::Policy;
use super::request::{Request, Subject};
use super::world::{Binding, World};
use evaluation::{Evaluation, Found, Read};
use standing::Standing;

/// Decides.
pub(super) fn decide(world: &World, policy: &Policy, request: &Request) -> Decision {
    let mut evaluation = Evaluation {
        world,
        policy,
        request,
        failed: Vec::new(),
        warnings: Vec::new(),
        turns: Vec::new(),
        facts: Facts::default(),
        read: Read::default(),
    };
    let (found, is_read_only) = evaluation.run();
    evaluation.decision(&found, is_read_only)
}

impl<'a> Evaluation<'a> {
    /// All steps; what was found, and whether only reading is allowed.
    fn run(&mut self) -> (Found<'a>, bool) {
        self.freshness();
        let mut found = Found { binding: None, instance: None, application: None, member: None };
        let (world, request) = (self.world, self.request);
        match &request.subject {
            Subject::Instance(id) => {
                found.instance = world.instances.get_key_value(id);
                if found.instance.is_none() {
                    self.fail(CheckCode::InstanceUnknown, None, "known", "unknown");
                }
                let standing = found.instance.map(|(_, instance)| Standing::Instance(instance));
                let is_read_only = standing.is_some_and(|standing| self.standing(standing));
                self.plan_and_limits(&found, None);
                (found, is_read_only)
            }
            Subject::User { tenant, app, user } => {
                found.binding = self.binding(tenant);
                let mut standing = None;
                if let Some((binding, row)) = found.binding {
                    if binding.1.is_empty() {
                        standing = Some(Standing::Binding(self.policy.origin_of(tenant), row));
                    } else {
                        found.instance = world.instances.get_key_value(&binding.1);
                        match found.instance {
                            None => self.fail(CheckCode::InstanceUnknown, None, "known", "unknown"),
                            Some((_, instance)) => standing = Some(Standing::Instance(instance)),
                        }
                    }
                }
                let is_read_only = standing.is_some_and(|standing| self.standing(standing));
                if let Some((binding, _)) = found.binding {
                    found.application = world.applications.get(&(binding.clone(), app.clone()));
                    match found.application {
                        None => self.fail(CheckCode::ApplicationUnknown, None, "bound", "unknown"),
                        Some(application) if !application.bound => {
                            self.fail(CheckCode::ApplicationUnbound, None, "bound", "unbound");
                        }
                        Some(_) => {}
                    }
                    found.member = world.members.get(&(binding.clone(), app.clone(), user.clone()));
                    self.member(found.member);
                    if let Some(member) = found.member.filter(|member| !member.is_removed()) {
                        self.access(binding, user, member);
                    }
                }
                self.role_and_action(found.member.filter(|member| !member.is_removed()), is_read_only);
                self.plan_and_limits(&found, standing);
                (found, is_read_only)
            }
        }
    }

    fn freshness(&mut self) {
        let (stale, now) = (self.policy.stale, self.request.now);
        let Some(as_of) = self.world.as_of else { return };
        let age = now.saturating_sub(as_of);
        if age <= stale.after_ms {
            self.turns.push(as_of.saturating_add(stale.after_ms).saturating_add(1));
        } else if stale.denies {
            self.fail(CheckCode::DirectoryStale, None, Datum::Number(stale.after_ms), Datum::Number(age));
        } else {
            self.warn(CheckCode::DirectoryStale, None, Datum::Number(stale.after_ms), Datum::Number(age));
        }
    }

    fn decision(mut self, found: &Found<'_>, is_read_only: bool) -> Decision {
        let number = |entry: &Entry| entry.code.reason().number;
        self.failed.sort_by_key(number);
        self.warnings.sort_by_key(number);
        let denies = self.failed.iter().find(|entry| entry.code != CheckCode::SecondFactorRequired);
        let plain = |code| Entry { code, name: None, expected: Datum::None, found: Datum::None };
        let (verdict, reason) = match (denies, self.failed.first()) {
            (Some(entry), _) => (Verdict::Deny, entry.clone()),
            (None, Some(second_factor)) => (Verdict::SecondFactor, second_factor.clone()),
            (None, None) if is_read_only => (Verdict::AllowReadOnly, plain(CheckCode::ReadOnly)),
            (None, None) => (Verdict::Allow, plain(CheckCode::Granted)),
        };
        let inputs_digest = digest::of(&self.inputs(found));
        let now = self.request.now;
        Decision {
            verdict,
            reason,
            failed: self.failed,
            warnings: self.warnings,
            valid_until: self.turns.into_iter().filter(|turn| *turn > now).min(),
            as_of: self.world.as_of,
            policy_version: self.policy.version.clone(),
            inputs_digest,
            facts: self.facts,
        }
    }

    /// Everything that was read; records with their defaults.
    fn inputs(&self, found: &Found<'_>) -> Json {
        let keys = |(tenant, instance): &Binding| {
            (Json::Text(tenant.clone()), Json::from(Some(instance.as_str()).filter(|id| !id.is_empty())))
        };
        let instance = found.instance.map(|(id, instance)| {
            Json::object([
                ("instance_id", id.as_str().into()),
                ("phase", instance.phase.name().into()),
                ("sku_code", instance.sku_code.as_deref().into()),
                ("product_id", instance.product_id.as_deref().into()),
                ("quantity", instance.quantity.into()),
                ("disk_size", instance.disk_size.into()),
                ("band_width", instance.band_width.into()),
                ("expire_time", instance.expire_time.into()),
            ])
        });
        let (mut tenant, mut application, mut member) = (self.read.tenant.clone(), None, None);
        if let (Some((binding, row)), Subject::User { app, user, .. }) =
            (found.binding, &self.request.subject)
        {
            let (tenant_id, instance_id) = keys(binding);
            tenant = Json::object([
                ("tenant_id", tenant_id.clone()),
                ("instance_id", instance_id.clone()),
                ("bound", row.bound.into()),
                ("bound_at", row.bound_at.into()),
                ("expire_time", row.expire_time.into()),
            ]);
            application = found.application.map(|application| {
                Json::object([
                    ("tenant_id", tenant_id.clone()),
                    ("instance_id", instance_id.clone()),
                    ("app_id", app.as_str().into()),
                    ("bound", application.bound.into()),
                ])
            });
            member = found.member.map(|row| {
                let members = Json::object([
                    ("tenant_id", tenant_id),
                    ("instance_id", instance_id),
                    ("app_id", app.as_str().into()),
                    ("user_name", user.as_str().into()),
                    ("role", row.role.as_str().into()),
                    ("enabled", row.enabled.into()),
                    ("status", row.status.name().into()),
                    ("org_code", row.org_code.as_deref().into()),
                    ("authorised_at", row.authorised_at.into()),
                ]);
                match (members, &self.read.extension) {
                    (Json::Object(mut members), Some(texts)) => {
                        members.push(("extension".to_string(), Json::Object(texts.clone())));
                        Json::Object(members)
                    }
                    (members, _) => members,
                }
            });
        }
        Json::object([
            ("format", 1_u64.into()),
            ("policy", self.policy.digest.as_str().into()),
            ("as_of", self.world.as_of.into()),
            ("request", self.request.asked.clone()),
            ("tenant", tenant),
            ("instance", instance.into()),
            ("application", application.into()),
            ("member", member.into()),
            ("departments", self.read.departments.clone()),
            ("usage", Json::Object(self.read.usage.clone())),
            ("seats", self.read.seats.clone()),
        ])
    }
}
