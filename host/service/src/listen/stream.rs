//! The bytes of a connection on their way to and from hyper, seen by whoever keeps the places.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf, Take};

use super::places::{Phase, Place};

/// A stream whose first byte of a request begins a phase.
#[derive(Debug)]
pub(super) struct Seen<S> {
    stream: Take<S>,
    place: Arc<Place>,
    ended: bool,
}

/// The most bytes of one read. hyper doubles its buffer as long as reads fill it, up to the size of the largest head;
/// so it stays at twice this.
const READ_BYTES: u64 = 8_192;

impl<S: AsyncRead + Unpin> Seen<S> {
    pub(super) fn new(stream: S, place: Arc<Place>) -> Self {
        Self { stream: stream.take(READ_BYTES), place, ended: false }
    }

    /// The stream itself, and whether the other side has said its last byte.
    pub(super) fn into_inner(self) -> (S, bool) {
        (self.stream.into_inner(), self.ended)
    }

    /// Bytes have arrived. Those of a head stay in memory until it is complete; a body counts its own.
    fn arrived(&self, length: usize) -> io::Result<()> {
        let begins = self.place.standing().is_some_and(|(phase, _)| phase < Phase::Body);
        if begins && !(self.place.enter(Phase::Head) && self.place.hold(length)) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Seen<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        self.stream.set_limit(READ_BYTES);
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let Poll::Ready(Ok(())) = &read {
            let length = buffer.filled().len() - before;
            self.ended = length == 0 && buffer.remaining() > 0;
            if length > 0 {
                self.arrived(length)?;
            }
        }
        read
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Seen<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(self.stream.get_mut()).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.stream.get_mut()).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.stream.get_mut()).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(self.stream.get_mut()).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.get_ref().is_write_vectored()
    }
}
