//! The frames that fuzzing has kept: each is answered, by a module that keeps its buffers between them.

use std::fs;
use std::path::Path;

use countersign_core::abi::{self, FRAME_VERSION, operation};
use countersign_wasm::Module;

const CONFIGURATION: &[u8] =
    br#"{"routes":[{"path":"/saas","dialect":"saas-v2","product":"crm","keys":["test-access-key-0001"]}]}"#;

fn call(module: &mut Module, operation: u32, frame: &[u8]) -> Vec<u8> {
    module.reserve(frame.len()).expect("less than the limit")[..frame.len()].copy_from_slice(frame);
    module.call(operation, frame.len()).to_vec()
}

#[test]
fn every_kept_frame_gets_an_answer() {
    // Miri interprets, ten thousand times slower: it takes eight.
    let most = if cfg!(miri) { 8 } else { usize::MAX };
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpus/frames");
    let files = fs::read_dir(corpus).expect("the corpus").take(most);
    let files: Vec<_> = files.map(|entry| entry.expect("an entry").path()).collect();
    assert!(files.len() >= most.min(100), "the corpus is kept");
    let mut module = Module::new();
    for file in &files {
        let opened = call(&mut module, operation::OPEN, &abi::request(0).bytes(CONFIGURATION).finish());
        assert_eq!(abi::answer::<u32>(&opened), Ok(1));
        let input = fs::read(file).expect("a file");
        let mut rest = input.as_slice();
        while let [number, low, high, behind @ ..] = rest {
            let length = usize::from(u16::from_le_bytes([*low, *high])).min(behind.len());
            let (frame, behind) = behind.split_at(length);
            let answer = call(&mut module, u32::from(*number), frame);
            assert_eq!(answer.first_chunk(), Some(&FRAME_VERSION.to_le_bytes()), "{}", file.display());
            rest = behind;
        }
        module.wipe();
    }
}
