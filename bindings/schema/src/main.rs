//! Writes the generated files into the workspace.

use std::fs;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = here.ancestors().nth(2).unwrap_or(here);
    countersign_schema::files().into_iter().try_for_each(|(path, text)| {
        let file = workspace.join(path);
        fs::create_dir_all(file.parent().unwrap_or(workspace))?;
        fs::write(file, text)
    })
}
