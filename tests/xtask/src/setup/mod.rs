//! Sets up what a command needs, before it begins: looks for everything, then installs what is missing, or names all of
//! it in one message.

mod machine;
mod needs;
mod plan;
#[cfg(test)]
mod tests;
mod tool;
mod toolchain;
mod version;

use std::fmt;
use std::process::Command;

use machine::{Machine, PackageManager, Rights};
pub(crate) use needs::Needs;
use plan::{Lack, Plan};
pub(crate) use tool::NIGHTLY;
pub(crate) use toolchain::Toolchain;

use crate::step::{self, Result};

/// Whether what is missing is installed or only named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Install {
    Allowed,
    /// `--no-install`
    Never,
}

/// Returns when everything that `command` needs is there.
///
/// # Errors
///
/// [`Lacking`] with everything that is missing and is not to be installed from here, before anything is; otherwise the
/// first installation that failed.
pub(crate) fn prepare(command: &str, needs: &Needs, install: Install) -> Result {
    let toolchain = Toolchain::of_this_repository();
    let mut machine = Machine::look(&toolchain, needs);
    let lacks = plan::lacks(&toolchain, needs, &machine);
    ask_for_packages(&mut machine, &lacks, install);
    match plan::plan(command, &lacks, &toolchain, &machine, install == Install::Allowed) {
        Plan::Ready => return Ok(()),
        Plan::Tell(message) => return Err(Lacking(message).into()),
        Plan::Install(commands) => {
            for words in commands {
                eprintln!("set-up: {}", words.join(" "));
                step::run(&mut program(&words))?;
            }
        }
    }
    // An older program may still stand first on the path, or a package may be older than its name promises.
    let machine = Machine::look(&toolchain, needs);
    let lacks = plan::lacks(&toolchain, needs, &machine);
    match plan::plan(command, &lacks, &toolchain, &machine, false) {
        Plan::Tell(message) => Err(Lacking(message).into()),
        Plan::Ready | Plan::Install(_) => Ok(()),
    }
}

/// Which packages there are, and how new. An image often comes without lists, so they are fetched where that is allowed.
fn ask_for_packages(machine: &mut Machine, lacks: &[Lack], install: Install) {
    let packages: Vec<_> = plan::packages_for(lacks).collect();
    if packages.is_empty() || !matches!(machine.packages, PackageManager::Apt(_)) {
        return;
    }
    if install == Install::Allowed && machine.rights != Rights::None {
        let sudo: &[&str] = if machine.rights == Rights::Root { &[] } else { &["sudo"] };
        let update = [sudo, &["apt-get", "update", "--quiet"]].concat();
        let update: Vec<String> = update.into_iter().map(str::to_owned).collect();
        eprintln!("set-up: {}", update.join(" "));
        if step::run(&mut program(&update)).is_err() {
            eprintln!(
                "set-up: not every list of packages could be fetched; those that are here will have to do"
            );
        }
    }
    machine.ask_apt(&packages);
}

/// Keeps packages from asking a question that nobody answers.
const UNATTENDED: &str = "DEBIAN_FRONTEND=noninteractive";

fn program(words: &[String]) -> Command {
    let mut words = words.iter();
    let name = words.next().map_or("", String::as_str);
    let mut command = if name == "cargo" { step::rust("cargo") } else { Command::new(name) };
    if name == "sudo" {
        command.args(["env", UNATTENDED]); // sudo keeps little of its caller's environment
    }
    command.args(words).envs(UNATTENDED.split_once('='));
    command
}

/// What is missing, as a message.
#[derive(Debug)]
pub(crate) struct Lacking(String);

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.trim_end())
    }
}

impl std::error::Error for Lacking {}
