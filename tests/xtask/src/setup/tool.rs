//! Programs of the system: how each is asked for its version, which version will do, and what packages bring it.

use super::version::Version;

/// A program, or several that come together.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tool {
    /// What people call it, with the least version that will do.
    pub(crate) name: &'static str,
    pub(crate) program: &'static str,
    /// What makes it print its version.
    pub(crate) asked: &'static str,
    /// Its version begins after this text.
    pub(crate) mark: &'static str,
    pub(crate) least: Option<Version>,
    pub(crate) packages: Packages,
}

/// Names of packages. What one system calls differently in its releases stands as several alternatives.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Packages {
    /// Debian and what is made of it; the first alternative is taken of which every package exists and is new enough.
    pub(crate) apt: &'static [&'static [&'static str]],
    pub(crate) dnf: &'static [&'static str],
    pub(crate) pacman: &'static [&'static str],
    pub(crate) apk: &'static [&'static str],
    pub(crate) brew: &'static [&'static str],
}

const fn tool(
    name: &'static str,
    program: &'static str,
    (asked, mark): (&'static str, &'static str),
    least: Option<u32>,
    packages: Packages,
) -> Tool {
    let least = match least {
        Some(major) => Some(Version([major, 0, 0])),
        None => None,
    };
    Tool { name, program, asked, mark, least, packages }
}

/// SQLite and the cryptography of TLS are compiled by it, and Rust links with it.
pub(crate) const CC: Tool = tool(
    "a C compiler (cc)",
    "cc",
    ("--version", ""),
    None,
    Packages {
        apt: &[&["gcc", "libc6-dev"]],
        dnf: &["gcc"],
        pacman: &["gcc"],
        apk: &["gcc", "musl-dev"],
        brew: &["gcc"],
    },
);

/// The fuzzer is compiled by it; and better-sqlite3 where npm has no compiled one for this machine.
pub(crate) const CXX: Tool = tool(
    "a C++ compiler (c++)",
    "c++",
    ("--version", ""),
    None,
    Packages { apt: &[&["g++"]], dnf: &["gcc-c++"], pacman: &["gcc"], apk: &["g++"], brew: &["gcc"] },
);

/// Builds better-sqlite3, as said for [`CXX`].
pub(crate) const MAKE: Tool = tool(
    "make",
    "make",
    ("--version", ""),
    None,
    Packages { apt: &[&["make"]], dnf: &["make"], pacman: &["make"], apk: &["make"], brew: &["make"] },
);

/// Says how better-sqlite3 is built, as said for [`CXX`].
pub(crate) const PYTHON: Tool = tool(
    "Python 3",
    "python3",
    ("--version", "Python "),
    Some(3),
    Packages {
        apt: &[&["python3"]],
        dnf: &["python3"],
        pacman: &["python"],
        apk: &["python3"],
        brew: &["python"],
    },
);

/// Installs the cryptography of the oracle that is written in Python.
pub(crate) const PIP: Tool = tool(
    "pip of Python 3",
    "pip3",
    ("--version", "pip "),
    None,
    Packages {
        apt: &[&["python3-pip"]],
        dnf: &["python3-pip"],
        pacman: &["python-pip"],
        apk: &["py3-pip"],
        brew: &["python"],
    },
);

pub(crate) const NODE: Tool = tool(
    "Node.js of at least 20",
    "node",
    ("--version", "v"),
    Some(20),
    Packages {
        apt: &[&["nodejs", "libnode-dev"], &["nodejs"]], // the second: headers, for what npm compiles
        dnf: &["nodejs"],
        pacman: &["nodejs"],
        apk: &["nodejs"],
        brew: &["node"],
    },
);

/// The peer of the benchmarks uses a function of this version.
pub(crate) const NODE_OF_THE_PEER: Tool =
    Tool { name: "Node.js of at least 20.12", least: Some(Version([20, 12, 0])), ..NODE };

pub(crate) const NPM: Tool = tool(
    "npm, which comes with Node.js",
    "npm",
    ("--version", ""),
    Some(9),
    Packages { apt: &[&["npm"]], dnf: &["npm"], pacman: &["npm"], apk: &["npm"], brew: &["node"] },
);

const JDK: Packages = Packages {
    apt: &[&["openjdk-17-jdk-headless"], &["default-jdk-headless"]],
    dnf: &["java-21-openjdk-devel"],
    pacman: &["jdk-openjdk"],
    apk: &["openjdk17-jdk"],
    brew: &["openjdk"],
};

pub(crate) const JAVAC: Tool = tool("a JDK of at least 17", "javac", ("-version", "javac "), Some(17), JDK);

pub(crate) const JAVA: Tool = tool("a JDK of at least 17", "java", ("-version", "version \""), Some(17), JDK);

pub(crate) const MAVEN: Tool = tool(
    "Maven",
    "mvn",
    ("--version", "Apache Maven "),
    Some(3),
    Packages { apt: &[&["maven"]], dnf: &["maven"], pacman: &["maven"], apk: &["maven"], brew: &["maven"] },
);

/// With its headers: the program under analysis tells valgrind what is secret.
pub(crate) const VALGRIND: Tool = tool(
    "valgrind with its headers",
    "valgrind",
    ("--version", "valgrind-"),
    None,
    Packages {
        apt: &[&["valgrind"]],
        dnf: &["valgrind", "valgrind-devel"],
        pacman: &["valgrind"],
        apk: &["valgrind", "valgrind-dev"],
        brew: &[],
    },
);

/// Makes the certificates of a document's example.
pub(crate) const OPENSSL: Tool = tool(
    "OpenSSL",
    "openssl",
    ("version", "SSL "),
    None,
    Packages {
        apt: &[&["openssl"]],
        dnf: &["openssl"],
        pacman: &["openssl"],
        apk: &["openssl"],
        brew: &["openssl"],
    },
);

/// Asks a running gateway, as a document shows it.
pub(crate) const CURL: Tool = tool(
    "curl",
    "curl",
    ("--version", "curl "),
    None,
    Packages { apt: &[&["curl"]], dnf: &["curl"], pacman: &["curl"], apk: &["curl"], brew: &["curl"] },
);

/// Tells which files belong to the repository, and whether a generated one has changed.
pub(crate) const GIT: Tool = tool(
    "git",
    "git",
    ("--version", "git version "),
    None,
    Packages { apt: &[&["git"]], dnf: &["git"], pacman: &["git"], apk: &["git"], brew: &["git"] },
);

/// A subcommand of cargo that cargo itself installs, in exactly this version: what it reports changes between versions.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Subcommand {
    pub(crate) package: &'static str,
    /// Its name after `cargo`.
    pub(crate) name: &'static str,
    pub(crate) version: Version,
}

pub(crate) const CARGO_DENY: Subcommand =
    Subcommand { package: "cargo-deny", name: "deny", version: Version([0, 20, 2]) };

pub(crate) const CARGO_FUZZ: Subcommand =
    Subcommand { package: "cargo-fuzz", name: "fuzz", version: Version([0, 13, 2]) };

/// The one nightly compiler of this repository, for Miri alone.
pub(crate) const NIGHTLY: &str = "nightly-2026-05-20";
