//! From what is needed and what there is to what is to be done: installed, or said in one message. Pure, so that
//! machines which nobody has are tested too.

use std::fmt::Write;

use super::machine::{Found, Machine, PackageManager, Rights};
use super::needs::Needs;
use super::tool::{NIGHTLY, Packages, Subcommand, Tool};
use super::toolchain::Toolchain;
use super::version::Version;

/// One thing that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lack {
    /// The named compiler; and what is in its place.
    Compiler(Option<Version>),
    Targets(Vec<String>),
    Components(Vec<String>),
    Tool(&'static Tool, Found),
    Subcommand(&'static Subcommand, Found),
    Miri,
}

/// What is needed and not there.
pub(crate) fn lacks(toolchain: &Toolchain, needs: &Needs, machine: &Machine) -> Vec<Lack> {
    let mut lacks = Vec::new();
    // With rustup it is the named compiler or none. Without, a newer one will do.
    let is_enough = match (machine.rustc, Version::exactly(&toolchain.channel)) {
        (Some(found), Some(named)) if !machine.rustup => found >= named,
        (found, _) => found.is_some(),
    };
    if !is_enough {
        lacks.push(Lack::Compiler(machine.rustc));
    }
    let absent = |named: &[String], there: &[String]| -> Vec<String> {
        named.iter().filter(|name| !there.contains(name)).cloned().collect()
    };
    let targets = absent(&toolchain.targets, &machine.targets);
    if !targets.is_empty() {
        lacks.push(Lack::Targets(targets));
    }
    let components = absent(&toolchain.components, &machine.components);
    if needs.components && !components.is_empty() {
        lacks.push(Lack::Components(components));
    }
    let too_old = |tool: &Tool, found: Found| match (found, tool.least) {
        (Found::Version(version), Some(least)) => version < least,
        (Found::Version(_) | Found::Running, _) => false,
        (Found::Nothing | Found::Broken, _) => true,
    };
    let tools = machine.tools.iter().filter(|(tool, found)| too_old(tool, *found));
    lacks.extend(tools.map(|(tool, found)| Lack::Tool(tool, *found)));
    let other = |known: &Subcommand, found: Found| found != Found::Version(known.version);
    let subcommands = machine.subcommands.iter().filter(|(known, found)| other(known, *found));
    lacks.extend(subcommands.map(|(known, found)| Lack::Subcommand(known, *found)));
    if needs.miri && !machine.miri {
        lacks.push(Lack::Miri);
    }
    lacks
}

/// What to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Nothing is missing.
    Ready,
    /// Run these commands, in this order.
    Install(Vec<Vec<String>>),
    /// Nobody but a person can do it: everything that is missing, and the commands for it.
    Tell(String),
}

/// The plan for what is missing. `may_install` is false where the commands are only to be named.
pub(crate) fn plan(
    command: &str,
    lacks: &[Lack],
    toolchain: &Toolchain,
    machine: &Machine,
    may_install: bool,
) -> Plan {
    if lacks.is_empty() {
        return Plan::Ready;
    }
    let remedies = Remedies::of(lacks, toolchain, machine);
    let may_use_packages =
        matches!(machine.packages, PackageManager::Apt(_)) && machine.rights != Rights::None;
    if may_install && remedies.words.is_empty() && (remedies.packages.is_empty() || may_use_packages) {
        return Plan::Install(remedies.commands(toolchain, machine));
    }
    let mut text = format!("`cargo xtask {command}` needs what this machine lacks:\n\n");
    let mut named = Vec::new();
    for name in lacks.iter().map(|lack| what(lack, toolchain)) {
        // Two programs of one kit have one name.
        if !named.contains(&name) {
            let _ = writeln!(text, "  {name}");
            named.push(name);
        }
    }
    let commands = remedies.commands(toolchain, machine);
    if !commands.is_empty() {
        text += "\nthese commands install it:\n\n";
        for command in &commands {
            let line = command.join(" ");
            // The lists of packages may be old, or not there at all.
            if let Some((sudo, _)) = line.split_once("apt-get install") {
                let _ = writeln!(text, "  {sudo}apt-get update");
            }
            let _ = writeln!(text, "  {line}");
        }
    }
    if !remedies.words.is_empty() {
        text += if commands.is_empty() { "\n" } else { "\nand by hand:\n\n" };
        for words in &remedies.words {
            let _ = writeln!(text, "  {words}");
        }
    }
    Plan::Tell(text)
}

/// All packages that [`plan`] may come to name.
pub(crate) fn packages_for(lacks: &[Lack]) -> impl Iterator<Item = &'static str> {
    let tools = lacks.iter().filter_map(|lack| match lack {
        Lack::Tool(tool, _) => Some(tool.packages.apt),
        _ => None,
    });
    tools.flatten().copied().flatten().copied()
}

/// What is missing, for people.
fn what(lack: &Lack, toolchain: &Toolchain) -> String {
    let instead = |found: Found| match found {
        Found::Nothing | Found::Running => String::new(),
        Found::Broken => " (it is here and does not run)".to_owned(),
        Found::Version(version) => format!(" ({version} is here)"),
    };
    match lack {
        Lack::Compiler(found) => {
            let instead = instead(found.map_or(Found::Nothing, Found::Version));
            format!("Rust {}{instead}", toolchain.channel)
        }
        Lack::Targets(targets) => format!("Rust's standard library for {}", targets.join(" and ")),
        Lack::Components(components) => format!("{} of Rust {}", components.join(" and "), toolchain.channel),
        Lack::Tool(tool, found) => format!("{}{}", tool.name, instead(*found)),
        Lack::Subcommand(known, found) => format!("{} {}{}", known.package, known.version, instead(*found)),
        Lack::Miri => format!("Miri of {NIGHTLY}"),
    }
}

