//! TLS on both sides. The certificates were made for these tests; see `tls/README.md`.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign_simulator::Dialect;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use crate::support::process::Process;
use crate::support::{Backend, Gateway, KEY, Reply, WEBHOOK_SECRET, config};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/tls").join(name)
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

pub(crate) fn client(versions: &[&'static rustls::SupportedProtocolVersion]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(file("authority.pem")).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(provider()).with_protocol_versions(versions).unwrap();
    Arc::new(config.with_root_certificates(roots).with_no_client_auth())
}

/// Sends bytes under TLS and returns everything that comes back.
pub(crate) fn over_tls(address: std::net::SocketAddr, bytes: &[u8]) -> String {
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(client(&[&rustls::version::TLS13]), name).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(address).unwrap());
    stream.write_all(bytes).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn the_public_listener_speaks_tls_1_2_and_1_3() {
    let backend = Backend::start(|_| Reply::done());
    let mut config = config(&backend);
    config["tls"] = json!({"certificate": file("localhost.pem"), "key": file("localhost.key")});
    let gateway = Gateway::start(config);
    let platform = gateway.platform();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let purchase = platform.purchase(Dialect::SaasV2, &platform.order());
        let mut request = platform.sign(Dialect::SaasV2, &purchase);
        request.headers.push(("Connection".to_owned(), "close".to_owned()));
        let name = ServerName::try_from("localhost").unwrap();
        let connection = ClientConnection::new(client(&[version]), name).unwrap();
        let mut stream = StreamOwned::new(connection, TcpStream::connect(platform.address).unwrap());
        stream.write_all(&request.to_http_text()).unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        assert!(answer.contains("\"resultCode\":\"000000\""), "{version:?}: {answer}");
        assert!(answer.contains("\r\nBody-Sign: "), "{answer}");
    }
    gateway.stop();
}

#[test]
fn a_backend_behind_https_is_trusted_as_the_machine_trusts() {
    let chain = vec![CertificateDer::from_pem_file(file("localhost.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(file("localhost.key")).unwrap();
    let server =
        ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap();
    let server = Arc::new(server.with_no_client_auth().with_single_cert(chain, key).unwrap());
    let wrap = move |stream: TcpStream| {
        let connection = ServerConnection::new(Arc::clone(&server)).unwrap();
        Box::new(StreamOwned::new(connection, stream)) as Box<dyn crate::support::backend::Stream>
    };
    let backend = Backend::start_on(wrap, |_| Reply::done());
    for (authority, code) in [("authority.pem", "000000"), ("stranger.pem", "000005")] {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "listen = \"127.0.0.1:0\"\nstore = \"memory:\"\n\
             [backend]\nurl = \"https://localhost:{}/events\"\nsecret = \"{WEBHOOK_SECRET}\"\n\
             [[routes]]\npath = \"/v2\"\ndialect = \"saas-v2\"\nkeys = [\"{KEY}\"]\n",
            backend.address.port()
        );
        std::fs::write(folder.path().join("countersign.toml"), text).unwrap();
        let trusted = file(authority);
        let process = Process::serve(
            &folder.path().join("countersign.toml"),
            &[("SSL_CERT_FILE", trusted.to_str().unwrap())],
        );
        let platform = process.platform();
        let checked = platform.call(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &platform.order()));
        assert_eq!(checked.result_code, code, "{authority}");
    }
}
