//! The stack, which lies in the module's memory like everything else: a call leaves its keys' bytes there.

use zeroize::optimization_barrier;

/// Bytes of the whole stack, as the linker places it.
const STACK: usize = match usize::from_str_radix(env!("COUNTERSIGN_STACK"), 10) {
    Ok(bytes) => bytes,
    Err(_) => panic!("the build script writes a number"),
};

/// Left for the frames around the wiping one.
const MARGIN: usize = 1 << 10;

/// Overwrites the stack below the caller, all but [`MARGIN`] bytes at its very end.
///
/// One variable as large as the stack lies on it where earlier calls had theirs; no pointer is needed for that. Called
/// from far up only: with more than the margin in use there is no room for it, and the module traps.
#[inline(never)]
pub(crate) fn wipe() {
    let everything = [0_u8; STACK - MARGIN];
    optimization_barrier(&everything);
}
