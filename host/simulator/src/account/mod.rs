//! Events of an identity centre: how it signs and seals them, and how it opens and checks an answer.

mod answer;
mod flaw;

pub use flaw::Flaw;

use aes::Aes128;
use aes_gcm::aead::array::ArraySize;
use aes_gcm::aead::consts::{U12, U16, U24};
use aes_gcm::aead::{Aead as _, Nonce};
use aes_gcm::{AesGcm, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::{Block, BlockCipherDecrypt as _, BlockCipherEncrypt as _};

use crate::crypto::{base64, hex_upper, hmac_sha256};
use crate::{Entropy, HttpRequest};

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// How data and their initialisation vector stand in one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Base64 of an IV of 16 bytes, then Base64 of ciphertext and tag: what the documents' Java prints.
    L1,
    /// Base64 of an IV of 12 bytes, ciphertext and tag.
    L2,
    /// The same with an IV of 16 bytes.
    L3,
    /// Base64 of an IV of 16 bytes, then Base64 of ciphertext and tag in hex.
    L4,
    /// 24 characters that are the IV themselves, then Base64 of ciphertext and tag.
    L5,
    /// Base64 of AES-ECB with PKCS#5 padding.
    Ecb,
    /// As it is.
    Plain,
}

impl Layout {
    /// All of them.
    pub const ALL: [Self; 7] = [Self::L1, Self::L2, Self::L3, Self::L4, Self::L5, Self::Ecb, Self::Plain];

    /// The stable name: `L1`, `ECB`, `none`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::L1 => "L1",
            Self::L2 => "L2",
            Self::L3 => "L3",
            Self::L4 => "L4",
            Self::L5 => "L5",
            Self::Ecb => "ECB",
            Self::Plain => "none",
        }
    }

    /// That of a stable name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| layout.name() == name)
    }
}

/// What an identity centre and one route of the seller share.
#[derive(Clone, Copy)]
pub struct Centre<'a> {
    /// The bearer token.
    pub token: &'a str,
    /// 16 characters; `None`: nothing is signed.
    pub signature_key: Option<&'a [u8]>,
    /// 16 bytes; used by every layout but [`Layout::Plain`].
    pub encryption_key: &'a [u8; 16],
    /// How data are sealed.
    pub layout: Layout,
}

/// One event.
#[derive(Debug, Clone, Copy)]
pub struct Notice<'a> {
    /// What the `Host` header says.
    pub host: &'a str,
    /// The path of the address.
    pub path: &'a str,
    /// `CREATE_USER` and so on.
    pub event_type: &'a str,
    /// The message: a text, or JSON.
    pub message: &'a str,
    /// Milliseconds since the epoch.
    pub now_ms: u64,
    /// Letters and digits.
    pub nonce: &'a str,
}

/// The same, owned: what a route of a story has.
#[derive(Clone)]
pub struct Shared {
    /// The bearer token.
    pub token: String,
    /// 16 characters.
    pub signature_key: String,
    /// 16 bytes.
    pub encryption_key: [u8; 16],
    /// How data are sealed.
    pub layout: Layout,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Shared").field("layout", &self.layout).finish_non_exhaustive()
    }
}

impl Shared {
    /// The centre.
    #[must_use]
    pub fn centre(&self) -> Centre<'_> {
        let Self { token, signature_key, encryption_key, layout } = self;
        Centre { token, signature_key: Some(signature_key.as_bytes()), encryption_key, layout: *layout }
    }
}

