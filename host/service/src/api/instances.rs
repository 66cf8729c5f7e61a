//! Instances, and changes of their access data.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use countersign_core::wire::{Form, json};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use super::Api;
use super::answer::{Empty, Json, written_by_the_core};
use super::auth::{Bearer, Operate, Read};
use super::problem::{
    BODY_INCOMPLETE, BODY_TOO_LARGE, FORBIDDEN, MALFORMED, Refusal, TOO_MANY_REQUESTS, UNAUTHORIZED,
    UNKNOWN_INSTANCE, malformed, of_changes, of_reads, responses,
};
use super::request::{Bytes, Id, Names, Query};
use super::view::{AccessChange, Instance};
use crate::config::Scope;
use crate::gate;

/// Instances of one page, unless the caller says otherwise.
const PAGE: usize = 100;
/// And at most.
const MAX_PAGE: usize = 1_000;

/// Which page.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// The `next` of the page before; absent: the first page.
    after: Option<String>,
    /// The most instances of the page.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<usize>,
}

impl Names for Page {
    fn take(form: &mut Form<'_>) -> Result<Self, Refusal> {
        let after = form.take("after").map(Into::into);
        let limit = form.take("limit").map(|text| {
            let number = text.parse().ok().filter(|limit| (1..=MAX_PAGE).contains(limit));
            number.ok_or_else(|| malformed("limit must be a number between 1 and 1 000"))
        });
        Ok(Self { after, limit: limit.transpose()? })
    }
}

/// Which of several instances with one id.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OfProduct {
    /// Whose instance is meant; absent: that of the first product of the configuration that has one with this id.
    product: Option<String>,
}

impl Names for OfProduct {
    fn take(form: &mut Form<'_>) -> Result<Self, Refusal> {
        Ok(Self { product: form.take("product").map(Into::into) })
    }
}

/// One page of instances, in the order of their keys.
#[derive(Serialize, ToSchema)]
pub(super) struct Instances {
    /// Those of the page; a row that cannot be read is left out, and an alarm says so.
    #[schema(value_type = Vec<Instance>)]
    instances: Vec<Box<RawValue>>,
    /// What `after` of the request for the next page is; `null`: this page was the last.
    #[schema(required)]
    next: Option<String>,
}

/// What a list can meet.
struct ListProblems;

impl IntoResponses for ListProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses([MALFORMED, UNAUTHORIZED, FORBIDDEN].into_iter().chain(of_reads()))
    }
}

/// List instances
///
/// Page by page, in the order of their keys. Access data are shown to tokens with the scope `secrets` only.
#[utoipa::path(
    get,
    path = "/v1/instances",
    operation_id = "listInstances",
    tag = "instances",
    params(Page),
    security(("bearer" = ["read"])),
    responses((status = 200, description = "One page.", body = Instances), ListProblems)
)]
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    caller: Bearer<Read>,
    Query(Page { after, limit }): Query<Page>,
) -> Result<Json<Instances>, Refusal> {
    let with_access = caller.has(Scope::Secrets);
    let (views, next) = api.gate.instances(after.as_deref(), limit.unwrap_or(PAGE), with_access).await?;
    let instances = views.into_iter().map(written_by_the_core).collect::<Result<_, _>>()?;
    Ok(Json(Instances { instances, next }))
}

/// What a look at one instance can meet.
struct OneProblems;

impl IntoResponses for OneProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses([MALFORMED, UNAUTHORIZED, FORBIDDEN, UNKNOWN_INSTANCE].into_iter().chain(of_reads()))
    }
}

/// See one instance
///
/// Access data are shown to tokens with the scope `secrets` only.
#[utoipa::path(
    get,
    path = "/v1/instances/{id}",
    operation_id = "getInstance",
    tag = "instances",
    params(("id" = String, Path, description = "The instance id."), OfProduct),
    security(("bearer" = ["read"])),
    responses((status = 200, description = "The instance.", body = Instance), OneProblems)
)]
pub(super) async fn one(
    State(api): State<Arc<Api>>,
    caller: Bearer<Read>,
    Id(id): Id,
    Query(OfProduct { product }): Query<OfProduct>,
) -> Result<Json<Box<RawValue>>, Refusal> {
    match api.gate.instance(product.as_deref(), &id, caller.has(Scope::Secrets)).await? {
        Some(view) => Ok(Json(written_by_the_core(view)?)),
        None => Err(unknown()),
    }
}

/// What a change of access data can meet.
struct ChangeProblems;

impl IntoResponses for ChangeProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let own = [
            MALFORMED,
            BODY_TOO_LARGE,
            UNAUTHORIZED,
            FORBIDDEN,
            UNKNOWN_INSTANCE,
            BODY_INCOMPLETE,
            TOO_MANY_REQUESTS,
        ];
        responses(own.into_iter().chain(of_changes()))
    }
}

/// Replace the access data of an instance
///
/// Every later answer to the platform carries the new ones. The same change may be repeated.
#[utoipa::path(
    put,
    path = "/v1/instances/{id}/access",
    operation_id = "replaceAccess",
    tag = "instances",
    params(("id" = String, Path, description = "The instance id."), OfProduct),
    request_body(content = AccessChange, description = "At most 256 KiB."),
    security(("bearer" = ["operate"])),
    responses((status = 200, description = "The access data are replaced.", body = Empty), ChangeProblems)
)]
pub(super) async fn change_access(
    State(api): State<Arc<Api>>,
    _: Bearer<Operate>,
    Id(id): Id,
    Query(OfProduct { product }): Query<OfProduct>,
    Bytes(body): Bytes,
) -> Result<Json<Empty>, Refusal> {
    refuse_unknown_members(&body)?;
    match api.gate.change_access(product.as_deref(), &id, &body).await? {
        gate::AccessChange::Changed => Ok(Json(Empty {})),
        gate::AccessChange::Unknown => Err(unknown()),
    }
}

fn refuse_unknown_members(body: &[u8]) -> Result<(), Refusal> {
    let document = json::read(body).map_err(|_| malformed("the body is not JSON, or repeats a name"))?;
    let members = document.value().as_object().ok_or_else(|| malformed("the body is not a JSON object"))?;
    // A known name in another spelling is left to the core, which says how it is spelt, unless the right one is there too.
    let misspelt =
        |name: &str| ACCESS.iter().any(|known| is_spelling(name, known) && members.get(known).is_none());
    let is_unknown = |name: &str| !ACCESS.contains(&name) && !misspelt(name);
    match members.iter().find(|(name, _)| is_unknown(name)) {
        None => Ok(()),
        Some((name, _)) => {
            let known = ACCESS.join(", ");
            let length = name.len();
            let message = format!("the body has an unknown member of {length} bytes; known are: {known}");
            Err(malformed(message))
        }
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
    UNKNOWN_INSTANCE.because("there is no such instance")
}
