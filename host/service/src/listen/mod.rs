//! Sockets: HTTP/1.1 on TCP, under TLS where it is configured, with bounds on everything that a stranger may use up.
//!
//! A connection takes a [place](places); the request on it passes through phases, each with its own time. A handler
//! sees a request once its head is complete, and decides itself whether, and how much of, the body is read.

mod body;
mod connection;
mod head;
mod places;
mod public;
mod stream;

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use countersign_core::Settings;
use http_body_util::Full;
use hyper::body::{Body as HttpBody, Incoming};
use hyper::{Request, Response};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

use crate::config::{Limits, TlsConfig};
use crate::current::Current;

pub(crate) use body::Body;
pub(crate) use connection::Caller;
pub(crate) use head::refused;
pub(crate) use places::Capacity;
use places::{Place, Places};
pub(crate) use public::{Public, PublicTerms, written};

/// An answer that is ready.
pub(crate) type HttpAnswer = Response<Full<Bytes>>;

/// Answers requests.
pub(crate) trait Handler: Send + Sync + 'static {
    /// The bodies of its answers.
    type Body: HttpBody<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static;

    fn handle(
        self: Arc<Self>,
        request: Request<Incoming>,
        caller: Caller,
    ) -> Pin<Box<dyn Future<Output = Response<Self::Body>> + Send>>;
}

/// How connections are served that are accepted from now on.
pub(crate) struct Terms {
    tls: Option<Arc<ServerConfig>>,
    head_timeout: Duration,
    idle_timeout: Duration,
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

impl Terms {
    pub(crate) fn new(tls: Option<&TlsConfig>, limits: &Limits, settings: &Settings) -> Self {
        let (max_head_bytes, max_headers) = head_limits(settings);
        Self {
            tls: tls.map(|tls| Arc::clone(&tls.server)),
            head_timeout: limits.head_timeout,
            idle_timeout: limits.idle_timeout,
            max_head_bytes,
            max_headers,
            keeps_names: false,
        }
    }

    pub(crate) fn keeping_names(self, keeps_names: bool) -> Self {
        Self { keeps_names, ..self }
    }
}

/// A bound socket.
pub(crate) struct Listener {
    tcp: TcpListener,
    conduct: Conduct,
}

/// How a listener treats who comes; clones are the same one.
#[derive(Clone)]
pub(crate) struct Conduct {
    terms: Arc<Current<Terms>>,
    places: Arc<Places>,
}

impl Conduct {
    /// From now on; connections that are open keep the terms under which they were accepted.
    pub(crate) fn change_terms(&self, terms: Terms) {
        self.terms.replace(terms);
    }

    /// From now on. Nobody has to go because of it.
    pub(crate) fn resize(&self, capacity: Capacity) {
        self.places.resize(capacity);
    }
}

impl Listener {
    pub(crate) async fn bind(address: SocketAddr, terms: Terms, capacity: Capacity) -> io::Result<Self> {
        let conduct = Conduct { terms: Arc::new(Current::new(terms)), places: Places::new(capacity) };
        Ok(Self { tcp: bound(address)?, conduct })
    }

    /// The address with the real port.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    pub(crate) fn conduct(&self) -> Conduct {
        self.conduct.clone()
    }

    /// Accepts connections until `closing` becomes true, then waits for those that are open.
    pub(crate) async fn run(self, handler: Arc<impl Handler>, mut closing: watch::Receiver<bool>) {
        let Conduct { terms, places } = self.conduct;
        loop {
            let accepted = tokio::select! {
                _ = closing.wait_for(|closing| *closing) => break,
                accepted = accept(&self.tcp, &places) => accepted,
            };
            let Some((stream, peer, place)) = accepted else {
                // Out of file descriptors, as a rule: connections have to end before the next one begins.
                places.make_room();
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let (terms, handler, closing) = (terms.get(), Arc::clone(&handler), closing.clone());
            tokio::spawn(connection::serve(stream, peer, terms, handler, place, closing));
        }
        drop(self.tcp);
        places.empty().await;
    }
}

/// Connections that the system keeps until they are accepted, where it allows as many. A shorter queue is full within
/// milliseconds when strangers come in crowds, and whoever meets a full one tries again after a second.
const BACKLOG: u32 = 4_096;

fn bound(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart does not wait for the connections of before; on Windows the option means something else.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

async fn accept(tcp: &TcpListener, places: &Arc<Places>) -> Option<(TcpStream, SocketAddr, Arc<Place>)> {
    let (stream, peer) = tcp.accept().await.ok()?;
    Some((stream, peer, places.take().await))
}
