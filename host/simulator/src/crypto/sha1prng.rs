//! What a JDK's `SecureRandom("SHA1PRNG")` yields when it is seeded once before anything is drawn.
//!
//! The platform lets a Java key generator draw its AES keys from this stream. Android and some other Java
//! providers implement SHA1PRNG differently and do not give these bytes.

use sha1::{Digest, Sha1};

/// The first `N` bytes of the stream that `seed` starts.
#[must_use]
pub fn first<const N: usize>(seed: &[u8]) -> [u8; N] {
    let mut state: [u8; 20] = Sha1::digest(seed).into();
    let mut stream = [0; N];
    for chunk in stream.chunks_mut(20) {
        let block: [u8; 20] = Sha1::digest(state).into();
        for (to, from) in chunk.iter_mut().zip(block) {
            *to = from;
        }
        state = next(state, block);
    }
    stream
}

/// `state + block + 1` over bytes that are *signed*, least significant first; the carry may be -1, 0 or 1.
/// Unsigned bytes give a wrong second block: AES-128 works and AES-256 fails.
#[expect(clippy::arithmetic_side_effects, reason = "two signed bytes and a carry fit an i16")]
fn next(state: [u8; 20], block: [u8; 20]) -> [u8; 20] {
    let mut carry = 1_i16;
    let mut next = state;
    for (byte, out) in next.iter_mut().zip(block) {
        let sum = i16::from(byte.cast_signed()) + i16::from(out.cast_signed()) + carry;
        [*byte, _] = sum.to_le_bytes();
        carry = sum >> 8;
    }
    if next == state {
        let [first, ..] = &mut next;
        *first = first.wrapping_add(1);
    }
    next
}
