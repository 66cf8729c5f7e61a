//! The pool against a module that traps, loops, grows and lies.

use std::thread;
use std::time::{Duration, Instant};

use countersign_runtime_fixtures::{RESERVED, SMALL, WASM, operation};
use sha2::{Digest, Sha256};

use super::*;
use crate::artefact::Part;
use crate::frame;

fn part(bytes: &'static [u8]) -> Part {
    Part { bytes, sha256: Sha256::digest(bytes).into() }
}

fn misbehaving() -> Embedded {
    Embedded { wasm: part(WASM), reserved: part(RESERVED), small: part(SMALL) }
}

/// With a deadline that no busy machine reaches by accident.
fn settings(instances: usize) -> WasmSettings {
    WasmSettings { instances, deadline: Duration::from_secs(60), ..WasmSettings::default() }
}

fn engine(settings: WasmSettings) -> WasmEngine {
    WasmEngine::with_module(settings, &misbehaving()).expect("an engine")
}

/// The number that `operation` answers with, without a seller.
fn number(engine: &WasmEngine, operation: u32) -> u32 {
    number_for(engine, operation, None)
}

fn number_for(engine: &WasmEngine, operation: u32, seller: Option<SellerHandle>) -> u32 {
    let answer = engine.call(operation, &frame::head(seller)).expect("an answer");
    u32::from_le_bytes(*frame::fields(&answer).first_chunk().expect("a number"))
}

#[test]
fn a_trap_costs_the_instance_and_the_next_call_is_served_by_a_new_one() {
    let engine = engine(settings(1));
    assert_eq!(number(&engine, operation::COUNT), 1);
    assert_eq!(number(&engine, operation::COUNT), 2);
    let trapped = engine.call(operation::TRAP, &frame::head(None)).expect_err("a trap");
    assert_eq!(trapped.code(), "trap");
    assert_eq!(number(&engine, operation::COUNT), 1);
}

#[test]
fn a_stack_that_is_used_up_is_a_trap() {
    let engine = engine(settings(1));
    let trapped = engine.call(operation::RECURSE, &frame::head(None)).expect_err("a trap");
    assert_eq!(trapped.code(), "trap");
    assert_eq!(number(&engine, operation::COUNT), 1);
}

#[test]
fn the_deadline_is_armed_before_every_call() {
    let deadline = Duration::from_millis(500);
    let engine = engine(WasmSettings { deadline, ..settings(1) });
    for _ in 0..2 {
        let begun = Instant::now();
        assert_eq!(engine.call(operation::LOOP, &frame::head(None)), Err(EngineError::Deadline));
        assert!(begun.elapsed() >= deadline, "it fired after {:?}", begun.elapsed());
    }
    // Time between calls does not count.
    assert_eq!(number(&engine, operation::COUNT), 1);
    thread::sleep(deadline * 3 / 2);
    assert_eq!(number(&engine, operation::COUNT), 2);
}

#[test]
fn memory_beyond_the_limit_is_refused_and_costs_the_instance() {
    for memory in [Memory::Reserved, Memory::Small] {
        let engine = engine(WasmSettings { max_memory: 32 << 20, memory: Some(memory), ..settings(1) });
        assert_eq!(number(&engine, operation::COUNT), 1);
        assert_eq!(engine.call(operation::GROW, &frame::head(None)), Err(EngineError::OutOfMemory));
        assert_eq!(number(&engine, operation::COUNT), 1);
    }
}

#[test]
fn memory_beyond_the_declared_maximum_is_refused_too() {
    let unlimited = WasmSettings { max_memory: usize::MAX, recycle_at_memory: usize::MAX, ..settings(1) };
    let engine = engine(unlimited);
    for _ in 0..3 {
        assert_eq!(number(&engine, operation::GROW), 0);
    }
    assert_eq!(engine.call(operation::GROW, &frame::head(None)), Err(EngineError::OutOfMemory));
}

#[test]
fn an_instance_at_the_high_water_mark_is_replaced_after_its_answer() {
    let engine = engine(WasmSettings { recycle_at_memory: 64 << 20, ..settings(1) });
    assert_eq!(number(&engine, operation::COUNT), 1);
    assert_eq!(number(&engine, operation::GROW), 0);
    assert_eq!(number(&engine, operation::COUNT), 1);
}

#[test]
fn an_instance_that_served_its_calls_is_replaced() {
    let engine = engine(WasmSettings { recycle_after_calls: 2, ..settings(1) });
    let counts: Vec<u32> = (0..5).map(|_| number(&engine, operation::COUNT)).collect();
    assert_eq!(counts, [1, 2, 1, 2, 1]);
}

#[test]
fn an_answer_outside_the_memory_is_malformed_and_costs_the_instance() {
    let engine = engine(settings(1));
    assert_eq!(engine.call(operation::LIE, &frame::head(None)), Err(EngineError::Malformed));
    assert_eq!(number(&engine, operation::COUNT), 1);
}

#[test]
fn a_frame_that_the_module_does_not_take_leaves_the_instance() {
    let engine = engine(settings(1));
    assert_eq!(number(&engine, operation::COUNT), 1);
    assert_eq!(engine.call(operation::ECHO, &vec![0; 1 << 20]), Err(EngineError::TooLarge));
    assert_eq!(number(&engine, operation::COUNT), 2);
}