/// Everything that helps, each once.
#[derive(Debug, Default)]
struct Remedies {
    toolchain: bool,
    nightly: bool,
    packages: Vec<&'static str>,
    subcommands: Vec<&'static Subcommand>,
    /// What no command does.
    words: Vec<String>,
}

impl Remedies {
    fn of(lacks: &[Lack], toolchain: &Toolchain, machine: &Machine) -> Self {
        let mut remedies = Self::default();
        for lack in lacks {
            match lack {
                Lack::Compiler(_) | Lack::Targets(_) | Lack::Components(_) => remedies.toolchain = true,
                Lack::Miri => remedies.nightly = true,
                Lack::Subcommand(known, _) => remedies.subcommands.push(known),
                Lack::Tool(tool, _) => match choose(tool, &machine.packages) {
                    Ok(packages) => remedies.packages.extend(packages),
                    Err(words) if remedies.words.contains(&words) => {}
                    Err(words) => remedies.words.push(words),
                },
            }
        }
        let mut named = Vec::new();
        remedies.packages.retain(|package| {
            !named.contains(package) && {
                named.push(package);
                true
            }
        });
        if !machine.rustup && (remedies.toolchain || remedies.nightly) {
            let rustup =
                "rustup, from https://rustup.rs: the compiler that is here was not installed by it; then";
            for (needed, install) in
                [(&mut remedies.toolchain, toolchain.install()), (&mut remedies.nightly, nightly())]
            {
                if *needed {
                    remedies.words.push(format!("{rustup}: rustup {}", install.join(" ")));
                    *needed = false;
                }
            }
        }
        remedies
    }

    fn commands(&self, toolchain: &Toolchain, machine: &Machine) -> Vec<Vec<String>> {
        let words = |program: &str, arguments: Vec<String>| [vec![program.to_owned()], arguments].concat();
        let mut commands = Vec::new();
        if self.toolchain {
            commands.push(words("rustup", toolchain.install()));
        }
        if self.nightly {
            commands.push(words("rustup", nightly()));
        }
        if !self.packages.is_empty() {
            let install: &[&str] = match machine.packages {
                PackageManager::Apt(_) => &["apt-get", "install", "--yes", "--no-install-recommends"],
                PackageManager::Dnf => &["dnf", "install"],
                PackageManager::Pacman => &["pacman", "-S", "--needed"],
                PackageManager::Apk => &["apk", "add"],
                PackageManager::Brew | PackageManager::Unknown => &["brew", "install"],
            };
            let by_sudo = machine.rights != Rights::Root && machine.packages != PackageManager::Brew;
            let sudo: &[&str] = if by_sudo { &["sudo"] } else { &[] };
            let command = [sudo, install, &self.packages].concat();
            commands.push(command.into_iter().map(str::to_owned).collect());
        }
        commands.extend(self.subcommands.iter().map(|known| {
            let versioned = format!("{}@{}", known.package, known.version);
            words("cargo", ["install", "--quiet", "--locked", &versioned].map(str::to_owned).to_vec())
        }));
        commands
    }
}

fn nightly() -> Vec<String> {
    let install = ["toolchain", "install", "--no-self-update", NIGHTLY, "--profile", "minimal"];
    install.into_iter().chain(["--component", "miri", "--component", "rust-src"]).map(str::to_owned).collect()
}

/// The packages that bring a tool here, or in words why none does.
fn choose(tool: &Tool, manager: &PackageManager) -> Result<Vec<&'static str>, String> {
    let Packages { apt, dnf, pacman, apk, brew } = &tool.packages;
    let by_hand = || format!("{}: with this system's own means", tool.name);
    match manager {
        PackageManager::Apt(offers) => from_debian(tool, apt, offers),
        PackageManager::Unknown => Err(by_hand()),
        PackageManager::Dnf => Ok(dnf.to_vec()),
        PackageManager::Pacman => Ok(pacman.to_vec()),
        PackageManager::Apk => Ok(apk.to_vec()),
        PackageManager::Brew if brew.is_empty() => Err(by_hand()),
        PackageManager::Brew => Ok(brew.to_vec()),
    }
}

/// The first alternative of which every package exists and is new enough.
fn from_debian(
    tool: &Tool,
    alternatives: &[&[&'static str]],
    offers: &[(&str, Option<String>)],
) -> Result<Vec<&'static str>, String> {
    let offer =
        |package: &str| offers.iter().find(|(known, _)| *known == package).map(|(_, version)| version);
    let mut too_old = None;
    let mut will_do = |package: &&'static str| match offer(package) {
        // What was not asked about is taken to exist.
        None => true,
        Some(None) => false,
        Some(Some(version)) => {
            // Packages named so only depend on others, and count their own versions.
            let counts_its_own = package.starts_with("default-");
            let version = upstream(version).filter(|_| !counts_its_own);
            let is_new_enough = version.zip(tool.least).is_none_or(|(version, least)| version >= least);
            if !is_new_enough && too_old.is_none() {
                too_old = version.map(|version| format!("this system's package {package} is {version}"));
            }
            is_new_enough
        }
    };
    match alternatives.iter().find(|packages| packages.iter().all(&mut will_do)) {
        Some(packages) => Ok(packages.to_vec()),
        None => {
            let why = too_old.unwrap_or_else(|| "no package of this system brings it".to_owned());
            Err(format!("{}: {why}; take it from its makers, or with a manager of versions", tool.name))
        }
    }
}

/// The version before Debian's own: without epoch and revision.
fn upstream(version: &str) -> Option<Version> {
    Version::after("", version.split_once(':').map_or(version, |(_, rest)| rest))
}
