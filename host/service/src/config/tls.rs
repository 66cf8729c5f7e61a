//! Certificates of a listener.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use countersign_core::wire::time::format_rfc3339;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{CertificateError, Error, InconsistentKeys, RootCertStore, ServerConfig};
use serde_json::Value;

use super::file::Fault;
use super::pem;
use super::problem::{Problem, Problems};
use super::table::Table;

/// A certificate chain with its key, ready for handshakes: TLS 1.2 or 1.3, HTTP/1.1.
#[derive(Debug, Clone)]
pub struct TlsConfig {
    pub(crate) server: Arc<ServerConfig>,
    chain: Vec<CertificateDer<'static>>,
}

/// Reads `{ certificate = "chain.pem", key = "key.pem" }`; paths are relative to `base`.
pub(super) fn read(value: &Value, path: &str, base: &Path, problems: &mut Problems) -> Option<TlsConfig> {
    let mut table = Table::new(value, path, problems)?;
    let (certificate_path, key_path) = (table.at("certificate"), table.at("key"));
    let certificate = table.required_text("certificate", problems).map(|file| base.join(file));
    let key = table.required_text("key", problems).map(|file| base.join(file));
    table.finish(problems);
    let chain = certificate.as_deref().and_then(|file| unless(pem::chain(file), &certificate_path, problems));
    let private = key.as_deref().and_then(|file| unless(pem::key(file), &key_path, problems));
    let (Some((chain, chain_file)), Some((private, key_file))) =
        (chain.zip(certificate.as_deref()), private.zip(key.as_deref()))
    else {
        return None;
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let signing = match provider.key_provider.load_private_key(private) {
        Ok(key) => key,
        Err(_) => {
            let what = "holds a key that this gateway cannot use: it takes RSA of 2 048 to 4 096 bits, P-256, P-384 and Ed25519";
            let Fault { code, message } = Fault::new("unsupported", key_file, what);
            problems.add(&key_path, code, message);
            return None;
        }
    };
    let belongs = |certificate: &CertificateDer<'static>| {
        let pair = CertifiedKey::new(vec![certificate.clone()], Arc::clone(&signing));
        !matches!(pair.keys_match(), Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)))
    };
    match chain.iter().position(belongs) {
        Some(0) => {}
        Some(index) => {
            let what = format!(
                "is in the wrong order: the key is that of its certificate {}, which has to stand first, before those that signed it",
                index + 1
            );
            let Fault { code, message } = Fault::new("wrong-order", chain_file, what);
            problems.add(&certificate_path, code, message);
            return None;
        }
        None => {
            let what = format!("is not the key of the certificate in {}", chain_file.display());
            let Fault { code, message } = Fault::new("key-mismatch", key_file, what);
            problems.add(&key_path, code, message);
            return None;
        }
    }
    let pair = CertifiedKey::new(chain.clone(), signing);
    match server(provider, pair) {
        Ok(server) => Some(TlsConfig { server: Arc::new(server), chain }),
        Err(error) => {
            problems.add(path, "unsupported", format!("certificate and key cannot be used: {error}"));
            None
        }
    }
}

fn unless<T>(read: Result<T, Fault>, path: &str, problems: &mut Problems) -> Option<T> {
    read.map_err(|fault| problems.add(path, fault.code, fault.message)).ok()
}

fn server(provider: Arc<CryptoProvider>, pair: CertifiedKey) -> Result<ServerConfig, Error> {
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(pair)));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// A certificate that ends sooner than this is worth a warning.
const SOON: Duration = Duration::from_secs(14 * 86_400);

impl TlsConfig {
    /// What is wrong with the times of the chain at `now` (since the epoch), or will be soon.
    pub(crate) fn warning(&self, path: &str, now: Duration) -> Option<Problem> {
        self.chain.iter().enumerate().find_map(|(index, certificate)| {
            let at = |time| validity(certificate, UnixTime::since_unix_epoch(time));
            let (code, what, time) = match (at(now), at(now + SOON)) {
                (Err(Invalid::Expired(end)), _) => {
                    ("expired", "has expired, callers refuse it: it was valid until", end)
                }
                (Err(Invalid::NotYet(begin)), _) => {
                    ("not-yet-valid", "is not valid yet, callers refuse it: it is valid from", begin)
                }
                (Ok(()), Err(Invalid::Expired(end))) => ("expires-soon", "is valid until", end),
                _ => return None,
            };
            let message = format!(
                "certificate {} of the chain {what} {}",
                index + 1,
                format_rfc3339(time.as_secs().saturating_mul(1_000))
            );
            Some(Problem { path: format!("{path}.certificate"), code, message })
        })
    }
}

enum Invalid {
    Expired(UnixTime),
    NotYet(UnixTime),
}

/// The times of one certificate. Nothing is trusted here, so the verification ends with an unknown issuer at best; it
/// looks at the times before that.
fn validity(certificate: &CertificateDer<'_>, at: UnixTime) -> Result<(), Invalid> {
    let Ok(parsed) = ParsedCertificate::try_from(certificate) else { return Ok(()) };
    let nobody = RootCertStore::empty();
    let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms.all;
    match rustls::client::verify_server_cert_signed_by_trust_anchor(&parsed, &nobody, &[], at, algorithms) {
        Err(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => {
            Err(Invalid::Expired(not_after))
        }
        Err(Error::InvalidCertificate(CertificateError::NotValidYetContext { not_before, .. })) => {
            Err(Invalid::NotYet(not_before))
        }
        _ => Ok(()),
    }
}
