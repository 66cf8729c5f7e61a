//! Fresh bytes from the host, expanded into everything random that one call needs.
//!
//! The core draws nothing itself: the host gives 32 fresh bytes per call, and a stream per label grows out of them,
//! HMAC-SHA256(entropy, label ‖ block number), in the manner of NIST SP 800-108 in counter mode.
//!
//! # Examples
//!
//! ```
//! use countersign_core::crypto::Entropy;
//!
//! let fresh: [u8; 32] = core::array::from_fn(|index| index as u8); // from the operating system, in earnest
//! let entropy = Entropy::new(&fresh);
//! assert_eq!(entropy.uuid("instance"), "aec58352-a602-4d3e-828b-a7824ca55f1b");
//! assert_ne!(entropy.bytes::<16>("effect"), entropy.bytes::<16>("owner"));
//! ```

use alloc::string::String;

use super::credential::Iv;
use super::mac::MacKey;
use crate::wire::hex;

/// Letters and digits, the alphabet of an [`Iv`] (SaaS access guide V1, AES sample code).
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Bytes from here on would make some characters likelier than others: the largest multiple of 62 below 256.
const UNBIASED: u8 = 248;

/// The 32 fresh bytes of one call. Wiped on drop.
///
/// The same label always gives the same bytes: a label names one value of one call.
#[derive(Debug)]
pub struct Entropy(MacKey);

impl Entropy {
    /// Takes 32 bytes from the host's cryptographic generator, never used before.
    #[must_use]
    pub fn new(fresh: &[u8; 32]) -> Self {
        Self(MacKey::new(fresh))
    }

    /// `N` raw bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self, label: &str) -> [u8; N] {
        let mut drawn = [0; N];
        for (slot, byte) in drawn.iter_mut().zip(self.stream(label)) {
            *slot = byte;
        }
        drawn
    }

    /// A UUID of version 4 (RFC 9562 §5.4), lower case, 36 characters.
    #[must_use]
    pub fn uuid(&self, label: &str) -> String {
        let mut bytes: [u8; 16] = self.bytes(label);
        if let Some(version) = bytes.get_mut(6) {
            *version = *version & 0x0f | 0x40;
        }
        if let Some(variant) = bytes.get_mut(8) {
            *variant = *variant & 0x3f | 0x80;
        }
        let mut text = String::with_capacity(36);
        for (index, byte) in bytes.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            hex::encode_to(&mut text, &[*byte]);
        }
        text
    }

    /// An IV, each of its sixteen characters equally likely.
    #[must_use]
    pub fn iv(&self, label: &str) -> Iv {
        let mut characters = [b'A'; 16];
        let unbiased = self.stream(label).filter(|byte| *byte < UNBIASED);
        for (slot, byte) in characters.iter_mut().zip(unbiased) {
            *slot = ALPHABET.get(usize::from(byte % 62)).copied().unwrap_or(b'A');
        }
        Iv::from_alphanumeric(characters)
    }

    /// So many letters, each equally likely.
    #[must_use]
    pub fn letters<const N: usize>(&self, label: &str) -> String {
        // The largest multiple of 52 below 256.
        let unbiased = self.stream(label).filter(|byte| *byte < 208);
        unbiased
            .take(N)
            .filter_map(|byte| ALPHABET.get(usize::from(byte % 52)))
            .map(|byte| char::from(*byte))
            .collect()
    }

    /// The block number is four bytes, big-endian, from 0; its fixed width keeps labels from running into it.
    fn stream(&self, label: &str) -> impl Iterator<Item = u8> {
        (0_u32..).flat_map(move |block| self.0.mac(&[label.as_bytes(), &block.to_be_bytes()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_label_names_a_value() {
        let entropy = Entropy::new(&[7; 32]);
        assert_eq!(entropy.uuid("instance"), entropy.uuid("instance"));
        assert_ne!(entropy.uuid("instance"), entropy.uuid("effect"));
        assert_ne!(entropy.uuid("instance"), Entropy::new(&[8; 32]).uuid("instance"));
    }

    #[test]
    fn a_uuid_has_the_layout_of_version_4() {
        for seed in (0..=255).step_by(if cfg!(miri) { 64 } else { 1 }) {
            let uuid = Entropy::new(&[seed; 32]).uuid("instance");
            assert_eq!(uuid.len(), 36);
            for (index, character) in uuid.char_indices() {
                match index {
                    8 | 13 | 18 | 23 => assert_eq!(character, '-'),
                    14 => assert_eq!(character, '4'),
                    19 => assert!("89ab".contains(character)),
                    _ => assert!("0123456789abcdef".contains(character)),
                }
            }
        }
    }

    #[test]
    fn every_character_of_the_alphabet_is_drawn_about_equally_often() {
        let mut seen = [0_u32; 256];
        for seed in 0..4000_u32 {
            let mut fresh = [0; 32];
            fresh[..4].copy_from_slice(&seed.to_be_bytes());
            for byte in Entropy::new(&fresh).iv("iv").as_bytes() {
                seen[usize::from(*byte)] += 1;
            }
        }
        // 64 000 draws over 62 characters: 1 032 each, standard deviation 32.
        for byte in ALPHABET {
            assert!((840..1230).contains(&seen[usize::from(*byte)]), "{}", char::from(*byte));
        }
        assert_eq!(seen.iter().sum::<u32>(), 64_000);
        assert_eq!(ALPHABET.iter().collect::<BTreeSet<_>>().len(), 62);
    }

    #[test]
    fn a_longer_draw_continues_a_shorter_one() {
        let entropy = Entropy::new(&[1; 32]);
        let long: [u8; 100] = entropy.bytes("seed");
        let short: [u8; 33] = entropy.bytes("seed");
        assert_eq!(long[..33], short);
        assert_ne!(long[..32], long[32..64]);
    }
}
