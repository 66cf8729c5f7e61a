//! A gateway in this process.

use std::path::Path;

use countersign::config::{Config, EngineKind};
use countersign::gateway::{Options, Running, start};
use countersign_simulator::transport::{Plain, Transport};
use countersign_simulator::{HttpRequest, HttpResponse};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::{Backend, KEY, Platform, WEBHOOK_SECRET};

/// Both dialects, memory, a backend, an api with one token for each scope.
pub(crate) fn config(backend: &Backend) -> Value {
    json!({
        "listen": "127.0.0.1:0",
        "store": "memory:",
        "engine": "native",
        "backend": {"url": backend.url(), "secret": WEBHOOK_SECRET},
        "api": {"listen": "127.0.0.1:0", "tokens": [
            {"token": "reader", "scopes": ["read"]},
            {"token": "operator", "scopes": ["operate"]},
            {"token": "owner", "scopes": ["read", "secrets"]},
        ]},
        "routes": [
            {"path": "/v1", "dialect": "saas-v1", "keys": [KEY], "product": "crm"},
            {"path": "/v2", "dialect": "saas-v2", "keys": [KEY], "product": "crm"},
        ],
    })
}

pub(crate) struct Gateway {
    runtime: Runtime,
    pub(crate) running: Option<Running>,
}

impl Gateway {
    pub(crate) fn start(config: Value) -> Self {
        Self::start_in(config, Path::new("."), Options::default())
    }

    pub(crate) fn start_in(config: Value, base: &Path, options: Options) -> Self {
        let config = Config::from_value(config, base).unwrap();
        let runtime = Runtime::new().unwrap();
        let running = runtime.block_on(start(config, options)).unwrap();
        Self { runtime, running: Some(running) }
    }

    /// With another engine than the configuration's.
    pub(crate) fn start_with(config: Value, base: &Path, engine: EngineKind) -> Self {
        Self::start_in(config, base, Options { engine: Some(engine), ..Options::default() })
    }

    pub(crate) fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    pub(crate) fn platform(&self) -> Platform {
        Platform::new(self.running().public())
    }

    pub(crate) fn api(&self, method: &'static str, path: &str, token: &str, body: &str) -> (u16, Value) {
        let response = self.api_raw(method, path, &[("Authorization", format!("Bearer {token}"))], body);
        (response.status, serde_json::from_slice(&response.body).unwrap_or(Value::Null))
    }

    pub(crate) fn api_raw(
        &self,
        method: &'static str,
        path: &str,
        headers: &[(&str, String)],
        body: &str,
    ) -> HttpResponse {
        let address = self.running().api().unwrap().to_string();
        let mut all = vec![("Host".to_owned(), address.clone())];
        all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let request = HttpRequest { method, target: path.to_owned(), headers: all, body: body.into() };
        Plain::to(address).send(&request).unwrap()
    }

    pub(crate) fn metrics(&self) -> String {
        String::from_utf8(self.api_raw("GET", "/metrics", &[], "").body).unwrap()
    }

    /// Ends it at once: nothing that is under way goes on, nobody is told.
    pub(crate) fn kill(self) {
        let Self { runtime, running } = self;
        std::mem::forget(running);
        runtime.shutdown_background();
    }

    pub(crate) fn stop(mut self) {
        self.runtime.block_on(self.running.take().unwrap().shutdown());
    }
}
