//! One exchange with a backend: a request out, status and body back. Redirects are answers like any other.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::http::response::Parts;
use hyper::{Request, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};

use super::outcome::Cause;

/// The most bytes of a backend's answer.
const MAX_ANSWER_BYTES: usize = 262_144;
/// Shorter than the 5 s after which Node closes an idle connection: otherwise a send could meet its end.
const KEEP_IDLE: Duration = Duration::from_secs(4);
/// Idle connections that are kept for each backend.
const MAX_IDLE: usize = 64;
/// A host that does not take connections is given up before the send's own deadline, so that the cause is seen.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A pool of connections; clones share it.
#[derive(Clone)]
pub(crate) struct Client(hyper_util::client::legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

/// What a backend answered.
pub(super) struct BackendAnswer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

/// Why backends cannot be reached by `https`.
#[derive(Debug)]
#[non_exhaustive]
pub enum ClientError {
    /// TLS itself cannot be set up.
    Tls(rustls::Error),
    /// The machine has no trusted certificates.
    NoTrustedCertificates,
}

impl fmt::Display for ClientError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tls(error) => write!(out, "tls cannot be set up: {error}"),
            Self::NoTrustedCertificates => {
                out.write_str("a backend is reached by https, but this machine has no trusted certificates")
            }
        }
    }
}

impl std::error::Error for ClientError {}

impl Client {
    /// With the machine's trusted certificates where `https` is needed, with none otherwise.
    pub(super) fn new(https: bool) -> Result<Self, ClientError> {
        Self::build(https, false)
    }

    /// One whose requests and answers keep the case of their header names, which travels in the extensions.
    pub(crate) fn keeping_names(https: bool) -> Result<Self, ClientError> {
        Self::build(https, true)
    }

    fn build(https: bool, keeps_names: bool) -> Result<Self, ClientError> {
        let mut roots = RootCertStore::empty();
        if https {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err(ClientError::NoTrustedCertificates);
            }
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(ClientError::Tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        let client = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .pool_idle_timeout(KEEP_IDLE)
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(MAX_IDLE)
            .http1_preserve_header_case(keeps_names)
            .build(connector);
        Ok(Self(client))
    }

    pub(super) async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<BackendAnswer, Cause> {
        let (head, body) = self.exchange_whole(request, MAX_ANSWER_BYTES).await?;
        Ok(BackendAnswer { status: head.status, body })
    }

    /// The whole answer, with a body of at most `limit` bytes.
    pub(crate) async fn exchange_whole(
        &self,
        request: Request<Full<Bytes>>,
        limit: usize,
    ) -> Result<(Parts, Bytes), Cause> {
        let response = self
            .0
            .request(request)
            .await
            .map_err(|error| if error.is_connect() { Cause::Unreachable } else { Cause::CutShort })?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, limit).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() { Cause::TooLarge } else { Cause::CutShort }
        })?;
        Ok((head, body.to_bytes()))
    }
}
