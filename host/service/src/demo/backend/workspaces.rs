//! What the seller's application has: one workspace per instance, and a memory of every effect. It trusts nobody, and
//! writes down whatever the gate should never have done.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::accounts::{self, Accounts, is_about_accounts};
use super::behaviour::{ActiveBehaviour, Reaction};
use super::tenants::{Binding, Tenants, is_about_tenants};

/// A purchase takes a while, so that duplicates really meet one that is under way.
const PURCHASE_MS: u64 = 150;

/// One CloudEvent, as far as a seller looks into it.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) product: String,
    /// The type of the event, without `countersign.`.
    pub(super) kind: String,
    /// The fencing token; a question has none.
    pub(super) token: Option<u64>,
    pub(super) data: Value,
}

/// Tells that something about an order is new.
const ORDER_CHANGED: &str = "order_changed";

/// Asks for a licence, of an order or of a device.
const ISSUE_LICENSE: &str = "issue_license";

impl Message {
    /// Whether a workspace is opened by it: a purchase, or a licence that is issued for an order.
    fn opens(&self) -> bool {
        self.kind == "subscribe" || self.kind == ISSUE_LICENSE && self.data.get("event_id").is_none()
    }

    /// What is carried out in order: the instance, the order that a notice is about, the tenant, or the account.
    fn about(&self) -> String {
        let text = |name| self.data.get(name).and_then(Value::as_str).unwrap_or_default();
        if self.kind == ORDER_CHANGED {
            format!("order {}", text("order_id"))
        } else if is_about_tenants(&self.kind) {
            format!("tenant {} under {}", text("tenant_id"), text("instance_id"))
        } else if is_about_accounts(&self.kind) {
            accounts::about(&self.kind, &self.data)
        } else {
            text("instance_id").to_string()
        }
    }
}

/// What is answered to one delivery.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) body: Value,
    /// The delivery is answered after so many milliseconds, and carried out then.
    pub(super) after_ms: u64,
    /// The effect is carried out after so many milliseconds, and reported.
    pub(super) report_after_ms: Option<u64>,
}

/// One delivery, as a run shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The event's type without its prefix.
    pub kind: String,
    /// The fencing token; `None` for questions.
    pub token: Option<u64>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// What the backend did, in a few words.
    pub did: &'static str,
}

/// What the backend counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Effects that reached the backend, each once.
    pub effects: usize,
    /// Effects whose end is still to come.
    pub unfinished: usize,
    /// Messages that reached it, repeats and questions among them.
    pub deliveries: usize,
    /// Questions that reached it.
    pub questions: usize,
    /// Workspaces that were opened.
    pub opened: usize,
    /// Workspaces that were released.
    pub released: usize,
}

#[derive(Debug)]
struct Workspace {
    released: bool,
}

#[derive(Debug)]
struct Effect {
    /// The product, and the instance or order.
    about: (String, String),
    kind: String,
    data: Value,
    end: Option<(u16, Value)>,
    /// Somebody is at work on it, or a report will come.
    busy: bool,
}

/// Everything that the sample backend remembers.
#[derive(Debug)]
pub(super) struct Workspaces {
    seed: u64,
    pub(super) behaviour: ActiveBehaviour,
    /// The workspaces, by product and instance id.
    workspaces: BTreeMap<(String, String), Workspace>,
    effects: BTreeMap<String, Effect>,
    /// The highest fencing token of each instance and order.
    tokens: BTreeMap<(String, String), u64>,
    tenants: Tenants,
    accounts: Accounts,
    pub(super) deliveries: Vec<Delivery>,
    counts: Counts,
    complaints: Vec<String>,
}

