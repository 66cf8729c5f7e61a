//! `countersign verify`: would this request be admitted?

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use countersign_core::Verdict;
use countersign_runtime::OpenSeller;

use crate::gate::{Clock, OwnedRequest, SystemClock, fresh};

/// Arguments of `verify`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A raw HTTP/1.1 request; `-` or nothing is standard input.
    request: Option<PathBuf>,
    /// The gateway's configuration.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The time of the check, milliseconds since the epoch; now when absent.
    #[arg(long, value_name = "MILLIS")]
    now: Option<u64>,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let seller = match crate::config::load_seller(&args.config) {
        Ok(seller) => seller,
        Err(errors) => return super::misuse(&errors),
    };
    let text = match read(args.request.as_deref()) {
        Ok(text) => text,
        Err(error) => return super::misuse(&error),
    };
    let request = match parse(&text) {
        Ok(request) => request,
        Err(error) => return super::misuse(&error),
    };
    let opened = seller
        .engine()
        .engine()
        .map_err(|error| error.to_string())
        .and_then(|engine| OpenSeller::open(engine, seller.json()).map_err(|error| error.to_string()));
    let now = args.now.unwrap_or_else(|| SystemClock.now());
    let verdict = opened.and_then(|seller| {
        request.read(|request| seller.admit(request, &fresh(), now)).map_err(|error| error.to_string())
    });
    let (line, code) = match &verdict {
        Ok(Verdict::Admitted(admitted)) => (admitted.to_redacted_json(), ExitCode::SUCCESS),
        Ok(refused) => (serde_json::to_string(refused).unwrap_or_default(), ExitCode::FAILURE),
        Err(error) => return super::fail(error),
    };
    match writeln!(std::io::stdout(), "{line}") {
        Ok(()) => code,
        Err(error) => super::fail(&error),
    }
}

fn read(path: Option<&std::path::Path>) -> Result<Vec<u8>, String> {
    match path.filter(|path| path.as_os_str() != "-") {
        Some(path) => std::fs::read(path).map_err(|error| format!("{}: {error}", path.display())),
        None => {
            let mut text = Vec::new();
            let read = std::io::stdin().lock().read_to_end(&mut text);
            read.map(|_| text).map_err(|error| format!("standard input: {error}"))
        }
    }
}

/// The most header fields that are read; the limit of the configuration is judged by the core.
const MAX_HEADERS: usize = 1_024;

/// Reads a request as it stands in a file: the head up to the empty line (line ends may be bare), then the body. With
/// `Content-Length` the body is so long; without it, it is the rest.
fn parse(text: &[u8]) -> Result<OwnedRequest, String> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let head = match request.parse(text) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Err("the request ends before its empty line".into()),
        Err(error) => return Err(format!("this is no HTTP request: {error}")),
    };
    let rest = text.get(head..).unwrap_or_default();
    let fields: Vec<(String, Vec<u8>)> =
        request.headers.iter().map(|header| (header.name.to_string(), header.value.to_vec())).collect();
    let length = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let body = match length {
        None => rest,
        Some((_, value)) => std::str::from_utf8(value)
            .ok()
            .and_then(|value| value.trim().parse::<usize>().ok())
            .and_then(|length| rest.get(..length))
            .ok_or("the body is shorter than its Content-Length, or that is no number")?,
    };
    Ok(OwnedRequest {
        method: request.method.unwrap_or_default().to_string(),
        target: request.path.unwrap_or_default().as_bytes().to_vec(),
        headers: fields,
        body: Some(body.to_vec()),
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn bare_line_ends_and_a_missing_length_are_taken() {
        let request = parse(b"POST /x?y=1 HTTP/1.1\nHost: h\n\n{\"a\":1}").expect("reads");
        assert_eq!((request.method.as_str(), request.target.as_slice()), ("POST", b"/x?y=1".as_slice()));
        assert_eq!(request.body.as_deref(), Some(b"{\"a\":1}".as_slice()));
    }

    #[test]
    fn the_length_cuts_what_an_editor_added() {
        let request = parse(b"POST /x HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}\n").expect("reads");
        assert_eq!(request.body.as_deref(), Some(b"{}".as_slice()));
    }

    #[test]
    fn what_is_no_request_is_said() {
        for text in [
            b"".as_slice(),
            b"hello",
            b"GET /x HTTP/1.1\r\n",
            b"POST /x HTTP/1.1\r\nContent-Length: 9\r\n\r\n{}",
        ] {
            assert!(parse(text).is_err());
        }
    }
}
