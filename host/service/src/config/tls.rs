//! Certificates of a listener.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;

use super::problem::Problems;
use super::table::Table;

/// A certificate chain with its key, ready for handshakes: TLS 1.2 or 1.3, HTTP/1.1.
#[derive(Debug, Clone)]
pub struct TlsConfig(pub(crate) Arc<ServerConfig>);

/// Reads `{ certificate = "chain.pem", key = "key.pem" }`; paths are relative to `base`.
pub(super) fn read(value: &Value, path: &str, base: &Path, problems: &mut Problems) -> Option<TlsConfig> {
    let mut table = Table::new(value, path, problems)?;
    let certificate = table.required_text("certificate", problems);
    let chain = certificate.and_then(|file| read_chain(&base.join(file), &table.at("certificate"), problems));
    let key = table.required_text("key", problems);
    let key = key.and_then(|file| read_key(&base.join(file), &table.at("key"), problems));
    table.finish(problems);
    let (chain, key) = (chain?, key?);
    match server(chain, key) {
        Ok(config) => Some(TlsConfig(Arc::new(config))),
        Err(error) => {
            problems.add(path, "conflict", format!("certificate and key cannot be used: {error}"));
            None
        }
    }
}

fn read_chain(file: &Path, path: &str, problems: &mut Problems) -> Option<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(chain) if !chain.is_empty() => Some(chain),
        _ => {
            problems.add(path, "unreadable", format!("no PEM certificate in {}", file.display()));
            None
        }
    }
}

fn read_key(file: &Path, path: &str, problems: &mut Problems) -> Option<PrivateKeyDer<'static>> {
    let key = PrivateKeyDer::from_pem_file(file).ok();
    if key.is_none() {
        problems.add(path, "unreadable", format!("no PEM private key in {}", file.display()));
    }
    key
}

fn server(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
