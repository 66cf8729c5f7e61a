//! The primitives of the rules by name, so that a host can run known answers on the very module that it ships, on its
//! own engine, before it trusts it.
//!
//! For tests alone. What a call means, which text is signed and which key it takes is decided by
//! [`Seller::admit`](crate::Seller::admit) and nowhere else: a host that puts a protocol rule together out of these
//! has a second opinion of it.
//!
//! Nothing is held between two calls, and nothing is compared here: whatever a host compares with an answer, it does
//! in its own time.
//!
//! # Examples
//!
//! ```
//! use countersign_core::compute::compute;
//!
//! assert_eq!(compute("hex-encode", &[b"ok"]), Ok(b"6f6b".to_vec()));
//! assert!(compute("hex-encode", &[]).is_err());
//! ```

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::crypto::account_cipher::AccountKey;
use crate::crypto::{CbcKey, Entropy, Iv, KeyLength, PrivateKey, credential, hmac_sha256, sha1prng};
use crate::wire::json::{Canonical, push_string, push_value, read};
use crate::wire::{Form, Target, TimeError, base64, hex, percent, time};

/// One primitive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Primitive {
    /// Its name.
    pub name: &'static str,
    /// What its inputs are called, in their order.
    pub inputs: &'static [&'static str],
}

/// Why nothing was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComputeError {
    /// No primitive has this name.
    UnknownPrimitive,
    /// The primitive does not take an input.
    InputRefused {
        /// The input, as [`Primitive::inputs`] calls it; `inputs` when there are too many or too few.
        input: &'static str,
        /// A stable code. `count`, `length`, `utf8`, `number`, `cipher`, `alphabet`, `hex`, `base64`, `time`,
        /// `undecryptable`, `not_an_object`, or the code of a [`CredentialError`](crate::crypto::CredentialError),
        /// [`PrivateKeyError`](crate::crypto::PrivateKeyError), [`FormError`](crate::wire::FormError) or
        /// [`JsonError`](crate::wire::json::JsonError).
        cause: &'static str,
    },
}

impl fmt::Display for ComputeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownPrimitive => out.write_str("there is no such primitive"),
            Self::InputRefused { input, cause } => write!(out, "`{input}` is refused: {cause}"),
        }
    }
}

impl core::error::Error for ComputeError {}

type Computed = Result<Vec<u8>, ComputeError>;

