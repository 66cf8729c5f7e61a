//! Calls about tenants and what belongs to them. Their records change in the commit of the call, which is answered then;
//! the backend is told afterwards, in order.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::context::DecisionContext;
use super::decision::Alarm;
use super::effect;
use super::lane::LaneRow;
use super::place::Place;
use super::queue::Reservation;
use super::reserve;
use super::row::{ApplicationRow, DepartmentRow, MemberRow, TenantRow};
use super::ruling::Ruling;
use super::snapshot::{Changes, Stop};
use crate::directory::{
    Action, Application, ApplicationRecord, Department, DepartmentRecord, Ended, MemberRecord, Moment,
    Oddity, Tenant, User, oddities,
};
use crate::event::{Datum, DirectoryEvent, Event, Record};
use crate::ledger::row::codec::Json;
use crate::wire::json;

/// What comes of a call beside the records that it changes.
#[derive(Default)]
struct Told {
    /// The event for the backend, if it is to be told.
    event: Option<Event>,
    /// Whether a record was written that a removal of the tenant ends.
    has_content: bool,
    oddities: Vec<Oddity>,
}

pub(super) fn decide(context: &DecisionContext<'_>, kind: DirectoryEvent) -> Result<Ruling, Stop> {
    let admission = context.admission;
    let product = admission.route.product.as_str();
    let place = Place::of(product, &admission.call.event);
    let at = Moment { signed_at: admission.call.signed_at, now: context.now };
    let found: Option<TenantRow> = context.snapshot.get(&place.head())?;
    let mut head = found.unwrap_or_else(|| TenantRow::new(product, place.tenant, place.instance));
    let before = head.record.clone();
    let mut changes = Changes::default();
    let mut call = Directory { context, place, head: &mut head, at, changes: &mut changes };
    let told = match kind {
        DirectoryEvent::TenantAdd => call.tenant(Action::Add),
        DirectoryEvent::TenantUpdate => call.tenant(Action::Update),
        DirectoryEvent::TenantRemove => call.tenant(Action::Remove),
        DirectoryEvent::ApplicationAdd => call.application(Action::Add)?,
        DirectoryEvent::ApplicationUpdate => call.application(Action::Update)?,
        DirectoryEvent::ApplicationRemove => call.application(Action::Remove)?,
        DirectoryEvent::MembersAdd => call.members(Action::Add)?,
        DirectoryEvent::MembersUpdate => call.members(Action::Update)?,
        DirectoryEvent::MembersRevoke => call.members(Action::Revoke)?,
        DirectoryEvent::MembersRemove => call.members(Action::Remove)?,
        DirectoryEvent::DepartmentAdd => call.department(Action::Add)?,
        DirectoryEvent::DepartmentUpdate => call.department(Action::Update)?,
        DirectoryEvent::DepartmentRemove => call.department(Action::Remove)?,
        DirectoryEvent::DepartmentSnapshot => call.snapshot()?,
    };
    head.record.has_content |= told.has_content;
    // Beside an old handler nothing is an effect: the seller's application knows already.
    let event = told.event.filter(|_| !context.observed);
    if event.is_some() || head.record != before {
        if let Some(event) = event {
            reserve::owe(context, &mut head, Reservation::default(), event, &mut changes);
        }
        head.put(&mut changes);
    }
    let alarm = |oddity: Oddity| Alarm {
        code: oddity.code().into(),
        instance: head.instance.clone(),
        tenant: head.tenant.clone(),
    };
    let alarms = told.oddities.into_iter().map(alarm);
    Ok(alarms.fold(Ruling::success().changing(changes), |ruling, alarm| ruling.alarm(Some(alarm))))
}

/// One call, the head of its tenant, and what it changes.
struct Directory<'c> {
    context: &'c DecisionContext<'c>,
    place: Place<'c>,
    head: &'c mut TenantRow,
    at: Moment,
    changes: &'c mut Changes,
}

