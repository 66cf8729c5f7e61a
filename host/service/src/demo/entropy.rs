//! Randomness that repeats itself, for runs that are to be compared.

use std::sync::atomic::{AtomicU64, Ordering};

use countersign_simulator::Entropy as Stream;

use crate::gate::Entropy;

/// Bytes from a seed. What a settlement draws depends on the seed and on what the backend said alone, so the answers of
/// two runs are the same however the threads took turns. Fit for nothing but demonstrations.
#[derive(Debug)]
pub(super) struct SeededEntropy {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededEntropy {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn draw(&self, about: &[u8]) -> [u8; 32] {
        let label = match about {
            [] => format!("draw {}", self.drawn.fetch_add(1, Ordering::Relaxed)),
            about => format!("about {}", countersign_core::wire::hex::encode(about)),
        };
        Stream::labelled(self.seed, &label).block()
    }
}

#[cfg(test)]
mod tests {
    use super::SeededEntropy;
    use crate::gate::Entropy;

    #[test]
    fn the_same_subject_gives_the_same_bytes_and_no_subject_never() {
        let (one, two) = (SeededEntropy::new(1), SeededEntropy::new(2));
        assert_eq!(one.draw(b"x"), one.draw(b"x"));
        assert_ne!(one.draw(b"x"), two.draw(b"x"));
        assert_ne!(one.draw(&[]), one.draw(&[]));
    }
}
