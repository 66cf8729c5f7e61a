//! Comparison that takes the same time whatever the bytes are.
//!
//! # Examples
//!
//! ```
//! use countersign_core::crypto::compare::{equal, lowest_match};
//!
//! let signature = [7; 32];
//! let made = [[0; 32], [7; 32], [7; 32]];
//! let found = lowest_match(made.iter().map(|mac| equal(&signature, mac)));
//! assert_eq!(found.reveal(), Some(1));
//! ```

use ctutils::{CtAssign, CtEq};

/// A yes or no that is composed with `and`, `or`, `not` without a branch. `to_bool` ends the secrecy.
pub use ctutils::Choice;

/// Whether two signatures are equal. Constant-time.
#[must_use]
pub fn equal(left: &[u8; 32], right: &[u8; 32]) -> Choice {
    left.ct_eq(right)
}

/// Which candidate matched, if any. Secret until it is revealed.
#[derive(Debug, Clone, Copy)]
pub struct Match {
    found: Choice,
    position: usize,
}

impl Match {
    /// Ends the secrecy: the caller is accepted or refused, and that is what anybody may know.
    #[must_use]
    pub fn reveal(self) -> Option<usize> {
        self.found.to_bool().then_some(self.position)
    }
}

/// The first yes among the candidates.
///
/// All candidates are looked at, whichever matches; time depends on their number alone. So the keys of a ring are
/// tried without telling which of them is the caller's.
#[must_use]
pub fn lowest_match(candidates: impl IntoIterator<Item = Choice>) -> Match {
    let mut found = Choice::FALSE;
    let mut position = 0_usize;
    for (index, candidate) in candidates.into_iter().enumerate() {
        position.ct_assign(&index, candidate.and(found.not()));
        found = found.or(candidate);
    }
    Match { found, position }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YES: Choice = Choice::TRUE;
    const NO: Choice = Choice::FALSE;

    #[test]
    fn the_lowest_of_several_matches_is_taken() {
        assert_eq!(lowest_match([NO, YES, NO, YES]).reveal(), Some(1));
        assert_eq!(lowest_match([YES, YES]).reveal(), Some(0));
        assert_eq!(lowest_match([NO, NO, YES]).reveal(), Some(2));
    }

    #[test]
    fn without_a_match_there_is_no_position() {
        assert_eq!(lowest_match([NO, NO]).reveal(), None);
        assert_eq!(lowest_match([]).reveal(), None);
    }

    #[test]
    fn every_candidate_is_looked_at() {
        let mut seen = 0;
        let candidates = [YES, NO, YES].into_iter().inspect(|_| seen += 1);
        assert_eq!(lowest_match(candidates).reveal(), Some(0));
        assert_eq!(seen, 3);
    }

    #[test]
    fn one_wrong_bit_anywhere_is_unequal() {
        let signature: [u8; 32] = std::array::from_fn(|index| index as u8);
        assert!(equal(&signature, &signature).to_bool());
        for bit in 0..256 {
            let mut other = signature;
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!equal(&signature, &other).to_bool(), "bit {bit}");
        }
    }
}
