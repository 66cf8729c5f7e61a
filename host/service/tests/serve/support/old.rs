//! A seller's old handler, as sellers write them: it answers the platform by itself, on plain HTTP.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use countersign_core::crypto::MacKey;
use countersign_core::wire::{Form, base64};
use serde_json::{Value, json};

use super::{Backend, Delivery, KEY, Reply};

/// What it does wrong.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Vices {
    /// Opens another instance for every create, repeated or not.
    pub(crate) opens_again: bool,
    /// Signs with something else than the key.
    pub(crate) signs_wrong: bool,
    /// Answers HTTP 500 with its result code.
    pub(crate) status_500: bool,
    /// Forgets the address in a query.
    pub(crate) forgets_address: bool,
    /// Turns every freeze away as if it had never heard of the instance.
    pub(crate) forgets_freeze: bool,
}

/// Starts one; it verifies nothing.
pub(crate) fn old_handler(vices: Vices) -> Backend {
    let book = Arc::new(Mutex::new(Book::default()));
    Backend::start(move |call| book.lock().unwrap().answer(call, vices))
}

/// Scheme, host and port.
pub(crate) fn origin(old: &Backend) -> String {
    format!("http://{}", old.address)
}

#[derive(Default)]
struct Book {
    orders: HashMap<String, String>,
    opened: usize,
}

impl Book {
    fn answer(&mut self, call: &Delivery, vices: Vices) -> Reply {
        let fields = fields(call);
        let text = |name: &str| fields[name].as_str().unwrap_or_default();
        let v1 = call.body.is_empty();
        let app = json!({"frontEndUrl": "https://old.example.com", "memo": "s3cret-memo"});
        let body = match text("activity") {
            "newInstance" => {
                let id = self.open(text("orderId"), vices);
                if v1 {
                    json!({"resultCode": "000000", "resultMsg": "ok", "instanceId": id, "appInfo": app})
                } else {
                    json!({"resultCode": "000000", "resultMsg": "ok", "instanceId": id})
                }
            }
            "queryInstance" => {
                let app = if vices.forgets_address { json!({}) } else { app };
                json!({"resultCode": "000000", "info": [{"instanceId": text("instanceId"), "appInfo": app}]})
            }
            "updateInstanceStatus" if vices.forgets_freeze => json!({"resultCode": "000003"}),
            _ => json!({"resultCode": "000000", "resultMsg": "done by the old one"}),
        };
        signed(&body, vices)
    }

    fn open(&mut self, order: &str, vices: Vices) -> String {
        match self.orders.get(order) {
            Some(id) if !vices.opens_again => id.clone(),
            _ => {
                self.opened += 1;
                let id = format!("old-{}", self.opened);
                self.orders.insert(order.to_owned(), id.clone());
                id
            }
        }
    }
}

fn fields(call: &Delivery) -> Value {
    if !call.body.is_empty() {
        return serde_json::from_slice(&call.body).unwrap_or_default();
    }
    let query = call.target.split_once('?').map_or("", |(_, query)| query);
    let pairs = Form::parse(query.as_bytes()).unwrap().into_pairs();
    Value::Object(pairs.into_iter().map(|(name, value)| (name.into_owned(), value.into())).collect())
}

fn signed(body: &Value, vices: Vices) -> Reply {
    let body = body.to_string().into_bytes();
    let key = if vices.signs_wrong { "another-key" } else { KEY };
    let signature = base64::encode(&MacKey::new(key.as_bytes()).mac(&[&body]));
    let mut reply = Reply::status(if vices.status_500 { 500 } else { 200 }, body);
    reply.headers = vec![
        ("Content-Type", "application/json".to_owned()),
        ("Body-Sign", format!("sign_type=\"HMAC-SHA256\", signature= \"{signature}\"")),
    ];
    reply
}
