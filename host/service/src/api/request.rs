//! What stands in a request: the id in its path, the names in its query, its body. Each is read strictly, where axum's own
//! extractors let pass what is nearly right: an escape that is none, a name that is repeated.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use countersign_core::wire::{Form, percent};
use hyper::http::request::Parts;

use super::Api;
use super::problem::{BODY_INCOMPLETE, BODY_TOO_LARGE, Refusal, TOO_MANY_REQUESTS, malformed};
use crate::listen::{Body, Caller};

/// The largest body.
const MAX_BODY_BYTES: usize = 262_144;

/// The id in a path, decoded; `+` is itself.
pub(super) struct Id(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let malformed = || malformed("the path is not percent-encoded UTF-8");
        // axum leaves `%zz` as it stands.
        percent::decode(parts.uri.path().as_bytes()).map_err(|_| malformed())?;
        let Path(id) = Path::from_request_parts(parts, state).await.map_err(|_| malformed())?;
        Ok(Self(id))
    }
}

/// The names of a query that an operation knows.
pub(super) trait Names: Sized {
    /// Takes what it knows; whatever remains is unknown.
    fn take(form: &mut Form<'_>) -> Result<Self, Refusal>;
}

/// A query in which every name is known and stands once.
pub(super) struct Query<N>(pub(super) N);

impl<S: Send + Sync, N: Names> FromRequestParts<S> for Query<N> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let query = parts.uri.query().unwrap_or_default();
        let mut form = Form::parse(query.as_bytes())
            .map_err(|_| malformed("the query is malformed, or repeats a name"))?;
        let names = N::take(&mut form)?;
        if form.into_pairs().is_empty() {
            Ok(Self(names))
        } else {
            Err(malformed("the query has an unknown name"))
        }
    }
}

/// A body, read within the bounds of the connection that it comes on.
pub(super) struct Bytes(pub(super) Vec<u8>);

impl FromRequest<Arc<Api>> for Bytes {
    type Rejection = Refusal;

    async fn from_request(request: Request, api: &Arc<Api>) -> Result<Self, Refusal> {
        let (mut head, body) = request.into_parts();
        // Every request comes on a connection; one that does not is nobody's.
        let caller = head
            .extensions
            .remove::<Caller>()
            .ok_or_else(|| BODY_INCOMPLETE.because("the body did not arrive"))?;
        match caller.read(body, MAX_BODY_BYTES, api.terms.get().body_timeout).await {
            Body::Complete(bytes) => Ok(Self(bytes)),
            Body::Oversized => Err(BODY_TOO_LARGE.because("the body is over 256 KiB")),
            Body::Late | Body::Broken => Err(BODY_INCOMPLETE.because("the body did not arrive")),
            Body::Crowded => Err(TOO_MANY_REQUESTS.because("other requests take up all the room for bodies")),
        }
    }
}
