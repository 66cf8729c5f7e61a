//! What each command needs, beside the toolchain.

use super::tool::{self, Subcommand, Tool};

/// What has to be there before a command begins.
#[derive(Debug, Clone, Default)]
pub(crate) struct Needs {
    pub(crate) tools: Vec<&'static Tool>,
    pub(crate) subcommands: Vec<&'static Subcommand>,
    /// The named components of the toolchain: formatter and lints.
    pub(crate) components: bool,
    /// The nightly toolchain with Miri.
    pub(crate) miri: bool,
}

impl Needs {
    /// To compile what ships: the gateway, its SQLite, the modules.
    pub(crate) fn build() -> Self {
        Self { tools: vec![&tool::CC], ..Self::default() }
    }

    /// To build the package for JavaScript, and to install what its tests use.
    pub(crate) fn js() -> Self {
        Self::npm(&tool::NODE)
    }

    /// To install packages for this Node.js, one of which is compiled.
    fn npm(node: &'static Tool) -> Self {
        let tools = [&tool::CXX, &tool::MAKE, &tool::PYTHON, node, &tool::NPM];
        Self::build().and(Self { tools: tools.to_vec(), ..Self::default() })
    }

    pub(crate) fn test() -> Self {
        let tools = [&tool::JAVAC, &tool::JAVA, &tool::MAVEN, &tool::OPENSSL, &tool::CURL];
        Self::js().and(Self { tools: tools.to_vec(), ..Self::default() }).and(Self::valgrind())
    }

    pub(crate) fn check() -> Self {
        let all = Self {
            tools: vec![&tool::GIT, &tool::PYTHON, &tool::PIP],
            subcommands: vec![&tool::CARGO_DENY],
            components: true,
            ..Self::default()
        };
        all.and(Self::constant_time()).and(Self::fuzz()).and(Self::miri())
    }

    pub(crate) fn constant_time() -> Self {
        Self::build().and(Self::valgrind())
    }

    pub(crate) fn fuzz() -> Self {
        let fuzz = Self { tools: vec![&tool::CXX], subcommands: vec![&tool::CARGO_FUZZ], ..Self::default() };
        Self::build().and(fuzz)
    }

    pub(crate) fn miri() -> Self {
        Self::build().and(Self { miri: true, ..Self::default() })
    }

    pub(crate) fn bench() -> Self {
        Self::npm(&tool::NODE_OF_THE_PEER).and(Self { tools: vec![&tool::GIT], ..Self::default() })
    }

    /// Its headers are compiled with every crate of the workspace, but only where the analysis exists.
    fn valgrind() -> Self {
        let tools = if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            vec![&tool::VALGRIND]
        } else {
            Vec::new()
        };
        Self { tools, ..Self::default() }
    }

    /// Both.
    pub(crate) fn and(mut self, other: Self) -> Self {
        for tool in other.tools {
            if !self.tools.contains(&tool) {
                self.tools.push(tool);
            }
        }
        for subcommand in other.subcommands {
            if !self.subcommands.contains(&subcommand) {
                self.subcommands.push(subcommand);
            }
        }
        self.components |= other.components;
        self.miri |= other.miri;
        self
    }
}
