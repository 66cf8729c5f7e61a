//! A seller opened in an engine, with the core's own types: each method writes a frame, makes one call, reads a frame.

use std::fmt;
use std::sync::Arc;

use countersign_core::abi::{self, CallError, Encode, operation};
use countersign_core::flow::{Advance, ChangeRequest, Input};
use countersign_core::frame::FrameWriter;
use countersign_core::ledger::{
    AccessUpdate, Assignment, Decision, Due, Export, Import, Outcome, Row, Settlement,
};
use countersign_core::{Answer, Body, Request, Verdict};

use crate::engine::{Engine, SellerHandle};
use crate::error::{EngineError, OpenError};

/// A seller in an engine; closed when dropped.
#[derive(Debug)]
pub struct OpenSeller {
    engine: Arc<dyn Engine>,
    handle: SellerHandle,
}

/// Why a call of a seller gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SellerError {
    /// The core refused the call.
    Call(CallError),
    /// The engine failed around the core.
    Engine(EngineError),
}

impl SellerError {
    /// A stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Call(error) => &error.code,
            Self::Engine(error) => error.code(),
        }
    }
}

impl fmt::Display for SellerError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(out),
            Self::Engine(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for SellerError {}

impl From<EngineError> for SellerError {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<CallError> for SellerError {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl Drop for OpenSeller {
    fn drop(&mut self) {
        self.engine.close(self.handle);
    }
}

impl OpenSeller {
    /// Opens a seller from its configuration, a JSON document.
    ///
    /// # Errors
    /// [`SellerError::Call`] with every mistake of the configuration, or what kept the engine from asking.
    pub fn open(engine: Arc<dyn Engine>, configuration: &[u8]) -> Result<Self, SellerError> {
        match engine.open(configuration) {
            Ok(handle) => Ok(Self { engine, handle }),
            Err(OpenError::Refused { answer, .. }) => match abi::answer::<u32>(&answer) {
                Err(error) => Err(error.into()),
                Ok(_) => Err(EngineError::Malformed.into()),
            },
            Err(OpenError::Engine(error)) => Err(error.into()),
        }
    }

    /// The engine's name: `wasm` or `native`.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        self.engine.name()
    }

    fn call<T: abi::Decode>(&self, operation: u32, mut frame: FrameWriter) -> Result<T, SellerError> {
        let answer = self.engine.call(operation, &frame.finish())?;
        Ok(abi::answer(&answer)?)
    }

    fn frame(&self) -> FrameWriter {
        abi::request(self.handle.get())
    }

    /// See [`countersign_core::Seller::admit`].
    ///
    /// # Errors
    /// [`SellerError::Engine`].
    pub fn admit(
        &self,
        request: &Request<'_>,
        request_id: &[u8; 16],
        now: u64,
    ) -> Result<Verdict, SellerError> {
        let frame = self.arrived(request, request_id, now);
        self.call(operation::ADMIT, frame)
    }

    /// See [`countersign_core::Seller::begin`].
    ///
    /// # Errors
    /// [`SellerError::Engine`].
    pub fn begin(
        &self,
        request: &Request<'_>,
        request_id: &[u8; 16],
        now: u64,
    ) -> Result<Advance, SellerError> {
        let frame = self.arrived(request, request_id, now);
        self.call(operation::BEGIN, frame)
    }

    fn arrived(&self, request: &Request<'_>, request_id: &[u8; 16], now: u64) -> FrameWriter {
        let mut frame = self.frame();
        frame.raw(request_id).u64(now).bytes(request.method.as_bytes()).bytes(request.target);
        frame.count(request.headers.len());
        for (name, value) in request.headers {
            frame.bytes(name.as_bytes()).bytes(value);
        }
        match request.body {
            Body::Bytes(bytes) => frame.u8(0).bytes(bytes),
            Body::Oversized => frame.u8(1).bytes(&[]),
        };
        frame
    }

    /// See [`countersign_core::Seller::advance`].
    ///
    /// # Errors
    /// What the core says, or [`SellerError::Engine`].
    pub fn advance(
        &self,
        flow: &[u8],
        input: &Input,
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Advance, SellerError> {
        let mut frame = self.frame();
        frame.bytes(flow).u64(now).raw(entropy);
        input.encode(&mut frame);
        self.call(operation::ADVANCE, frame)
    }

    /// See [`countersign_core::Seller::take_up`].
    ///
    /// # Errors
    /// What the core says, or [`SellerError::Engine`].
    pub fn take_up(&self, row: &Row, now: u64, entropy: &[u8; 32]) -> Result<Option<Advance>, SellerError> {
        let mut frame = self.frame();
        frame.u64(now).raw(entropy);
        row.encode(&mut frame);
        self.call(operation::TAKE_UP, frame)
    }

    /// See [`countersign_core::Seller::change`].
    ///
    /// # Errors
    /// What the core says, or [`SellerError::Engine`].
    pub fn change(
        &self,
        request: &ChangeRequest,
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Advance, SellerError> {
        let mut frame = self.frame();
        frame.u64(now).raw(entropy);
        request.encode(&mut frame);
        self.call(operation::CHANGE, frame)
    }

    /// See [`countersign_core::Seller::body_limit`].
    ///
    /// # Errors
    /// [`SellerError::Engine`].
    pub fn body_limit(&self, method: &str, target: &[u8]) -> Result<Option<u64>, SellerError> {
        let mut frame = self.frame();
        frame.bytes(method.as_bytes()).bytes(target);
        self.call(operation::BODY_LIMIT, frame)
    }

    /// See [`countersign_core::Seller::decide`].
    ///
    /// # Errors
    /// What the core says, or [`SellerError::Engine`].
    pub fn decide(
        &self,
        admission: &[u8],
        rows: &[Row],
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Decision, SellerError> {
        let mut frame = self.frame();
        frame.bytes(admission).u64(now).raw(entropy);
        rows.encode(&mut frame);
        self.call(operation::DECIDE, frame)
    }

    /// See [`countersign_core::Seller::settle`].
    ///
    /// # Errors
    /// What the core says, or [`SellerError::Engine`].
    pub fn settle(
        &self,
        work: &[u8],
        admission: Option<&[u8]>,
        rows: &[Row],
        outcome: &Outcome,
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Settlement, SellerError> {
        let mut frame = self.frame();
        frame.bytes(work).bytes(admission.unwrap_or_default()).u64(now).raw(entropy);
        outcome.encode(&mut frame);
        rows.encode(&mut frame);
        self.call(operation::SETTLE, frame)
    }

    /// See [`countersign_core::Seller::due`].
    ///
    /// # Errors
    /// [`SellerError::Engine`].
    pub fn due(&self, rows: &[Row], now: u64) -> Result<Due, SellerError> {
        let mut frame = self.frame();
        frame.u64(now);
        rows.encode(&mut frame);
        self.call(operation::DUE, frame)
    }

    /// See [`countersign_core::Seller::claim`].
    ///
    /// # Errors
    /// What the core says, or [`SellerError::Engine`].
    pub fn claim(&self, row: &Row, now: u64, entropy: &[u8; 32]) -> Result<Option<Assignment>, SellerError> {
        let mut frame = self.frame();
        frame.u64(now).raw(entropy);
        row.encode(&mut frame);
        self.call(operation::CLAIM, frame)
    }

    /// See [`countersign_core::Seller::decline`].
    ///
    /// # Errors
    /// What the core says, or [`SellerError::Engine`].
    pub fn decline(&self, admission: &[u8]) -> Result<Answer, SellerError> {
        let mut frame = self.frame();
        frame.bytes(admission);
        self.call(operation::DECLINE, frame)
    }

    /// See [`countersign_core::Seller::report`].
    ///
    /// # Errors
    /// What the core says, or [`SellerError::Engine`].
    pub fn report(
        &self,
        effect_id: &str,
        rows: &[Row],
        outcome: &Outcome,
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Settlement, SellerError> {
        let mut frame = self.frame();
        frame.bytes(effect_id.as_bytes()).u64(now).raw(entropy);
        outcome.encode(&mut frame);
        rows.encode(&mut frame);
        self.call(operation::REPORT, frame)
    }

    /// An instance row as JSON; see [`countersign_core::ledger::view_instance`].
    ///
    /// # Errors
    /// What the core says, or [`SellerError::Engine`].
    pub fn view_instance(&self, row: &[u8], with_access: bool) -> Result<Vec<u8>, SellerError> {
        let mut frame = self.frame();
        frame.bytes(row).u8(u8::from(with_access));
        self.call(operation::VIEW_INSTANCE, frame)
    }

    /// See [`countersign_core::Seller::update_access`].
    ///
    /// # Errors
    /// What the core says, or [`SellerError::Engine`].
    pub fn update_access(
        &self,
        product: &str,
        instance_id: &str,
        access: &[u8],
        rows: &[Row],
        entropy: &[u8; 32],
    ) -> Result<AccessUpdate, SellerError> {
        let mut frame = self.frame();
        frame.bytes(product.as_bytes()).bytes(instance_id.as_bytes()).bytes(access).raw(entropy);
        rows.encode(&mut frame);
        self.call(operation::UPDATE_ACCESS, frame)
    }

    /// See [`countersign_core::Seller::import_instance`].
    ///
    /// # Errors
    /// What the core says, or [`SellerError::Engine`].
    pub fn import_instance(
        &self,
        product: &str,
        instance: &[u8],
        rows: &[Row],
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Import, SellerError> {
        let mut frame = self.frame();
        frame.bytes(product.as_bytes()).bytes(instance).u64(now).raw(entropy);
        rows.encode(&mut frame);
        self.call(operation::IMPORT_INSTANCE, frame)
    }

    /// See [`countersign_core::ledger::export_instance`].
    ///
    /// # Errors
    /// What the core says, or [`SellerError::Engine`].
    pub fn export_instance(&self, row: &[u8], with_access: bool) -> Result<Export, SellerError> {
        let mut frame = self.frame();
        frame.bytes(row).u8(u8::from(with_access));
        self.call(operation::EXPORT_INSTANCE, frame)
    }
}
