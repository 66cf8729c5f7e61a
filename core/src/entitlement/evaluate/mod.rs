//! The decision: every step runs as soon as what it reads exists, whatever failed before.

mod access;
mod evaluation;
mod member;
mod plan;
mod report;
mod standing;

use super::check::{Check, Subject};
use super::code::CheckCode;
use super::decision::{Datum, Decision, Entry, Outcome, Verdict};
use super::digest;
use super::json::Json;
use super::number::at;
use super::policy::compiled::Compiled;
use super::store::Store;
use evaluation::{Evaluation, Wanted};
use plan::Found;
use report::{Brief, Full, Report, said};
use standing::Standing;

/// The answer alone: allocates nothing.
pub(super) fn decide(store: &Store, policy: &Compiled, check: &Check<'_>) -> Outcome {
    let mut evaluation = Evaluation::new(store, policy, check, Brief::default());
    evaluation.run();
    let Brief { failed, warnings } = evaluation.report;
    let first = failed.iter().find(|code| *code != CheckCode::SecondFactorRequired);
    let (verdict, reason) = answer(first, !failed.is_empty(), evaluation.is_read_only);
    let Evaluation { turn, plan, role, .. } = evaluation;
    Outcome { verdict, reason, failed, warnings, valid_until: (turn != u64::MAX).then_some(turn), plan, role }
}

/// The answer, with every value, sentence and the digest of what was read. `asked` is the check as it was written.
pub(super) fn explain(store: &Store, policy: &Compiled, check: &Check<'_>, asked: Json) -> Decision {
    let mut evaluation = Evaluation::new(store, policy, check, Full::default());
    evaluation.report.is_change = matches!(evaluation.wanted, Wanted::Change);
    evaluation.run();
    let Evaluation { report, turn, is_read_only, .. } = evaluation;
    let Full { mut failed, mut warnings, notes, .. } = report;
    failed.sort_by_key(|entry| entry.code);
    warnings.sort_by_key(|entry| entry.code);
    let first = failed.iter().find(|entry| entry.code != CheckCode::SecondFactorRequired);
    let (verdict, reason) = answer(first.map(|entry| entry.code), !failed.is_empty(), is_read_only);
    let known = failed.iter().find(|entry| entry.code == reason).cloned();
    let plain = Entry { code: reason, name: None, expected: Datum::None, found: Datum::None };
    let inputs = Json::object([
        ("format", 1_u64.into()),
        ("policy", policy.source.digest.as_str().into()),
        ("as_of", store.as_of.into()),
        ("request", asked),
        ("tenant", notes.tenant),
        ("instance", notes.instance),
        ("application", notes.application),
        ("member", if notes.member.is_empty() { Json::Null } else { Json::Object(notes.member) }),
        ("departments", notes.departments),
        ("usage", Json::Object(notes.usage)),
        ("seats", notes.seats),
    ]);
    Decision {
        verdict,
        reason: known.unwrap_or(plain),
        failed,
        warnings,
        valid_until: (turn != u64::MAX).then_some(turn),
        as_of: store.as_of,
        policy_version: policy.source.version.clone(),
        inputs_digest: digest::of(&inputs),
        facts: notes.facts,
    }
}

/// `first`: the first failed check that a second factor would not help.
const fn answer(first: Option<CheckCode>, has_failed: bool, is_read_only: bool) -> (Verdict, CheckCode) {
    match first {
        Some(code) => (Verdict::Deny, code),
        None if has_failed => (Verdict::SecondFactor, CheckCode::SecondFactorRequired),
        None if is_read_only => (Verdict::AllowReadOnly, CheckCode::ReadOnly),
        None => (Verdict::Allow, CheckCode::Granted),
    }
}

impl<'a, R: Report> Evaluation<'a, R> {
    fn new(store: &'a Store, policy: &'a Compiled, check: &'a Check<'a>, report: R) -> Self {
        let wanted = Wanted::of(policy, &check.target);
        Self {
            store,
            policy,
            check,
            wanted,
            report,
            turn: u64::MAX,
            plan: None,
            role: None,
            is_read_only: false,
        }
    }

    fn run(&mut self) {
        self.freshness();
        match self.check.subject {
            Subject::Instance(id) => self.run_instance(id),
            Subject::User { tenant_id, app_id, user_name } => self.run_user(tenant_id, app_id, user_name),
        }
    }

