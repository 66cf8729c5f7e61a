//! What this machine has. Nothing is changed by looking.

use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs, thread};

use super::needs::Needs;
use super::tool::{Subcommand, Tool};
use super::toolchain::Toolchain;
use super::version::Version;
use crate::step;

/// What was found of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    /// It is there and cannot say its version: half of it is missing.
    Broken,
    /// It runs.
    Running,
    Version(Version),
}

/// Everything that a plan depends on.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub(crate) rustup: bool,
    /// The compiler of the named channel; without rustup the one that there is.
    pub(crate) rustc: Option<Version>,
    /// The named targets whose standard library is there.
    pub(crate) targets: Vec<String>,
    /// The named components that are there.
    pub(crate) components: Vec<String>,
    pub(crate) tools: Vec<(&'static Tool, Found)>,
    pub(crate) subcommands: Vec<(&'static Subcommand, Found)>,
    pub(crate) miri: bool,
    pub(crate) packages: PackageManager,
    pub(crate) rights: Rights,
}

/// How packages of the system are installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PackageManager {
    /// With the version that it would install of each package, as far as it was asked; `None`: it has no such package.
    Apt(Vec<(&'static str, Option<String>)>),
    Dnf,
    Pacman,
    Apk,
    Brew,
    Unknown,
}

/// Whether packages may be installed without asking anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rights {
    Root,
    /// sudo without a password.
    Sudo,
    None,
}

impl Machine {
    /// Looks for everything that is needed.
    pub(crate) fn look(toolchain: &Toolchain, needs: &Needs) -> Self {
        thread::scope(|scope| {
            let tools = needs.tools.iter().map(|tool| scope.spawn(move || (*tool, ask_tool(tool))));
            let tools: Vec<_> = tools.collect();
            let subcommands = needs.subcommands.iter().map(|known| (*known, ask_subcommand(known))).collect();
            Self {
                rustup: step::has_rustup(),
                rustc: said(step::rust("rustc").arg("-vV"))
                    .and_then(|text| Version::after("release: ", &text)),
                targets: toolchain.targets.iter().filter(|target| has_target(target)).cloned().collect(),
                components: toolchain.components.iter().filter(|name| has_component(name)).cloned().collect(),
                tools: tools.into_iter().filter_map(|asked| asked.join().ok()).collect(),
                subcommands,
                miri: !needs.miri || said(&mut step::nightly(&["cargo", "miri", "--version"])).is_some(),
                packages: package_manager(),
                rights: rights(),
            }
        })
    }

    /// Asks apt what it would install of these packages. Where it knows none of them it has no lists, and says nothing.
    pub(crate) fn ask_apt(&mut self, packages: &[&'static str]) {
        if let PackageManager::Apt(offers) = &mut self.packages {
            *offers = packages.iter().map(|package| (*package, candidate(package))).collect();
            if offers.iter().all(|(_, version)| version.is_none()) {
                offers.clear();
            }
        }
    }
}

fn ask_tool(tool: &Tool) -> Found {
    let mut command = Command::new(tool.program);
    let Some(output) = outcome(command.arg(tool.asked)) else { return Found::Nothing };
    if !output.status.success() {
        return Found::Broken;
    }
    // Old compilers of Java say their version on the other stream.
    let text =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    match Version::after(tool.mark, &text) {
        Some(version) => Found::Version(version),
        None if tool.least.is_none() => Found::Running,
        None => Found::Broken,
    }
}

fn ask_subcommand(subcommand: &Subcommand) -> Found {
    let text = said(step::rust("cargo").args([subcommand.name, "--version"]));
    let version = text.and_then(|text| Version::after(&format!("{} ", subcommand.package), &text));
    version.map_or(Found::Nothing, Found::Version)
}

fn has_target(target: &str) -> bool {
    let folder = said(step::rust("rustc").args(["--print", "target-libdir", "--target", target]));
    folder.is_some_and(|folder| Path::new(folder.trim()).is_dir())
}

fn has_component(name: &str) -> bool {
    let program = if name == "clippy" { "cargo-clippy" } else { name };
    said(step::rust(program).arg("--version")).is_some()
}

fn package_manager() -> PackageManager {
    let has = |program: &str| {
        let folders = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&folders).any(|folder| folder.join(program).is_file())
    };
    let debian = fs::exists("/etc/debian_version").unwrap_or(false);
    match () {
        () if debian && has("apt-get") => PackageManager::Apt(Vec::new()),
        () if has("dnf") => PackageManager::Dnf,
        () if has("pacman") => PackageManager::Pacman,
        () if has("apk") => PackageManager::Apk,
        () if has("brew") => PackageManager::Brew,
        () => PackageManager::Unknown,
    }
}

fn rights() -> Rights {
    if said(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0") {
        Rights::Root
    } else if said(Command::new("sudo").args(["-n", "true"])).is_some() {
        Rights::Sudo
    } else {
        Rights::None
    }
}

/// What `apt-cache policy` calls the candidate.
fn candidate(package: &str) -> Option<String> {
    let text = said(Command::new("apt-cache").args(["policy", package]).env("LC_ALL", "C"))?;
    let candidate = text.lines().find_map(|line| line.trim().strip_prefix("Candidate: "))?;
    (candidate != "(none)").then(|| candidate.to_owned())
}

fn said(command: &mut Command) -> Option<String> {
    let output = outcome(command).filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A look installs nothing, whatever rustup would do by itself.
fn outcome(command: &mut Command) -> Option<std::process::Output> {
    command.stdin(Stdio::null()).env("RUSTUP_AUTO_INSTALL", "0").output().ok()
}
