//! What the seller's application knows of accounts and organizations: one for each name, until it is closed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Product and id.
type Id = (String, String);

#[derive(Debug)]
struct Account {
    /// User name or code, with the kind in front: a user and an organization may be called alike.
    name: String,
    is_closed: bool,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Accounts(BTreeMap<Id, Account>);

/// Whether an event is about an account or an organization.
pub(super) fn is_about_accounts(kind: &str) -> bool {
    kind.starts_with("account_") || kind.starts_with("organization_")
}

/// What an event is about: a name as long as there is no id.
pub(super) fn about(kind: &str, data: &Value) -> String {
    let text = |name| data.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let family = kind.split('_').next().unwrap_or_default();
    match (kind.ends_with("_create"), text("username").or(text("code")), text("id")) {
        (true, Some(name), _) => format!("{family} named {name}"),
        (_, _, Some(id)) => format!("{family} {id}"),
        _ => String::new(),
    }
}

/// The answer to a create: the id that it names, or one that the same seed always gives to the same account.
pub(super) fn opened(seed: u64, kind: &str, data: &Value, product: &str) -> Value {
    let text = |name| data.get(name).and_then(Value::as_str).unwrap_or_default();
    if !text("id").is_empty() {
        return json!({ "id": text("id") });
    }
    let label = format!("{} of {product}, after {}", about(kind, data), text("previous_id"));
    json!({ "id": countersign_simulator::Entropy::labelled(seed, &label).uuid() })
}

impl Accounts {
    /// Whether a change is about something that was never opened or is closed.
    pub(super) fn is_unknown(&self, product: &str, kind: &str, data: &Value) -> bool {
        let id = data.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let is_open = self.0.get(&(product.to_owned(), id)).is_some_and(|account| !account.is_closed);
        is_about_accounts(kind) && !kind.ends_with("_create") && !is_open
    }

    /// Takes in what an event says; what is wrong with it.
    pub(super) fn take(
        &mut self,
        product: &str,
        kind: &str,
        data: &Value,
        answer: &Value,
    ) -> Option<&'static str> {
        let id = |of: &Value| of.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        if kind.ends_with("_create") {
            let name = about(kind, data);
            let id = (product.to_owned(), id(answer));
            let other = self.0.iter().any(|(known, account)| {
                known.0 == id.0 && *known != id && account.name == name && !account.is_closed
            });
            self.0.insert(id, Account { name, is_closed: false });
            return other.then_some("opens a second account for a name");
        }
        match self.0.get_mut(&(product.to_owned(), id(data))) {
            Some(account) if !account.is_closed => {
                account.is_closed = kind.ends_with("_delete");
                None
            }
            _ => Some("is about an account that is not there"),
        }
    }
}