impl Workspaces {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            behaviour: ActiveBehaviour::default(),
            workspaces: BTreeMap::new(),
            effects: BTreeMap::new(),
            tokens: BTreeMap::new(),
            tenants: Tenants::default(),
            accounts: Accounts::default(),
            deliveries: Vec::new(),
            counts: Counts::default(),
            complaints: Vec::new(),
        }
    }

    /// Takes in one genuine message.
    pub(super) fn take(&mut self, message: &Message) -> Response {
        self.counts.deliveries += 1;
        let (response, did) = match message.token {
            None => self.answer(message),
            Some(token) => self.carry_out(message, token),
        };
        let Message { kind, token, .. } = message.clone();
        self.deliveries.push(Delivery { kind, token, status: response.status, did });
        response
    }

    fn answer(&mut self, message: &Message) -> (Response, &'static str) {
        self.counts.questions += 1;
        match message.kind.as_str() {
            "query_instances" => (now(200, usage(self.seed, &message.data)), "told the usage"),
            "check_change" => match self.behaviour.refusal_of_question() {
                Some(code) => (now(400, refusal(code)), "said no"),
                None => (now(200, json!({})), "said yes"),
            },
            _ => {
                self.complain(message, "a question that nobody asks");
                (now(400, json!({})), "did not understand")
            }
        }
    }

    fn carry_out(&mut self, message: &Message, token: u64) -> (Response, &'static str) {
        let about = (message.product.clone(), message.about());
        let highest = self.tokens.entry(about.clone()).or_default();
        if token < *highest {
            self.complain(message, "the fencing token went down");
        } else {
            *highest = token;
        }
        if let Some(known) = self.effects.get(&message.id) {
            if let Some((status, body)) = &known.end {
                return (now(*status, body.clone()), "remembered its answer");
            }
            if known.busy {
                return (now(202, json!({})), "is still at work");
            }
        } else {
            self.begin(message, &about);
        }
        // A license code is no purchase of ours: the platform says that it made one, and we know which it can have made.
        let adopted = message.data.get("adopted").is_some();
        if adopted && !about.1.starts_with("PL") {
            let body = json!({ "code": "000003", "message": "no such license" });
            self.end(&message.id, 404, body.clone());
            return (now(404, body), "did not know it");
        }
        if self.accounts.is_unknown(&about.0, &message.kind, &message.data) {
            let body = json!({ "code": "404", "message": "no such account" });
            self.end(&message.id, 404, body.clone());
            return (now(404, body), "did not know it");
        }
        if adopted {
            self.workspaces.entry(about.clone()).or_insert(Workspace { released: false });
        }
        let purchase = message.opens();
        match self.behaviour.react_to_effect(purchase, if purchase { PURCHASE_MS } else { 0 }) {
            Reaction::Fail => (now(500, json!({})), "failed"),
            Reaction::Accept => (now(202, json!({})), "accepted it for later"),
            Reaction::Refuse(code) => {
                let body = refusal(code);
                self.end(&message.id, 409, body.clone());
                (now(409, body), "refused")
            }
            Reaction::Report { after_ms } => {
                self.busy(&message.id);
                let response = Response { report_after_ms: Some(after_ms), ..now(202, json!({})) };
                (response, "will report when it is done")
            }
            Reaction::CarryOut { after_ms } => {
                self.busy(&message.id);
                let body = success(self.seed, &message.kind, &message.data, &about);
                (Response { after_ms, ..now(200, body) }, done(&message.kind))
            }
        }
    }

    /// The first delivery of an effect.
    fn begin(&mut self, message: &Message, about: &(String, String)) {
        self.counts.effects += 1;
        let overlaps = self.effects.values().any(|other| other.end.is_none() && other.about == *about);
        if overlaps {
            self.complain(message, "came before the effect before it had ended");
        }
        if about.1.is_empty() {
            self.complain(message, "names nothing that it is about");
        }
        let (kind, data) = (message.kind.clone(), message.data.clone());
        let effect = Effect { about: about.clone(), kind, data, end: None, busy: false };
        self.effects.insert(message.id.clone(), effect);
    }

    fn busy(&mut self, id: &str) {
        if let Some(effect) = self.effects.get_mut(id) {
            effect.busy = true;
        }
    }

    fn end(&mut self, id: &str, status: u16, body: Value) {
        if let Some(effect) = self.effects.get_mut(id) {
            effect.end = Some((status, body));
            effect.busy = false;
        }
    }

    /// Carries an effect out, now; the answer for it. A second time changes nothing.
    pub(super) fn finish(&mut self, id: &str) -> Value {
        let Some(effect) = self.effects.get(id) else { return json!({}) };
        if let Some((_, body)) = &effect.end {
            return body.clone();
        }
        let (instance, kind) = (effect.about.clone(), effect.kind.clone());
        let mut wrong = None;
        let data = effect.data.clone();
        let body = success(self.seed, &kind, &data, &instance);
        let opens = kind == "subscribe" || kind == ISSUE_LICENSE && data.get("event_id").is_none();
        match (kind.as_str(), self.workspaces.get_mut(&instance)) {
            // It looks at its own books; no workspace changes.
            (ORDER_CHANGED, _) => {}
            (kind, _) if is_about_tenants(kind) => self.tenants.take(&instance.0, kind, &data),
            (kind, _) if is_about_accounts(kind) => {
                wrong = self.accounts.take(&instance.0, kind, &data, &body);
            }
            (_, Some(_)) if opens => wrong = Some("would open a second workspace for the instance"),
            (_, None) if opens => {
                self.counts.opened += 1;
                self.workspaces.insert(instance.clone(), Workspace { released: false });
            }
            (_, None) => wrong = Some("is about a workspace that was never opened"),
            (_, Some(Workspace { released: true })) => wrong = Some("is about a released workspace"),
            ("release", Some(workspace)) => {
                workspace.released = true;
                self.counts.released += 1;
            }
            _ => {}
        }
        if let Some(wrong) = wrong {
            self.complaints.push(format!("{kind} of {}/{}: {wrong}", instance.0, instance.1));
        }
        self.end(id, 200, body.clone());
        body
    }

    fn complain(&mut self, message: &Message, what: &str) {
        self.complaints.push(format!("{} {} for {}: {what}", message.kind, message.id, message.product));
    }

    /// Records what the server found wrong.
    pub(super) fn complain_about(&mut self, what: String) {
        self.complaints.push(what);
    }

    /// Everything that a gate should never do and this one did.
    pub(super) fn complaints(&self) -> Vec<String> {
        self.complaints.clone()
    }

    pub(super) fn counts(&self) -> Counts {
        let unfinished = self.effects.values().filter(|effect| effect.end.is_none()).count();
        Counts { unfinished, ..self.counts }
    }

    /// Who may work in each binding of a tenant.
    pub(super) fn active(&self) -> BTreeMap<Binding, Vec<String>> {
        self.tenants.active()
    }

    /// Product and instance id of every workspace, and whether it was released.
    pub(super) fn workspaces(&self) -> BTreeMap<(String, String), bool> {
        self.workspaces.iter().map(|(id, workspace)| (id.clone(), workspace.released)).collect()
    }
}

