//! Certificates and keys in PEM files (RFC 7468); each fault named for what it is.

use std::path::Path;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ParsedCertificate;

use super::file::{self, Fault};

/// No chain and no key is larger.
const MAX_FILE_BYTES: u64 = 1_048_576;

/// The certificates of a file, in their order; at least one.
pub(super) fn chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let contents = Contents::read(file)?;
    let chain: Vec<CertificateDer<'static>> = contents.items()?;
    if chain.is_empty() {
        return Err(contents.instead_of("certificate"));
    }
    for (index, certificate) in chain.iter().enumerate() {
        if ParsedCertificate::try_from(certificate).is_err() {
            let what =
                format!("holds as certificate {} something that is no X.509 v3 certificate", index + 1);
            return Err(contents.fault("unsupported", what));
        }
    }
    Ok(chain)
}

/// The private key of a file: PKCS#8, PKCS#1 or SEC1, not encrypted.
pub(super) fn key(file: &Path) -> Result<PrivateKeyDer<'static>, Fault> {
    let contents = Contents::read(file)?;
    if contents.is_encrypted() {
        let what = "holds an encrypted private key, and nobody is there to type its password: `openssl pkey` decrypts it";
        return Err(contents.fault("encrypted", what));
    }
    let mut keys: Vec<PrivateKeyDer<'static>> = contents.items()?;
    match (keys.pop(), keys.len()) {
        (Some(key), 0) => Ok(key),
        (Some(_), others) => {
            Err(contents.fault("wrong-content", format!("holds {} private keys", others + 1)))
        }
        (None, _) => Err(contents.instead_of("private key")),
    }
}

/// A file that should be PEM.
struct Contents<'f> {
    file: &'f Path,
    bytes: zeroize::Zeroizing<Vec<u8>>,
}

impl<'f> Contents<'f> {
    fn read(file: &'f Path) -> Result<Self, Fault> {
        let contents = Self { file, bytes: file::read(file, MAX_FILE_BYTES)? };
        let bytes = contents.text();
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(contents.fault("empty", "is empty"));
        }
        if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
            return Err(contents.fault("not-pem", "is UTF-16, and PEM is ASCII"));
        }
        Ok(contents)
    }

    /// Without the byte order mark that some editors write.
    fn text(&self) -> &[u8] {
        self.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.bytes)
    }

    fn fault(&self, code: &'static str, what: impl std::fmt::Display) -> Fault {
        Fault::new(code, self.file, what)
    }

    /// Every section of one kind.
    fn items<T: PemObject>(&self) -> Result<Vec<T>, Fault> {
        T::pem_slice_iter(self.text()).collect::<Result<_, _>>().map_err(|error| match error {
            pem::Error::MissingSectionEnd { .. } => {
                self.fault("cut-short", "is cut short: the line `-----END …-----` is missing")
            }
            pem::Error::Base64Decode(_) => {
                self.fault("not-pem", "is damaged: what stands between its lines is not Base64")
            }
            _ => self.fault("not-pem", "is no PEM file"),
        })
    }

    /// What the sections say they are: `CERTIFICATE`, `EC PRIVATE KEY`.
    fn labels(&self) -> impl Iterator<Item = &str> {
        let lines = self.text().split(|byte| matches!(byte, b'\n' | b'\r'));
        lines.filter_map(|line| {
            let label = std::str::from_utf8(line.strip_prefix(b"-----BEGIN ")?).ok()?;
            label.trim_end().strip_suffix("-----")
        })
    }

    fn is_encrypted(&self) -> bool {
        // The older form keeps its label and says so in a header of the section (RFC 1421 §4.6.1.1).
        let older = b"Proc-Type: 4,ENCRYPTED".as_slice();
        self.labels().any(|label| label == "ENCRYPTED PRIVATE KEY")
            || self.text().split(|byte| matches!(byte, b'\n' | b'\r')).any(|line| line.starts_with(older))
    }

    /// What the file holds in the place of what it should.
    fn instead_of(&self, wanted: &str) -> Fault {
        let Some(label) = self.labels().next() else {
            // A SEQUENCE with a length of two bytes: what DER and PKCS#12 files begin with.
            let binary = self.text().starts_with(&[0x30, 0x82]);
            let what = if binary { "is binary (DER or PKCS#12), not PEM" } else { "is no PEM file" };
            return self.fault("not-pem", what);
        };
        let (code, found) = match label {
            "CERTIFICATE" => ("wrong-content", "a certificate"),
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => {
                ("wrong-content", "a request for a certificate")
            }
            "PUBLIC KEY" | "RSA PUBLIC KEY" => ("wrong-content", "a public key"),
            "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" => {
                ("wrong-content", "a private key")
            }
            "EC PARAMETERS" | "DH PARAMETERS" => ("wrong-content", "parameters of keys"),
            "DSA PRIVATE KEY" => ("unsupported", "a DSA key, which TLS does not take any more"),
            "OPENSSH PRIVATE KEY" => ("unsupported", "a key of OpenSSH in its own form"),
            "TRUSTED CERTIFICATE" => ("unsupported", "a certificate in OpenSSL's own form"),
            "PKCS7" => ("unsupported", "a chain in PKCS#7"),
            _ => ("wrong-content", "something else"),
        };
        self.fault(code, format!("holds {found}, and no {wanted}"))
    }
}

/// Kept in step with the labels above: those that the library itself reads.
#[cfg(test)]
mod tests {
    use rustls::pki_types::pem::SectionKind;

    #[test]
    fn the_library_reads_the_labels_that_are_called_keys_and_certificates() {
        for label in ["CERTIFICATE", "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"] {
            assert!(SectionKind::try_from(label.as_bytes()).is_ok(), "{label}");
        }
        for label in ["ENCRYPTED PRIVATE KEY", "DSA PRIVATE KEY", "TRUSTED CERTIFICATE", "PKCS7"] {
            assert!(SectionKind::try_from(label.as_bytes()).is_err(), "{label}");
        }
    }
}
