//! `countersign export`.

use std::io::{BufWriter, ErrorKind, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use countersign_ledger::Missing;

use super::{SUCCESS, fail, misuse};
use crate::config::LedgerPart;
use crate::transfer::{ExportError, export};

/// Prints the instances of the ledger, one JSON object per line, as `import` takes them.
///
/// Without --with-access the lines hold neither addresses nor credentials, and open instances cannot be imported from
/// them. With it they hold passwords in plain text: keep them like the ledger itself.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = "countersign.toml")]
    config: PathBuf,
    /// Only this product's
    #[arg(long)]
    product: Option<String>,
    /// With addresses, user names and passwords (secrets)
    #[arg(long)]
    with_access: bool,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let ledger = match LedgerPart::load(&args.config) {
        Ok(ledger) => ledger,
        Err(errors) => return misuse(&errors),
    };
    if let Err(message) = ledger.product(args.product.as_deref()) {
        return misuse(&message);
    }
    let (seller, store) = match ledger.open(Missing::Refuse) {
        Ok(opened) => opened,
        Err(error) => return fail(&error),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let out = BufWriter::new(stdout().lock());
    let product = args.product.as_deref();
    match runtime.block_on(export(&seller, &*store, product, args.with_access, out)) {
        Ok(found) => {
            eprintln!("exported {}", found.exported);
            if found.unopened > 0 {
                eprintln!("left out {}: not open yet", found.unopened);
            }
            if found.owed > 0 {
                eprintln!("effects still owed, which no line carries: {}", found.owed);
            }
            for (key, code) in &found.unreadable {
                eprintln!("cannot read {key}: {code}");
            }
            if found.unreadable.is_empty() {
                ExitCode::from(SUCCESS)
            } else {
                fail(&format!("{} instances have no line", found.unreadable.len()))
            }
        }
        // Whoever read the lines has gone: nothing is left to be said.
        Err(ExportError::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::from(SUCCESS),
        Err(error) => fail(&error),
    }
}
