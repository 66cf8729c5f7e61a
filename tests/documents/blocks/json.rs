//! JSON is JSON as printed. An event is the one that the running gateway sends for the purchase that it tells of.

use std::time::Duration;

use serde_json::Value;

use crate::session::{Outcome, Session};
use crate::{backend, platform};

pub(crate) fn check(session: &Session, text: &str) -> Outcome {
    let printed: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if printed.get("specversion").is_some() { event(session, &printed) } else { Ok(()) }
}

/// Everything is as printed, save what no two purchases share: id and time.
fn event(session: &Session, printed: &Value) -> Outcome {
    if session.gateway.is_none() {
        return Err("an event stands where no gateway runs".to_owned());
    }
    let data = |name: &str| printed["data"][name].as_str().ok_or_else(|| format!("it has no {name}"));
    let messages = backend::takes_one().map_err(|error| error.to_string())?;
    platform::buys(data("order_id")?, data("order_line_id")?, data("business_id")?)?;
    let message = messages.recv_timeout(Duration::from_secs(30)).map_err(|error| error.to_string())?;
    if message.request_line != "POST /events HTTP/1.1"
        || message.content_type != "application/cloudevents+json"
    {
        return Err(format!("{} with {}", message.request_line, message.content_type));
    }
    let mut sent: Value = serde_json::from_slice(&message.body).map_err(|error| error.to_string())?;
    for name in ["id", "time"] {
        let (sent, printed) = (&mut sent[name], &printed[name]);
        let has_its_form = sent.as_str().map(str::len) == printed.as_str().map(str::len);
        *sent = if has_its_form { printed.clone() } else { sent.clone() };
    }
    if sent == *printed { Ok(()) } else { Err(format!("the gateway sent {sent:#}")) }
}
