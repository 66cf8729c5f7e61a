//! The backend says by itself how an effect ended: after a 202, or when it finds that its answer was lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use countersign_core::ledger::Outcome;
use countersign_core::wire::json;
use serde_json::value::RawValue;
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use super::Api;
use super::answer::{Empty, Json};
use super::auth::{Bearer, Operate};
use super::problem::{
    BODY_INCOMPLETE, BODY_TOO_LARGE, FORBIDDEN, MALFORMED, Refusal, SUPERSEDED, TOO_MANY_REQUESTS,
    UNAUTHORIZED, UNKNOWN_EFFECT, malformed, of_changes, responses,
};
use super::request::{Bytes, Id};
use crate::gate::Report;

/// How an effect ended. Beside these members stands whatever the backend would have answered: for a new instance its access
/// data, for a query its usage.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the body is read member by member, so that numbers keep their digits")]
struct EffectReport {
    outcome: EffectOutcome,
    /// Of a refusal: the code that the platform is told, `000100` for one.
    code: Option<String>,
    /// Of a refusal: why, for the buyer.
    message: Option<String>,
}

/// The end of an effect.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "the body is read member by member, so that numbers keep their digits")]
enum EffectOutcome {
    /// It was carried out.
    Done,
    /// The seller refuses it.
    Refused,
}

/// What a report can meet.
struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let own = [
            MALFORMED,
            BODY_TOO_LARGE,
            UNAUTHORIZED,
            FORBIDDEN,
            UNKNOWN_EFFECT,
            BODY_INCOMPLETE,
            SUPERSEDED,
            TOO_MANY_REQUESTS,
        ];
        responses(own.into_iter().chain(of_changes()))
    }
}

/// Say how an effect ended
///
/// For a backend that answered 202, or that finds that its answer was lost. The same report may be repeated.
#[utoipa::path(
    post,
    path = "/v1/effects/{id}",
    operation_id = "reportEffect",
    tag = "effects",
    params(("id" = String, Path, description = "The `id` of the event that the backend was sent.")),
    request_body(content = EffectReport, description = "At most 256 KiB."),
    security(("bearer" = ["operate"])),
    responses(
        (status = 200, description = "The effect has ended so, now or before.", body = Empty),
        Problems,
    )
)]
pub(super) async fn report(
    State(api): State<Arc<Api>>,
    _: Bearer<Operate>,
    Id(effect): Id,
    Bytes(body): Bytes,
) -> Result<Json<Empty>, Refusal> {
    let outcome = read(&body)?;
    match api.gate.report(&effect, &outcome).await? {
        Report::Taken => Ok(Json(Empty {})),
        Report::Superseded => Err(SUPERSEDED.because("the effect ended otherwise, or its work is void")),
        Report::Unknown => Err(UNKNOWN_EFFECT.because("there is no such effect")),
    }
}

fn read(body: &[u8]) -> Result<Outcome, Refusal> {
    // The core's reader refuses repeated names; serde_json would take the last.
    json::read(body).map_err(|_| malformed("the body is not JSON, or repeats a name"))?;
    // Each member as it stands: a number keeps its digits.
    let mut members: BTreeMap<String, &RawValue> =
        serde_json::from_slice(body).map_err(|_| malformed("the body is not a JSON object"))?;
    let text = |value: &RawValue| serde_json::from_str::<String>(value.get()).ok();
    let outcome = members.remove("outcome").and_then(text);
    match outcome.as_deref() {
        Some("done") => Ok(Outcome::Done(serde_json::to_vec(&members).unwrap_or_default())),
        Some("refused") => {
            let code = members.get("code").copied().and_then(text);
            let message = match members.get("message").filter(|message| message.get() != "null") {
                None => Some(String::new()),
                Some(message) => text(message),
            };
            match (code, message) {
                (Some(code), Some(message)) => Ok(Outcome::Refused { code, message }),
                _ => Err(malformed("a refusal has a code, a string, and perhaps a message, a string")),
            }
        }
        _ => Err(malformed("outcome must be `done` or `refused`")),
    }
}
