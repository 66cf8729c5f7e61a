//! Connections of somebody who means no good, or of nobody any more.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// One connection, plain TCP.
pub(crate) struct Stranger {
    stream: TcpStream,
    /// What came back and was not asked for yet.
    unread: Vec<u8>,
}

impl Stranger {
    /// Connects and says this much.
    pub(crate) fn says(address: SocketAddr, text: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut stranger = Self { stream, unread: Vec::new() };
        stranger.more(text);
        stranger
    }

    pub(crate) fn more(&mut self, text: &str) {
        let _ = self.stream.write_all(text.as_bytes());
    }

    /// Says more, unless nobody takes it for a second, or the connection has ended.
    pub(crate) fn takes(&mut self, text: &str) -> bool {
        self.stream.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
        self.stream.write_all(text.as_bytes()).is_ok()
    }

    /// Waits for more; whether there was any.
    fn read(&mut self) -> std::io::Result<bool> {
        let mut buffer = [0; 4_096];
        let length = self.stream.read(&mut buffer)?;
        self.unread.extend_from_slice(&buffer[..length]);
        Ok(length > 0)
    }

    /// The head of the next answer; what there is of it when the connection ends before.
    pub(crate) fn head(&mut self) -> String {
        loop {
            if let Some(end) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                let head: Vec<u8> = self.unread.drain(..end + 4).collect();
                return String::from_utf8(head).unwrap();
            }
            if !self.read().is_ok_and(|more| more) {
                return String::from_utf8_lossy(&self.unread).into_owned();
            }
        }
    }

    /// Everything up to the end of the connection.
    pub(crate) fn rest(&mut self) -> String {
        while self.read().is_ok_and(|more| more) {}
        String::from_utf8_lossy(&self.unread).into_owned()
    }

    /// Whether the other side has closed the connection by now.
    pub(crate) fn is_cut(&mut self) -> bool {
        self.stream.set_nonblocking(true).unwrap();
        let cut = loop {
            match self.read() {
                Ok(true) => {}
                Ok(false) => break true,
                Err(error) => break error.kind() != ErrorKind::WouldBlock,
            }
        };
        self.stream.set_nonblocking(false).unwrap();
        cut
    }

    /// Waits for the end of the connection, and says how long that took.
    pub(crate) fn until_cut(&mut self, at_most: Duration) -> Duration {
        let begun = Instant::now();
        while !self.is_cut() {
            assert!(begun.elapsed() < at_most, "the connection is still open");
            std::thread::sleep(Duration::from_millis(5));
        }
        begun.elapsed()
    }
}

/// How many of a crowd are still connected.
pub(crate) fn connected(crowd: &mut [Stranger]) -> usize {
    crowd.iter_mut().map(|stranger| usize::from(!stranger.is_cut())).sum()
}

/// This process may have as many files open as its user may: each connection is one.
pub(crate) fn raise_descriptors() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
}
