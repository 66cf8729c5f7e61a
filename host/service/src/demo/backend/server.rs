//! The backend's HTTP side: messages come in on loopback, reports go out to the gate's api listener.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use countersign_simulator::scenario::{Backend, Behaviour};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::signature::{self, Headers};
use super::tenants::Binding;
use super::workspaces::{Counts, Delivery, Message, Workspaces};

/// The largest message that is read.
const MAX_BODY_BYTES: usize = 1_048_576;

/// Where reports go.
#[derive(Debug, Clone)]
pub struct Api {
    /// The gate's api listener.
    pub address: SocketAddr,
    /// A token with the scope `operate`.
    pub token: String,
}

/// A running backend; it ends when it is dropped.
#[derive(Debug)]
pub struct SampleBackend {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    secret: String,
    api: OnceLock<Api>,
    workspaces: Mutex<Workspaces>,
}

impl Shared {
    fn workspaces(&self) -> MutexGuard<'_, Workspaces> {
        self.workspaces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SampleBackend {
    /// Listens on loopback. `secret` is the Standard Webhooks secret that the gate signs with.
    ///
    /// # Errors
    /// When there is no port to be had.
    pub async fn start(secret: &str, seed: u64) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let workspaces = Mutex::new(Workspaces::new(seed));
        let shared = Arc::new(Shared { secret: secret.to_string(), api: OnceLock::new(), workspaces });
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, server })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Says where reports go; once.
    pub fn report_to(&self, api: Api) {
        let _ = self.shared.api.set(api);
    }

    /// The deliveries since the last call.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        std::mem::take(&mut self.shared.workspaces().deliveries)
    }

    /// What was counted so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.workspaces().counts()
    }

    /// Everything that a gate should never do and this one did.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        self.shared.workspaces().complaints()
    }

    /// Who may work in each binding of a tenant.
    #[must_use]
    pub(in crate::demo) fn active(&self) -> BTreeMap<Binding, Vec<String>> {
        self.shared.workspaces().active()
    }

    /// Product and instance id of every workspace, and whether it was released.
    #[must_use]
    pub fn workspaces(&self) -> BTreeMap<(String, String), bool> {
        self.shared.workspaces().workspaces()
    }
}

impl Backend for SampleBackend {
    fn next(&self, behaviour: Behaviour) {
        self.shared.workspaces().behaviour.apply(behaviour);
    }
}

impl Drop for SampleBackend {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let shared = Arc::clone(&shared);
                async move { Ok::<_, Infallible>(respond(&shared, request).await) }
            });
            // A connection that breaks is the client's business: it sends the effect again.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn respond(shared: &Arc<Shared>, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY_BYTES).collect().await else {
        return response(413, &json!({}));
    };
    let message = match read(&shared.secret, &parts.headers, &body.to_bytes()) {
        Ok(message) => message,
        Err(wrong) => {
            shared.workspaces().complain_about(format!("a message was refused: {wrong}"));
            return response(401, &json!({}));
        }
    };
    let taken = shared.workspaces().take(&message);
    if let Some(after_ms) = taken.report_after_ms {
        tokio::spawn(finish_and_report(Arc::clone(shared), message.id, after_ms));
        return response(taken.status, &taken.body);
    }
    if taken.status != 200 || message.token.is_none() {
        return response(taken.status, &taken.body);
    }
    // In a task of its own: work that began goes on when the gate hangs up.
    let shared = Arc::clone(shared);
    let work = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(taken.after_ms)).await;
        shared.workspaces().finish(&message.id)
    });
    match work.await {
        Ok(body) => response(200, &body),
        Err(_) => response(500, &json!({})),
    }
}

/// Verifies first, reads then.
fn read(secret: &str, headers: &HeaderMap, body: &[u8]) -> Result<Message, &'static str> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signed = Headers {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    signature::verify(secret, signed, body, now)?;
    if !header("content-type").starts_with("application/cloudevents+json") {
        return Err("the content type is not that of a CloudEvent");
    }
    let event: Value = serde_json::from_slice(body).map_err(|_| "the body is not JSON")?;
    let text = |name: &str| event.get(name).and_then(Value::as_str).map(ToString::to_string);
    let kind = text("type").and_then(|kind| kind.strip_prefix("countersign.").map(ToString::to_string));
    let message = Message {
        id: text("id").ok_or("the event has no id")?,
        product: text("source").ok_or("the event has no source")?,
        kind: kind.ok_or("the event has no type of the gate's")?,
        token: event.get("fencingtoken").and_then(Value::as_u64),
        data: event.get("data").cloned().ok_or("the event has no data")?,
    };
    if message.id == signed.id { Ok(message) } else { Err("webhook-id is not the event's id") }
}

fn response(status: u16, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    response
}

/// Carries an effect out later, and tells the gate.
async fn finish_and_report(shared: Arc<Shared>, id: String, after_ms: u64) {
    tokio::time::sleep(Duration::from_millis(after_ms)).await;
    let mut report = shared.workspaces().finish(&id);
    if let Value::Object(members) = &mut report {
        members.insert("outcome".to_string(), "done".into());
    }
    let status = match shared.api.get() {
        None => Err("nobody said where reports go".to_string()),
        Some(api) => {
            post(api, &format!("/v1/effects/{id}"), &report).await.map_err(|error| error.to_string())
        }
    };
    if status != Ok(200) {
        shared.workspaces().complain_about(format!("the report of {id} was answered {status:?}, not 200"));
    }
}

/// One request over a connection of its own; the status of the answer.
async fn post(api: &Api, path: &str, body: &Value) -> Result<u16, Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect(api.address).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::post(path)
        .header("host", api.address.to_string())
        .header("authorization", format!("Bearer {}", api.token))
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body.to_string())))?;
    Ok(sender.send_request(request).await?.status().as_u16())
}
