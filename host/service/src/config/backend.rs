//! Where effects go, and how they are signed.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ctutils::CtEq as _;
use hyper::Uri;
use serde_json::Value;
use zeroize::Zeroizing;

use super::problem::Problems;
use super::secret;
use super::table::Table;

/// One backend of the seller.
pub struct BackendConfig {
    /// `http` or `https`, without user data.
    pub url: Uri,
    /// The decoded Standard Webhooks secret.
    pub secret: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for BackendConfig {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "BackendConfig({})", self.url)
    }
}

impl BackendConfig {
    /// Whether messages for both go to the same place under the same key.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.url == other.url && self.secret.as_slice().ct_eq(&other.secret).to_bool()
    }

    pub(super) fn read(value: &Value, path: &str, base: &Path, problems: &mut Problems) -> Option<Self> {
        let mut table = Table::new(value, path, problems)?;
        let url = read_url(&mut table, problems);
        let secret_path = table.at("secret");
        let secret = table.required("secret", problems);
        let secret = secret.and_then(|value| secret::read(value, &secret_path, base, problems));
        let secret = secret.filter(|text| secret::is_clean(text, &secret_path, problems));
        let secret = secret.and_then(|text| decode(&text, &secret_path, problems));
        table.finish(problems);
        Some(Self { url: url?, secret: secret? })
    }
}

fn read_url(table: &mut Table<'_>, problems: &mut Problems) -> Option<Uri> {
    let text = table.required_text("url", problems)?;
    let url = text.parse::<Uri>().ok().filter(|url| {
        let host = url.host().is_some_and(|host| !host.is_empty());
        let user = url.authority().is_some_and(|authority| authority.as_str().contains('@'));
        matches!(url.scheme_str(), Some("http" | "https")) && host && !user && !text.contains('#')
    });
    if url.is_none() {
        let message = "must be an http or https URL without user name and fragment";
        problems.add(&table.at("url"), "out-of-range", message);
    }
    url
}

/// `whsec_` and standard Base64 (Standard Webhooks 1.0, "Signature scheme").
fn decode(text: &str, path: &str, problems: &mut Problems) -> Option<Zeroizing<Vec<u8>>> {
    let decoded = text.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok()).map(Zeroizing::new);
    match decoded {
        None => problems.add(path, "out-of-range", "must be whsec_ followed by Base64 with padding"),
        Some(bytes) if !(MIN_SECRET..=MAX_SECRET).contains(&bytes.len()) => {
            problems.add(path, "out-of-range", "must hold between 16 and 128 bytes");
        }
        Some(bytes) => return Some(bytes),
    }
    None
}

/// The specification recommends 24 to 64 bytes; other libraries sign with less and with more.
const MIN_SECRET: usize = 16;
const MAX_SECRET: usize = 128;