#[test]
fn frames_arrive_and_answers_return_unchanged() {
    let engine = engine(settings(1));
    for len in [0, 1, 7, 8, 9, 61_440] {
        // Bytes 4 to 8 are 0: no seller.
        let mut sent: Vec<u8> = (0..len).map(|at| u8::try_from(at % 251).expect("a byte")).collect();
        sent.iter_mut().skip(4).take(4).for_each(|byte| *byte = 0);
        assert_eq!(engine.call(operation::ECHO, &sent).expect("an echo"), sent, "{len} bytes");
    }
}

#[test]
fn frames_carry_the_handle_of_the_instance() {
    let engine = engine(settings(1));
    let seller = engine.open(b"{}").expect("a seller");
    let mut sent = frame::head(Some(seller)).to_vec();
    sent.extend_from_slice(b"fields");
    let echo = engine.call(operation::ECHO, &sent).expect("an echo");
    assert_eq!(echo, [&frame::numbered_head(1001)[..], b"fields"].concat());
}

#[test]
fn a_new_instance_opens_its_sellers_again() {
    let engine = engine(settings(1));
    let first = engine.open(b"{}").expect("a seller");
    let second = engine.open(b"{}").expect("a seller");
    assert_ne!(first, second);
    assert_eq!(number(&engine, operation::OPENED), 2);
    engine.call(operation::TRAP, &frame::head(None)).expect_err("a trap");
    assert_eq!(number(&engine, operation::OPENED), 0);
    assert_eq!(number_for(&engine, operation::OPENED, Some(second)), 1);
    assert_eq!(number_for(&engine, operation::OPENED, Some(first)), 2);
}

#[test]
fn a_closed_seller_is_closed_in_idle_instances_and_unknown_from_then_on() {
    let engine = engine(settings(1));
    let seller = engine.open(b"{}").expect("a seller");
    assert_eq!(number(&engine, operation::OPENED), 1);
    engine.close(seller);
    engine.close(seller);
    assert_eq!(number(&engine, operation::OPENED), 0);
    let unknown = engine.call(operation::ECHO, &frame::head(Some(seller)));
    assert_eq!(unknown, Err(EngineError::UnknownSeller));
    assert_ne!(engine.open(b"{}").expect("a seller"), seller);
}

#[test]
fn a_refused_configuration_is_the_answer_of_the_core_and_is_forgotten() {
    let engine = engine(settings(1));
    let refused = engine.open(b"!").expect_err("a refusal");
    assert_eq!(refused, OpenError::Refused { status: 7, answer: vec![2, 0, 7, 0] });
    assert_eq!(number(&engine, operation::OPENED), 0);
}

#[test]
fn opening_and_closing_are_not_calls() {
    let engine = engine(settings(1));
    for operation in [frame::OPEN, frame::CLOSE] {
        assert_eq!(engine.call(operation, &frame::head(None)), Err(EngineError::NotACall));
    }
}

#[test]
fn sixty_four_threads_share_two_instances() {
    let engine = engine(settings(2));
    let seller = engine.open(b"{}").expect("a seller");
    thread::scope(|scope| {
        for thread in 0..64_u32 {
            let engine = &engine;
            scope.spawn(move || {
                for round in 0..200_u32 {
                    let mut sent = frame::head(Some(seller)).to_vec();
                    sent.extend_from_slice(&[thread.to_le_bytes(), round.to_le_bytes()].concat());
                    let echo = engine.call(operation::ECHO, &sent).expect("an echo");
                    assert_eq!(echo[8..], sent[8..]);
                    if round % 50 == thread % 50 {
                        engine.call(operation::TRAP, &frame::head(None)).expect_err("a trap");
                    }
                }
            });
        }
    });
    assert_eq!(number_for(&engine, operation::OPENED, Some(seller)), 1);
}

#[test]
fn code_with_another_digest_is_not_loaded() {
    let mut wasm = misbehaving();
    wasm.wasm.sha256[0] ^= 1;
    let mut reserved = misbehaving();
    reserved.reserved.sha256[31] ^= 1;
    for embedded in [wasm, reserved] {
        let refused = WasmEngine::with_module(settings(1), &embedded).expect_err("a refusal");
        assert_eq!(refused, EngineError::Artefact);
    }
}

#[test]
fn code_compiled_for_the_other_memory_mode_is_not_loaded() {
    let swapped = Embedded { wasm: part(WASM), reserved: part(SMALL), small: part(RESERVED) };
    for memory in [Memory::Reserved, Memory::Small] {
        let settings = WasmSettings { memory: Some(memory), ..settings(1) };
        let refused = WasmEngine::with_module(settings, &swapped).expect_err("a refusal");
        assert_eq!(refused.code(), "start");
    }
}

#[test]
fn the_ticker_stops_with_its_engine() {
    let begun = Instant::now();
    drop(engine(WasmSettings { deadline: Duration::from_secs(3600), ..settings(1) }));
    assert!(begun.elapsed() < Duration::from_secs(10));
}
