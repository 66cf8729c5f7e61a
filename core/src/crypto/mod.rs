//! Keyed HMAC-SHA256, AES-CBC, the JDK SHA1PRNG key derivation, RSA-OAEP, secrets.
//!
//! The primitives are RustCrypto's. What stands here is how the platform uses them: which bytes are the key,
//! which text a ciphertext becomes, and how a key grows out of an access key.
//!
//! Hazards, said aloud: AES-CBC does not authenticate, so a ciphertext is decrypted only after the signature over
//! the request that carried it was verified. SHA1PRNG is no key-derivation function that anybody would choose
//! today; it is the one that the platform's sample code uses, and nothing else can read what it encrypted.
//!
//! # Examples
//!
//! ```
//! use countersign_core::crypto::{MacKey, compare};
//!
//! // What an answer is signed with: the access key alone, over the exact bytes.
//! let key = MacKey::new(b"test-access-key-0001");
//! let body = br#"{"resultCode":"000000"}"#;
//! let (signature, again) = (key.mac(&[body]), key.mac(&[b"{\"resultCode\":", b"\"000000\"}"]));
//! assert!(compare::equal(&signature, &again).to_bool());
//! ```

pub(crate) mod account_cipher;
pub mod cbc;
pub mod compare;
pub mod credential;
pub mod entropy;
pub mod mac;
pub mod oaep;
pub mod rsa;
pub mod secret;
pub mod sha1prng;
#[cfg(test)]
mod vectors;

pub use cbc::{CbcKey, DecryptError, KeyLength};
pub use compare::Choice;
pub use credential::{CredentialError, Iv};
pub use entropy::Entropy;
pub use mac::{MacKey, hmac_sha1, hmac_sha256};
pub use oaep::OaepHashes;
pub use rsa::{PrivateKey, PrivateKeyError};
pub use secret::Secret;
