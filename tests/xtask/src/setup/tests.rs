//! Machines, and what is done about each.

use super::machine::{Found, Machine, PackageManager, Rights};
use super::needs::Needs;
use super::plan::{Lack, Plan, lacks, packages_for, plan};
use super::tool::{self, Subcommand, Tool};
use super::toolchain::Toolchain;
use super::version::Version;

/// A machine that lacks nothing of what is needed, on Debian, as root.
fn complete(needs: &Needs) -> Machine {
    let toolchain = Toolchain::of_this_repository();
    let version = |tool: &Tool| tool.least.map_or(Found::Running, Found::Version);
    Machine {
        rustup: true,
        rustc: Version::exactly(&toolchain.channel),
        targets: toolchain.targets,
        components: toolchain.components,
        tools: needs.tools.iter().map(|tool| (*tool, version(tool))).collect(),
        subcommands: needs.subcommands.iter().map(|known| (*known, Found::Version(known.version))).collect(),
        miri: true,
        packages: PackageManager::Apt(Vec::new()),
        rights: Rights::Root,
    }
}

impl Machine {
    fn with(mut self, tool: &Tool, found: Found) -> Self {
        let entry = self.tools.iter_mut().find(|(known, _)| *known == tool).expect("it is needed");
        entry.1 = found;
        self
    }

    fn without(self, tools: &[&Tool]) -> Self {
        tools.iter().fold(self, |machine, tool| machine.with(tool, Found::Nothing))
    }

    fn with_subcommand(mut self, known: &Subcommand, found: Found) -> Self {
        let entry = self.subcommands.iter_mut().find(|(entry, _)| *entry == known).expect("it is needed");
        entry.1 = found;
        self
    }
}

fn planned(needs: &Needs, machine: &Machine) -> Plan {
    planned_where(needs, machine, true)
}

fn planned_where(needs: &Needs, machine: &Machine, may_install: bool) -> Plan {
    let toolchain = Toolchain::of_this_repository();
    plan("test", &lacks(&toolchain, needs, machine), &toolchain, machine, may_install)
}

fn installed(plan: Plan) -> Vec<String> {
    match plan {
        Plan::Install(commands) => commands.iter().map(|words| words.join(" ")).collect(),
        other => panic!("{other:?}"),
    }
}

fn told(plan: Plan) -> String {
    match plan {
        Plan::Tell(message) => message,
        other => panic!("{other:?}"),
    }
}

const RUSTUP: &str = "rustup toolchain install --no-self-update 1.95.0 --profile minimal --component clippy \
                      --component rustfmt --target wasm32v1-none --target wasm32-unknown-unknown";

#[test]
fn a_machine_that_lacks_nothing_is_left_alone() {
    for needs in [Needs::build(), Needs::test(), Needs::check(), Needs::bench()] {
        assert_eq!(planned(&needs, &complete(&needs)), Plan::Ready);
    }
}

#[test]
fn missing_targets_are_installed_by_one_command_that_names_what_the_file_names() {
    let needs = Needs::build();
    for left in [vec![], vec!["wasm32v1-none".to_owned()], vec!["wasm32-unknown-unknown".to_owned()]] {
        let machine = Machine { targets: left, ..complete(&needs) };
        assert_eq!(installed(planned(&needs, &machine)), [RUSTUP]);
    }
}

#[test]
fn formatter_and_lints_are_asked_for_by_the_checks_alone() {
    let without = |needs: &Needs| Machine { components: Vec::new(), ..complete(needs) };
    assert_eq!(planned(&Needs::test(), &without(&Needs::test())), Plan::Ready);
    assert_eq!(installed(planned(&Needs::check(), &without(&Needs::check()))), [RUSTUP]);
}

#[test]
fn a_bare_debian_gets_toolchain_then_packages_in_one_go() {
    let needs = Needs::test();
    let machine = Machine { targets: Vec::new(), ..complete(&needs) };
    let machine = machine.without(&[&tool::JAVAC, &tool::JAVA, &tool::MAVEN, &tool::NODE, &tool::NPM]);
    let apt =
        "apt-get install --yes --no-install-recommends nodejs libnode-dev npm openjdk-17-jdk-headless maven";
    assert_eq!(installed(planned(&needs, &machine)), [RUSTUP, apt]);
    let machine = Machine { rights: Rights::Sudo, ..machine };
    assert_eq!(installed(planned(&needs, &machine)), [RUSTUP, &format!("sudo {apt}")]);
}

