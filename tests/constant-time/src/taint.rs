//! Secret and public bytes, as memcheck sees them: undefined and defined.

use std::ffi::c_void;

use crabgrind::memcheck::{MemState, mark_mem};

/// From here on the bytes are secret.
pub(crate) fn secret<T: Copy>(value: T) -> T {
    mark(value, MemState::Undefined)
}

/// From here on the bytes are public: an answer tells them, or whoever asks has them.
pub(crate) fn declassified<T: Copy>(value: T) -> T {
    mark(value, MemState::Defined)
}

fn mark<T: Copy>(mut value: T, state: MemState) -> T {
    let address = (&raw mut value).cast::<c_void>();
    // This version takes valgrind's yes for a no; whether it worked, the controls show.
    let _ = mark_mem(address, size_of::<T>(), state);
    // Read where it was marked: nothing of it may have stayed in a register.
    std::hint::black_box(value)
}
