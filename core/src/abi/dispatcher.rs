//! One operation after the other: reads a frame, calls the core, writes a frame.

use alloc::vec::Vec;

use serde::Serialize;

use super::argument::Take;
use super::kind::{lent, taken};
use super::operations::in_frame;
use super::{CallError, Encode, FRAME_VERSION, fail, succeed};
use crate::compute::{ComputeError, compute};
use crate::frame::{FrameReader, FrameWriter};
use crate::ledger::{self, DirectoryKeys, DirectoryView, Export, InstanceView, Row};
use crate::reason::ReasonCode;
use crate::reveal::RevealedSecret;
use crate::seller::{Description, Seller};

/// What one instance of the module holds between calls: the opened sellers.
#[derive(Debug, Default)]
pub struct Dispatcher {
    sellers: Vec<Option<Seller>>,
}

impl Dispatcher {
    /// An instance that holds nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { sellers: Vec::new() }
    }

    /// Carries out one operation. Never panics; anything wrong comes back as an error frame.
    pub fn call(&mut self, operation: u32, frame: &[u8]) -> Vec<u8> {
        let mut answer = Vec::new();
        self.call_into(operation, frame, &mut answer);
        answer
    }

    /// The same into a buffer that is kept between calls; what it held is overwritten or gone.
    pub fn call_into(&mut self, operation: u32, frame: &[u8], answer: &mut Vec<u8>) {
        let mut out = FrameWriter::over(core::mem::take(answer));
        if let Err(error) = dispatch(self, operation, FrameReader::new(frame), &mut out) {
            fail(&error, &mut out);
        }
        *answer = out.finish();
    }

    /// Drops and wipes everything that was opened.
    pub fn wipe(&mut self) {
        self.sellers = Vec::new();
    }

    /// Takes a seller that a host compiled itself. Handles begin with 1 and are used again after a close; `None` when
    /// all numbers are taken.
    pub fn insert(&mut self, seller: Seller) -> Option<u32> {
        let slot = match self.sellers.iter().position(Option::is_none) {
            Some(slot) => slot,
            None => {
                self.sellers.push(None);
                self.sellers.len().saturating_sub(1)
            }
        };
        if let Some(place) = self.sellers.get_mut(slot) {
            *place = Some(seller);
        }
        u32::try_from(slot).ok().and_then(|slot| slot.checked_add(1))
    }

    fn seller(&self, handle: u32) -> Result<&Seller, ReasonCode> {
        self.sellers.get(slot(handle)?).and_then(Option::as_ref).ok_or(ReasonCode::UnknownSeller)
    }

    fn remove(&mut self, handle: u32) -> Result<Seller, ReasonCode> {
        self.sellers.get_mut(slot(handle)?).and_then(Option::take).ok_or(ReasonCode::UnknownSeller)
    }
}

/// The place of a handle.
fn slot(handle: u32) -> Result<usize, ReasonCode> {
    usize::try_from(handle).ok().and_then(|handle| handle.checked_sub(1)).ok_or(ReasonCode::UnknownSeller)
}

/// The operations that open and close sellers.
struct Sellers<'g> {
    dispatcher: &'g mut Dispatcher,
    handle: u32,
}

impl Sellers<'_> {
    fn open(self, configuration: &[u8]) -> Result<u32, CallError> {
        let seller = Seller::from_json(configuration)?;
        Ok(self.dispatcher.insert(seller).ok_or(ReasonCode::Internal)?)
    }

    fn close(self) -> Result<(), ReasonCode> {
        self.dispatcher.remove(self.handle).map(drop)
    }
}

/// The operations that need no seller.
struct Module;

impl Module {
    fn compute(self, name: &str, inputs: &[&[u8]]) -> Result<Vec<u8>, ComputeError> {
        compute(name, inputs)
    }

    fn view_instance(self, row: &[u8], with_access: bool) -> Result<InstanceView, ReasonCode> {
        ledger::view_instance(row, with_access)
    }

    fn directory_keys(self, product: &str, tenant_id: &str, instance_id: &str) -> DirectoryKeys {
        ledger::directory_keys(product, tenant_id, instance_id)
    }

    fn view_directory(
        self,
        product: &str,
        tenant_id: &str,
        instance_id: &str,
        rows: &[Row],
    ) -> Result<DirectoryView, ReasonCode> {
        ledger::view_directory(product, tenant_id, instance_id, rows)
    }

    fn export_instance(self, row: &[u8], with_access: bool) -> Result<Export, ReasonCode> {
        ledger::export_instance(row, with_access)
    }
}

