//! `countersign sign`: the signed request that the platform would send, as raw HTTP.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use countersign_simulator::{Dialect, Fields};

use crate::gate::{Clock, SystemClock};
use crate::signing::{ACCOUNT_EVENTS, Wanted};

/// Arguments of `sign`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The dialect of the route: `saas-v2`, `kit-v1`, `account-events`.
    #[arg(long)]
    dialect: String,
    /// The access key. Whoever can list processes sees it here: use a test key, or `--key-file`.
    #[arg(long, conflicts_with = "key_file", required_unless_present_any = ["key_file", "token"])]
    key: Option<String>,
    /// A file with the access key; a byte order mark before it and one line end after it are dropped.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// The production address.
    #[arg(long, default_value = "/")]
    path: String,
    /// The `Host` header.
    #[arg(long, default_value = "localhost")]
    host: String,
    /// A parameter under the platform's name, `orderId=CS1`; may be repeated.
    #[arg(long = "field", value_name = "NAME=VALUE")]
    fields: Vec<String>,
    /// A JSON object of parameters; `--field` adds to it.
    #[arg(long, value_name = "JSON")]
    body: Option<String>,
    /// The signed time, milliseconds since the epoch; now when absent.
    #[arg(long, value_name = "MILLIS")]
    now: Option<u64>,
    /// The nonce; random when absent.
    #[arg(long)]
    nonce: Option<String>,
    /// Kits: the interface, `tenantSync`, appended to the address.
    #[arg(long)]
    call: Option<String>,
    /// OrgID: `sha-256` or `sha-1`.
    #[arg(long)]
    digest: Option<String>,
    /// Kits: a public key in PEM, or a file with one; the field `clientSecret` is encrypted for it.
    #[arg(long, value_name = "PEM|FILE", allow_hyphen_values = true)]
    public_key: Option<String>,
    /// Kits: the digests of that encryption, `sha-256/sha-256`, `sha-256/sha-1` or `sha-1/sha-1`.
    #[arg(long)]
    oaep: Option<String>,
    /// Account events: the bearer token.
    #[arg(long)]
    token: Option<String>,
    /// Account events: 16 characters; without it nothing is signed.
    #[arg(long)]
    signature_key: Option<String>,
    /// Account events: 16 characters; without it nothing is encrypted.
    #[arg(long)]
    encryption_key: Option<String>,
    /// Account events: `AES/GCM/NoPadding`, `AES/ECB/PKCS5Padding` or `none`.
    #[arg(long)]
    algorithm: Option<String>,
    /// Account events: `L1` to `L5`.
    #[arg(long)]
    layout: Option<String>,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let (key, fields, public_key) = match (key(args), fields(args), public_key(args)) {
        (Ok(key), Ok(fields), Ok(public_key)) => (key, fields, public_key),
        (Err(error), ..) | (_, Err(error), _) | (.., Err(error)) => return super::misuse(&error),
    };
    let wanted = Wanted {
        dialect: args.dialect.clone(),
        host: Some(args.host.clone()),
        path: args.path.clone(),
        fields,
        now_ms: args.now.unwrap_or_else(|| SystemClock.now()),
        nonce: args.nonce.clone(),
        key,
        call: args.call.clone(),
        digest: args.digest.clone(),
        public_key,
        oaep: args.oaep.clone(),
        token: args.token.clone(),
        signature_key: args.signature_key.clone(),
        encryption_key: args.encryption_key.clone(),
        algorithm: args.algorithm.clone(),
        layout: args.layout.clone(),
    };
    match wanted.request() {
        Ok(request) => match std::io::stdout().write_all(&request.to_http_text()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => super::fail(&error),
        },
        Err(unusable) => match (unusable.member, unusable.why) {
            ("dialect", _) => {
                let names: Vec<&str> = Dialect::ALL.iter().map(|dialect| dialect.name()).collect();
                super::misuse(&format!("the dialect must be one of: {}, {ACCOUNT_EVENTS}", names.join(", ")))
            }
            (_, Some(why)) => super::misuse(&why),
            ("fields", None) => super::misuse(
                &"--field: an event needs `eventType` and `message`, as texts that can be sealed",
            ),
            (member, None) => {
                super::misuse(&format!("--{} is missing or unusable", member.replace('_', "-")))
            }
        },
    }
}

fn public_key(args: &Args) -> Result<Option<String>, String> {
    match &args.public_key {
        Some(key) if !key.starts_with("-----BEGIN") => match std::fs::read_to_string(key) {
            Ok(text) => Ok(Some(text)),
            Err(error) => Err(format!("{key}: {error}")),
        },
        key => Ok(key.clone()),
    }
}

fn key(args: &Args) -> Result<Option<String>, String> {
    match (&args.key, &args.key_file) {
        (None, Some(path)) => Ok(Some(crate::config::secret_in(path)?.to_string())),
        (key, _) => Ok(key.clone()),
    }
}

fn fields(args: &Args) -> Result<Fields, String> {
    let mut fields = match &args.body {
        None => Fields::new(),
        Some(text) => {
            serde_json::from_str(text).map_err(|error| format!("--body is no JSON object: {error}"))?
        }
    };
    for field in &args.fields {
        let (name, value) = field.split_once('=').ok_or_else(|| format!("`{field}` is not NAME=VALUE"))?;
        fields.insert(name.to_string(), value.into());
    }
    Ok(fields)
}
