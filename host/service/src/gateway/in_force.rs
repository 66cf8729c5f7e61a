//! The configuration that is in force, as far as it can be renewed or has to be compared.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use countersign_core::Settings;

use super::StartError;
use super::descriptors::{self, Shares, TooFew};
use crate::api::{ApiTerms, Tokens};
use crate::config::{ApiConfig, Config, EngineKind, Limits, LogConfig, Problem, StoreConfig, TlsConfig};
use crate::listen::{Capacity, PublicTerms, Terms};
use crate::shadow::Shadow;

pub(super) struct InForce {
    pub(super) listen: SocketAddr,
    pub(super) tls: Option<TlsConfig>,
    pub(super) store: StoreConfig,
    pub(super) engine: EngineKind,
    pub(super) api: Option<ApiInForce>,
    pub(super) limits: Limits,
    pub(super) log: LogConfig,
    pub(super) settings: Settings,
    pub(super) shadow: Option<Arc<Shadow>>,
}

/// The api listener; tokens as hashes only.
pub(super) struct ApiInForce {
    pub(super) listen: SocketAddr,
    pub(super) tls: Option<TlsConfig>,
    pub(super) tokens: Arc<Tokens>,
    pub(super) max_connections: usize,
}

impl ApiInForce {
    fn new(config: ApiConfig) -> Self {
        let ApiConfig { listen, tls, tokens, max_connections } = config;
        Self { listen, tls, tokens: Arc::new(Tokens::new(&tokens)), max_connections }
    }

    /// Bytes that requests of the api may hold together: each is small and comes from somebody with a token.
    const INFLIGHT_BYTES: usize = 16_777_216;

    pub(super) fn capacity(&self) -> Capacity {
        Capacity { connections: self.max_connections, bytes: Self::INFLIGHT_BYTES }
    }
}

impl InForce {
    pub(super) fn new(config: Config, shadow: Option<Arc<Shadow>>) -> Self {
        let Config { listen, tls, store, calls, api, limits, log, .. } = config;
        let (engine, settings) = (calls.seller.engine(), *calls.seller.settings());
        let api = api.map(ApiInForce::new);
        Self { listen, tls, store, engine, api, limits, log, settings, shadow }
    }

    /// Shares out the descriptors of the process, after it has taken all that it may have.
    pub(super) fn shares(limits: &Limits, api_connections: usize) -> Result<Shares, StartError> {
        let wanted = limits.max_connections;
        let shares = descriptors::share(descriptors::raise(), wanted, api_connections)
            .map_err(|TooFew { allowed, needed }| StartError::Descriptors { allowed, needed })?;
        if shares.public < wanted {
            let taken = shares.public;
            let message = "limits.max_connections is lowered to what the open files of the process allow";
            tracing::warn!(wanted, taken, message);
        }
        Ok(shares)
    }

    /// As [`InForce::shares`] of what is in force.
    pub(super) fn own_shares(&self) -> Result<Shares, StartError> {
        Self::shares(&self.limits, self.api.as_ref().map_or(0, |api| api.max_connections))
    }

    /// What is wrong with the times of the certificates, or will be soon.
    pub(super) fn warnings(&self, now: Duration) -> Vec<Problem> {
        let own = self.tls.as_ref().and_then(|tls| tls.warning("tls", now));
        let api = self.api.as_ref().and_then(|api| api.tls.as_ref()?.warning("api.tls", now));
        own.into_iter().chain(api).collect()
    }

    /// How the public listener serves connections.
    pub(super) fn public_terms(&self) -> Terms {
        Terms::new(self.tls.as_ref(), &self.limits, &self.settings).keeping_names(self.shadow.is_some())
    }

    pub(super) fn public_capacity(&self, shares: Shares) -> Capacity {
        Capacity { connections: shares.public, bytes: self.limits.max_inflight_bytes }
    }

    /// How it handles calls.
    pub(super) fn calls(&self) -> PublicTerms {
        PublicTerms {
            max_body_bytes: usize::try_from(self.settings.max_body_bytes).unwrap_or(usize::MAX),
            body_timeout: self.limits.body_timeout,
            shadow: self.shadow.clone(),
        }
    }

    /// How the api listener serves connections.
    pub(super) fn api_terms(&self, api: &ApiInForce) -> Terms {
        Terms::new(api.tls.as_ref(), &self.limits, &self.settings)
    }

    /// How it handles requests.
    pub(super) fn requests(&self, api: &ApiInForce) -> ApiTerms {
        ApiTerms { tokens: Arc::clone(&api.tokens), body_timeout: self.limits.body_timeout }
    }
}
