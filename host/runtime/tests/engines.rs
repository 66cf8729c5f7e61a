//! Both engines over the real core: the same bytes for every frame, well-formed or not.

use std::sync::Arc;

use countersign_runtime::{
    Engine, Memory, NativeEngine, OpenSeller, SellerError, WasmEngine, WasmSettings, compute, frame,
};

fn engines() -> Vec<Box<dyn Engine>> {
    let wasm = |memory| {
        let settings = WasmSettings { memory: Some(memory), ..WasmSettings::default() };
        Box::new(WasmEngine::new(settings).expect("an engine"))
    };
    vec![Box::new(NativeEngine::new()), wasm(Memory::Reserved), wasm(Memory::Small)]
}

#[test]
fn engines_answer_the_same_bytes_to_frames_that_are_none() {
    let frames: Vec<Vec<u8>> = [0, 1, 2, 4, 7, 8, 9, 100, 70_000]
        .into_iter()
        .flat_map(|len| [0x00, 0x01, 0xFF].map(|byte| vec![byte; len]))
        .map(|mut frame| {
            frame.iter_mut().skip(4).take(4).for_each(|byte| *byte = 0);
            frame
        })
        .collect();
    let engines = engines();
    for operation in (3..32).chain([u32::MAX]) {
        for frame in &frames {
            let answers: Vec<_> = engines.iter().map(|engine| engine.call(operation, frame)).collect();
            assert!(answers.iter().all(Result::is_ok), "operation {operation}: {answers:?}");
            assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "operation {operation}: {answers:?}");
        }
    }
}

#[test]
fn engines_refuse_a_configuration_that_is_none_in_the_same_way() {
    let refusals: Vec<_> = engines()
        .iter()
        .map(|engine| engine.open(b"\xFFnot a configuration").expect_err("a refusal"))
        .collect();
    assert!(refusals.windows(2).all(|pair| pair[0] == pair[1]), "{refusals:?}");
}

#[test]
fn the_head_of_a_frame_without_a_seller_is_the_version_and_zeros() {
    assert_eq!(frame::head(None), [2, 0, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn engines_give_a_known_answer_without_a_seller_and_refuse_alike() {
    for engine in engines() {
        let output = compute(&*engine, "hex-encode", &[b"\x00\xff"]);
        assert_eq!(output, Ok(b"00ff".to_vec()), "{}", engine.name());
        let refused = compute(&*engine, "aes-cbc-decrypt", &[&[0; 24], &[0; 16], &[0; 16]]);
        let Err(SellerError::Call(error)) = refused else { panic!("{refused:?}") };
        assert_eq!((error.code.as_str(), error.number), ("input-refused", 610), "{}", engine.name());
        assert!(error.problems.contains("\"path\":\"key\""), "{}", error.problems);
    }
}

#[test]
fn engines_say_alike_how_large_a_body_may_be() {
    let configuration =
        br#"{"routes": [{"path": "/v2", "dialect": "saas-v2", "keys": ["an-access-key-of-a-test"]}]}"#;
    for engine in engines() {
        let seller = OpenSeller::open(Arc::from(engine), configuration).expect("a seller");
        assert_eq!(seller.body_limit("POST", b"/v2?signature=0"), Ok(Some(65_536)), "{}", seller.engine());
        assert_eq!(seller.body_limit("POST", b"/elsewhere"), Ok(None));
        assert_eq!(seller.body_limit("GET", b"/v2"), Ok(None));
    }
}
