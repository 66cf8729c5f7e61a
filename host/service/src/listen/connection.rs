//! One connection.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use super::{Handler, Listener};

/// What a connection may use up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    head_timeout: Duration,
    max_head_bytes: usize,
    max_headers: usize,
    keeps_names: bool,
}

impl Shape {
    pub(super) fn of(listener: &Listener) -> Self {
        Self {
            head_timeout: listener.limits.head_timeout,
            max_head_bytes: listener.max_head_bytes,
            max_headers: listener.max_headers,
            keeps_names: listener.keeps_names,
        }
    }
}

/// When the process ends: time for a connection without a call to send what it still holds.
const FLUSH: Duration = Duration::from_secs(1);

/// Serves a connection to its end.
pub(super) async fn serve(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    shape: Shape,
    handler: Arc<impl Handler>,
    closing: watch::Receiver<bool>,
) {
    // An answer is one small write: it must not wait for the next one.
    let _ = stream.set_nodelay(true);
    match tls {
        None => exchange(stream, shape, handler, closing).await,
        Some(tls) => {
            if let Ok(Ok(stream)) = tokio::time::timeout(shape.head_timeout, tls.accept(stream)).await {
                exchange(stream, shape, handler, closing).await;
            }
        }
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send,
    shape: Shape,
    handler: Arc<impl Handler>,
    mut closing: watch::Receiver<bool>,
) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let service = service_fn(move |request| {
        let handler = Arc::clone(&handler);
        let call = Counted::one(Arc::clone(&counted));
        async move {
            let answer = handler.handle(request).await;
            drop(call);
            Ok::<_, Infallible>(answer)
        }
    });
    let connection = Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(shape.head_timeout)
        // The platform looks for `Body-Sign`, spelt so.
        .title_case_headers(true)
        .preserve_header_case(shape.keeps_names)
        // Who sends a request and closes that direction still waits for the answer.
        .half_close(true)
        .max_buf_size(shape.max_head_bytes)
        .max_headers(shape.max_headers)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = closing.wait_for(|closing| *closing) => {}
    }
    connection.as_mut().graceful_shutdown();
    if calls.load(Ordering::Acquire) == 0 {
        let _ = tokio::time::timeout(FLUSH, connection).await;
    } else {
        let _ = connection.await;
    }
}

/// A call that is being answered.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn one(calls: Arc<AtomicUsize>) -> Self {
        calls.fetch_add(1, Ordering::AcqRel);
        Self(calls)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
