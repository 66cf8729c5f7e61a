//! The seller's application of the documents: it keeps what it gets and opens whatever is bought.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::ports::APPLICATION;

/// One message.
pub(crate) struct Message {
    pub(crate) request_line: String,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

/// Takes one message, and answers that it is done.
pub(crate) fn takes_one() -> std::io::Result<Receiver<Message>> {
    let listener = TcpListener::bind(APPLICATION)?;
    let (sender, receiver) = channel();
    std::thread::spawn(move || -> std::io::Result<()> {
        let (stream, _) = listener.accept()?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        let mut reader = BufReader::new(&stream);
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            if line.trim_end().is_empty() {
                break;
            }
            head.push(line.trim_end().to_owned());
        }
        let header = |name: &str| {
            let values = head.iter().filter_map(|line| line.split_once(": "));
            values
                .clone()
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.to_owned())
        };
        let length = header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let answer = r#"{"front_end_url": "https://crm.example.com/87b94795"}"#;
        let length = answer.len();
        write!(&stream, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}")?;
        let request_line = head.first().cloned().unwrap_or_default();
        let _ = sender.send(Message {
            request_line,
            content_type: header("content-type").unwrap_or_default(),
            body,
        });
        Ok(())
    });
    Ok(receiver)
}
