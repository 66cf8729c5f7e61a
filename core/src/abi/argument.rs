//! What operations take: as callers have it, and as it comes out of a frame.

use alloc::vec::Vec;

use super::describe::{Describe, Field, Shape, Struct};
use super::{Decode, Encode};
use crate::frame::{FrameError, FrameReader, FrameWriter};
use crate::request::{Body, Request, Withheld};

/// What a caller has.
pub(super) trait Give {
    /// Appends it.
    fn give(self, frame: &mut FrameWriter);
}

/// What comes out of a frame. It is not [`Decode`], since it may borrow from the frame.
pub(super) trait Take<'f>: Sized {
    /// Takes it.
    fn take(frame: &mut FrameReader<'f>) -> Result<Self, FrameError>;
}

/// Lists and whatever has a codec.
impl<T: Encode + ?Sized> Give for &T {
    fn give(self, frame: &mut FrameWriter) {
        self.encode(frame);
    }
}

impl<T: Decode> Take<'_> for T {
    fn take(frame: &mut FrameReader<'_>) -> Result<Self, FrameError> {
        T::decode(frame)
    }
}

impl Give for u64 {
    fn give(self, frame: &mut FrameWriter) {
        frame.u64(self);
    }
}

impl Give for bool {
    fn give(self, frame: &mut FrameWriter) {
        self.encode(frame);
    }
}

impl Give for Option<&[u8]> {
    fn give(self, frame: &mut FrameWriter) {
        frame.bytes(self.unwrap_or_default());
    }
}

impl<'f> Take<'f> for Option<&'f [u8]> {
    fn take(frame: &mut FrameReader<'f>) -> Result<Self, FrameError> {
        Ok(Some(frame.bytes()?).filter(|bytes| !bytes.is_empty()))
    }
}

impl Encode for str {
    fn encode(&self, frame: &mut FrameWriter) {
        frame.bytes(self.as_bytes());
    }
}

impl<'f> Take<'f> for &'f str {
    fn take(frame: &mut FrameReader<'f>) -> Result<Self, FrameError> {
        frame.text()
    }
}

impl Encode for [u8] {
    fn encode(&self, frame: &mut FrameWriter) {
        frame.bytes(self);
    }
}

impl<'f> Take<'f> for &'f [u8] {
    fn take(frame: &mut FrameReader<'f>) -> Result<Self, FrameError> {
        frame.bytes()
    }
}

impl Encode for [&[u8]] {
    fn encode(&self, frame: &mut FrameWriter) {
        frame.count(self.len());
        for bytes in self {
            frame.bytes(bytes);
        }
    }
}

impl<'f> Take<'f> for Vec<&'f [u8]> {
    fn take(frame: &mut FrameReader<'f>) -> Result<Self, FrameError> {
        let mut list = Vec::new();
        for _ in 0..frame.count()? {
            list.push(frame.bytes()?);
        }
        Ok(list)
    }
}

/// Without a length: everybody knows it.
impl<const N: usize> Encode for [u8; N] {
    fn encode(&self, frame: &mut FrameWriter) {
        frame.raw(self);
    }
}

impl<const N: usize> Take<'_> for [u8; N] {
    fn take(frame: &mut FrameReader<'_>) -> Result<Self, FrameError> {
        frame.array()
    }
}

/// Of the header fields only those cross that the core reads; the others are counted. The body's mark stands before it: 1,
/// and no byte behind it, for one that was not read.
impl Encode for Request<'_> {
    fn encode(&self, frame: &mut FrameWriter) {
        let (read, withheld) = self.parted();
        frame.bytes(self.method.as_bytes()).bytes(self.target).count(read.clone().count());
        for (name, value) in read {
            frame.bytes(name.as_bytes()).bytes(value);
        }
        frame.count(withheld.fields).count(withheld.bytes);
        match self.body {
            Body::Bytes(bytes) => frame.u8(0).bytes(bytes),
            Body::Oversized => frame.u8(1).bytes(&[]),
        };
    }
}

impl Describe for Request<'_> {
    const SHAPE: &'static Shape = &Shape::Struct(Struct {
        name: "Request",
        fields: &[
            Field { name: "method", shape: &Shape::Text, is_flat: false },
            Field { name: "target", shape: &Shape::Octets, is_flat: false },
            Field {
                name: "headers",
                shape: &Shape::List(&Shape::Pair(&Shape::Text, &Shape::Octets)),
                is_flat: false,
            },
            Field { name: "withheld_fields", shape: &Shape::U32, is_flat: false },
            Field { name: "withheld_bytes", shape: &Shape::U32, is_flat: false },
            Field { name: "oversized", shape: &Shape::Flag, is_flat: false },
            Field { name: "body", shape: &Shape::Bytes, is_flat: false },
        ],
    });
}

/// A request in a frame: its headers are listed anew.
pub(super) struct Arriving<'f> {
    method: &'f str,
    target: &'f [u8],
    headers: Vec<(&'f str, &'f [u8])>,
    withheld: Withheld,
    body: Body<'f>,
}

impl<'f> Take<'f> for Arriving<'f> {
    fn take(frame: &mut FrameReader<'f>) -> Result<Self, FrameError> {
        let (method, target) = (frame.text()?, frame.bytes()?);
        let mut headers = Vec::new();
        for _ in 0..frame.count()? {
            headers.push((frame.text()?, frame.bytes()?));
        }
        let mut size = || usize::try_from(frame.u32()?).map_err(|_| FrameError);
        let withheld = Withheld { fields: size()?, bytes: size()? };
        let body = match (frame.u8()?, frame.bytes()?) {
            (0, bytes) => Body::Bytes(bytes),
            (1, []) => Body::Oversized,
            _ => return Err(FrameError),
        };
        Ok(Self { method, target, headers, withheld, body })
    }
}

impl Arriving<'_> {
    pub(super) fn request(&self) -> Request<'_> {
        let Self { method, target, ref headers, withheld, body } = *self;
        Request { method, target, headers, body, withheld }
    }
}
