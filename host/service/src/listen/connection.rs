//! One connection, from the handshake to the last byte.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::body::{Body as HttpBody, Bytes, Incoming};
use hyper::server::conn::http1::{Builder, Connection};
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;

use super::body::{self, Body};
use super::places::{Phase, Place};
use super::stream::Seen;
use super::{Handler, Terms};

/// What a handler knows of the connection that a request came on.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The other end.
    pub(crate) peer: SocketAddr,
    place: Arc<Place>,
}

impl Caller {
    /// Reads a body of at most `limit` bytes.
    pub(crate) async fn read(
        &self,
        body: impl HttpBody<Data = Bytes> + Unpin,
        limit: usize,
        within: Duration,
    ) -> Body {
        self.place.enter(Phase::Body);
        let body = body::read(body, limit, within, &self.place).await;
        if !self.place.enter(Phase::Call) {
            // It has to give way: nothing begins that nobody will be told of.
            std::future::pending::<()>().await;
        }
        body
    }
}

/// When the process ends: time for a connection without a call to send what it still holds.
const FLUSH: Duration = Duration::from_secs(1);

/// Serves a connection to its end.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    terms: Arc<Terms>,
    handler: Arc<impl Handler>,
    place: Arc<Place>,
    mut closing: watch::Receiver<bool>,
) {
    // An answer is one small write: it must not wait for the next one.
    let _ = stream.set_nodelay(true);
    let caller = Caller { peer, place };
    let Some(tls) = &terms.tls else {
        return exchange(stream, caller, &terms, handler, closing).await;
    };
    let place = Arc::clone(&caller.place);
    let shaken = tokio::select! {
        shaken = timeout(terms.head_timeout, TlsAcceptor::from(Arc::clone(tls)).accept(stream)) => shaken,
        () = place.displaced() => return,
        _ = closing.wait_for(|closing| *closing) => return,
    };
    if let Ok(Ok(stream)) = shaken {
        exchange(stream, caller, &terms, handler, closing).await;
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send,
    caller: Caller,
    terms: &Terms,
    handler: Arc<impl Handler>,
    closing: watch::Receiver<bool>,
) {
    let place = Arc::clone(&caller.place);
    let stream = Seen::new(stream, Arc::clone(&place));
    let service = service_fn(move |request| {
        let (handler, caller) = (Arc::clone(&handler), caller.clone());
        Box::pin(async move {
            if !caller.place.enter(Phase::Call) {
                std::future::pending::<()>().await;
            }
            let place = Arc::clone(&caller.place);
            let answer = handler.handle(request, caller).await;
            place.enter(Phase::Idle);
            Ok::<_, Infallible>(answer)
        })
    });
    let mut connection = Builder::new()
        // Times are kept here: hyper knows one for idle connections and heads alike.
        .header_read_timeout(None)
        // The platform looks for `Body-Sign`, spelt so.
        .title_case_headers(true)
        .preserve_header_case(terms.keeps_names)
        // Who sends a request and closes that direction still waits for the answer.
        .half_close(true)
        .max_buf_size(terms.max_head_bytes)
        .max_headers(terms.max_headers)
        .serve_connection(TokioIo::new(stream), service);
    if drive(&mut connection, &place, terms, closing).await == End::Served {
        part(connection.into_parts().io.into_inner(), &place).await;
    }
}

/// How a connection ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// By what was said on it.
    Served,
    /// Too slow, or told to give way: whatever it still holds goes with it.
    Cut,
}

/// Runs a connection until it has served, has to give way, stays in a phase too long, or the process ends.
async fn drive<I, S>(
    connection: &mut Connection<I, S>,
    place: &Place,
    terms: &Terms,
    mut closing: watch::Receiver<bool>,
) -> End
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    S: HttpService<Incoming> + Unpin,
    S::Future: Unpin,
    S::ResBody: HttpBody<Error: Into<Box<dyn std::error::Error + Send + Sync>>> + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut ends_by = None;
    loop {
        let standing = place.standing();
        let deadline = standing.and_then(|(phase, since)| terms.deadline(phase, since, ends_by));
        // Ends as well when another phase begins, for its deadline is another.
        let served = poll_fn(|context| match connection.poll_without_shutdown(context) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending if place.standing() != standing => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        });
        let expired = async {
            match deadline {
                Some(deadline) => sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = place.displaced() => return End::Cut,
            served = served => if served { return End::Served },
            () = expired => return End::Cut,
            _ = closing.wait_for(|closing| *closing), if ends_by.is_none() => {
                ends_by = Some(Instant::now() + FLUSH);
                Pin::new(&mut *connection).graceful_shutdown();
            }
        }
    }
}

impl Terms {
    /// Until when a connection may stay in a phase. Bodies and calls have times of their own.
    fn deadline(&self, phase: Phase, since: Instant, ends_by: Option<Instant>) -> Option<Instant> {
        let allowed = match phase {
            Phase::Silent | Phase::Head => self.head_timeout,
            Phase::Idle => self.idle_timeout,
            Phase::Body | Phase::Call => return None,
        };
        Some(ends_by.map_or(since + allowed, |ends_by| ends_by.max(since + FLUSH)))
    }
}

/// Who is still sending would not see the answer if the connection simply went: so long, and so much, is read and
/// dropped after it (RFC 9112 §9.6).
const DISCARDED_FOR: Duration = Duration::from_secs(1);
const DISCARDED_BYTES: usize = 16 << 20;

/// The last answer was sent: says so, and waits for the other side to end as well.
async fn part<S: AsyncRead + AsyncWrite + Unpin>(seen: Seen<S>, place: &Place) {
    let (mut stream, ended) = seen.into_inner();
    place.enter(Phase::Silent);
    let discard = timeout(DISCARDED_FOR, async {
        if stream.shutdown().await.is_err() || ended {
            return;
        }
        let (mut left, mut buffer) = (DISCARDED_BYTES, vec![0; 4_096]);
        while let Ok(length @ 1..) = stream.read(&mut buffer).await {
            match left.checked_sub(length) {
                Some(less) => left = less,
                None => return,
            }
        }
    });
    tokio::select! {
        _ = discard => {}
        () = place.displaced() => {}
    }
}