fn now(status: u16, body: Value) -> Response {
    Response { status, body, after_ms: 0, report_after_ms: None }
}

fn done(kind: &str) -> &'static str {
    match kind {
        "subscribe" => "opened a workspace",
        "renew" => "extended it",
        "upgrade" => "changed the plan",
        "freeze" => "froze it",
        "unfreeze" => "set it free",
        "release" => "removed it",
        ISSUE_LICENSE => "issued a licence",
        ORDER_CHANGED => "looked at the order",
        "tenant_add" | "tenant_update" => "noted the tenant",
        "tenant_remove" => "shut the tenant out",
        "application_add" | "application_update" => "noted the application",
        "application_remove" => "forgot the application",
        "members_add" | "members_update" => "let them work",
        "members_revoke" | "members_remove" => "sent them home",
        "department_add" | "department_update" | "department_remove" | "department_snapshot" => {
            "drew the departments anew"
        }
        "account_create" | "organization_create" => "opened it",
        "account_update" | "organization_update" => "changed it",
        "account_delete" | "organization_delete" => "closed it",
        _ => "carried it out",
    }
}

fn refusal(code: &str) -> Value {
    json!({ "code": code, "message": "售罄 (sold out)" })
}

/// What is answered to an effect that is carried out.
fn success(seed: u64, kind: &str, data: &Value, about: &(String, String)) -> Value {
    match kind {
        "subscribe" => access(seed, about),
        "account_create" | "organization_create" => accounts::opened(seed, kind, data, &about.0),
        ISSUE_LICENSE => {
            let text = |name| data.get(name).and_then(Value::as_str).unwrap_or_default();
            let label = format!(
                "license {} {} {} {}",
                about.0,
                about.1,
                text("event_id"),
                text("device_fingerprint")
            );
            let mut entropy = countersign_simulator::Entropy::labelled(seed, &label);
            json!({ "license": entropy.uuid() })
        }
        _ => json!({}),
    }
}

