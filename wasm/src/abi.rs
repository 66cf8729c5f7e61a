//! The exports, the allocator and the panic handler: with the allocators, all of the crate's `unsafe`.

#![expect(unsafe_code, reason = "exports are symbols, and the one instance lives in a static")]

use core::arch::wasm32::unreachable;
use core::cell::UnsafeCell;
use core::panic::PanicInfo;

use countersign_core::abi::VERSION;
use dlmalloc::GlobalDlmalloc;

use crate::Module;
use crate::arena::{self, Arena};
use crate::stack;
use crate::wiping::Wiping;

#[global_allocator]
static ALLOCATOR: Arena<Wiping<GlobalDlmalloc>> = Arena::before(Wiping(GlobalDlmalloc));

static INSTANCE: Instance = Instance(UnsafeCell::new(State { busy: false, module: Module::new() }));

struct Instance(UnsafeCell<State>);

struct State {
    /// Set while an export runs. A trap leaves it set: whatever was half written is never looked at again.
    busy: bool,
    module: Module,
}

// SAFETY: `wasm32v1-none` has no threads, so there is nobody to share the cell with.
unsafe impl Sync for Instance {}

/// Runs `body` on the one module of this instance, and traps if an earlier call never came back.
fn enter<R>(body: impl FnOnce(&mut Module) -> R) -> R {
    // SAFETY: one thread, and no way back in: the module has no imports, so no export runs inside another, and
    // nothing that `body` calls reaches `enter`. The reference ends with this function. After a trap it never
    // ended, but then `busy` is set and no second one to `module` is made.
    let state = unsafe { &mut *INSTANCE.0.get() };
    if state.busy {
        unreachable()
    }
    state.busy = true;
    let result = body(&mut state.module);
    state.busy = false;
    result
}

// SAFETY: no other symbol of this name is linked.
#[unsafe(no_mangle)]
extern "C" fn abi_version() -> u32 {
    VERSION
}

// SAFETY: no other symbol of this name is linked.
#[unsafe(no_mangle)]
extern "C" fn reserve(len: u32) -> *mut u8 {
    enter(|module| match module.reserve(len as usize) {
        // An empty buffer has a dangling address, and 0 is kept for refusals: both are told apart by the request.
        Some(buffer) => buffer.as_mut_ptr(),
        None => core::ptr::null_mut(),
    })
}

// SAFETY: no other symbol of this name is linked.
#[unsafe(no_mangle)]
extern "C" fn call(operation: u32, len: u32) -> u64 {
    enter(|module| {
        let response = arena::serve(&ALLOCATOR, module, operation, len as usize);
        ((response.as_ptr().addr() as u64) << 32) | response.len() as u64
    })
}

// SAFETY: no other symbol of this name is linked.
#[unsafe(no_mangle)]
extern "C" fn wipe() {
    enter(Module::wipe);
    stack::wipe();
}

/// A panic is a defect of the core. The message would carry paths of the machine that built it: it is dropped.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    unreachable()
}
