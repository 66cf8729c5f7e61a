//! HTTP/1.1 over one connection that stays open, with as little work as possible: both processors belong to those who
//! are measured.

use countersign_simulator::HttpResponse;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Result;

/// One end of a connection.
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(super) fn new(stream: TcpStream) -> Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(4_096) })
    }

    pub(super) async fn write(&mut self, message: &[u8]) -> Result {
        Ok(self.stream.write_all(message).await?)
    }

    /// The next message, head and body, byte for byte. `None` at the end of the connection.
    pub(super) async fn read(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            if let Some(length) = complete(&self.buffer)? {
                let rest = self.buffer.split_off(length);
                return Ok(Some(std::mem::replace(&mut self.buffer, rest)));
            }
            self.buffer.reserve(4_096);
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return if self.buffer.is_empty() { Ok(None) } else { Err("the connection was cut".into()) };
            }
        }
    }
}

/// The length of the first message, once all of it is there. Only bodies with a stated length are understood.
fn complete(bytes: &[u8]) -> Result<Option<usize>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let (head, rest) = bytes.split_at(end + 4);
    let name = b"\r\ncontent-length:";
    let at = head.windows(name.len()).position(|window| window.eq_ignore_ascii_case(name));
    let value = head.get(at.ok_or("a message without a length")? + name.len()..).unwrap_or_default();
    let digits = value.iter().skip_while(|byte| **byte == b' ').take_while(|byte| byte.is_ascii_digit());
    let length = digits.fold(0_usize, |length, digit| 10 * length + usize::from(digit - b'0'));
    Ok((rest.len() >= length).then_some(head.len() + length))
}

/// An answer as the checker reads it.
pub(super) fn parse(bytes: &[u8]) -> Result<HttpResponse> {
    let end = complete(bytes)?.ok_or("half an answer")?;
    let text = std::str::from_utf8(bytes.get(..end).unwrap_or_default())?;
    let (head, body) = text.split_once("\r\n\r\n").ok_or("no head")?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let headers = lines.filter_map(|line| line.split_once(": "));
    Ok(HttpResponse {
        status: status.ok_or("no status")?,
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: body.as_bytes().to_vec(),
    })
}
