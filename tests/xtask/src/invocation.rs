//! What a command line asks for.

use crate::setup::{self, Install, Needs};
use crate::step::Result;
use crate::{artefact, bench, check, constant_time, demo, fuzz, generate, js, miri, test};

/// One command with its options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    command: Command,
    install: Install,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Command {
    /// With what the demo itself is told.
    Demo(Vec<String>),
    Test,
    Check,
    Ci,
    ConstantTime,
    Fuzz(fuzz::Rounds),
    Miri,
    Generate,
    Artefact,
    Size {
        json: bool,
    },
    Js,
    Bench(bench::Options),
}

const NO_INSTALL: &str = "--no-install";

impl Invocation {
    /// `None` for a command line that means nothing here.
    #[must_use]
    pub fn parse(arguments: &[&str]) -> Option<Self> {
        let install = if arguments.contains(&NO_INSTALL) { Install::Never } else { Install::Allowed };
        let words: Vec<&str> = arguments.iter().copied().filter(|word| *word != NO_INSTALL).collect();
        let command = match words[..] {
            ["demo", ref options @ ..] => Command::Demo(options.iter().copied().map(str::to_owned).collect()),
            ["test"] => Command::Test,
            ["check"] => Command::Check,
            ["ci"] => Command::Ci,
            ["constant-time"] => Command::ConstantTime,
            ["fuzz", ref options @ ..] => Command::Fuzz(fuzz::Rounds::parse(options)?),
            ["miri"] => Command::Miri,
            ["generate"] => Command::Generate,
            ["artefact"] => Command::Artefact,
            ["size"] => Command::Size { json: false },
            ["size", artefact::JSON] => Command::Size { json: true },
            ["js"] => Command::Js,
            ["bench", ref options @ ..] => Command::Bench(bench::Options::parse(options)?),
            _ => return None,
        };
        Some(Self { command, install })
    }

    pub(crate) fn run(&self) -> Result {
        setup::prepare(self.command.name(), &self.command.needs(), self.install)?;
        match &self.command {
            Command::Demo(options) => demo::run(options),
            Command::Test => test::run(),
            Command::Check => check::run(),
            Command::Ci => test::run().and_then(|()| check::run()),
            Command::ConstantTime => constant_time::run(),
            Command::Fuzz(rounds) => fuzz::run(rounds),
            Command::Miri => miri::run(),
            Command::Generate => generate::run(),
            Command::Artefact => artefact::write(),
            Command::Size { json } => artefact::size(*json),
            Command::Js => js::build(),
            Command::Bench(options) => bench::run(*options),
        }
    }
}

impl Command {
    fn name(&self) -> &'static str {
        match self {
            Self::Demo(_) => "demo",
            Self::Test => "test",
            Self::Check => "check",
            Self::Ci => "ci",
            Self::ConstantTime => "constant-time",
            Self::Fuzz(_) => "fuzz",
            Self::Miri => "miri",
            Self::Generate => "generate",
            Self::Artefact => "artefact",
            Self::Size { .. } => "size",
            Self::Js => "js",
            Self::Bench(_) => "bench",
        }
    }

    fn needs(&self) -> Needs {
        match self {
            Self::Demo(_) | Self::Artefact | Self::Size { .. } | Self::Generate => Needs::build(),
            Self::Test => Needs::test(),
            Self::Check => Needs::check(),
            Self::Ci => Needs::test().and(Needs::check()),
            Self::ConstantTime => Needs::constant_time(),
            Self::Fuzz(_) => Needs::fuzz(),
            Self::Miri => Needs::miri(),
            Self::Js => Needs::js(),
            Self::Bench(_) => Needs::bench(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_nobody_knows_mean_nothing() {
        let bad: [&[&str]; 8] = [
            &[],
            &["tests"],
            &["test", "--quick"],
            &["bench", "--slow"],
            &["size", "--yaml"],
            &["fuzz", "json", "--runs"],
            &["fuzz", "json", "--runs", "many"],
            &["--no-install"],
        ];
        for words in bad {
            assert_eq!(Invocation::parse(words), None, "{words:?}");
        }
    }

    #[test]
    fn the_demo_gets_its_own_options_and_no_other() {
        let parsed = Invocation::parse(&["demo", "--no-install", "--seed", "1"]).unwrap();
        assert_eq!(parsed.install, Install::Never);
        assert_eq!(parsed.command, Command::Demo(vec!["--seed".to_owned(), "1".to_owned()]));
    }

    #[test]
    fn every_command_of_the_usage_is_known() {
        let commands = crate::USAGE.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        let words = commands.filter_map(|line| line.split_whitespace().next());
        for word in words {
            assert!(Invocation::parse(&[word]).is_some(), "{word}");
        }
    }
}
