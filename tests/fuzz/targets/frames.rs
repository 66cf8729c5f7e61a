//! Arbitrary bytes to every operation: never a panic, always a frame that can be read, and the same one from the module
//! as from the dispatcher that it wraps.
//!
//! The input is a list of calls: a byte for the operation, two for the length (little-endian), the frame.

#![no_main]

use countersign_core::abi::{self, Dispatcher, operation};
use countersign_fuzz::caller::assert_answer;
use countersign_fuzz::platform::Setup;
use countersign_wasm::Module;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let (mut dispatcher, mut module) = (Dispatcher::new(), Module::new());
    let opening = abi::request(0).bytes(&Setup::plain().configuration()).finish();
    assert_eq!(call(&mut dispatcher, &mut module, operation::OPEN, &opening).get(2..4), Some(&[0, 0][..]));
    let mut rest = input;
    while let [number, low, high, behind @ ..] = rest {
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(behind.len());
        let (frame, behind) = behind.split_at(length);
        rest = behind;
        match number {
            255 => {
                dispatcher.wipe();
                module.wipe();
            }
            number => drop(call(&mut dispatcher, &mut module, u32::from(*number), frame)),
        }
    }
});

fn call(dispatcher: &mut Dispatcher, module: &mut Module, operation: u32, frame: &[u8]) -> Vec<u8> {
    let answer = dispatcher.call(operation, frame);
    assert_answer(operation, &answer);
    let buffer = module.reserve(frame.len()).expect("less than the limit");
    buffer[..frame.len()].copy_from_slice(frame);
    assert_eq!(module.call(operation, frame.len()), answer);
    answer
}
