//! Instances, and changes of their access data.

use std::sync::Arc;

use countersign_core::wire::{Form, json};
use hyper::StatusCode;

use super::answer::{self, Refusal, malformed, problem};
use crate::gate::{AccessChange, Gate};
use crate::listen::HttpAnswer;

/// Instances of one page, unless the caller says otherwise.
const PAGE: usize = 100;
/// And at most.
const MAX_PAGE: usize = 1_000;

/// `{"instances": […], "next": …}`; `next` goes into `after` of the next request, `null` when this page was the last.
pub(super) async fn list(gate: &Gate, query: &str, with_access: bool) -> Result<HttpAnswer, Refusal> {
    let mut form = parse(query)?;
    let after = form.take("after");
    let limit = match form.take("limit") {
        None => PAGE,
        Some(text) => (text.parse().ok().filter(|limit| (1..=MAX_PAGE).contains(limit)))
            .ok_or_else(|| malformed("limit must be a number between 1 and 1 000"))?,
    };
    nothing_more(form)?;
    let (views, next) = gate.instances(after.as_deref(), limit, with_access).await?;
    let next = serde_json::Value::from(next).to_string();
    let mut body = b"{\"instances\":[".to_vec();
    body.extend_from_slice(&views.join(&b','));
    body.extend_from_slice(b"],\"next\":");
    body.extend_from_slice(next.as_bytes());
    body.push(b'}');
    Ok(answer::json(body))
}

pub(super) async fn one(
    gate: &Gate,
    query: &str,
    id: &str,
    with_access: bool,
) -> Result<HttpAnswer, Refusal> {
    let product = product(query)?;
    match gate.instance(product.as_deref(), id, with_access).await? {
        Some(view) => Ok(answer::json(view)),
        None => Err(unknown()),
    }
}

pub(super) async fn change_access(
    gate: &Arc<Gate>,
    query: &str,
    id: &str,
    body: &[u8],
) -> Result<HttpAnswer, Refusal> {
    let product = product(query)?;
    let document = json::read(body).map_err(|_| malformed("the body is not JSON, or repeats a name"))?;
    let members = document.as_object().ok_or_else(|| malformed("the body is not a JSON object"))?;
    // A known name in another spelling is left to the core, which says how it is spelt, unless the right one is there too.
    let misspelt =
        |name: &str| ACCESS.iter().any(|known| is_spelling(name, known) && document.get(known).is_none());
    let is_unknown = |name: &str| !ACCESS.contains(&name) && !misspelt(name);
    if let Some((name, _)) = members.iter().find(|(name, _)| is_unknown(name.as_str())) {
        let known = ACCESS.join(", ");
        let message =
            format!("the body has an unknown member of {} bytes; known are: {known}", name.as_str().len());
        return Err(malformed(&message));
    }
    match gate.change_access(product.as_deref(), id, body).await? {
        AccessChange::Changed => Ok(answer::json("{}")),
        AccessChange::Unknown => Err(unknown()),
    }
}

/// Whether a name is `known` but for case, underscores and hyphens.
fn is_spelling(name: &str, known: &str) -> bool {
    let letters = |text: &str| text.replace(['_', '-'], "").to_ascii_lowercase();
    letters(name) == letters(known)
}

/// Members of the access data.
const ACCESS: [&str; 5] = ["front_end_url", "admin_url", "user_name", "password", "memo"];

fn unknown() -> Refusal {
    problem(StatusCode::NOT_FOUND, "unknown-instance", "there is no such instance")
}

fn product(query: &str) -> Result<Option<String>, Refusal> {
    let mut form = parse(query)?;
    let product = form.take("product").map(std::borrow::Cow::into_owned);
    nothing_more(form)?;
    Ok(product)
}

fn parse(query: &str) -> Result<Form<'_>, Refusal> {
    Form::parse(query.as_bytes()).map_err(|_| malformed("the query is malformed, or repeats a name"))
}

fn nothing_more(form: Form<'_>) -> Result<(), Refusal> {
    if form.into_pairs().is_empty() { Ok(()) } else { Err(malformed("the query has an unknown name")) }
}
