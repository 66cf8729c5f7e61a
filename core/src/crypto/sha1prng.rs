//! The JDK's `SHA1PRNG`, as far as a seed set before the first draw decides what it draws.
//!
//! The platform's Java sample seeds `SecureRandom.getInstance("SHA1PRNG")` with the UTF-8 bytes of the access key
//! and lets a `KeyGenerator` for AES draw 128 or 256 bits (SaaS access guide V1, AES sample code). The generator
//! is `sun.security.provider.SecureRandom` of OpenJDK. Android and some other Java providers have another
//! generator under the same name; keys from there are different keys.
//!
//! # Examples
//!
//! ```
//! use countersign_core::crypto::sha1prng::first_bytes;
//! use countersign_core::wire::hex;
//!
//! let key = first_bytes::<16>(b"test-access-key-0001");
//! assert_eq!(hex::encode(&*key), "fa32b243c1eeb23e93357bb8be8ec849");
//! ```

use ctutils::CtEq;
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

/// Bytes in one block of the generator: one SHA-1 digest.
const BLOCK: usize = 20;

/// The first `N` bytes that the generator draws after it was seeded with `seed`, in one draw.
///
/// With 16 and 32 bytes these are the platform's AES-128 and AES-256 keys; use [`CbcKey::derive`] for those.
/// The seed may be empty. Constant-time in the bytes of the seed.
///
/// [`CbcKey::derive`]: super::CbcKey::derive
#[must_use]
pub fn first_bytes<const N: usize>(seed: &[u8]) -> Zeroizing<[u8; N]> {
    let mut drawn = Zeroizing::new([0; N]);
    let mut state = sha1(seed);
    for chunk in drawn.chunks_mut(BLOCK) {
        let output = sha1(&*state);
        for (slot, byte) in chunk.iter_mut().zip(output.iter()) {
            *slot = *byte;
        }
        advance(&mut state, &output);
    }
    drawn
}

fn sha1(input: &[u8]) -> Zeroizing<[u8; BLOCK]> {
    Zeroizing::new(Sha1::digest(input).into())
}

/// Adds the output and one to the state, byte by byte from the front, with a carry.
///
/// Java's bytes are signed: the carry is −1, 0 or 1. With unsigned bytes the first block is right and the second is
/// wrong, so AES-128 would work and AES-256 fail.
fn advance(state: &mut [u8; BLOCK], output: &[u8; BLOCK]) {
    let mut carry = 1_i16;
    let mut changed = 0_u8;
    for (byte, drawn) in state.iter_mut().zip(output) {
        let sum = signed(*byte).wrapping_add(signed(*drawn)).wrapping_add(carry);
        let [low, _] = sum.to_le_bytes();
        changed |= *byte ^ low;
        *byte = low;
        carry = sum >> 8;
    }
    // A state that stayed as it was would repeat its output for ever. No seed is known that comes here, and none is told
    // from the others by a branch.
    if let Some(first) = state.first_mut() {
        *first = first.wrapping_add(changed.ct_eq(&0).to_u8());
    }
}

fn signed(byte: u8) -> i16 {
    i16::from(byte.cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_would_stay_is_moved() {
        // All bits set is −1 as a sum: −1 + 1 = 0 with carry 0, then zeros keep every later byte.
        let mut state = [7_u8; BLOCK];
        let mut output = [0_u8; BLOCK];
        output[0] = 0xff;
        advance(&mut state, &output);
        assert_eq!(state[0], 8);
        assert_eq!(state[1..], [7_u8; BLOCK - 1]);
    }

    #[test]
    fn a_shorter_draw_is_the_beginning_of_a_longer_one() {
        let long = first_bytes::<64>(b"seed");
        assert_eq!(first_bytes::<16>(b"seed")[..], long[..16]);
        assert_eq!(first_bytes::<32>(b"seed")[..], long[..32]);
    }
}
