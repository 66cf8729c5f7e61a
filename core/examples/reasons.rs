//! Prints the table of reasons, for people or (`typescript`) for the binding that reads their numbers in frames;
//! `cargo xtask generate` writes both.

use countersign_core::ReasonCode;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("typescript") => typescript(),
        _ => markdown(),
    }
}

fn typescript() {
    println!("// Generated from the core by `cargo xtask generate`: number, code, message.\n");
    println!("export const REASONS: Readonly<Record<number, readonly [code: string, message: string]>> = {{");
    for reason in ReasonCode::ALL {
        println!("  {}: [{:?}, {:?}],", reason.number(), reason.code(), reason.message());
    }
    println!("}};");
}

fn markdown() {
    println!("# Reasons\n");
    println!(
        "Why a call is refused or cannot be carried out. Codes and numbers never change their meaning. The reason"
    );
    println!(
        "is for the operator; the platform gets the result code and a constant text, and all failures that depend"
    );
    println!(
        "on a key look alike outside. This file is generated from the core by `cargo xtask generate`.\n"
    );
    println!("| number | code | result code | meaning |");
    println!("|---|---|---|---|");
    for reason in ReasonCode::ALL {
        let result = match reason.result_code() {
            "" => "–".to_string(),
            code => format!("`{code}`"),
        };
        println!("| {} | `{}` | {result} | {} |", reason.number(), reason.code(), reason.message());
    }
    println!();
    println!(
        "Exceptions: unfinished work (`in-progress`) is `000004` for a create and a query of SaaS V2; a refusal of the"
    );
    println!(
        "backend (`backend-refused`) carries the backend's own code, `000100` to `000107`; `replayed` is a setting."
    );
    println!(
        "`unknown-route` and `method-not-allowed` are HTTP 404 and 405 without a body. Numbers from 601 on answer"
    );
    println!("the host, never the platform.");
}
