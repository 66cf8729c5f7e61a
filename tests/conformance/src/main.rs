//! Writes the generated files of `tests/vectors`.

fn main() -> std::io::Result<()> {
    let folder = countersign_conformance::vectors();
    countersign_conformance::generated()
        .into_iter()
        .try_for_each(|(file, text)| std::fs::write(folder.join(file), text))
}
