//! Reproducible randomness: the same seed tells the same story on every machine and for ever.

use sha2::{Digest, Sha256};

/// A stream of random bytes: SHA-256 over a seed and a counter.
///
/// From [`from_bytes`](Self::from_bytes) with fresh bytes of the operating system it is fit for nonces; from
/// [`from_seed`](Self::from_seed) it is fit for tests only.
pub struct Entropy {
    seed: [u8; 32],
    counter: u64,
}

impl Entropy {
    /// A stream that anyone can reproduce.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        Self { seed: Sha256::digest(seed.to_le_bytes()).into(), counter: 0 }
    }

    /// A stream that anyone can reproduce, and another one for each label.
    #[must_use]
    pub fn labelled(seed: u64, label: &str) -> Self {
        Self {
            seed: Sha256::new().chain_update(seed.to_le_bytes()).chain_update(label).finalize().into(),
            counter: 0,
        }
    }

    /// A stream from 32 bytes, best fresh ones of the operating system.
    #[must_use]
    pub fn from_bytes(seed: [u8; 32]) -> Self {
        Self { seed, counter: 0 }
    }

    /// The next 32 bytes.
    pub fn block(&mut self) -> [u8; 32] {
        let block = Sha256::new().chain_update(self.seed).chain_update(self.counter.to_le_bytes()).finalize();
        self.counter = self.counter.wrapping_add(1);
        block.into()
    }

    /// A number below `bound`; 0 for a bound of 0. Biased by less than one in 2^32 for bounds that fit 32 bits.
    pub fn below(&mut self, bound: u64) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.block();
        u64::from_le_bytes([a, b, c, d, e, f, g, h]).checked_rem(bound).unwrap_or(0)
    }

    /// A nonce as in most published examples: 64 upper-case hex digits.
    pub fn nonce(&mut self) -> String {
        self.block().iter().map(|byte| format!("{byte:02X}")).collect()
    }

    /// 32 lower-case hex digits, the shape of an account id.
    pub fn account_id(&mut self) -> String {
        self.block().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// A random UUID (RFC 9562, version 4), the shape of a businessId.
    pub fn uuid(&mut self) -> String {
        let mut text = String::with_capacity(36);
        for (index, byte) in self.block().iter().take(16).enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            let byte = match index {
                6 => byte & 0x0f | 0x40,
                8 => byte & 0x3f | 0x80,
                _ => *byte,
            };
            text.push_str(&format!("{byte:02x}"));
        }
        text
    }

    /// `count` characters out of an alphabet of ASCII characters.
    pub fn text(&mut self, alphabet: &[u8], count: usize) -> String {
        (0..count).filter_map(|_| self.pick(alphabet)).map(|byte| char::from(*byte)).collect()
    }

    /// One of the choices; `None` when there are none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        let index = self.below(u64::try_from(choices.len()).unwrap_or(u64::MAX));
        choices.get(usize::try_from(index).unwrap_or(0))
    }
}
