//! The memory of one call: what it takes is taken from one room, and given back all at once when it is over.
//!
//! A call of the platform makes some forty small blocks and keeps none of them. One after the other in one room they cost
//! a few instructions each, a vector that grows at the end of the room grows in place, and what they held is overwritten
//! in one stroke. A call that needs more than the room gets the rest from the allocator behind it.

#![expect(unsafe_code, reason = "an allocator is unsafe by its trait")]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::{Cell, UnsafeCell};
use core::mem::MaybeUninit;

use countersign_core::abi::operation;
use zeroize::optimization_barrier;

use crate::Module;

/// Bytes of the room: the largest call of the production address, whose body has 64 KiB, needs about twice as many.
pub(crate) const ROOM: usize = 128 << 10;

/// Blocks that ask for more than this are taken from behind.
const ALIGNMENT: usize = 16;

/// The room in front of another allocator.
#[derive(Debug)]
pub(crate) struct Arena<A> {
    behind: A,
    room: Room,
    /// Whether a call is being served.
    is_open: Cell<bool>,
    /// Bytes that are taken.
    top: Cell<usize>,
    /// The most that were taken since the room was opened.
    high: Cell<usize>,
}

#[derive(Debug)]
#[repr(align(16))]
struct Room(UnsafeCell<MaybeUninit<[u8; ROOM]>>);

// SAFETY: a module has one thread, so there is nobody to share it with. Natively only tests make one, each its own.
#[cfg(target_arch = "wasm32")]
unsafe impl<A: Sync> Sync for Arena<A> {}

/// Serves one operation. What a seller's operation takes comes from the room.
pub(crate) fn serve<'m, A: GlobalAlloc>(
    arena: &Arena<A>,
    module: &'m mut Module,
    operation: u32,
    length: usize,
) -> &'m [u8] {
    // What these make is kept.
    if matches!(operation, operation::OPEN | operation::CLOSE) {
        return module.call(operation, length);
    }
    module.hold_response();
    arena.open();
    module.call(operation, length);
    // SAFETY: nothing that was taken in between is there any more. The dispatcher lends sellers to every operation but the
    // two above, and sellers have nothing in them that changes; the response had a block before, which stays behind the
    // room however it grows; the request is not touched.
    unsafe { arena.close() };
    module.response()
}

impl<A> Arena<A> {
    pub(crate) const fn before(behind: A) -> Self {
        Self {
            behind,
            room: Room(UnsafeCell::new(MaybeUninit::uninit())),
            is_open: Cell::new(false),
            top: Cell::new(0),
            high: Cell::new(0),
        }
    }

    fn open(&self) {
        self.is_open.set(true);
    }

    /// Takes everything back and overwrites it.
    ///
    /// # Safety
    /// No block that was taken since [`Self::open`] may be used any more, nor given back.
    unsafe fn close(&self) {
        self.is_open.set(false);
        self.top.set(0);
        let used = self.high.replace(0);
        let start = self.start();
        // SAFETY: the room has as many bytes, and nobody uses them any more.
        unsafe { start.write_bytes(0, used) };
        optimization_barrier(&start);
    }

    const fn start(&self) -> *mut u8 {
        self.room.0.get().cast()
    }

    /// Where in the room a block begins; `None` for one from behind.
    fn place(&self, block: *mut u8) -> Option<usize> {
        let place = block.addr().wrapping_sub(self.start().addr());
        (place < ROOM).then_some(place)
    }

    /// Takes up to `end`, if the room is so large.
    fn take_to(&self, end: usize) -> bool {
        let fits = end <= ROOM;
        if fits {
            self.top.set(end);
            self.high.set(self.high.get().max(end));
        }
        fits
    }

    /// A block in the room; `None` where it has to come from behind.
    fn take(&self, layout: Layout) -> Option<*mut u8> {
        if !self.is_open.get() || layout.align() > ALIGNMENT {
            return None;
        }
        let place = self.top.get().checked_next_multiple_of(layout.align())?;
        // SAFETY: the place is within the room, or just behind it for a block without bytes.
        self.take_to(place.checked_add(layout.size())?).then(|| unsafe { self.start().add(place) })
    }
}