impl<'c> Directory<'c> {
    fn event(&self) -> &'c Event {
        self.place.event
    }

    /// The event as the backend gets it, where a call takes access away.
    fn told(&self, action: Action) -> Event {
        let mut event = self.event().clone();
        if action == Action::Remove {
            event.set("end_sessions", Datum::Json(effect::ALL_SESSIONS.to_string()));
        }
        event
    }

    fn tenant(&mut self, action: Action) -> Told {
        let text = |name| self.place.event.text(name);
        let tenant = Tenant {
            order_id: text("order_id"),
            tenant_code: text("tenant_code"),
            name: text("name"),
            domain_name: text("domain_name"),
        };
        let effect = self.head.record.apply(action, tenant, self.at);
        Told { event: effect.then(|| self.told(action)), ..Told::default() }
    }

    fn application(&mut self, action: Action) -> Result<Told, Stop> {
        let key = self.place.application();
        let found: Option<ApplicationRow> = self.context.snapshot.get(&key)?;
        let found = found.map(|row| row.record);
        let text = |name| self.place.event.text(name);
        let application = Application {
            client_id: text("client_id"),
            client_secret: text("client_secret"),
            oaep: text("oaep"),
        };
        let after = ApplicationRecord::apply(found.as_ref(), &self.head.record, action, application, self.at);
        let Some((record, effect)) = after else { return Ok(Told::default()) };
        let has_content = record.bound;
        if found.as_ref() != Some(&record) {
            self.changes.put(key, &ApplicationRow::new(self.place.app(), record));
        }
        Ok(Told { event: effect.then(|| self.told(action)), has_content, ..Told::default() })
    }

    fn members(&mut self, action: Action) -> Result<Told, Stop> {
        let head = &self.head.record;
        let application: Option<ApplicationRow> = self.context.snapshot.get(&self.place.application())?;
        let is_bound =
            head.is_bound() && application.is_some_and(|row| row.record.bound && row.record.is_current(head));
        let (mut changed, mut ended, mut has_content) = (Vec::new(), Vec::new(), false);
        for (name, entry) in self.place.users() {
            let key = self.place.member(name);
            let found: Option<MemberRow> = self.context.snapshot.get(&key)?;
            let found = found.map(|row| row.record);
            let user = User(Json(entry.to_json()));
            let after = MemberRecord::apply(found.as_ref(), head, action, &user, self.at);
            let Some((record, effect)) = after else { continue };
            has_content |= !record.is_removed();
            if found.as_ref() != Some(&record) {
                self.changes.put(key, &MemberRow::new(self.place.app(), name, record));
            }
            if let Some(end) = effect {
                changed.push(entry.clone());
                ended.extend((end == Ended::Yes).then_some(name));
            }
        }
        let event = (!changed.is_empty()).then(|| {
            let mut event = self.event().clone();
            event.set("users", Datum::Records(changed));
            event.set("bound", Datum::Flag(is_bound));
            if !ended.is_empty() {
                event.set("end_sessions", Datum::Json(sessions_of(&ended)));
            }
            event
        });
        Ok(Told { event, has_content, ..Told::default() })
    }

    fn department(&mut self, action: Action) -> Result<Told, Stop> {
        let Some((code, entry)) = self.place.departments().into_iter().next() else {
            return Ok(Told::default());
        };
        let key = self.place.department(code);
        let found: Option<DepartmentRow> = self.context.snapshot.get(&key)?;
        let found = found.map(|row| row.record);
        let department = department_of(code, entry);
        let after =
            DepartmentRecord::apply(found.as_ref(), &mut self.head.record, action, department, self.at);
        let Some((record, effect)) = after else { return Ok(Told::default()) };
        let has_content = !record.removed;
        if found.as_ref() != Some(&record) {
            self.changes.put(key, &DepartmentRow::new(code, record));
        }
        // The rest of the tree is not at hand: of one department only this much can be seen.
        let mut oddities = Vec::new();
        if effect && has_content {
            oddities.extend((department.parent_code == Some(code)).then_some(Oddity::Cycle));
            oddities.extend(self.head.record.departments.is_crowded().then_some(Oddity::Count));
        }
        Ok(Told { event: effect.then(|| self.event().clone()), has_content, oddities })
    }

    fn snapshot(&mut self) -> Result<Told, Stop> {
        let entries = self.place.departments();
        let departments: Vec<Department<'_>> =
            entries.iter().map(|(code, entry)| department_of(code, entry)).collect();
        let mut found: Vec<Option<DepartmentRecord>> = Vec::with_capacity(entries.len());
        for (code, _) in &entries {
            let row: Option<DepartmentRow> = self.context.snapshot.get(&self.place.department(code))?;
            found.push(row.map(|row| row.record));
        }
        let after = DepartmentRecord::snapshot(&found, &mut self.head.record, &departments, self.at);
        let Some((written, effect)) = after else { return Ok(Told::default()) };
        for (code, record) in written {
            self.changes.put(self.place.department(&code), &DepartmentRow::new(&code, record));
        }
        let mut oddities = oddities(&departments);
        if entries.len() < self.event().records("departments").len() {
            oddities.push(Oddity::Repeated);
        }
        let event = effect.then(|| self.event().clone());
        Ok(Told { event, has_content: !entries.is_empty(), oddities })
    }
}

fn department_of<'a>(code: &'a str, entry: &'a Record) -> Department<'a> {
    Department { code, name: entry.text("name"), parent_code: entry.text("parent_code") }
}

/// `{"scope":"users","users":[…]}`
fn sessions_of(users: &[&str]) -> String {
    let mut out = Vec::from(*br#"{"scope":"users","users":["#);
    for (index, user) in users.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        json::push_string(&mut out, user);
    }
    out.extend_from_slice(b"]}");
    String::from_utf8(out).unwrap_or_default()
}
