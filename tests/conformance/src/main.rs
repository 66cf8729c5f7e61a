//! Writes `tests/vectors/scenes.json`.

fn main() -> std::io::Result<()> {
    let path = countersign_conformance::vectors().join("scenes.json");
    std::fs::write(path, countersign_conformance::scenes_text())
}