/// Access data that the same seed always gives to the same instance.
fn access(seed: u64, (product, id): &(String, String)) -> Value {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    let mut entropy = countersign_simulator::Entropy::labelled(seed, &format!("workspace {product} {id}"));
    let name = entropy.text(b"abcdefghijklmnopqrstuvwxyz0123456789", 8);
    json!({
        "front_end_url": format!("https://{name}.{product}.example.com/"),
        "admin_url": format!("https://{name}.{product}.example.com/admin"),
        "user_name": format!("admin@{name}"),
        "password": entropy.text(LETTERS, 16),
        "memo": "首次登录请修改密码 · please change the password",
    })
}

/// A figure for every instance that is asked about.
fn usage(seed: u64, data: &Value) -> Value {
    let ids = data.get("instance_ids").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let figure = |id: &Value| {
        let id = id.as_str().unwrap_or_default();
        let mut entropy = countersign_simulator::Entropy::labelled(seed, &format!("usage {id}"));
        let value = format!("{}.{:04}", entropy.below(1_000), entropy.below(10_000));
        json!({ "instance_id": id, "usage_value": value, "statistical_time": "20260101000000000" })
    };
    json!({ "usage": ids.iter().map(figure).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::{Message, Workspaces};
    use countersign_simulator::scenario::Behaviour;
    use serde_json::json;

    fn message(kind: &str, id: &str, token: u64) -> Message {
        Message {
            id: id.to_string(),
            product: "crm".to_string(),
            kind: kind.to_string(),
            token: Some(token),
            data: json!({ "instance_id": "i-1" }),
        }
    }

    fn delivered(workspaces: &mut Workspaces, kind: &str, id: &str, token: u64) -> u16 {
        let response = workspaces.take(&message(kind, id, token));
        if response.status == 200 {
            workspaces.finish(id);
        }
        response.status
    }

    #[test]
    fn an_effect_is_carried_out_once_however_often_it_comes() {
        let mut workspaces = Workspaces::new(1);
        let first = workspaces.take(&message("subscribe", "e-1", 1));
        assert_eq!(workspaces.take(&message("subscribe", "e-1", 2)).status, 202, "it is under way");
        assert_eq!(workspaces.finish("e-1"), first.body);
        assert_eq!(workspaces.take(&message("subscribe", "e-1", 3)).body, first.body);
        assert_eq!(delivered(&mut workspaces, "renew", "e-2", 4), 200);
        assert_eq!(delivered(&mut workspaces, "release", "e-3", 5), 200);
        let counts = workspaces.counts();
        assert_eq!((counts.effects, counts.deliveries, counts.opened, counts.released), (3, 5, 1, 1));
        assert_eq!(workspaces.complaints(), [""; 0]);
    }

    #[test]
    fn what_a_gate_must_never_do_is_written_down() {
        for (steps, wrong) in [
            (&[("subscribe", "e-1", 1), ("subscribe", "e-2", 2)][..], "second workspace"),
            (&[("subscribe", "e-1", 2), ("renew", "e-2", 1)], "token went down"),
            (&[("renew", "e-1", 1)], "never opened"),
            (&[("subscribe", "e-1", 1), ("release", "e-2", 2), ("renew", "e-3", 3)], "released workspace"),
        ] {
            let mut workspaces = Workspaces::new(1);
            for (kind, id, token) in steps {
                delivered(&mut workspaces, kind, id, *token);
            }
            let complaints = workspaces.complaints();
            assert!(complaints.len() == 1 && complaints[0].contains(wrong), "{complaints:?}");
        }
    }

    #[test]
    fn two_effects_of_one_instance_never_overlap() {
        let mut workspaces = Workspaces::new(1);
        workspaces.behaviour.apply(Behaviour::Accepted { times: 1 });
        assert_eq!(delivered(&mut workspaces, "subscribe", "e-1", 1), 202);
        delivered(&mut workspaces, "release", "e-2", 2);
        assert!(workspaces.complaints()[0].contains("before it had ended"));
    }

    #[test]
    fn sold_out_is_refused_until_it_is_restocked() {
        let mut workspaces = Workspaces::new(1);
        workspaces.behaviour.apply(Behaviour::SoldOut { code: "000106" });
        let refused = workspaces.take(&message("subscribe", "e-1", 1));
        assert_eq!((refused.status, refused.body["code"].as_str()), (409, Some("000106")));
        workspaces.behaviour.apply(Behaviour::Restocked);
        assert_eq!(delivered(&mut workspaces, "subscribe", "e-2", 2), 200);
        assert_eq!(workspaces.complaints(), [""; 0]);
    }
}
