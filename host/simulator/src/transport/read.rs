//! One HTTP/1.1 answer off a socket: head, then a body by length, in chunks, or until the connection ends
//! (RFC 9112, section 6.3).

use super::{TransportError, left};
use crate::http::HttpResponse;
use std::io::Read;
use std::net::TcpStream;
use std::time::Instant;

const HEAD_LIMIT: usize = 64 * 1024;
const BODY_LIMIT: usize = 4 * 1024 * 1024;

pub(super) fn response(stream: &TcpStream, deadline: Instant) -> Result<HttpResponse, TransportError> {
    let mut wire = Wire { stream, deadline, unread: Vec::new() };
    loop {
        let mut response = head(&mut wire)?;
        if (100..200).contains(&response.status) {
            continue;
        }
        response.body = body(&mut wire, &response)?;
        return Ok(response);
    }
}

fn head(wire: &mut Wire<'_>) -> Result<HttpResponse, TransportError> {
    let mut budget = HEAD_LIMIT;
    let status_line = wire.line(&mut budget)?;
    let mut words = status_line.split(' ');
    if !words.next().is_some_and(|version| version.starts_with("HTTP/1.")) {
        return Err(TransportError::NotHttp);
    }
    let status = words.next().and_then(|status| status.parse().ok()).ok_or(TransportError::NotHttp)?;
    let mut headers = Vec::new();
    loop {
        let line = wire.line(&mut budget)?;
        if line.is_empty() {
            return Ok(HttpResponse { status, headers, body: Vec::new() });
        }
        let (name, value) = line.split_once(':').ok_or(TransportError::NotHttp)?;
        headers.push((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()));
    }
}

fn body(wire: &mut Wire<'_>, head: &HttpResponse) -> Result<Vec<u8>, TransportError> {
    if matches!(head.status, 204 | 304) {
        return Ok(Vec::new());
    }
    if let Some(coding) = head.header("Transfer-Encoding") {
        return if coding.eq_ignore_ascii_case("chunked") {
            chunks(wire)
        } else {
            Err(TransportError::NotHttp)
        };
    }
    match head.header("Content-Length") {
        Some(length) => wire.bytes(length.parse().map_err(|_| TransportError::NotHttp)?),
        None => wire.rest(),
    }
}

fn chunks(wire: &mut Wire<'_>) -> Result<Vec<u8>, TransportError> {
    let mut body = Vec::new();
    let mut budget = HEAD_LIMIT;
    loop {
        let line = wire.line(&mut budget)?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(digits, 16).map_err(|_| TransportError::NotHttp)?;
        if size == 0 {
            while !wire.line(&mut budget)?.is_empty() {}
            return Ok(body);
        }
        if size > BODY_LIMIT.saturating_sub(body.len()) {
            return Err(TransportError::TooLarge);
        }
        body.extend(wire.bytes(size)?);
        if !wire.line(&mut budget)?.is_empty() {
            return Err(TransportError::NotHttp);
        }
    }
}

struct Wire<'a> {
    stream: &'a TcpStream,
    deadline: Instant,
    unread: Vec<u8>,
}

impl Wire<'_> {
    /// Waits for more bytes; `false` when the connection has ended.
    fn more(&mut self) -> Result<bool, TransportError> {
        self.stream.set_read_timeout(Some(left(self.deadline)?))?;
        let mut buffer = [0; 8192];
        let got = loop {
            match self.stream.read(&mut buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                got => break got?,
            }
        };
        self.unread.extend_from_slice(buffer.get(..got).unwrap_or_default());
        Ok(got > 0)
    }

    /// A line without its end; all lines of a head share one budget of bytes.
    fn line(&mut self, budget: &mut usize) -> Result<String, TransportError> {
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                *budget = budget.checked_sub(line.len()).ok_or(TransportError::TooLarge)?;
                return Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned());
            }
            if self.unread.len() > *budget {
                return Err(TransportError::TooLarge);
            }
            if !self.more()? {
                return Err(TransportError::CutShort);
            }
        }
    }

    fn bytes(&mut self, count: usize) -> Result<Vec<u8>, TransportError> {
        if count > BODY_LIMIT {
            return Err(TransportError::TooLarge);
        }
        while self.unread.len() < count {
            if !self.more()? {
                return Err(TransportError::CutShort);
            }
        }
        Ok(self.unread.drain(..count).collect())
    }

    fn rest(&mut self) -> Result<Vec<u8>, TransportError> {
        while self.more()? {
            if self.unread.len() > BODY_LIMIT {
                return Err(TransportError::TooLarge);
            }
        }
        Ok(std::mem::take(&mut self.unread))
    }
}
