//! Versions, as programs print them.

use std::fmt;

/// Major, minor, patch; what a program leaves out is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) [u32; 3]);

impl Version {
    /// The version that begins with the first digit after `mark`: `mark` keeps away from other numbers of the text.
    pub(crate) fn after(mark: &str, text: &str) -> Option<Self> {
        let (_, rest) = text.split_once(mark)?;
        let digits = rest.get(rest.find(|c: char| c.is_ascii_digit())?..)?;
        let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
        let mut numbers = digits.get(..end)?.split('.').map_while(|number| number.parse().ok());
        Some(Self([numbers.next()?, numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)]))
    }

    /// A whole text that is a version; `None` for a name such as `stable`.
    pub(crate) fn exactly(text: &str) -> Option<Self> {
        let is_version = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '.');
        if is_version { Self::after("", text) } else { None }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([major, minor, patch]) = self;
        write!(f, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_print_versions_in_many_ways() {
        for (mark, text, version) in [
            ("v", "v20.20.2\n", [20, 20, 2]),
            ("javac ", "javac 17.0.15\n", [17, 0, 15]),
            ("javac ", "Picked up JAVA_TOOL_OPTIONS: -Xmx1g\njavac 1.8.0_392\n", [1, 8, 0]),
            ("version \"", "openjdk version \"21\" 2023-09-19", [21, 0, 0]),
            ("Apache Maven ", "Apache Maven 3.8.7\nJava version: 17.0.15", [3, 8, 7]),
            ("valgrind-", "valgrind-3.19.0", [3, 19, 0]),
            ("", "11.19.1", [11, 19, 1]),
            ("cargo-deny ", "cargo-deny 0.20.2", [0, 20, 2]),
            ("release: ", "rustc 1.95.0 (59807616e 2026-04-14)\nrelease: 1.97.0-nightly\n", [1, 97, 0]),
        ] {
            assert_eq!(Version::after(mark, text), Some(Version(version)), "{text}");
        }
        for (mark, text) in [("javac ", "java 17"), ("v", "version"), ("", "")] {
            assert_eq!(Version::after(mark, text), None, "{text}");
        }
    }

    #[test]
    fn versions_stand_in_the_order_of_their_numbers() {
        assert!(Version([9, 0, 0]) < Version([17, 0, 0]) && Version([20, 9, 0]) < Version([20, 12, 0]));
    }

    #[test]
    fn a_channel_may_be_a_version_or_a_name() {
        assert_eq!(Version::exactly("1.95.0"), Some(Version([1, 95, 0])));
        assert_eq!(Version::exactly("stable"), None);
        assert_eq!(Version::exactly("nightly-2026-05-20"), None);
    }
}
