//! The platform's side: a small family of configurations, and calls that are signed for them. The signatures are made
//! here, not by the core, so that both check each other.

use aes::{Aes128, Aes256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cbc::Encryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// The keys that a ring may hold; the last one is in no ring.
const KEYS: [&str; 4] = [
    "test-access-key-0001",
    "钥匙",
    "a key that is longer than one block of SHA-256, so that it is hashed first",
    "no ring holds this",
];

/// One configuration of the family.
#[derive(Debug, Clone, Arbitrary)]
pub struct Setup {
    v1: bool,
    v2: bool,
    keys: u8,
    short_cipher: bool,
    window: bool,
    flags: u8,
}

impl Setup {
    /// Both dialects, one key, no setting.
    #[must_use]
    pub const fn plain() -> Self {
        Self { v1: true, v2: true, keys: 0, short_cipher: false, window: false, flags: 0b1000 }
    }

    /// The same with every route of the family.
    #[must_use]
    pub fn with_every_route(self) -> Self {
        Self { v1: true, v2: true, ..self }
    }

    /// The keys of every ring.
    #[must_use]
    pub fn ring(&self) -> &'static [&'static str] {
        let (keys, _) = KEYS.split_at(usize::from(self.keys % 3) + 1);
        keys
    }

    fn flag(&self, bit: u8) -> bool {
        self.flags >> bit & 1 == 1
    }

    /// The JSON document.
    #[must_use]
    pub fn configuration(&self) -> Vec<u8> {
        let v1 = self.v1 || !self.v2;
        let mut routes = Vec::new();
        if v1 {
            routes.push(json!({"path": "/saas", "dialect": "saas-v1", "product": "classic"}));
        }
        if self.v2 {
            routes.push(json!({"path": "/saas", "dialect": "saas-v2", "product": "crm"}));
            routes.push(json!({"path": "/other", "dialect": "saas-v2"}));
        }
        for route in &mut routes {
            route["keys"] = json!(self.ring());
            let is_v1 = route["dialect"] == "saas-v1";
            if is_v1 {
                route["retry_without_empty"] = json!(self.flag(3));
            } else {
                route["descending_order"] = json!(self.flag(0));
                route["timestamp_in_seconds"] = json!(self.flag(1));
            }
            route["encrypt_credentials"] = json!(self.flag(2));
            if is_v1 || self.flag(2) {
                route["cipher"] = json!(if self.short_cipher { "aes-128" } else { "aes-256" });
            }
            route["test_effects"] = json!(self.flag(4));
            route["usage"] = json!(self.flag(5));
            if self.window {
                route["window_ms"] = json!(60_000);
            }
        }
        json!({"routes": routes}).to_string().into_bytes()
    }

    /// The text form of contact data: an IV of letters and digits, then Base64.
    #[must_use]
    pub fn encrypted(&self, key: &str, plain: &str) -> String {
        let iv = b"AbCdEfGh12345678";
        let key = sha1prng(key.as_bytes());
        let ciphertext = if self.short_cipher {
            let key: [u8; 16] = std::array::from_fn(|index| key[index]);
            Encryptor::<Aes128>::new(&key.into(), iv.into()).encrypt_padded_vec::<Pkcs7>(plain.as_bytes())
        } else {
            Encryptor::<Aes256>::new(&key.into(), iv.into()).encrypt_padded_vec::<Pkcs7>(plain.as_bytes())
        };
        format!("AbCdEfGh12345678{}", STANDARD.encode(ciphertext))
    }
}

/// HMAC-SHA256 over the parts, one after the other, as hexadecimal digits.
#[must_use]
pub fn hmac_hex(key: &str, parts: &[&[u8]]) -> String {
    hex(&mac(&[key], parts))
}

/// The same over one text, as Base64.
#[must_use]
pub fn hmac_base64(key: &str, text: &str) -> String {
    STANDARD.encode(mac(&[key], &[text.as_bytes()]))
}

/// A key of the ring, or one that is in none.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub struct Signer(u8);

impl Signer {
    /// The first key of the ring.
    pub const FIRST: Self = Self(0);

    /// The key, and whether it is in the ring.
    #[must_use]
    pub fn key(self, setup: &Setup) -> (&'static str, bool) {
        let ring = setup.ring();
        match ring.get(usize::from(self.0 % 8)) {
            Some(key) => (key, true),
            None => (KEYS[3], false),
        }
    }
}

/// A request with its parts owned.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The method.
    pub method: &'static str,
    /// Path and query.
    pub target: Vec<u8>,
    /// The body.
    pub body: Vec<u8>,
}

/// Signs a body as it is, whatever it says.
#[must_use]
pub fn sign_v2(path: &str, key: &str, nonce: &str, signed_at: u64, body: &[u8]) -> Signed {
    let stamp = format!("{signed_at:013}");
    let inner = hex(&mac(&[key], &[body]));
    let outer = mac(&[key], &[key.as_bytes(), nonce.as_bytes(), stamp.as_bytes(), inner.as_bytes()]);
    let target = format!("{path}?signature={}&timestamp={stamp}&nonce={}", hex(&outer), escaped(nonce));
    Signed { method: "POST", target: target.into_bytes(), body: body.to_vec() }
}

