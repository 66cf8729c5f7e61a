//! Any number of sellers in any number of instances. An instance knows nothing of its neighbours, so each has
//! handles of its own; frames carry the engine's handle, which is replaced on the way in.

use std::collections::HashMap;
use std::fmt;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::SellerHandle;
use crate::error::{EngineError, OpenError};
use crate::frame;
use crate::pool::Pool;
use crate::sellers::Sellers;

/// So long a caller waits for an instance to become free: the others are at work on calls that take a second at most.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where instances come from.
pub(crate) trait Source: Send + Sync {
    type Instance: Instance;
    fn instantiate(&self) -> Result<Self::Instance, EngineError>;
}

/// One instance of the core.
pub(crate) trait Instance: Send {
    /// Runs one operation on `frame` with `seller` in place of the handle that stands there.
    fn call(&mut self, operation: u32, frame: &[u8], seller: u32) -> Result<Vec<u8>, EngineError>;
    /// Whether it served long enough or grew too large, and is to be replaced.
    fn is_spent(&self) -> bool;
}

pub(crate) struct Pooled<S: Source> {
    // Before the source: instances go before what they were made from.
    seats: Pool<Seat<S::Instance>>,
    sellers: Sellers,
    source: S,
}

impl<S: Source> Pooled<S> {
    pub(crate) fn new(size: usize, source: S) -> Self {
        Self { seats: Pool::new(size), sellers: Sellers::default(), source }
    }

    pub(crate) fn source(&self) -> &S {
        &self.source
    }

    pub(crate) fn open(&self, configuration: &[u8]) -> Result<SellerHandle, OpenError> {
        let opening = Arc::new(frame::open(configuration)?);
        self.with_seat(|seat| {
            let local = frame::opened(seat.instance.call(frame::OPEN, &opening, 0)?)?;
            let handle = self.sellers.add(opening)?;
            seat.opened.insert(handle.get(), local);
            Ok(handle)
        })
    }

    pub(crate) fn close(&self, seller: SellerHandle) {
        self.sellers.remove(seller.get());
        self.sweep();
    }

    pub(crate) fn call(&self, operation: u32, frame: &[u8]) -> Result<Vec<u8>, EngineError> {
        if operation == frame::OPEN || operation == frame::CLOSE {
            return Err(EngineError::NotACall);
        }
        self.with_seat(|seat| {
            let local = match frame::seller(frame) {
                0 => 0,
                seller => seat.local(seller, &self.sellers)?,
            };
            seat.instance.call(operation, frame, local)
        })
    }

    /// Runs `work` on a free instance. The instance goes back only if it is still fit; a panic drops it too.
    fn with_seat<R, E: Verdict>(
        &self,
        work: impl FnOnce(&mut Seat<S::Instance>) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut place = self.seats.take(PATIENCE).ok_or(EngineError::Busy)?;
        let mut seat = match place.item.take() {
            Some(seat) => seat,
            None => Seat::new(self.source.instantiate()?, &self.sellers),
        };
        let result = work(&mut seat);
        let fit = result.as_ref().err().is_none_or(Verdict::is_harmless) && !seat.instance.is_spent();
        if fit {
            let seat = seat.follow(&self.sellers);
            let seen = seat.as_ref().map(|seat| seat.closings);
            place.item = seat;
            drop(place);
            if seen.is_some_and(|seen| seen != self.sellers.closings()) {
                // Closed just before the instance was idle: whoever closed it did not find it.
                self.sweep();
            }
        } else {
            // Gone before the place is free: a pooling allocator has as many slots as there are places.
            drop(seat);
        }
        result
    }

    /// Closes in idle instances what was closed; busy ones notice when their call is over.
    fn sweep(&self) {
        for mut place in self.seats.drain() {
            place.item = place.item.take().and_then(|seat| seat.follow(&self.sellers));
        }
    }
}

impl<S: Source> fmt::Debug for Pooled<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pooled").finish_non_exhaustive()
    }
}

/// An instance and the sellers that it has opened.
struct Seat<I> {
    instance: I,
    /// The engine's handle to the instance's own.
    opened: HashMap<u32, u32>,
    /// The closings that this instance has followed.
    closings: u64,
}

impl<I: Instance> Seat<I> {
    fn new(instance: I, sellers: &Sellers) -> Self {
        Self { instance, opened: HashMap::new(), closings: sellers.closings() }
    }

    fn local(&mut self, seller: u32, sellers: &Sellers) -> Result<u32, EngineError> {
        if let Some(local) = self.opened.get(&seller)
            && (self.closings == sellers.closings() || sellers.get(seller).is_some())
        {
            return Ok(*local);
        }
        let opening = sellers.get(seller).ok_or(EngineError::UnknownSeller)?;
        let answer = self.instance.call(frame::OPEN, &opening, 0)?;
        // It was accepted once, so a refusal is a defect like any other answer that is none.
        let local = frame::opened(answer).map_err(|_| EngineError::Malformed)?;
        self.opened.insert(seller, local);
        Ok(local)
    }

    /// Closes in the instance what was closed in the engine. An instance that fails at it is dropped.
    fn follow(mut self, sellers: &Sellers) -> Option<Self> {
        let closings = sellers.closings();
        if self.closings != closings {
            let opened = mem::take(&mut self.opened);
            for (seller, local) in opened {
                if sellers.get(seller).is_some() {
                    self.opened.insert(seller, local);
                } else {
                    self.instance.call(frame::CLOSE, &frame::numbered_head(local), local).ok()?;
                }
            }
            self.closings = closings;
        }
        Some(self)
    }
}

/// Whether an error leaves the instance fit for the next call.
trait Verdict: From<EngineError> {
    fn is_harmless(&self) -> bool;
}

impl Verdict for EngineError {
    fn is_harmless(&self) -> bool {
        self.is_harmless()
    }
}

impl Verdict for OpenError {
    fn is_harmless(&self) -> bool {
        match self {
            Self::Refused { .. } => true,
            Self::Engine(error) => error.is_harmless(),
        }
    }
}
