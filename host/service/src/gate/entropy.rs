//! Randomness, as the gate knows it: the one place where it is drawn.

/// Where random bytes come from.
pub trait Entropy: Send + Sync {
    /// 32 bytes for one call of the core.
    ///
    /// `about` names what they are for where something does: for a settlement what the backend said. The operating
    /// system's source needs no name; one that repeats a run derives the bytes from it, so that the same history gives
    /// the same answers however the threads took turns.
    fn draw(&self, about: &[u8]) -> [u8; 32];
}

/// The operating system's generator: the only source that is fit for production.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn draw(&self, _about: &[u8]) -> [u8; 32] {
        fresh()
    }
}

/// Fresh bytes from the operating system.
///
/// # Panics
/// When it has none to give: nothing may go on without.
pub(crate) fn fresh<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "without randomness nothing may be decided")]
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
