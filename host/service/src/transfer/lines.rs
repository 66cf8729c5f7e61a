//! Lines of a file or of standard input, each up to a limit, so that memory stays small whatever the input.

use std::io::{self, BufRead, Read};

/// The longest line: an instance with its access data has a few kilobytes.
const MAX_LINE_BYTES: u64 = 1_048_576;

/// One line that is not blank.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Text(Vec<u8>),
    /// Over the limit; the rest of it was passed over.
    TooLong,
}

/// Counts lines from 1.
pub(super) struct Lines<R> {
    input: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, number: 0 }
    }

    /// The next line with something in it, and its number.
    pub(super) fn next(&mut self) -> io::Result<Option<(u64, Found)>> {
        loop {
            let mut text = Vec::new();
            self.input.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut text)?;
            if text.is_empty() {
                return Ok(None);
            }
            self.number += 1;
            if text.len() as u64 == MAX_LINE_BYTES && !text.ends_with(b"\n") {
                self.skip()?;
                return Ok(Some((self.number, Found::TooLong)));
            }
            // Editors of some systems begin a file with a byte order mark.
            let text = match text.strip_prefix(b"\xef\xbb\xbf") {
                Some(rest) if self.number == 1 => rest.to_vec(),
                _ => text,
            };
            if !text.iter().all(u8::is_ascii_whitespace) {
                return Ok(Some((self.number, Found::Text(text))));
            }
        }
    }

    fn skip(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.input.fill_buf()?;
            let (used, ended) = match buffer.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            self.input.consume(used);
            if ended {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_and_blank_ones_passed_over() {
        let long = "x".repeat(usize::try_from(MAX_LINE_BYTES).unwrap() + 5);
        let text = format!("\u{feff}a\n\n \r\nb\r\n{long}\nc");
        let mut lines = Lines::new(text.as_bytes());
        let mut found = || lines.next().unwrap();
        assert_eq!(found(), Some((1, Found::Text(b"a\n".to_vec()))));
        assert_eq!(found(), Some((4, Found::Text(b"b\r\n".to_vec()))));
        assert_eq!(found(), Some((5, Found::TooLong)));
        assert_eq!(found(), Some((6, Found::Text(b"c".to_vec()))));
        assert_eq!(found(), None);
    }
}