/// Signs parameters as they are, whatever they say.
#[must_use]
pub fn sign_v1(path: &str, key: &str, stamp: &str, parameters: &[(String, String)]) -> Signed {
    let mut parameters = parameters.to_vec();
    parameters.push(("timeStamp".into(), stamp.into()));
    parameters.sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
    let joined = |spell: &dyn Fn(&str) -> String| {
        let pairs = parameters.iter().map(|(name, value)| format!("{}={}", spell(name), spell(value)));
        pairs.collect::<Vec<_>>().join("&")
    };
    let token = STANDARD.encode(mac(&[key, stamp], &[joined(&str::to_owned).as_bytes()]));
    let target = format!("{path}?authToken={}&{}", escaped(&token), joined(&escaped));
    Signed { method: "GET", target: target.into_bytes(), body: Vec::new() }
}

fn mac(key: &[&str], text: &[&[u8]]) -> [u8; 32] {
    let mac = Hmac::<Sha256>::new_from_slice(key.concat().as_bytes()).expect("every length is a key");
    text.iter().fold(mac, |mac, part| mac.chain_update(part)).finalize().into_bytes().into()
}

/// Lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Percent-encoded, everything but letters and digits.
#[must_use]
pub fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}

/// The first 32 bytes of the JDK's SHA1PRNG. The state is one large number: its bytes are added from the front, as the
/// JDK adds them, signed and with a carry.
fn sha1prng(seed: &[u8]) -> [u8; 32] {
    let mut state: [u8; 20] = Sha1::digest(seed).into();
    let mut drawn = Vec::new();
    while drawn.len() < 32 {
        let output: [u8; 20] = Sha1::digest(state).into();
        let mut carry = 1_i32;
        for (byte, drawn) in state.iter_mut().zip(output) {
            let sum = i32::from(byte.cast_signed()) + i32::from(drawn.cast_signed()) + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        drawn.extend_from_slice(&output);
    }
    std::array::from_fn(|index| drawn[index])
}

/// A member of a call.
#[derive(Debug, Clone, Arbitrary)]
pub struct Member<'a> {
    name: Name<'a>,
    value: Content<'a>,
}

#[derive(Debug, Clone, Arbitrary)]
enum Name<'a> {
    Known(u8),
    Any(&'a str),
}

#[derive(Debug, Clone, Arbitrary)]
enum Content<'a> {
    Word(u8),
    Text(&'a str),
    Contact(&'a str),
    Base64(&'a str),
    Number(i32),
    /// V2 only; a text elsewhere.
    Nested(u8),
}

impl Member<'_> {
    /// Under the platform's name, as a JSON value; contact data encrypted under `key`.
    #[must_use]
    pub fn json(&self, setup: &Setup, key: &str) -> (String, Value) {
        let name = match self.name {
            Name::Known(index) => NAMES[usize::from(index) % NAMES.len()],
            Name::Any(text) => text,
        };
        let value = match self.value {
            Content::Word(index) => json!(WORDS[usize::from(index) % WORDS.len()]),
            Content::Text(text) => json!(text),
            Content::Contact(plain) => json!(setup.encrypted(key, plain)),
            Content::Base64(text) => json!(STANDARD.encode(text)),
            Content::Number(number) => json!(number),
            Content::Nested(index) => [
                json!({"skuCode": "s", "productId": null}),
                json!([1, "2", {"3": [4.5]}]),
                json!(null),
                json!(true),
            ][usize::from(index) % 4]
                .clone(),
        };
        (name.to_owned(), value)
    }

    /// The same as a text.
    #[must_use]
    pub fn text(&self, setup: &Setup, key: &str) -> (String, String) {
        match self.json(setup, key) {
            (name, Value::String(text)) => (name, text),
            (name, other) => (name, other.to_string()),
        }
    }
}

/// The activities of both dialects.
pub const ACTIVITIES: [&str; 11] = [
    "newInstance",
    "refreshInstance",
    "expireInstance",
    "releaseInstance",
    "upgrade",
    "instanceStatus",
    "queryInstance",
    "updateInstanceStatus",
    "upgradeInstance",
    "changeInstanceCheck",
    "unknownActivity",
];

const NAMES: [&str; 33] = [
    "orderId",
    "orderLineId",
    "businessId",
    "instanceId",
    "expireTime",
    "scene",
    "status",
    "instanceStatus",
    "productInfo",
    "testFlag",
    "customerId",
    "customerName",
    "userId",
    "userName",
    "mobilePhone",
    "email",
    "skuCode",
    "productId",
    "trialFlag",
    "chargingMode",
    "saasExtendParams",
    "periodType",
    "periodNumber",
    "amount",
    "diskSize",
    "bandWidth",
    "orderAmount",
    "provisionType",
    "trialToFormal",
    "timeStamp",
    "authToken",
    "activity",
    "acceptanceTime",
];

const WORDS: [&str; 20] = [
    "0",
    "1",
    "",
    "CS2211181819B4LVS",
    "CS2211181819B4LVS-000001",
    "10e758d0-31ad-4c4b-8f1b-81d03469a10e",
    "20991231235959",
    "20991231235959999",
    "19691231235959",
    "FREEZE",
    "NORMAL",
    "UNFREEZE",
    "RENEWAL",
    "-12.50",
    "12.50",
    "s&testFlag=1",
    "a,b , c",
    "{\"a\":{}}",
    "云海 科技",
    "AbCdEfGh12345678AAAAAAAAAAAAAAAAAAAAAA==",
];
