//! Tenants, and what belongs to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use countersign_core::wire::Form;
use serde_json::value::RawValue;
use utoipa::IntoResponses;
use utoipa::openapi::{RefOr, Response};

use super::Api;
use super::answer::{Json, written_by_the_core};
use super::auth::{Bearer, Read};
use super::problem::{FORBIDDEN, MALFORMED, Refusal, UNAUTHORIZED, UNKNOWN_TENANT, of_reads, responses};
use super::request::{Id, Names, Query};
use super::view::Directory;

/// Which of several bindings of a tenant.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OfBinding {
    /// Whose tenant is meant; absent: that of the first product of the configuration that knows it.
    product: Option<String>,
    /// The instance that the tenant bound; absent or empty: the seller's own credential, or a test tenant.
    instance_id: Option<String>,
}

impl Names for OfBinding {
    fn take(form: &mut Form<'_>) -> Result<Self, Refusal> {
        let (product, instance_id) = (form.take("product"), form.take("instance_id"));
        Ok(Self { product: product.map(Into::into), instance_id: instance_id.map(Into::into) })
    }
}

/// What a look at one tenant can meet.
struct OneProblems;

impl IntoResponses for OneProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses([MALFORMED, UNAUTHORIZED, FORBIDDEN, UNKNOWN_TENANT].into_iter().chain(of_reads()))
    }
}

/// See one tenant
///
/// With its applications, their members and its departments; what belongs to an ended binding is left out. Holds personal
/// data of users. Client secrets are never shown.
#[utoipa::path(
    get,
    path = "/v1/tenants/{id}",
    operation_id = "getTenant",
    tag = "tenants",
    params(("id" = String, Path, description = "The tenant id."), OfBinding),
    security(("bearer" = ["read"])),
    responses((status = 200, description = "The tenant.", body = Directory), OneProblems)
)]
pub(super) async fn one(
    State(api): State<Arc<Api>>,
    _: Bearer<Read>,
    Id(id): Id,
    Query(OfBinding { product, instance_id }): Query<OfBinding>,
) -> Result<Json<Box<RawValue>>, Refusal> {
    let instance = instance_id.unwrap_or_default();
    match api.gate.directory(product.as_deref(), &id, &instance).await? {
        Some(view) => Ok(Json(written_by_the_core(view)?)),
        None => Err(UNKNOWN_TENANT.because("nothing is known of this tenant")),
    }
}