// SAFETY: a block of the room is taken once until it is given back: blocks lie one behind the other, and `top` goes back only
// over the block that was taken last. `close` ends them all; its caller answers for that. Every other block comes from
// behind and goes back there: which one it is, its address tells.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Arena<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the one that `A` asks for.
        self.take(layout).unwrap_or_else(|| unsafe { self.behind.alloc(layout) })
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match self.place(block) {
            Some(place) if place.wrapping_add(layout.size()) == self.top.get() => self.top.set(place),
            Some(_) => {}
            // SAFETY: it came from there, under this layout.
            None => unsafe { self.behind.dealloc(block, layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match self.take(layout) {
            Some(block) => {
                // SAFETY: it is a block of this size.
                unsafe { block.write_bytes(0, layout.size()) };
                block
            }
            // SAFETY: the caller's promise is the one that `A` asks for.
            None => unsafe { self.behind.alloc_zeroed(layout) },
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Some(place) = self.place(block) else {
            // What was there before the call may be there after it: it stays behind.
            // SAFETY: it came from there, under this layout; the rest is the caller's promise.
            return unsafe { self.behind.realloc(block, layout, size) };
        };
        let is_last = place.wrapping_add(layout.size()) == self.top.get();
        if is_last && self.take_to(place.wrapping_add(size)) || !is_last && size <= layout.size() {
            return block;
        }
        // SAFETY: the size fits the alignment by the caller's promise. Both blocks have the bytes that are copied, and do not
        // overlap.
        unsafe {
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(block, layout.size().min(size));
            }
            moved
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::alloc::System;
    use std::boxed::Box;
    use std::vec;
    use std::vec::Vec;

    use countersign_core::abi::describe::Receiver;
    use countersign_core::abi::{OPERATIONS, requests};

    use super::*;

    fn arena() -> Box<Arena<System>> {
        Box::new(Arena::before(System))
    }

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).expect("a layout")
    }

    /// A block, full of one byte.
    fn block(arena: &Arena<System>, layout: Layout, byte: u8) -> *mut u8 {
        // SAFETY: no test asks for a block without bytes.
        unsafe {
            let block = arena.alloc(layout);
            block.write_bytes(byte, layout.size());
            block
        }
    }

    /// What a block holds.
    fn bytes(block: *mut u8, size: usize) -> Vec<u8> {
        // SAFETY: the tests look at blocks that they filled.
        unsafe { core::slice::from_raw_parts(block, size).to_vec() }
    }

    #[test]
    fn what_a_seller_is_kept_in_comes_from_behind() {
        let keep = |operation: u32| matches!(operation, operation::OPEN | operation::CLOSE);
        for one in OPERATIONS {
            assert_eq!(keep(one.number), one.receiver == Receiver::Sellers, "{}", one.name);
        }
    }

    #[test]
    fn an_operation_is_served_as_without_a_room() {
        let (arena, mut module, mut other) = (arena(), Module::new(), Module::new());
        let open = requests::open(
            0,
            br#"{"routes":[{"path":"/v2","dialect":"saas-v2","keys":["test-access-key-0001"]}]}"#,
        );
        for (number, frame) in [
            (operation::OPEN, open),
            (operation::DESCRIBE, requests::describe(1)),
            (operation::CLOSE, requests::close(1)),
            (operation::DESCRIBE, requests::describe(1)),
            (u32::MAX, Vec::new()),
        ] {
            for module in [&mut module, &mut other] {
                module
                    .reserve(frame.len())
                    .expect("a short frame")
                    .get_mut(..frame.len())
                    .expect("room")
                    .copy_from_slice(&frame);
            }
            assert_eq!(serve(&arena, &mut module, number, frame.len()), other.call(number, frame.len()));
            assert!(!arena.is_open.get());
        }
    }

    #[test]
    fn blocks_of_a_call_stand_apart_and_nothing_of_them_is_left() {
        let arena = arena();
        arena.open();
        let mut blocks = Vec::new();
        for (number, (size, align)) in [(1, 1), (3, 8), (16, 16), (5, 4), (1_000, 2)].into_iter().enumerate()
        {
            let byte = u8::try_from(number + 1).expect("a few blocks");
            let block = block(&arena, layout(size, align), byte);
            assert!(arena.place(block).is_some() && block.addr().is_multiple_of(align));
            blocks.push((block, size, byte));
        }
        for (block, size, byte) in blocks {
            assert_eq!(bytes(block, size), vec![byte; size]);
        }
        // SAFETY: no block is used below.
        unsafe { arena.close() };
        assert_eq!(bytes(arena.start(), 1_038), [0; 1_038]);
        assert_eq!((arena.top.get(), arena.high.get()), (0, 0));
    }

    #[test]
    fn what_was_given_back_during_a_call_is_overwritten_too() {
        let arena = arena();
        arena.open();
        let (first, second) = (layout(64, 8), layout(512, 8));
        let kept = block(&arena, first, 0xAA);
        let gone = block(&arena, second, 0xBB);
        // SAFETY: both blocks end here, the last one first.
        unsafe {
            arena.dealloc(gone, second);
            assert_eq!(arena.top.get(), 64);
            arena.dealloc(kept, first);
            arena.close();
        }
        assert_eq!(bytes(arena.start(), 576), [0; 576]);
    }

    #[test]
    fn the_last_block_grows_in_place_and_others_move_with_their_bytes() {
        let arena = arena();
        arena.open();
        let (first, second) = (block(&arena, layout(16, 8), 0xAA), block(&arena, layout(16, 8), 0xBB));
        // SAFETY: each block is used under its newest size.
        unsafe {
            assert_eq!(arena.realloc(second, layout(16, 8), 64), second);
            assert_eq!(arena.realloc(second, layout(64, 8), 24), second);
            let moved = arena.realloc(first, layout(16, 8), 32);
            assert_eq!((moved.addr() - second.addr(), bytes(moved, 16)), (24, vec![0xAA; 16]));
            assert_eq!(arena.realloc(second, layout(24, 8), 8), second, "what shrinks stays");
            assert_eq!(bytes(second, 16), [0xBB; 16]);
            arena.close();
        }
    }

    #[test]
    fn what_was_there_before_a_call_is_there_after_it() {
        let arena = arena();
        let before = block(&arena, layout(16, 8), 0xAA);
        assert!(arena.place(before).is_none());
        arena.open();
        // SAFETY: the block is used under its newest size and goes back to where it came from.
        unsafe {
            let grown = arena.realloc(before, layout(16, 8), 4_096);
            assert!(arena.place(grown).is_none());
            block(&arena, layout(16, 8), 0xBB);
            arena.close();
            assert_eq!(bytes(grown, 16), [0xAA; 16]);
            arena.dealloc(grown, layout(4_096, 8));
        }
    }

    #[test]
    fn what_the_room_cannot_hold_comes_from_behind() {
        let arena = arena();
        arena.open();
        let filling = block(&arena, layout(ROOM - 8, 1), 0xAA);
        for asked in [layout(16, 8), layout(ROOM, 8), layout(8, 4_096)] {
            let other = block(&arena, asked, 0xBB);
            assert!(arena.place(other).is_none());
            // SAFETY: it came from behind and goes back there.
            unsafe { arena.dealloc(other, asked) };
        }
        // SAFETY: it moves, since the room has no place for twice as much.
        let grown = unsafe { arena.realloc(filling, layout(ROOM - 8, 1), 2 * ROOM) };
        assert!(arena.place(grown).is_none());
        assert_eq!(bytes(grown, ROOM - 8), vec![0xAA; ROOM - 8]);
        // SAFETY: both blocks end here.
        unsafe {
            arena.dealloc(grown, layout(2 * ROOM, 1));
            arena.close();
        }
    }

    #[test]
    fn a_block_of_zeros_is_one_wherever_it_comes_from() {
        let arena = arena();
        arena.open();
        let asked = layout(64, 8);
        // SAFETY: the first block ends before the second is taken in its place.
        unsafe {
            arena.dealloc(block(&arena, asked, 0xAA), asked);
            assert_eq!(bytes(arena.alloc_zeroed(asked), 64), [0; 64]);
            arena.close();
        }
    }
}
