//! The one way to build a module: which cargo, which flags, and nothing of the surrounding build.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fmt, fs, io};

use crate::surface::{self, SurfaceError};
use crate::target::{self, NoTarget};

/// What differs between the artefacts.
pub(crate) struct Recipe {
    pub(crate) target: &'static str,
    pub(crate) profile: &'static str,
    pub(crate) features: &'static str,
    /// Beside those that keep paths out of the bytes.
    pub(crate) flags: &'static [&'static str],
}

const PORTABLE: Recipe =
    Recipe { target: "wasm32v1-none", profile: "artefact", features: "", flags: &PORTABLE_FLAGS };

const PORTABLE_FLAGS: [&str; 3] = [
    // `memory.copy` and `memory.fill` in place of loops: a fifth fewer instructions for a callback, and every runtime
    // that is in use has had both for years.
    "-Ctarget-feature=+bulk-memory",
    // What optimisation for speed costs in bytes is nearly all inlining: LLVM inlines what costs up to 225, and then the
    // module is 17 % larger than one made for size. With 35 it is 3 % smaller than that and takes 6 to 8 % more time for a
    // callback; with 50 it is as large as that one and no faster. Functions marked `#[inline]` have a limit of their own,
    // which stays.
    "-Cllvm-args=-inline-threshold=35",
    // Names that tell for which types a generic function was compiled: they do not ship, and the table of sizes is
    // made from them.
    "-Csymbol-mangling-version=v0",
];

/// Variables of the surrounding build that would change the bytes or the tools: flags, wrappers (clippy, miri),
/// profile overrides and the outer target folder.
const FOREIGN: [&str; 10] = [
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTDOC",
    "RUSTDOCFLAGS",
    "CARGO_TARGET_DIR",
    "MIRI_BE_RUSTC",
    "MIRI_SYSROOT",
];
const FOREIGN_PREFIXES: [&str; 4] =
    ["CARGO_BUILD_", "CARGO_PROFILE_", "CARGO_TARGET_WASM32", "CARGO_FEATURE_"];

/// The workspace that this crate belongs to.
#[must_use]
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Everything that the bytes depend on, for `rerun-if-changed`.
#[must_use]
pub fn sources(workspace: &Path) -> Vec<PathBuf> {
    [
        "core/Cargo.toml",
        "core/src",
        "wasm/Cargo.toml",
        "wasm/build.rs",
        "wasm/src",
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
    ]
    .iter()
    .map(|name| workspace.join(name))
    .collect()
}

/// Builds artefact A of `workspace` with `target_dir` as its own target folder, and returns its bytes.
///
/// # Errors
///
/// In this order: cargo or the Rust target is missing, cargo failed, the module could not be read.
pub fn build(workspace: &Path, target_dir: &Path) -> Result<Vec<u8>, BuildError> {
    surface::shipped(&build_named(workspace, target_dir)?).map_err(BuildError::Module)
}

/// The same with what does not ship: the names of its functions above all.
///
/// # Errors
///
/// The first two of [`build`].
pub fn build_named(workspace: &Path, target_dir: &Path) -> Result<Vec<u8>, BuildError> {
    compile(&PORTABLE, workspace, target_dir)
}

/// What cargo makes of `countersign-wasm` by this recipe.
pub(crate) fn compile(recipe: &Recipe, workspace: &Path, target_dir: &Path) -> Result<Vec<u8>, BuildError> {
    require_target(recipe.target, workspace)?;
    let mut cargo = command(&env::var("CARGO").unwrap_or_else(|_| "cargo".into()), workspace);
    cargo.args(["build", "--quiet", "--package", "countersign-wasm"]);
    cargo.args(["--target", recipe.target, "--profile", recipe.profile, "--features", recipe.features]);
    cargo.arg("--target-dir").arg(target_dir);
    if workspace.join("Cargo.lock").exists() {
        cargo.arg("--locked");
    }
    let own = recipe.flags.iter().map(ToString::to_string);
    let flags: Vec<String> = remappings(workspace).into_iter().chain(own).collect();
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    if !cargo.status().map_err(BuildError::Cargo)?.success() {
        return Err(BuildError::Failed(recipe.target));
    }
    let built = target_dir.join(recipe.target).join(recipe.profile).join("countersign_wasm.wasm");
    fs::read(built).map_err(BuildError::Cargo)
}

/// No path of this machine may reach the bytes: not the workspace's, and not that of downloaded sources, whose
/// folder has another name for every mirror.
fn remappings(workspace: &Path) -> Vec<String> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|user| user.join(".cargo"))).unwrap_or_default();
    let sources = fs::read_dir(home.join("registry").join("src")).into_iter().flatten().flatten();
    let remap = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    [remap(workspace, "countersign"), remap(&home, "cargo")]
        .into_iter()
        .chain(sources.map(|folder| remap(&folder.path(), "sources"))) // the last match wins
        .collect()
}

fn require_target(target: &'static str, workspace: &Path) -> Result<(), BuildError> {
    let installed = target::is_installed(&mut command("rustc", workspace), target);
    if installed.map_err(BuildError::Cargo)? { Ok(()) } else { Err(BuildError::NoTarget(NoTarget(target))) }
}

/// `program` in `workspace`, without what the surrounding build has set.
fn command(program: &str, workspace: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(workspace);
    for (name, _) in env::vars_os() {
        let foreign = name.to_str().is_some_and(|name| {
            FOREIGN.contains(&name) || FOREIGN_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        });
        if foreign {
            command.env_remove(name);
        }
    }
    command
}

/// Why there is no module.
#[derive(Debug)]
pub enum BuildError {
    /// Cargo or rustc could not be run, or what they wrote could not be read.
    Cargo(io::Error),
    /// The toolchain has no standard library for the module's target.
    NoTarget(NoTarget),
    /// Cargo said why on its standard error.
    Failed(&'static str),
    /// The module could not be read.
    Module(SurfaceError),
    /// The glue of artefact B could not be written.
    #[cfg(feature = "js")]
    Glue(String),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cargo(error) => write!(f, "cargo could not be run: {error}"),
            Self::NoTarget(error) => error.fmt(f),
            Self::Failed(target) => write!(f, "countersign-wasm does not build for {target}"),
            Self::Module(error) => write!(f, "the built module is not readable: {error}"),
            #[cfg(feature = "js")]
            Self::Glue(error) => write!(f, "the glue could not be written: {error}"),
        }
    }
}

impl std::error::Error for BuildError {}
