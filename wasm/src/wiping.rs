//! An allocator that gives no byte back as it was.
//!
//! Secrets pass through many buffers on their way: the frame, the text of a key, a decrypted telephone number, the row
//! that is written. Types that wipe themselves cover those that are known to be secret; this covers the rest, the
//! buffers of libraries and the old places of vectors that grew.

#![expect(unsafe_code, reason = "an allocator is unsafe by its trait")]

use core::alloc::{GlobalAlloc, Layout};

use zeroize::optimization_barrier;

/// Another allocator, whose memory is overwritten with zeros before it goes back.
#[derive(Debug)]
pub(crate) struct Wiping<A>(pub(crate) A);

// SAFETY: all memory comes from `A` and goes back to it under the layout that it was taken under. What happens in between
// touches only the bytes of that layout, which are the caller's until `dealloc` ends. `realloc` is the provided one,
// made of the two: a block that moves is wiped where it was, at the price that none grows in place.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Wiping<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the one that `A` asks for.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the one that `A` asks for.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the block has the size of its layout, and nobody else uses it any more.
        unsafe { pointer.write_bytes(0, layout.size()) };
        // Nobody reads the zeros, so a compiler that sees both ends would leave them out.
        optimization_barrier(&pointer);
        // SAFETY: the caller's promise is the one that `A` asks for.
        unsafe { self.0.dealloc(pointer, layout) }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::alloc::System;
    use std::cell::Cell;

    use super::*;

    /// The system's allocator, which looks at what comes back.
    #[derive(Default)]
    struct Looking {
        returned: Cell<usize>,
        dirty: Cell<usize>,
    }

    // SAFETY: the system's allocator does all of it.
    unsafe impl GlobalAlloc for Looking {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: as promised by the caller.
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
            for at in 0..layout.size() {
                // SAFETY: within the block; the tests wrote every byte of it.
                let byte = unsafe { pointer.add(at).read() };
                self.dirty.set(self.dirty.get() + usize::from(byte != 0));
            }
            self.returned.set(self.returned.get() + layout.size());
            // SAFETY: as promised by the caller.
            unsafe { System.dealloc(pointer, layout) }
        }
    }

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, 8).expect("a layout")
    }

    #[test]
    fn every_byte_that_goes_back_is_zero() {
        let allocator = Wiping(Looking::default());
        for size in [1, 7, 8, 63, 64, 4_097] {
            // SAFETY: the layout is not empty, and the block goes back under it.
            unsafe {
                let block = allocator.alloc(layout(size));
                block.write_bytes(0xAA, size);
                allocator.dealloc(block, layout(size));
            }
        }
        assert_eq!((allocator.0.returned.get(), allocator.0.dirty.get()), (1 + 7 + 8 + 63 + 64 + 4_097, 0));
    }

    #[test]
    fn a_block_that_grows_or_shrinks_keeps_its_bytes_and_leaves_none_behind() {
        let allocator = Wiping(Looking::default());
        // SAFETY: no layout is empty, and each block is used and goes back under its newest size.
        unsafe {
            let small = allocator.alloc(layout(16));
            small.write_bytes(0xAA, 16);
            let large = allocator.realloc(small, layout(16), 64);
            assert_eq!(core::slice::from_raw_parts(large, 16), [0xAA; 16]);
            large.write_bytes(0xBB, 64);
            let shrunk = allocator.realloc(large, layout(64), 24);
            assert_eq!(core::slice::from_raw_parts(shrunk, 24), [0xBB; 24]);
            allocator.dealloc(shrunk, layout(24));
        }
        assert_eq!((allocator.0.returned.get(), allocator.0.dirty.get()), (16 + 64 + 24, 0));
    }
}
