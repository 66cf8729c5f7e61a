//! Every scene through every driver: the expectations hold, and all drivers say the same to the byte. A test of the
//! package `countersign`, so that its binary is the one that was just built.

use std::process::Command;

use countersign_conformance::replay::Driver;
use countersign_conformance::{scenes_text, vectors};
use serde_json::Value;

#[test]
fn the_file_of_the_scenes_is_what_the_generator_writes() {
    let file =
        std::fs::read_to_string(vectors().join("scenes.json")).expect("tests/vectors/scenes.json is there");
    assert!(file == scenes_text(), "run `cargo xtask generate`");
}

#[test]
fn every_driver_gives_every_scene_the_same_answers() {
    let file =
        std::fs::read_to_string(vectors().join("scenes.json")).expect("tests/vectors/scenes.json is there");
    let scenes: Vec<Value> = serde_json::from_str(&file).expect("the scenes are JSON");
    let engines = ["native", "wasm"];
    let mut drivers: Vec<Driver> = engines
        .iter()
        .map(|engine| {
            Driver::start(Command::new(env!("CARGO_BIN_EXE_countersign")).args(["drive", "--engine", engine]))
                .expect("the driver starts")
        })
        .collect();
    let mut findings = Vec::new();
    println!("{:<72} {}", "scene", engines.join("  "));
    for scene in &scenes {
        let name = scene["name"].as_str().expect("a scene has a name");
        let mut row = Vec::new();
        let mut answers = Vec::new();
        for (engine, driver) in engines.iter().zip(&mut drivers) {
            let (said, wrong) = driver.replay(scene).expect("the driver answers");
            row.push(if wrong.is_empty() { "pass  " } else { "FAIL  " });
            findings.extend(wrong.into_iter().map(|finding| format!("{engine}: {name}: {finding}")));
            answers.push(said);
        }
        if answers.iter().any(|said| *said != answers[0]) {
            findings.push(format!("{name}: the drivers disagree"));
        }
        println!("{name:<72} {}", row.join("  "));
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    assert!(scenes.len() > 30, "the scenes were read");
}
