//! What stands behind the exports, without pointers: two buffers and the dispatcher.

use alloc::vec::Vec;

#[cfg(feature = "js")]
use countersign_core::Seller;
use countersign_core::abi::Dispatcher;
use zeroize::Zeroize;

/// The largest request, in bytes.
#[expect(clippy::cast_possible_truncation, reason = "the memory of the module has 32 bits of addresses")]
pub const MAX_REQUEST: usize = countersign_core::abi::MAX_REQUEST_BYTES as usize;

/// What a response buffer begins with, bytes: most responses fit.
const RESPONSE: usize = 4 << 10;

/// A response buffer that grew beyond this many bytes is given back before the next call.
const KEPT_RESPONSE: usize = 1 << 20;

/// One instance of the module.
#[derive(Debug, Default)]
pub struct Module {
    dispatcher: Dispatcher,
    request: Vec<u8>,
    response: Vec<u8>,
}

impl Module {
    /// A module that holds nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { dispatcher: Dispatcher::new(), request: Vec::new(), response: Vec::new() }
    }

    /// The request buffer, at least `len` bytes long. It is kept between calls: a second `reserve` of the same
    /// length allocates nothing. `None` beyond [`MAX_REQUEST`] or when memory is short.
    pub fn reserve(&mut self, len: usize) -> Option<&mut [u8]> {
        if len > MAX_REQUEST {
            return None;
        }
        if len > self.request.len() {
            // The old bytes are dropped first: growing in place would copy them for nothing and leave them behind.
            self.request.zeroize();
            let mut grown = Vec::new();
            grown.try_reserve_exact(len).ok()?;
            grown.resize(len, 0);
            self.request = grown;
        }
        Some(&mut self.request)
    }

    /// Runs `operation` on the first `len` bytes of the request buffer. The response overwrites the one before. A length that was never reserved is an
    /// empty frame, which the dispatcher answers as it answers every malformed one.
    pub fn call(&mut self, operation: u32, len: usize) -> &[u8] {
        self.hold_response();
        let frame = self.request.get(..len).unwrap_or_default();
        let before = self.response.len();
        self.dispatcher.call_into(operation, frame, &mut self.response);
        self.wipe_behind(before);
        &self.response
    }

    /// Makes sure that the response has a buffer, and not one that an exception left far too large.
    pub(crate) fn hold_response(&mut self) {
        if !(1..=KEPT_RESPONSE).contains(&self.response.capacity()) {
            self.response.zeroize();
            self.response = Vec::with_capacity(RESPONSE);
        }
    }

    /// Overwrites what a longer response of `before` bytes left behind the present one.
    fn wipe_behind(&mut self, before: usize) {
        let length = self.response.len();
        if length < before {
            self.response.resize(before, 0);
            self.response.get_mut(length..).unwrap_or_default().zeroize();
            self.response.truncate(length);
        }
    }

    /// The answer of the last call; empty after a wipe.
    #[cfg(any(test, feature = "js", target_arch = "wasm32"))]
    pub(crate) fn response(&self) -> &[u8] {
        &self.response
    }

    /// Takes a seller that was compiled outside a frame, and gives its handle.
    #[cfg(feature = "js")]
    pub(crate) fn open(&mut self, seller: Seller) -> Option<u32> {
        self.dispatcher.insert(seller)
    }

    /// Closes everything that was opened and overwrites both buffers.
    pub fn wipe(&mut self) {
        self.dispatcher.wipe();
        self.request.zeroize();
        self.request = Vec::new();
        self.response.zeroize();
        self.response = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserved_buffer_is_kept_for_smaller_requests() {
        let mut module = Module::new();
        let large = module.reserve(1000).map(|buffer| buffer.as_ptr()).expect("1000 bytes");
        let small = module.reserve(10).map(|buffer| buffer.as_ptr()).expect("10 bytes");
        assert_eq!(large, small);
    }

    #[test]
    fn a_request_beyond_the_limit_is_refused_and_the_next_one_is_served() {
        let mut module = Module::new();
        assert!(module.reserve(MAX_REQUEST + 1).is_none());
        assert!(module.reserve(usize::MAX).is_none());
        assert!(module.reserve(16).is_some());
    }

    #[test]
    fn a_length_that_was_never_reserved_is_an_empty_frame() {
        let mut module = Module::new();
        let unreserved = module.call(u32::MAX, 1 << 20).to_vec();
        assert_eq!(unreserved, module.call(u32::MAX, 0));
    }

    #[test]
    fn after_a_wipe_the_module_starts_anew() {
        let mut module = Module::new();
        module.reserve(64).expect("64 bytes").fill(0xAA);
        module.wipe();
        assert!(module.reserve(64).expect("64 bytes").iter().all(|byte| *byte == 0));
    }

    #[test]
    fn a_larger_reservation_never_shows_an_earlier_request() {
        let mut module = Module::new();
        module.reserve(64).expect("64 bytes").fill(0xAA);
        assert!(module.reserve(128).expect("128 bytes").iter().all(|byte| *byte == 0));
    }
}
