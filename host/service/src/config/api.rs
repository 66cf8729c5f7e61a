//! The api listener: where, for whom, and what each token may do.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::Value;
use zeroize::Zeroizing;

use super::problem::Problems;
use super::secret;
use super::table::Table;
use super::tls::{self, TlsConfig};

/// The listener for the operator and for the seller's own services.
#[derive(Debug)]
pub struct ApiConfig {
    /// Port 0: any free one.
    pub listen: SocketAddr,
    /// At least one.
    pub tokens: Vec<TokenConfig>,
    /// Required where others than this machine can reach the listener.
    pub tls: Option<TlsConfig>,
    /// Connections at the same time, whatever the public listener has (128).
    pub max_connections: usize,
}

/// One bearer token.
pub struct TokenConfig {
    /// The token itself.
    pub token: Zeroizing<String>,
    /// What it allows; at least one.
    pub scopes: Vec<Scope>,
}

impl std::fmt::Debug for TokenConfig {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "TokenConfig({:?})", self.scopes)
    }
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Ask whether a user may do something now.
    Check,
    /// See instances, without access data.
    Read,
    /// Report finished work, change access data.
    Operate,
    /// See access data.
    Secrets,
}

const SCOPES: [(&str, Scope); 4] = [
    ("check", Scope::Check),
    ("read", Scope::Read),
    ("operate", Scope::Operate),
    ("secrets", Scope::Secrets),
];

impl Scope {
    /// As the configuration spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        SCOPES.iter().find(|(_, scope)| *scope == self).map_or("", |(name, _)| name)
    }
}

impl ApiConfig {
    pub(super) fn read(value: &Value, base: &Path, problems: &mut Problems) -> Option<Self> {
        let mut table = Table::new(value, "api", problems)?;
        let listen = table.address("listen", problems);
        let tokens = read_tokens(&mut table, base, problems);
        let has_tls = table.value("tls");
        let tls = has_tls.and_then(|value| tls::read(value, "api.tls", base, problems));
        if listen.is_some_and(|listen| !listen.ip().is_loopback()) && has_tls.is_none() {
            let message = "elsewhere than on loopback the api listener needs tls = { certificate, key }";
            problems.add("api.listen", "conflict", message);
        }
        let max_connections = table.number("max_connections", 128, 4..=100_000, problems);
        let max_connections = usize::try_from(max_connections).unwrap_or(usize::MAX);
        table.finish(problems);
        Some(Self { listen: listen?, tokens, tls, max_connections })
    }
}

fn read_tokens(table: &mut Table<'_>, base: &Path, problems: &mut Problems) -> Vec<TokenConfig> {
    let mut tokens: Vec<TokenConfig> = Vec::new();
    let items = match table.value("tokens") {
        Some(Value::Array(items)) if !items.is_empty() => items,
        Some(Value::Array(_)) | None => {
            problems.add("api.tokens", "missing", "at least one token is required");
            return tokens;
        }
        Some(_) => {
            problems.add("api.tokens", "wrong-type", "must be an array of tables");
            return tokens;
        }
    };
    for (index, item) in items.iter().enumerate() {
        let path = format!("api.tokens[{index}]");
        let Some(token) = read_token(item, &path, base, problems) else { continue };
        if tokens.iter().any(|other| *other.token == *token.token) {
            problems.add(&format!("{path}.token"), "duplicate", "stands in the list already");
        }
        tokens.push(token);
    }
    tokens
}

fn read_token(item: &Value, path: &str, base: &Path, problems: &mut Problems) -> Option<TokenConfig> {
    let mut table = Table::new(item, path, problems)?;
    let token_path = table.at("token");
    let token = table.required("token", problems);
    let token = token.and_then(|value| secret::read(value, &token_path, base, problems));
    let token = token.filter(|text| secret::is_clean(text, &token_path, problems)).filter(|text| {
        // What a header field can carry behind `Bearer `.
        let fits = (1..=1_024).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !fits {
            problems.add(&token_path, "out-of-range", "must be 1 to 1 024 printable ASCII characters");
        }
        fits
    });
    let scopes = read_scopes(&mut table, problems);
    table.finish(problems);
    Some(TokenConfig { token: token?, scopes })
}

fn read_scopes(table: &mut Table<'_>, problems: &mut Problems) -> Vec<Scope> {
    let path = table.at("scopes");
    let mut scopes = Vec::new();
    let items = match table.required("scopes", problems) {
        Some(Value::Array(items)) if !items.is_empty() => items,
        None => return scopes,
        Some(_) => {
            problems.add(&path, "wrong-type", "must be an array of at least one scope");
            return scopes;
        }
    };
    for (index, item) in items.iter().enumerate() {
        match SCOPES.iter().find(|(name, _)| item.as_str() == Some(name)) {
            Some((_, scope)) => scopes.push(*scope),
            None => {
                let names = SCOPES.map(|(name, _)| name).join(", ");
                problems.add(
                    &format!("{path}[{index}]"),
                    "unknown-value",
                    format!("must be one of: {names}"),
                );
            }
        }
    }
    scopes
}
