//! `countersign sign`: the signed request that the platform would send, as raw HTTP.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use countersign_simulator::{AccessKey, Dialect, Entropy, Fields, SignInput, sign};

use crate::gate::{Clock, SystemClock, fresh};

/// Arguments of `sign`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// `saas-v1` or `saas-v2`.
    #[arg(long)]
    dialect: String,
    /// The access key. Whoever can list processes sees it here: use a test key, or `--key-file`.
    #[arg(long, conflicts_with = "key_file", required_unless_present = "key_file")]
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
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let Some(dialect) = Dialect::from_name(&args.dialect) else {
        let names: Vec<&str> = Dialect::ALL.iter().map(|dialect| dialect.name()).collect();
        return super::misuse(&format!("the dialect must be one of: {}", names.join(", ")));
    };
    let (key, fields) = match (key(args), fields(args)) {
        (Ok(key), Ok(fields)) => (key, fields),
        (Err(error), _) | (_, Err(error)) => return super::misuse(&error),
    };
    let nonce = args.nonce.clone().unwrap_or_else(|| Entropy::from_bytes(fresh()).nonce());
    let input = SignInput {
        dialect,
        key: &AccessKey::new(key),
        host: &args.host,
        path: &args.path,
        fields: &fields,
        now_ms: args.now.unwrap_or_else(|| SystemClock.now()),
        nonce: &nonce,
    };
    match sign(&input).map(|request| std::io::stdout().write_all(&request.to_http_text())) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => super::fail(&error),
        Err(error) => super::misuse(&error),
    }
}

fn key(args: &Args) -> Result<String, String> {
    match (&args.key, &args.key_file) {
        (Some(key), _) => Ok(key.clone()),
        (None, Some(path)) => Ok(crate::config::secret_in(path)?.to_string()),
        (None, None) => Err("a key is required".into()),
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