/// What a function of the core gives, with an error or without one, as an answer that holds a `T`.
trait Called<T> {
    fn answer(self, out: &mut FrameWriter) -> Result<(), CallError>;
}

impl<T: Encode> Called<T> for T {
    fn answer(self, out: &mut FrameWriter) -> Result<(), CallError> {
        succeed(&self, out);
        Ok(())
    }
}

impl<T: Encode, E: Into<CallError>> Called<T> for Result<T, E> {
    fn answer(self, out: &mut FrameWriter) -> Result<(), CallError> {
        match self {
            Ok(value) => value.answer(out),
            Err(error) => Err(error.into()),
        }
    }
}

/// The same, as an answer that holds its JSON.
trait Printed {
    fn print(self, out: &mut FrameWriter) -> Result<(), CallError>;
}

/// What knows its JSON.
trait ToJson {
    fn json(&self) -> Result<Vec<u8>, ReasonCode>;
}

impl<T: Serialize> ToJson for T {
    fn json(&self) -> Result<Vec<u8>, ReasonCode> {
        serde_json::to_vec(self).map_err(|_| ReasonCode::Internal)
    }
}

impl ToJson for DirectoryView {
    fn json(&self) -> Result<Vec<u8>, ReasonCode> {
        Ok(self.to_json().as_bytes().to_vec())
    }
}

impl ToJson for RevealedSecret {
    fn json(&self) -> Result<Vec<u8>, ReasonCode> {
        Ok(self.to_json().into_bytes())
    }
}

impl Printed for Description<'_> {
    fn print(self, out: &mut FrameWriter) -> Result<(), CallError> {
        self.json().answer(out)
    }
}

impl<T: ToJson, E: Into<CallError>> Printed for Result<T, E> {
    fn print(self, out: &mut FrameWriter) -> Result<(), CallError> {
        match self {
            Ok(value) => value.json().answer(out),
            Err(error) => Err(error.into()),
        }
    }
}

macro_rules! receiver {
    (sellers) => { Sellers<'_> };
    (seller) => { &Seller };
    (module) => { Module };
    (sellers $dispatcher:ident $handle:ident $seller:ident) => { Sellers { dispatcher: $dispatcher, handle: $handle } };
    (seller $dispatcher:ident $handle:ident $seller:ident) => { $seller? };
    (module $dispatcher:ident $handle:ident $seller:ident) => { Module };
}

macro_rules! take {
    ($argument:ident $frame:ident) => {
        $argument = Take::take($frame)?
    };
}

/// The value, or its JSON.
macro_rules! answer {
    ($called:expr, $out:ident, $output:ty) => {
        Called::<$output>::answer($called, $out)
    };
    ($called:expr, $out:ident, $output:ty, Json) => {
        $called.print($out)
    };
}

macro_rules! dispatch {
    ($(
        $(#[doc = $doc:literal])+
        $number:literal $constant:ident: $receiver:ident.$name:ident($($argument:ident: $kind:tt),*)
            $(framed ($($framed:ident),+))? -> $output:ty $(as $format:ident)?;
    )*) => {
        /// Each operation is a function of its own, so that what one holds stands on nobody else's stack.
        mod carry_out {
            use super::*;

            $(
                pub(super) fn $name(
                    receiver: receiver!($receiver),
                    frame: &mut FrameReader<'_>,
                    out: &mut FrameWriter,
                ) -> Result<(), CallError> {
                    $(let $argument: taken!($kind);)*
                    in_frame!(take frame [$($argument)*] [$($($framed)+)?]);
                    frame.end()?;
                    answer!(receiver.$name($(lent!($argument: $kind)),*), out, $output $(, $format)?)
                }
            )*
        }

        /// Who carries an operation out. One of the table without a function of its name is a mistake that the compiler
        /// finds. The answer is written at the end of each, so that an error finds an empty frame.
        fn dispatch(
            dispatcher: &mut Dispatcher,
            operation: u32,
            mut frame: FrameReader<'_>,
            out: &mut FrameWriter,
        ) -> Result<(), CallError> {
            if frame.u16()? != FRAME_VERSION || frame.u16()? != 0 {
                return Err(ReasonCode::MalformedFrame.into());
            }
            let handle = frame.u32()?;
            let seller = dispatcher.seller(handle);
            match operation {
                $($number => carry_out::$name(receiver!($receiver dispatcher handle seller), &mut frame, out),)*
                _ => Err(ReasonCode::UnknownOperation.into()),
            }
        }
    };
}

crate::operations!(dispatch);
