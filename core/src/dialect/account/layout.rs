//! How event data are laid out: where the initialisation vector stands, and what stands around the ciphertext.

use alloc::string::String;
use alloc::vec::Vec;

use crate::crypto::Entropy;
use crate::crypto::account_cipher::AccountKey;
use crate::wire::{base64, hex};

/// A layout; the first five are of GCM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// Base64 of an IV of 16 bytes, then Base64 of ciphertext and tag.
    L1,
    /// Base64 of an IV of 12 bytes, ciphertext and tag.
    L2,
    /// The same with an IV of 16 bytes.
    L3,
    /// L1 with hex digits inside the second Base64: in upper case, or in lower.
    L4 {
        upper: bool,
    },
    /// 24 ASCII characters as they are for an IV, then Base64 of ciphertext and tag.
    L5,
    Ecb,
    /// Not encrypted.
    None,
}

const ALL: [Layout; 7] =
    [Layout::L1, Layout::L2, Layout::L3, Layout::L4 { upper: true }, Layout::L5, Layout::Ecb, Layout::None];

/// Characters of an IV that stands before the data.
const BEFORE: usize = 24;

impl Layout {
    /// Those that are tried for GCM, in this order.
    pub(super) const OF_GCM: [Self; 5] = [Self::L1, Self::L2, Self::L3, Self::L4 { upper: true }, Self::L5];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::L1 => "L1",
            Self::L2 => "L2",
            Self::L3 => "L3",
            Self::L4 { .. } => "L4",
            Self::L5 => "L5",
            Self::Ecb => "ECB",
            Self::None => "none",
        }
    }

    /// As it stands in the context of a call.
    pub(super) fn number(self) -> u32 {
        let place = ALL.iter().position(|layout| layout.name() == self.name()).unwrap_or_default();
        let lower = matches!(self, Self::L4 { upper: false });
        u32::try_from(place).unwrap_or_default() | u32::from(lower) << 3
    }

    pub(super) fn of_number(number: u32) -> Self {
        match usize::try_from(number & 7).ok().and_then(|place| ALL.get(place)) {
            Some(Self::L4 { .. }) => Self::L4 { upper: number & 8 == 0 },
            Some(layout) => *layout,
            None => Self::None,
        }
    }

    /// The plain text, and the layout with what only the data tell of it.
    pub(super) fn open(self, key: &AccountKey, data: &str) -> Option<(Self, Vec<u8>)> {
        let parted = || data.split_at_checked(BEFORE);
        let decode = |text: &str| base64::decode(text.as_bytes()).ok();
        let joined = |length: usize| {
            let bytes = decode(data)?;
            let (iv, sealed) = bytes.split_at_checked(length)?;
            key.open_gcm(iv, sealed)
        };
        let plain = match self {
            Self::L1 => {
                let (iv, sealed) = parted()?;
                key.open_gcm(&decode(iv)?, &decode(sealed)?)
            }
            Self::L2 => joined(12),
            Self::L3 => joined(16),
            Self::L4 { .. } => {
                let (iv, sealed) = parted()?;
                let digits = decode(sealed)?;
                let upper = !digits.iter().any(u8::is_ascii_lowercase);
                let plain = key.open_gcm(&decode(iv)?, &hex::decode(&digits).ok()?)?;
                return Some((Self::L4 { upper }, plain));
            }
            Self::L5 => {
                let (iv, sealed) = parted()?;
                key.open_gcm(iv.as_bytes(), &decode(sealed)?)
            }
            Self::Ecb => key.open_ecb(&decode(data)?),
            Self::None => Some(data.as_bytes().to_vec()),
        };
        plain.map(|plain| (self, plain))
    }

    /// The data of an answer, under an IV that nobody used before.
    pub(super) fn seal(self, key: &AccountKey, plain: &[u8], entropy: &Entropy) -> Option<String> {
        let iv: [u8; 16] = entropy.bytes("account-iv");
        let short: [u8; 12] = entropy.bytes("account-iv");
        let before = |iv: &[u8], sealed: &[u8]| [base64::encode(iv), base64::encode(sealed)].concat();
        let joined = |iv: &[u8], sealed: &[u8]| base64::encode(&[iv, sealed].concat());
        Some(match self {
            Self::L1 => before(&iv, &key.seal_gcm(&iv, plain)?),
            Self::L2 => joined(&short, &key.seal_gcm(&short, plain)?),
            Self::L3 => joined(&iv, &key.seal_gcm(&iv, plain)?),
            Self::L4 { upper } => {
                let digits = hex::encode(&key.seal_gcm(&iv, plain)?);
                before(&iv, if upper { digits.to_ascii_uppercase() } else { digits }.as_bytes())
            }
            Self::L5 => {
                let letters: String = base64::encode(&entropy.bytes::<18>("account-iv"));
                let sealed = base64::encode(&key.seal_gcm(letters.as_bytes(), plain)?);
                [letters, sealed].concat()
            }
            Self::Ecb => base64::encode(&key.seal_ecb(plain)),
            Self::None => return String::from_utf8(plain.to_vec()).ok(),
        })
    }
}
