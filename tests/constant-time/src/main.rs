//! Constant time, shown by taint analysis: valgrind's memcheck takes every secret byte for undefined, follows it through
//! all that is computed from it, and reports each branch and each address that depends on it. What an answer gives away
//! anyway is declassified, in so many words.
//!
//! Run by `cargo xtask constant-time`. Every run has controls that leak on purpose: where they are not reported, nothing
//! is shown.

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod cases;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod controls;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod taint;

use std::process::ExitCode;

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn main() -> ExitCode {
    use crabgrind::RunMode;

    if crabgrind::run_mode() == RunMode::Native {
        eprintln!("this shows something under valgrind only: cargo xtask constant-time");
        return ExitCode::from(2);
    }
    let instructions = if std::is_x86_feature_detected!("aes") { "has" } else { "does not have" };
    println!("the emulated processor {instructions} instructions for AES");
    let mut holds = true;
    for (name, case) in cases::ALL {
        let reports = reports(*case);
        holds &= reports == 0;
        println!("{} {name}: {reports} reports", if reports == 0 { "ok  " } else { "LEAK" });
    }
    for (name, control) in controls::ALL {
        let reports = reports(*control);
        holds &= reports > 0;
        println!("{} {name}: {reports} reports", if reports > 0 { "ok  " } else { "MISSED" });
    }
    ExitCode::from(u8::from(!holds))
}

/// How often valgrind reported something meanwhile.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn reports(case: fn()) -> usize {
    let before = crabgrind::count_errors();
    case();
    crabgrind::count_errors() - before
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn main() -> ExitCode {
    eprintln!("the analysis is made for Linux on x86-64");
    ExitCode::from(2)
}