    fn run_instance(&mut self, id: &str) {
        let mut found = Found { instance: self.store.instance(id), ..Found::default() };
        self.instance(&mut found);
        self.plan_and_limits(&found);
    }

    /// Step 2, and step 3 where there is a record.
    fn instance(&mut self, found: &mut Found<'a>) {
        let Some((instance, row)) =
            found.instance.and_then(|instance| Some((instance, instance.row.as_ref()?)))
        else {
            found.instance = None;
            self.report.fail(CheckCode::InstanceUnknown, || said(None, "known", "unknown"));
            return;
        };
        self.report.note(|notes| {
            notes.instance = Json::object([
                ("instance_id", (*instance.id).into()),
                ("phase", row.phase.name().into()),
                ("sku_code", row.sku_code.as_deref().into()),
                ("product_id", row.product_id.as_deref().into()),
                ("quantity", row.bought.quantity.into()),
                ("disk_size", row.bought.disk_size.into()),
                ("band_width", row.bought.band_width.into()),
                ("expire_time", row.expire_time.into()),
            ]);
        });
        self.standing(Standing::Instance(row));
    }

    fn run_user(&mut self, tenant_id: &str, app_id: &str, user_name: &str) {
        let store = self.store;
        let tenant = store.tenant(tenant_id);
        let mut found = Found { tenant, ..Found::default() };
        if let Some(number) = self.binding(tenant) {
            found.binding = at(&store.bindings, number);
            let application = store.application_number(number, app_id);
            found.application = application.and_then(|number| at(&store.applications, number));
            let member = application.and_then(|application| store.member(application, user_name));
            found.member = member.and_then(|number| Some((number, store.members.get(number)?)));
            self.bound(&mut found, app_id, user_name);
        }
        let present = found.member.filter(|(_, member)| !member.is_removed());
        self.role_and_action(present);
        self.plan_and_limits(&found);
    }

    /// Steps 2 to 7, under a binding in force.
    fn bound(&mut self, found: &mut Found<'a>, app_id: &str, user_name: &str) {
        let store = self.store;
        let Some((binding, tenant)) = found.binding.zip(found.tenant) else { return };
        let Some(row) = binding.row else { return };
        let instance = binding.instance.and_then(|instance| at(&store.instances, instance));
        let keys = || {
            [
                ("tenant_id", Json::from(&*tenant.id)),
                ("instance_id", instance.map(|instance| &*instance.id).into()),
            ]
        };
        self.report.note(|notes| {
            let [tenant_id, instance_id] = keys();
            let (bound, bound_at) = (row.bound.into(), row.bound_at.into());
            notes.tenant = Json::object([
                tenant_id,
                instance_id,
                ("bound", bound),
                ("bound_at", bound_at),
                ("expire_time", row.expire_time.into()),
            ]);
        });
        found.instance = instance;
        if binding.instance.is_some() {
            self.instance(found);
        } else {
            self.standing(Standing::Binding(tenant.origin, row));
        }
        let bound = found.application.and_then(|application| application.bound);
        match bound {
            None => self.report.fail(CheckCode::ApplicationUnknown, || said(None, "bound", "unknown")),
            Some(false) => self.report.fail(CheckCode::ApplicationUnbound, || said(None, "bound", "unbound")),
            Some(true) => {}
        }
        if let Some(bound) = bound {
            self.report.note(|notes| {
                let [tenant_id, instance_id] = keys();
                notes.application = Json::object([
                    tenant_id,
                    instance_id,
                    ("app_id", app_id.into()),
                    ("bound", bound.into()),
                ]);
            });
        }
        self.member(found.member.map(|(_, member)| member));
        let Some((number, member)) = found.member else { return };
        self.report.note(|notes| {
            let department = at(&store.departments, member.department).map(|one| &*one.code);
            let own: [(&str, Json); 7] = [
                ("app_id", app_id.into()),
                ("user_name", user_name.into()),
                ("role", store.members.role(number).into()),
                ("enabled", member.is_enabled().into()),
                ("status", member.status().name().into()),
                ("org_code", department.into()),
                ("authorised_at", member.authorised_at.into()),
            ];
            let members = keys().into_iter().chain(own);
            notes.member = members.map(|(name, value)| (name.into(), value)).collect();
        });
        if !member.is_removed() {
            self.access(tenant, number, member);
        }
    }
}
