//! What `rust-toolchain.toml` names.

/// The toolchain of this repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Toolchain {
    pub(crate) channel: String,
    pub(crate) profile: String,
    pub(crate) components: Vec<String>,
    pub(crate) targets: Vec<String>,
}

impl Toolchain {
    /// The one that the file beside the workspace names.
    pub(crate) fn of_this_repository() -> Self {
        Self::read(include_str!("../../../../rust-toolchain.toml"))
    }

    /// Reads the few forms of TOML that the file has: `name = "text"` and `name = ["text", …]`, over one line or several.
    fn read(file: &str) -> Self {
        let lines = file.lines().map(|line| line.split('#').next().unwrap_or_default());
        let text = lines.collect::<Vec<_>>().join(" ");
        let value = |name: &str| {
            let mut names =
                text.match_indices(name).filter(|(at, _)| text[..*at].ends_with([' ', ']']) || *at == 0);
            let rest = names.find_map(|(at, _)| text[at + name.len()..].trim_start().strip_prefix('='))?;
            let rest = rest.trim_start();
            let (begin, end) = if rest.starts_with('[') { ('[', ']') } else { ('"', '"') };
            rest.strip_prefix(begin)?.split(end).next()
        };
        let list = |name| value(name).map(texts).unwrap_or_default();
        Self {
            channel: value("channel").unwrap_or("stable").to_owned(),
            profile: value("profile").unwrap_or("default").to_owned(),
            components: list("components"),
            targets: list("targets"),
        }
    }

    /// The arguments with which rustup installs all of it, or what is missing of it.
    pub(crate) fn install(&self) -> Vec<String> {
        let install = ["toolchain", "install", "--no-self-update", &self.channel, "--profile", &self.profile];
        let mut arguments = install.map(str::to_owned).to_vec();
        for (option, values) in [("--component", &self.components), ("--target", &self.targets)] {
            arguments.extend(values.iter().flat_map(|value| [option.to_owned(), value.clone()]));
        }
        arguments
    }
}

/// The texts in quotation marks.
fn texts(list: &str) -> Vec<String> {
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_this_repository_is_read() {
        let toolchain = Toolchain::of_this_repository();
        assert!(toolchain.channel.starts_with(|c: char| c.is_ascii_digit()), "{toolchain:?}");
        assert_eq!(toolchain.targets, ["wasm32v1-none", "wasm32-unknown-unknown"]);
        assert_eq!(toolchain.components, ["clippy", "rustfmt"]);
    }

    #[test]
    fn lists_may_span_lines_and_comments_count_for_nothing() {
        let text = "[toolchain]\nchannel = \"1.95.0\" # channel = \"1.0\"\nprofile=\"x\"\ntargets = [\n  \"a\", # \"b\"\n  \"c\",\n]\n";
        let toolchain = Toolchain::read(text);
        assert_eq!((toolchain.channel.as_str(), toolchain.profile.as_str()), ("1.95.0", "x"));
        assert_eq!(toolchain.targets, ["a", "c"]);
        assert_eq!(toolchain.components, Vec::<String>::new());
    }

    #[test]
    fn one_command_installs_everything_that_it_names() {
        let toolchain = Toolchain::read(
            "channel = \"1.2.3\"\nprofile = \"minimal\"\ncomponents = [\"c\"]\ntargets = [\"t\"]",
        );
        let command = "toolchain install --no-self-update 1.2.3 --profile minimal --component c --target t";
        assert_eq!(toolchain.install().join(" "), command);
    }
}