/// One row: name, inputs, what they and the output are, and the computation.
macro_rules! primitives {
    ($($name:literal ($($input:ident),+) $about:literal => $computed:expr;)*) => {
        /// Every primitive. Inputs and output are byte strings; numbers among them are decimal digits, text is UTF-8.
        ///
        /// | Name | Inputs | |
        /// |---|---|---|
        $(#[doc = concat!("| `", $name, "` | ", $("`", stringify!($input), "` ",)+ "| ", $about, " |")])*
        pub const PRIMITIVES: &[Primitive] =
            &[$(Primitive { name: $name, inputs: &[$(stringify!($input)),+] }),*];

        /// Computes one of the [`PRIMITIVES`]. Never panics, whatever the inputs are.
        ///
        /// # Errors
        ///
        /// [`ComputeError::UnknownPrimitive`], then [`ComputeError::InputRefused`] for the number of the inputs, then
        /// for the first of them that is wrong by itself, at last for what they say together.
        pub fn compute(name: &str, inputs: &[&[u8]]) -> Computed {
            match name {
                $($name => {
                    let [$($input),+] = inputs else { return Err(refused("inputs", "count")) };
                    $(let $input = Input { name: stringify!($input), bytes: $input };)+
                    $computed
                })*
                _ => Err(ComputeError::UnknownPrimitive),
            }
        }
    };
}

primitives! {
    "hmac-sha256" (key, message) "any two → the MAC, 32 bytes" =>
        Ok(hmac_sha256(&[key.bytes], &[message.bytes]).to_vec());
    "aes-cbc-encrypt" (key, iv, plain) "16 or 32 bytes, 16 bytes, any → the ciphertext, padded by PKCS#7" => {
        let (key, iv) = (key.cbc_key()?, iv.array()?);
        Ok(key.encrypt(iv, plain.bytes))
    };
    "aes-cbc-decrypt" (key, iv, ciphertext) "16 or 32 bytes, 16 bytes, whole blocks → the plaintext" => {
        let (key, iv) = (key.cbc_key()?, iv.array()?);
        let plain = key.decrypt(iv, ciphertext.bytes);
        plain.map(|plain| plain.to_vec()).map_err(|_| ciphertext.refused("undecryptable"))
    };
    "aes-gcm-seal" (key, iv, plain) "16 bytes; 12, 16 or 24 bytes; any → the ciphertext, its tag behind it" => {
        let key = key.account_key()?;
        key.seal_gcm(iv.vector()?, plain.bytes).ok_or(plain.refused("length"))
    };
    "aes-gcm-open" (key, iv, sealed) "16 bytes; 12, 16 or 24 bytes; ciphertext and tag → the plaintext" => {
        let key = key.account_key()?;
        key.open_gcm(iv.vector()?, sealed.bytes).ok_or(sealed.refused("undecryptable"))
    };
    "aes-ecb-encrypt" (key, plain) "16 bytes, any → the ciphertext, padded by PKCS#7" =>
        Ok(key.account_key()?.seal_ecb(plain.bytes));
    "aes-ecb-decrypt" (key, ciphertext) "16 bytes, whole blocks → the plaintext" =>
        key.account_key()?.open_ecb(ciphertext.bytes).ok_or(ciphertext.refused("undecryptable"));
    "rsa-oaep-decrypt" (key, ciphertext)
        "PKCS#8 in PEM, as long as the modulus → the plaintext, whichever of the three pairs of hash functions fits" => {
        let key = PrivateKey::from_pem(key.text()?).map_err(|error| key.refused(error.code()))?;
        let opened = key.open(ciphertext.bytes);
        opened.map(|(plain, _)| plain.to_vec()).ok_or(ciphertext.refused("undecryptable"))
    };
    "sha1prng" (seed, length) "any, `16` or `32` → so many bytes of the JDK's generator: the AES key of an access key" =>
        match length.bytes {
            b"16" => Ok(sha1prng::first_bytes::<16>(seed.bytes).to_vec()),
            b"32" => Ok(sha1prng::first_bytes::<32>(seed.bytes).to_vec()),
            _ => Err(length.refused("length")),
        };
    "credential-encrypt" (access_key, cipher, iv, plain)
        "any, `aes-128` or `aes-256`, 16 letters and digits, any → the text that answers carry" => {
        let (key, iv) = (access_key.derived(cipher)?, *iv.array()?);
        let iv = Iv::new(iv).ok_or(refused("iv", "alphabet"))?;
        Ok(credential::encrypt(&key, &iv, plain.bytes).into_bytes())
    };
    "credential-decrypt" (access_key, cipher, text)
        "any, `aes-128` or `aes-256`, a text as requests carry it → the plaintext" => {
        let key = access_key.derived(cipher)?;
        let plain = credential::decrypt(&key, text.text()?);
        plain.map(|plain| plain.to_vec()).map_err(|error| text.refused(error.code()))
    };
    "entropy-bytes" (fresh, label) "32 bytes, text → the first 48 bytes of the label's stream" =>
        Ok(Entropy::new(fresh.array()?).bytes::<48>(label.text()?).to_vec());
    "entropy-uuid" (fresh, label) "32 bytes, text → a UUID of version 4" =>
        Ok(Entropy::new(fresh.array()?).uuid(label.text()?).into_bytes());
    "entropy-iv" (fresh, label) "32 bytes, text → an IV of 16 letters and digits" =>
        Ok(Entropy::new(fresh.array()?).iv(label.text()?).as_bytes().to_vec());
    "hex-encode" (bytes) "any → lower-case digits" => Ok(hex::encode(bytes.bytes).into_bytes());
    "hex-decode" (text) "an even number of digits of any case → the bytes" =>
        hex::decode(text.bytes).map_err(|_| text.refused("hex"));
    "base64-encode" (bytes) "any → standard Base64 with padding" => Ok(base64::encode(bytes.bytes).into_bytes());
    "base64-decode" (text) "standard Base64 with padding and nothing else → the bytes" =>
        base64::decode(text.bytes).map_err(|_| text.refused("base64"));
    "percent-encode" (bytes) "any → all but the unreserved as `%XX`" => Ok(percent::encode(bytes.bytes).into_bytes());
    "percent-decode" (text) "one name or value of a form → its text" =>
        percent::decode(text.bytes).map(|text| text.as_bytes().to_vec()).map_err(|error| text.refused(error.code()));
    "target-path" (target) "a request target in any form → its path" =>
        Ok(Target::parse(target.bytes).path().to_vec());
    "target-query" (target) "a request target in any form → what stands behind the first `?`" =>
        Ok(Target::parse(target.bytes).query().to_vec());
    "form" (query) "a query string → `[[name,value],…]` in received order" => match Form::parse(query.bytes) {
        Ok(form) => Ok(pairs(&form)),
        Err(error) => Err(query.refused(error.code())),
    };
    "json" (text) "a JSON text → the same without blanks, names and numbers as they were received" => {
        let document = read(text.bytes).map_err(|error| text.refused(error.code()))?;
        let mut out = Vec::new();
        push_value(&mut out, document.value());
        Ok(out)
    };
    "canonical-top-level-sorted" (body) "a JSON object → its canonical form" =>
        body.canonical(Canonical::TopLevelSorted);
    "canonical-recursively-sorted" (body) "a JSON object → its canonical form" =>
        body.canonical(Canonical::RecursivelySorted);
    "canonical-scalars-as-strings" (body) "a JSON object → its canonical form" =>
        body.canonical(Canonical::ScalarsAsStrings);
    "canonical-descending" (body) "a JSON object → its canonical form" => body.canonical(Canonical::Descending);
    "time-13" (text) "13 digits of milliseconds → milliseconds since the epoch" =>
        text.millis(time::parse_13(text.text()?));
    "time-14" (text, zone) "`yyyyMMddHHmmss`, minutes east of UTC → milliseconds since the epoch" =>
        text.millis(time::parse_14(text.text()?, zone.number()?));
    "time-17" (text, zone) "`yyyyMMddHHmmssSSS`, minutes east of UTC → milliseconds since the epoch" =>
        text.millis(time::parse_17(text.text()?, zone.number()?));
    "time-expiry" (text, zone) "14 or 17 digits, minutes east of UTC → milliseconds since the epoch, whole seconds" =>
        text.millis(time::parse_expiry(text.text()?, zone.number()?));
    "time-write-14" (millis, zone) "milliseconds since the epoch, minutes east of UTC → `yyyyMMddHHmmss`" =>
        Ok(time::format_14(millis.number()?, zone.number()?).into_bytes());
    "time-write-17" (millis, zone) "milliseconds since the epoch, minutes east of UTC → `yyyyMMddHHmmssSSS`" =>
        Ok(time::format_17(millis.number()?, zone.number()?).into_bytes());
    "time-write-rfc3339" (millis) "milliseconds since the epoch → `yyyy-MM-ddTHH:mm:ss.SSSZ`" =>
        Ok(time::format_rfc3339(millis.number()?).into_bytes());
}

const fn refused(input: &'static str, cause: &'static str) -> ComputeError {
    ComputeError::InputRefused { input, cause }
}

/// An input and what it is called.
#[derive(Clone, Copy)]
struct Input<'a> {
    name: &'static str,
    bytes: &'a [u8],
}