#[test]
fn the_checks_tools_come_after_the_packages_that_compile_them() {
    let needs = Needs::check();
    let machine = Machine { miri: false, ..complete(&needs) }
        .without(&[&tool::CXX])
        .with_subcommand(&tool::CARGO_DENY, Found::Version(Version([0, 20, 1])))
        .with_subcommand(&tool::CARGO_FUZZ, Found::Nothing);
    let commands = installed(planned(&needs, &machine));
    let programs: Vec<_> = commands.iter().map(|line| line.split(' ').next().unwrap_or_default()).collect();
    assert_eq!(programs, ["rustup", "apt-get", "cargo", "cargo"], "{commands:?}");
    assert!(commands[0].ends_with("--component miri --component rust-src"), "{commands:?}");
    assert_eq!(commands[2], "cargo install --quiet --locked cargo-deny@0.20.2");
}

#[test]
fn without_rights_one_message_names_everything_with_its_command_and_nothing_is_installed() {
    let needs = Needs::test();
    let machine = Machine { targets: Vec::new(), rights: Rights::None, ..complete(&needs) };
    let machine = machine
        .without(&[&tool::MAVEN, &tool::VALGRIND])
        .with(&tool::JAVAC, Found::Version(Version([11, 0, 2])));
    let text = told(planned(&needs, &machine));
    for part in [
        "`cargo xtask test`",
        "wasm32v1-none and wasm32-unknown-unknown",
        "Maven",
        "valgrind",
        "a JDK of at least 17 (11.0.2 is here)",
        "sudo apt-get update",
        RUSTUP,
        "sudo apt-get install --yes --no-install-recommends openjdk-17-jdk-headless maven valgrind",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn no_install_only_names_what_would_be_run() {
    let needs = Needs::test();
    let machine = complete(&needs).without(&[&tool::MAVEN]);
    let commands = installed(planned(&needs, &machine));
    let text = told(planned_where(&needs, &machine, false));
    assert!(commands.iter().all(|command| text.contains(command)), "{text}");
    assert_eq!(planned_where(&needs, &complete(&needs), false), Plan::Ready);
}

#[test]
fn what_is_too_old_or_half_there_counts_as_missing() {
    let needs = Needs::test();
    let lack = |machine: &Machine| lacks(&Toolchain::of_this_repository(), &needs, machine);
    for (tool, found) in [
        (&tool::NODE, Found::Version(Version([18, 20, 4]))),
        (&tool::JAVAC, Found::Version(Version([1, 8, 0]))),
        (&tool::MAVEN, Found::Broken),
        (&tool::CC, Found::Nothing),
    ] {
        assert_eq!(lack(&complete(&needs).with(tool, found)), [Lack::Tool(tool, found)]);
    }
    assert_eq!(lack(&complete(&needs).with(&tool::NODE, Found::Version(Version([20, 0, 0])))), []);
    assert_eq!(lack(&complete(&needs).with(&tool::JAVAC, Found::Version(Version([21, 0, 4])))), []);
}

#[test]
fn the_benchmarks_ask_for_the_node_of_their_peer() {
    let needs = Needs::bench();
    let node = |version| complete(&needs).with(&tool::NODE_OF_THE_PEER, Found::Version(Version(version)));
    assert_eq!(planned(&needs, &node([20, 12, 0])), Plan::Ready);
    assert_eq!(installed(planned(&needs, &node([20, 11, 9]))).len(), 1);
}

fn with_offers(needs: &Needs, missing: &[&Tool], offers: &[(&'static str, Option<&str>)]) -> Machine {
    let offers = offers.iter().map(|(package, version)| (*package, version.map(str::to_owned))).collect();
    Machine { packages: PackageManager::Apt(offers), ..complete(needs) }.without(missing)
}

#[test]
fn a_package_that_is_too_old_is_named_and_nothing_is_begun() {
    let needs = Needs::test();
    let missing = [&tool::NODE, &tool::NPM, &tool::MAVEN];
    let offers = [
        ("nodejs", Some("18.20.4+dfsg-1~deb12u1")),
        ("libnode-dev", Some("18.20.4+dfsg-1~deb12u1")),
        ("npm", Some("9.2.0~ds1-1")),
        ("maven", Some("3.8.7-1")),
    ];
    let text = told(planned(&needs, &with_offers(&needs, &missing, &offers)));
    for part in [
        "Node.js of at least 20",
        "this system's package nodejs is 18.20.4",
        "install --yes --no-install-recommends npm maven",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn headers_of_another_version_are_not_installed_beside_node() {
    let needs = Needs::js();
    let offers = [("nodejs", Some("20.20.2-1")), ("libnode-dev", Some("18.20.4+dfsg-1"))];
    let commands = installed(planned(&needs, &with_offers(&needs, &[&tool::NODE], &offers)));
    assert_eq!(commands, ["apt-get install --yes --no-install-recommends nodejs"]);
}

#[test]
fn the_system_s_own_jdk_is_taken_where_there_is_no_17() {
    let needs = Needs::test();
    // Debian counts its default differently: this one is a JDK 21.
    let offers = [("openjdk-17-jdk-headless", None), ("default-jdk-headless", Some("2:1.21-76"))];
    let machine = with_offers(&needs, &[&tool::JAVAC, &tool::JAVA], &offers);
    let commands = installed(planned(&needs, &machine));
    assert_eq!(commands, ["apt-get install --yes --no-install-recommends default-jdk-headless"]);
    let offers = [("openjdk-17-jdk-headless", None), ("default-jdk-headless", None)];
    let text = told(planned(&needs, &with_offers(&needs, &[&tool::JAVAC, &tool::JAVA], &offers)));
    assert_eq!(text.matches("no package of this system brings it").count(), 1, "{text}");
}

#[test]
fn every_package_that_may_be_chosen_is_asked_about() {
    let lacks =
        [Lack::Tool(&tool::JAVAC, Found::Nothing), Lack::Miri, Lack::Tool(&tool::NODE, Found::Nothing)];
    let asked: Vec<_> = packages_for(&lacks).collect();
    for package in ["openjdk-17-jdk-headless", "default-jdk-headless", "nodejs", "libnode-dev"] {
        assert!(asked.contains(&package), "{asked:?}");
    }
}

#[test]
fn other_systems_are_told_their_own_commands() {
    let needs = Needs::test();
    let missing = [&tool::JAVAC, &tool::JAVA, &tool::MAVEN];
    for (packages, part) in [
        (PackageManager::Dnf, "sudo dnf install java-21-openjdk-devel maven"),
        (PackageManager::Pacman, "sudo pacman -S --needed jdk-openjdk maven"),
        (PackageManager::Apk, "sudo apk add openjdk17-jdk maven"),
        (PackageManager::Brew, "  brew install openjdk maven"),
        (PackageManager::Unknown, "Maven: with this system's own means"),
    ] {
        let machine = Machine { packages, rights: Rights::Sudo, ..complete(&needs) }.without(&missing);
        let text = told(planned(&needs, &machine));
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn without_rustup_one_message_says_so_and_a_newer_compiler_with_the_targets_will_do() {
    let needs = Needs::test();
    let old =
        Machine { rustup: false, rustc: Some(Version([1, 85, 0])), targets: Vec::new(), ..complete(&needs) };
    let text = told(planned(&needs, &old.without(&[&tool::MAVEN])));
    for part in ["Rust 1.95.0 (1.85.0 is here)", "https://rustup.rs", RUSTUP, "apt-get install", "maven"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert_eq!(text.matches("rustup.rs").count(), 1, "{text}");
    let newer = Machine { rustup: false, rustc: Some(Version([1, 96, 0])), ..complete(&needs) };
    assert_eq!(planned(&needs, &newer), Plan::Ready);
}
