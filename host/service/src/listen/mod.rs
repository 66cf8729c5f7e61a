//! Sockets: HTTP/1.1 on TCP, under TLS where it is configured, with bounds on everything that a stranger may use up.

mod body;
mod connection;
mod head;
mod public;

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use countersign_core::Settings;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Request, Response};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use crate::config::{Limits, TlsConfig};

pub(crate) use body::{Body, read};
pub(crate) use head::refused;
pub(crate) use public::{Public, written};

/// An answer that is ready.
pub(crate) type HttpAnswer = Response<Full<Bytes>>;

/// Answers requests.
pub(crate) trait Handler: Send + Sync + 'static {
    fn handle(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Pin<Box<dyn Future<Output = HttpAnswer> + Send>>;
}

/// A bound socket.
pub(crate) struct Listener {
    tcp: TcpListener,
    tls: Option<TlsAcceptor>,
    limits: Limits,
    /// Beyond these hyper itself says 431: above the core's limits, so that the core can answer.
    max_head_bytes: usize,
    max_headers: usize,
    /// Requests keep the case of their header names, for whoever passes them on.
    keeps_names: bool,
}

/// Space for what the core counts otherwise: method, version, colons, line ends.
const HEAD_SLACK_BYTES: u64 = 65_536;

/// How many bytes and how many fields of a head HTTP itself takes: above the core's limits, so that the core can answer.
pub(crate) fn head_limits(settings: &Settings) -> (usize, usize) {
    let bytes = settings.max_target_bytes.saturating_add(settings.max_header_bytes);
    let bytes = bytes.saturating_add(HEAD_SLACK_BYTES);
    let fields = settings.max_headers.saturating_mul(2);
    (usize::try_from(bytes).unwrap_or(usize::MAX), usize::try_from(fields).unwrap_or(usize::MAX))
}

impl Listener {
    pub(crate) async fn bind(
        address: SocketAddr,
        tls: Option<&TlsConfig>,
        limits: Limits,
        settings: &Settings,
    ) -> io::Result<Self> {
        let (max_head_bytes, max_headers) = head_limits(settings);
        Ok(Self {
            tcp: TcpListener::bind(address).await?,
            tls: tls.map(|tls| TlsAcceptor::from(Arc::clone(&tls.0))),
            limits,
            max_head_bytes,
            max_headers,
            keeps_names: false,
        })
    }

    pub(crate) fn keeping_names(self, keeps_names: bool) -> Self {
        Self { keeps_names, ..self }
    }

    /// The address with the real port.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// Accepts connections until `closing` becomes true, then waits for those that are open.
    pub(crate) async fn run(self, handler: Arc<impl Handler>, mut closing: watch::Receiver<bool>) {
        let all = u32::try_from(self.limits.max_connections).unwrap_or(u32::MAX);
        let places = Arc::new(Semaphore::new(self.limits.max_connections));
        let shape = connection::Shape::of(&self);
        loop {
            let accepted = tokio::select! {
                _ = closing.wait_for(|closing| *closing) => break,
                accepted = accept(&self.tcp, &places) => accepted,
            };
            let Some((stream, place)) = accepted else {
                // Out of file descriptors, as a rule: connections have to end before the next one begins.
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let (handler, closing, tls) = (Arc::clone(&handler), closing.clone(), self.tls.clone());
            tokio::spawn(async move {
                connection::serve(stream, tls, shape, handler, closing).await;
                drop(place);
            });
        }
        drop(self.tcp);
        let _ = places.acquire_many(all).await;
    }
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

async fn accept(
    tcp: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(tokio::net::TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    let (stream, _) = tcp.accept().await.ok()?;
    Some((stream, place))
}