impl Centre<'_> {
    /// The request: a bearer token, and a signature over nonce, time, event and data.
    #[must_use]
    pub fn request(&self, notice: &Notice<'_>, entropy: &mut Entropy) -> Option<HttpRequest> {
        let frame = format!("{}&", entropy.text(LETTERS, 16));
        self.request_of(notice, &self.seal(&frame, notice.message, entropy)?)
    }

    /// The request around data that are sealed already.
    fn request_of(&self, notice: &Notice<'_>, data: &str) -> Option<HttpRequest> {
        let Notice { nonce, now_ms, event_type, .. } = *notice;
        let mut body = serde_json::Map::new();
        body.insert("nonce".into(), nonce.into());
        body.insert("timestamp".into(), now_ms.into());
        body.insert("eventType".into(), event_type.into());
        if let Some(key) = self.signature_key {
            let text = format!("{nonce}&{now_ms}&{event_type}&{data}");
            body.insert("signature".into(), base64(&hmac_sha256(key, text.as_bytes())).into());
        }
        body.insert("data".into(), data.into());
        let header = |name: &str, value: String| (name.to_string(), value);
        Some(HttpRequest {
            method: "POST",
            target: notice.path.to_string(),
            headers: Vec::from([
                header("Host", notice.host.to_string()),
                header("Authorization", format!("Bearer {}", self.token)),
                header("Content-Type", "application/json".to_string()),
            ]),
            body: serde_json::Value::Object(body).to_string().into_bytes(),
        })
    }

    /// The frame (sixteen letters and an ampersand, if it is right) and the message, encrypted.
    fn seal(&self, frame: &str, message: &str, entropy: &mut Entropy) -> Option<String> {
        let framed = format!("{frame}{message}");
        let block = entropy.block();
        let (long, short) = (block.get(..16)?, block.get(..12)?);
        Some(match self.layout {
            Layout::L1 => base64(long) + &base64(&self.encrypt::<U16>(long, &framed)?),
            Layout::L2 => base64(&[short, &self.encrypt::<U12>(short, &framed)?].concat()),
            Layout::L3 => base64(&[long, &self.encrypt::<U16>(long, &framed)?].concat()),
            Layout::L4 => base64(long) + &base64(hex_upper(&self.encrypt::<U16>(long, &framed)?).as_bytes()),
            Layout::L5 => {
                let letters = entropy.text(LETTERS, 24);
                let sealed = base64(&self.encrypt::<U24>(letters.as_bytes(), &framed)?);
                letters + &sealed
            }
            Layout::Ecb => base64(&self.encrypt_blocks(&framed)),
            Layout::Plain => message.to_string(),
        })
    }

    /// What the data of an answer say, in the layout that the centre itself uses; `None` if they say nothing in it.
    #[must_use]
    pub fn open(&self, data: &str) -> Option<String> {
        let decode = |text: &str| STANDARD.decode(text).ok();
        let plain = match self.layout {
            Layout::Plain => return Some(data.to_string()),
            Layout::L1 | Layout::L4 | Layout::L5 => {
                let (iv, sealed) = data.split_at_checked(24)?;
                let sealed = decode(sealed)?;
                match self.layout {
                    Layout::L1 => self.decrypt::<U16>(&decode(iv)?, &sealed)?,
                    Layout::L5 => self.decrypt::<U24>(iv.as_bytes(), &sealed)?,
                    _ => self.decrypt::<U16>(&decode(iv)?, &unhex(&sealed)?)?,
                }
            }
            Layout::L2 => {
                let bytes = decode(data)?;
                let (iv, sealed) = bytes.split_at_checked(12)?;
                self.decrypt::<U12>(iv, sealed)?
            }
            Layout::L3 => {
                let bytes = decode(data)?;
                let (iv, sealed) = bytes.split_at_checked(16)?;
                self.decrypt::<U16>(iv, sealed)?
            }
            Layout::Ecb => self.decrypt_blocks(&decode(data)?)?,
        };
        let plain = String::from_utf8(plain).ok()?;
        let (frame, message) = plain.split_at_checked(17)?;
        let is_frame =
            frame.bytes().take(16).all(|letter| letter.is_ascii_alphabetic()) && frame.ends_with('&');
        is_frame.then(|| message.to_string())
    }

    fn encrypt<N: ArraySize>(&self, iv: &[u8], plain: &str) -> Option<Vec<u8>> {
        let nonce = Nonce::<AesGcm<Aes128, N>>::try_from(iv).ok()?;
        AesGcm::<Aes128, N>::new(self.encryption_key.into()).encrypt(&nonce, plain.as_bytes()).ok()
    }

    fn decrypt<N: ArraySize>(&self, iv: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let nonce = Nonce::<AesGcm<Aes128, N>>::try_from(iv).ok()?;
        AesGcm::<Aes128, N>::new(self.encryption_key.into()).decrypt(&nonce, sealed).ok()
    }

    fn encrypt_blocks(&self, plain: &str) -> Vec<u8> {
        let cipher = Aes128::new(self.encryption_key.into());
        let mut padded = plain.as_bytes().to_vec();
        // PKCS#5: as many bytes as are missing, each of that value; sixteen if none is.
        let missing = u8::try_from(plain.len() & 15).map_or(16, |length| 16_u8.saturating_sub(length));
        padded.resize(plain.len().saturating_add(missing.into()), missing);
        let (blocks, _) = padded.as_chunks::<16>();
        let encrypt = |block: &[u8; 16]| {
            let mut block = Block::<Aes128>::from(*block);
            cipher.encrypt_block(&mut block);
            block
        };
        blocks.iter().flat_map(encrypt).collect()
    }

    fn decrypt_blocks(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let cipher = Aes128::new(self.encryption_key.into());
        let (blocks, rest) = sealed.as_chunks::<16>();
        let decrypt = |block: &[u8; 16]| {
            let mut block = Block::<Aes128>::from(*block);
            cipher.decrypt_block(&mut block);
            block
        };
        let mut plain: Vec<u8> = blocks.iter().flat_map(decrypt).collect();
        let padding = usize::from(*plain.last()?);
        let length = plain.len().checked_sub(padding)?;
        plain.truncate(length);
        (rest.is_empty() && (1..=16).contains(&padding)).then_some(plain)
    }
}

fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(digits).ok()?;
    let digit = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    text.as_bytes().chunks(2).map(digit).collect()
}
