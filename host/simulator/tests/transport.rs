//! The client against sockets that answer well and badly.

use countersign_simulator::transport::{Plain, Transport, split_url};
use countersign_simulator::{HttpRequest, HttpResponse};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

fn request() -> HttpRequest {
    HttpRequest {
        method: "POST",
        target: "/saas?nonce=1".into(),
        headers: vec![("Host".into(), "isv.example.com".into())],
        body: b"{}".to_vec(),
    }
}

/// Sends one request to a socket that answers with these pieces; also what the socket received.
fn answered(pieces: &[&[u8]]) -> (Result<HttpResponse, &'static str>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::scope(|scope| {
        let server = scope.spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut received = Vec::new();
            while !received.ends_with(b"{}") {
                let mut buffer = [0; 1024];
                let got = stream.read(&mut buffer).unwrap();
                received.extend_from_slice(&buffer[..got]);
            }
            for piece in pieces {
                stream.write_all(piece).unwrap();
                stream.flush().unwrap();
                std::thread::sleep(Duration::from_millis(5));
            }
            String::from_utf8(received).unwrap()
        });
        let answer = Plain::to(address).with_timeout(Duration::from_secs(5)).send(&request());
        (answer.map_err(|error| error.code()), server.join().unwrap())
    })
}

#[test]
fn header_names_keep_their_case() {
    let (answer, received) =
        answered(&[b"HTTP/1.1 200 OK\r\nBody-sign:  x \r\ncontent-length: 2\r\n\r\n", b"{}"]);
    let answer = answer.unwrap();
    assert_eq!(answer.header_exactly("Body-Sign"), None);
    assert_eq!(answer.header_exactly("Body-sign"), Some("x"));
    assert_eq!((answer.status, &answer.body[..]), (200, &b"{}"[..]));
    assert_eq!(
        received,
        "POST /saas?nonce=1 HTTP/1.1\r\nHost: isv.example.com\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
    );
}

#[test]
fn bodies_come_by_length_in_chunks_or_until_the_end() {
    for pieces in [
        &[&b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"[..], b"lo and more"][..],
        &[
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nh",
            b"el\r\n2\r\nlo\r\n0\r\nT: x\r\n\r\n",
        ],
        &[b"HTTP/1.1 200 OK\r\n\r\nhel", b"lo"],
        &[b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"],
    ] {
        assert_eq!(answered(pieces).0.unwrap().body, b"hello");
    }
}

#[test]
fn broken_answers_are_errors() {
    for (piece, code) in [
        (&b""[..], "transport-cut-short"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "transport-cut-short"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "transport-cut-short"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "transport-cut-short"),
        (b"SSH-2.0-x\r\n\r\n", "transport-not-http"),
        (b"HTTP/1.1 twohundred\r\n\r\n", "transport-not-http"),
        (b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", "transport-not-http"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "transport-not-http"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", "transport-too-large"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", "transport-too-large"),
    ] {
        assert_eq!(answered(&[piece]).0, Err(code));
    }
}

#[test]
fn silence_ends_at_the_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let silent = Plain::to(address).with_timeout(Duration::from_millis(50)).send(&request());
    assert_eq!(silent.map_err(|error| error.code()), Err("transport-timed-out"));
}

#[test]
fn nobody_listening_is_an_error() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    assert_eq!(Plain::to(address).send(&request()).map_err(|error| error.code()), Err("transport-refused"));
}

#[test]
fn a_plain_url_has_a_host_and_a_path() {
    assert_eq!(split_url("http://127.0.0.1:8080/saas/v2"), Some(("127.0.0.1:8080", "/saas/v2")));
    assert_eq!(split_url("http://localhost:80"), Some(("localhost:80", "/")));
    for url in ["https://h/", "http:///x", "http://h/x?y", "http://u@h/", "h:80"] {
        assert_eq!(split_url(url), None);
    }
}
