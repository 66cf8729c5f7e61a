//! The api in the words of OpenAPI 3.1, put together from what each handler says of itself.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::response::IntoResponse;
use hyper::header::CONTENT_TYPE;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi as _};

use super::answer::MEDIA_TYPE;
use super::problem::{self, Problem};

/// What no handler says by itself.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Countersign: the api listener",
        description = "For the operator of a gateway and for the seller's own services.\n\nWhat goes wrong is a problem \
                       (RFC 9457) with a stable code, looked for in this order: 404 for an unknown path, 405, 401, 403, 400 \
                       or 408 for what cannot be read, then 404 or 409 for what cannot be done, 503 while the store is \
                       away. What is no HTTP at all is refused without a problem: 400, 414 or 431 with an empty body. \
                       No answer is to be kept (`Cache-Control: no-store`).",
    ),
    components(schemas(Problem)),
    modifiers(&Bearer, &Examples),
    tags(
        (name = "status", description = "Whether the gateway is alive and ready, what it counted, and this document. Without a token: nothing here is a secret."),
        (name = "instances", description = "What was bought."),
        (name = "tenants", description = "Who uses what was bought."),
        (name = "effects", description = "What the seller's backend was told to do."),
    )
)]
struct Frame;

/// Tokens are those of `api.tokens` in the configuration.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut OpenApi) {
        let description = "A token of `api.tokens` in the gateway's configuration. An operation names the scope that it \
                           asks for: `read` to see instances and tenants, `operate` to report effects and to change access data; \
                           `secrets` beside `read` to see access data.";
        let bearer: Http =
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description)).build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}

/// Problems, each once; operations refer to them.
struct Examples;

impl Modify for Examples {
    fn modify(&self, document: &mut OpenApi) {
        document.components.get_or_insert_default().examples.extend(problem::examples());
    }
}

/// The document without operations.
pub(super) fn frame() -> OpenApi {
    Frame::openapi()
}

/// The whole document as it is served, and as it stands in `host/service/openapi.json`.
///
/// # Errors
/// None that can occur: a document of texts is JSON.
pub fn openapi() -> serde_json::Result<String> {
    let mut text = serde_json::to_string_pretty(&super::routes().into_openapi())?;
    text.push('\n');
    Ok(text)
}

static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| openapi().unwrap_or_default().into());

/// This document
///
/// The same for every gateway of one release: it holds nothing of the configuration, so that no token is needed.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "getDocument",
    tag = "status",
    security(()),
    responses((status = 200, description = "OpenAPI 3.1.", body = Object, content_type = "application/json"))
)]
pub(super) async fn document() -> impl IntoResponse {
    ([(CONTENT_TYPE, MEDIA_TYPE)], DOCUMENT.clone())
}
