//! The padding of RSAES-OAEP without label (RFC 8017 §7.1.2, step 3), taken off a block that was decrypted already.
//!
//! Which hash functions the platform pads with is UNKNOWN. Java's `RSA/ECB/OAEPWithSHA-256AndMGF1Padding` means SHA-256
//! with a mask by SHA-1, other libraries mask by SHA-256, older ones know SHA-1 alone. Only one of them can fit a block,
//! so one private operation is followed by all three, whichever fits.
//!
//! Whether a block is padded rightly is a secret while it is looked at: an early end would tell an attacker the first
//! byte of what he sent (Manger, 2001). So nothing here branches on the block, and one yes or no comes out at the end.

use alloc::vec::Vec;

use ctutils::{Choice, CtAssign, CtEq};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The hash functions of a padding: of the label, and of the mask generation MGF1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OaepHashes {
    label: Hash,
    mask: Hash,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha1,
    Sha256,
}

/// The longest digest, bytes.
const LONGEST: usize = 32;

impl OaepHashes {
    /// All that are tried, in this order.
    pub const ALL: [Self; 3] = [
        Self { label: Hash::Sha256, mask: Hash::Sha1 },
        Self { label: Hash::Sha256, mask: Hash::Sha256 },
        Self { label: Hash::Sha1, mask: Hash::Sha1 },
    ];

    /// The name in events: `sha-256/sha-1`, label before mask.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match (self.label, self.mask) {
            (Hash::Sha256, Hash::Sha1) => "sha-256/sha-1",
            (Hash::Sha256, Hash::Sha256) => "sha-256/sha-256",
            (Hash::Sha1, Hash::Sha1) => "sha-1/sha-1",
            (Hash::Sha1, Hash::Sha256) => "sha-1/sha-256",
        }
    }
}

impl Hash {
    const fn size(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The digest of the parts one after the other; behind its size zeros.
    fn digest(self, parts: &[&[u8]]) -> Zeroizing<[u8; LONGEST]> {
        let mut out = Zeroizing::new([0; LONGEST]);
        match self {
            Self::Sha1 => fill(&mut *out, &hashed::<Sha1>(parts).finalize()),
            Self::Sha256 => fill(&mut *out, &hashed::<Sha256>(parts).finalize()),
        }
        out
    }

    /// Adds MGF1 of the seed to the bytes (RFC 8017 §B.2.1).
    fn mask(self, seed: &[u8], bytes: &mut [u8]) {
        for (block, counter) in bytes.chunks_mut(self.size()).zip(0_u32..) {
            let mask = self.digest(&[seed, &counter.to_be_bytes()]);
            for (byte, mask) in block.iter_mut().zip(mask.iter()) {
                *byte ^= mask;
            }
        }
    }
}

fn hashed<D: Digest>(parts: &[&[u8]]) -> D {
    let mut hash = D::new();
    for part in parts {
        hash.update(part);
    }
    hash
}

fn fill(out: &mut [u8], digest: &[u8]) {
    for (slot, byte) in out.iter_mut().zip(digest) {
        *slot = *byte;
    }
}

/// The message in a block of as many bytes as the modulus has, and the hash functions that it was padded with. `None` if
/// none of them fits. Constant-time in the block up to this answer; what is copied then has the length of the message.
#[must_use]
pub fn unpad(block: &[u8]) -> Option<(Zeroizing<Vec<u8>>, OaepHashes)> {
    // All are tried before the first outcome is looked at.
    let tried = OaepHashes::ALL.map(|hashes| (hashes, unmask(block, hashes)));
    tried.into_iter().find_map(|(hashes, opened)| {
        let Opened { data, message, fits } = opened?;
        let bytes = data.get(message..).filter(|_| fits.to_bool())?;
        Some((Zeroizing::new(bytes.to_vec()), hashes))
    })
}

/// A block without its masks, and whether it is padded rightly, which nobody has looked at yet.
pub struct Opened {
    data: Zeroizing<Vec<u8>>,
    /// Where the message begins, if it fits.
    message: usize,
    fits: Choice,
}

impl Opened {
    /// Whether the padding fits: still a secret.
    #[must_use]
    pub const fn fits(&self) -> Choice {
        self.fits
    }
}

/// Takes the masks of one pair of hash functions off a block, and looks at its padding in constant time. `None` for a block that is
/// too short for any message, which its length alone tells.
#[must_use]
pub fn unmask(block: &[u8], OaepHashes { label, mask }: OaepHashes) -> Option<Opened> {
    let (first, rest) = block.split_first()?;
    let (seed, data) = rest.split_at_checked(label.size())?;
    if data.len() <= label.size() {
        return None;
    }
    let (mut seed, mut data) = (Zeroizing::new(seed.to_vec()), Zeroizing::new(data.to_vec()));
    mask.mask(&data, &mut seed);
    mask.mask(&seed, &mut data);
    let mut fits = first.ct_eq(&0);
    let empty = label.digest(&[]);
    for (byte, expected) in data.iter().zip(empty.iter()).take(label.size()) {
        fits = fits.and(byte.ct_eq(expected));
    }
    // Zeros, a one, the message.
    let mut searching = Choice::TRUE;
    let mut message = 0_usize;
    for (index, byte) in data.iter().enumerate().skip(label.size()) {
        let (zero, one) = (byte.ct_eq(&0), byte.ct_eq(&1));
        message.ct_assign(&index.saturating_add(1), searching.and(one));
        fits = fits.and(searching.not().or(zero).or(one));
        searching = searching.and(one.not());
    }
    Some(Opened { data, message, fits: fits.and(searching.not()) })
}