impl<'a> Input<'a> {
    const fn refused(self, cause: &'static str) -> ComputeError {
        refused(self.name, cause)
    }

    fn array<const N: usize>(self) -> Result<&'a [u8; N], ComputeError> {
        self.bytes.try_into().map_err(|_| self.refused("length"))
    }

    fn text(self) -> Result<&'a str, ComputeError> {
        core::str::from_utf8(self.bytes).map_err(|_| self.refused("utf8"))
    }

    fn number<T: FromStr>(self) -> Result<T, ComputeError> {
        self.text()?.parse().map_err(|_| self.refused("number"))
    }

    fn cbc_key(self) -> Result<CbcKey, ComputeError> {
        match self.bytes.len() {
            16 => self.array().map(CbcKey::aes128),
            _ => self.array().map(CbcKey::aes256),
        }
    }

    fn account_key(self) -> Result<AccountKey, ComputeError> {
        self.array().map(AccountKey::new)
    }

    /// An initialisation vector of GCM.
    fn vector(self) -> Result<&'a [u8], ComputeError> {
        if matches!(self.bytes.len(), 12 | 16 | 24) { Ok(self.bytes) } else { Err(self.refused("length")) }
    }

    /// The key that an access key derives.
    fn derived(self, cipher: Input<'_>) -> Result<CbcKey, ComputeError> {
        let length = match cipher.bytes {
            b"aes-128" => KeyLength::Aes128,
            b"aes-256" => KeyLength::Aes256,
            _ => return Err(cipher.refused("cipher")),
        };
        Ok(CbcKey::derive(self.bytes, length))
    }

    fn canonical(self, form: Canonical) -> Computed {
        let document = read(self.bytes).map_err(|error| self.refused(error.code()))?;
        let mut out = Vec::new();
        form.write(document.value(), &mut out).map_err(|_| self.refused("not_an_object"))?;
        Ok(out)
    }

    fn millis(self, time: Result<u64, TimeError>) -> Computed {
        time.map(|time| time.to_string().into_bytes()).map_err(|_| self.refused("time"))
    }
}

fn pairs(form: &Form<'_>) -> Vec<u8> {
    let mut out = String::from("[").into_bytes();
    for (index, (name, value)) in form.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"[" } else { b",[" });
        push_string(&mut out, name);
        out.push(b',');
        push_string(&mut out, value);
        out.push(b']');
    }
    out.push(b']');
    out
}
