//! Every operation of the core's table through every engine: the recorded conversation, byte for byte.

use countersign_core::abi::{OPERATIONS, operation};
use countersign_core::wire::hex;
use countersign_runtime::{Engine, Memory, NativeEngine, WasmEngine, WasmSettings};
use serde_json::Value;

fn engines() -> Vec<Box<dyn Engine>> {
    let wasm = |memory| {
        let settings = WasmSettings { memory: Some(memory), ..WasmSettings::default() };
        Box::new(WasmEngine::new(settings).expect("an engine"))
    };
    vec![Box::new(NativeEngine::new()), wasm(Memory::Reserved), wasm(Memory::Small)]
}

/// Operation, request and answer.
fn conversation() -> Vec<(u32, Vec<u8>, Vec<u8>)> {
    let text = include_str!("../../../tests/vectors/frames.json");
    let document: Value = serde_json::from_str(text).expect("JSON");
    let bytes = |value: &Value| hex::decode(value.as_str().expect("a text").as_bytes()).expect("hex");
    let number = |value: &Value| u32::try_from(value.as_u64().expect("a number")).expect("a small one");
    let exchanges = document["exchanges"].as_array().expect("a list").iter();
    exchanges.map(|one| (number(&one["operation"]), bytes(&one["request"]), bytes(&one["answer"]))).collect()
}

/// What an engine opens and closes is not a call; the rest is, until the seller is closed.
fn calls() -> Vec<(u32, Vec<u8>, Vec<u8>)> {
    let conversation = conversation();
    let until = conversation.iter().position(|(number, ..)| *number == operation::CLOSE);
    let open = conversation.into_iter().take(until.expect("it is closed"));
    open.filter(|(number, ..)| *number != operation::OPEN).collect()
}

#[test]
fn every_operation_is_called_through_every_engine_with_the_same_answer() {
    let (_, opening, _) = conversation().swap_remove(0);
    let configuration = opening.get(12..).expect("after its length");
    for engine in engines() {
        let seller = engine.open(configuration).expect("a seller");
        let mut called = vec![operation::OPEN, operation::CLOSE];
        for (number, mut request, answer) in calls() {
            if request[4..8] != [0; 4] {
                request[4..8].copy_from_slice(&seller.get().to_le_bytes());
            }
            let said = engine.call(number, &request).expect("an answer");
            assert_eq!(hex::encode(&said), hex::encode(&answer), "operation {number} on {}", engine.name());
            called.push(number);
        }
        engine.close(seller);
        for operation in OPERATIONS {
            assert!(called.contains(&operation.number), "{} on {}", operation.name, engine.name());
        }
    }
}

#[test]
fn every_engine_refuses_a_frame_that_ends_early_or_goes_on() {
    let (_, opening, _) = conversation().swap_remove(0);
    let configuration = opening.get(12..).expect("after its length");
    for engine in engines() {
        let seller = engine.open(configuration).expect("a seller");
        for (number, mut request, _) in calls().into_iter().filter(|(_, _, answer)| answer[2..4] == [0, 0]) {
            if request[4..8] != [0; 4] {
                request[4..8].copy_from_slice(&seller.get().to_le_bytes());
            }
            let longer = [request.as_slice(), &[0]].concat();
            for wrong in [&request[..request.len() - 1], longer.as_slice()] {
                let answer = engine.call(number, wrong).expect("an answer");
                let status = countersign_runtime::frame::status(&answer);
                assert_eq!(status, Some(602), "operation {number} on {}", engine.name());
            }
        }
    }
}

/// Compiles only while the client has a method for each row.
#[test]
fn every_operation_has_a_method_of_its_name() {
    macro_rules! named {
        ($(
            $(#[doc = $doc:literal])+
            $number:literal $constant:ident: $receiver:ident.$name:ident($($argument:ident: $kind:tt),*)
                $(framed ($($framed:ident),+))? -> $output:ty $(as $format:ident)?;
        )*) => {
            [$((stringify!($name), named!(@$receiver $name))),*]
        };
        (@sellers $name:ident) => { () };
        (@$receiver:ident $name:ident) => {{ let _method = countersign_runtime::OpenSeller::$name; }};
    }
    let methods = countersign_core::operations!(named);
    assert_eq!(methods.len(), OPERATIONS.len());
}
