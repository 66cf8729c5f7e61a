//! Length-prefixed fields, little-endian: what admissions, work handles and the byte face are made of.
//!
//! # Examples
//!
//! ```
//! use countersign_core::frame::{FrameError, FrameReader, FrameWriter};
//!
//! let mut frame = FrameWriter::new();
//! frame.u16(1).bytes(b"name").u64(7);
//! let bytes = frame.finish();
//!
//! let mut frame = FrameReader::new(&bytes);
//! assert_eq!((frame.u16()?, frame.text()?, frame.u64()?), (1, "name", 7));
//! frame.end()?;
//! assert_eq!(FrameReader::new(&[9, 0, 0, 0, b'x']).bytes(), Err(FrameError));
//! # Ok::<(), FrameError>(())
//! ```

use alloc::vec::Vec;

/// Writes fields one after the other.
#[derive(Debug, Default)]
pub struct FrameWriter(Vec<u8>);

impl FrameWriter {
    /// An empty frame.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(1_024)
    }

    /// An empty frame that takes so many bytes before it grows.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// An empty frame in a buffer that was used before.
    #[must_use]
    pub fn over(mut buffer: Vec<u8>) -> Self {
        buffer.clear();
        Self(buffer)
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.0.push(value);
        self
    }

    /// Two bytes.
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.raw(&value.to_le_bytes())
    }

    /// Four bytes.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.raw(&value.to_le_bytes())
    }

    /// Eight bytes.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.raw(&value.to_le_bytes())
    }

    /// Bytes without a length: the reader knows it.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// Four bytes of length, then the bytes. What does not fit 32 bits of length is cut to nothing; no such value exists.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        match u32::try_from(bytes.len()) {
            Ok(length) => self.u32(length).raw(bytes),
            Err(_) => self.u32(0),
        }
    }

    /// The number of the items that follow.
    pub fn count(&mut self, count: usize) -> &mut Self {
        self.u32(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// The frame.
    #[must_use]
    pub fn finish(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.0)
    }
}

/// A frame that ends too early, or goes on too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameError;

/// Reads fields in the order in which they were written.
#[derive(Debug, Clone, Copy)]
pub struct FrameReader<'a>(&'a [u8]);

impl<'a> FrameReader<'a> {
    /// From the first byte.
    #[must_use]
    pub const fn new(frame: &'a [u8]) -> Self {
        Self(frame)
    }

    /// So many bytes.
    ///
    /// # Errors
    /// [`FrameError`] when there are fewer.
    pub fn raw(&mut self, length: usize) -> Result<&'a [u8], FrameError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(FrameError)?;
        self.0 = rest;
        Ok(taken)
    }

    /// An array of fixed length.
    ///
    /// # Errors
    /// [`FrameError`] when the frame ends before.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], FrameError> {
        self.raw(N)?.try_into().map_err(|_| FrameError)
    }

    /// One byte.
    ///
    /// # Errors
    /// [`FrameError`] at the end.
    pub fn u8(&mut self) -> Result<u8, FrameError> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Two bytes.
    ///
    /// # Errors
    /// [`FrameError`] at the end.
    pub fn u16(&mut self) -> Result<u16, FrameError> {
        self.array().map(u16::from_le_bytes)
    }

    /// Four bytes.
    ///
    /// # Errors
    /// [`FrameError`] at the end.
    pub fn u32(&mut self) -> Result<u32, FrameError> {
        self.array().map(u32::from_le_bytes)
    }

    /// Eight bytes.
    ///
    /// # Errors
    /// [`FrameError`] at the end.
    pub fn u64(&mut self) -> Result<u64, FrameError> {
        self.array().map(u64::from_le_bytes)
    }

    /// Bytes with their length before them.
    ///
    /// # Errors
    /// [`FrameError`] when the frame ends before.
    pub fn bytes(&mut self) -> Result<&'a [u8], FrameError> {
        let length = usize::try_from(self.u32()?).map_err(|_| FrameError)?;
        self.raw(length)
    }

    /// Bytes that must be UTF-8.
    ///
    /// # Errors
    /// [`FrameError`] when they are not, or when the frame ends before.
    pub fn text(&mut self) -> Result<&'a str, FrameError> {
        core::str::from_utf8(self.bytes()?).map_err(|_| FrameError)
    }

    /// The number of items that follow. Each has at least one byte, so a larger number than bytes left is a lie.
    ///
    /// # Errors
    /// [`FrameError`] for such a lie, or at the end.
    pub fn count(&mut self) -> Result<usize, FrameError> {
        let count = usize::try_from(self.u32()?).map_err(|_| FrameError)?;
        if count > self.0.len() { Err(FrameError) } else { Ok(count) }
    }

    /// Nothing may remain.
    ///
    /// # Errors
    /// [`FrameError`] when something does.
    pub const fn end(&self) -> Result<(), FrameError> {
        if self.0.is_empty() { Ok(()) } else { Err(FrameError) }
    }
}
