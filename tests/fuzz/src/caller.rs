//! The byte face with types, and the law that every answer is a frame which can be read.

use countersign_core::abi::{self, CallError, Decode, Encode, Gate, operation};
use countersign_core::flow::Advance;
use countersign_core::frame::{FrameReader, FrameWriter};
use countersign_core::ledger::{AccessUpdate, Assignment, Decision, Due, Outcome, Row, Settlement};
use countersign_core::{Answer, Body, ReasonCode, Request, Verdict};

/// One gate and the seller that is open in it.
#[derive(Debug, Default)]
pub struct Caller {
    gate: Gate,
    seller: u32,
    /// The frame that was sent last.
    pub last: Vec<u8>,
}

impl Caller {
    /// A gate with this seller in it.
    ///
    /// # Errors
    /// What the configuration deserves.
    pub fn open(configuration: &[u8]) -> Result<Self, CallError> {
        let mut caller = Self::default();
        caller.reopen(configuration)?;
        Ok(caller)
    }

    /// Opens a seller, which becomes the one that is called.
    ///
    /// # Errors
    /// What the configuration deserves.
    pub fn reopen(&mut self, configuration: &[u8]) -> Result<(), CallError> {
        let mut frame = abi::request(0);
        frame.bytes(configuration);
        self.seller = self.call(operation::OPEN, &mut frame)?;
        Ok(())
    }

    /// Closes the seller.
    ///
    /// # Errors
    /// When it is closed already.
    pub fn close(&mut self) -> Result<(), CallError> {
        self.call(operation::CLOSE, &mut abi::request(self.seller))
    }

    /// Closes everything.
    pub fn wipe(&mut self) {
        self.gate.wipe();
    }

    /// Sends a frame as it is and returns the answer, which was read once.
    pub fn send(&mut self, operation: u32, frame: &[u8]) -> Vec<u8> {
        let answer = self.gate.call(operation, frame);
        assert_answer(operation, &answer);
        answer
    }

    fn call<T: Decode>(&mut self, operation: u32, frame: &mut FrameWriter) -> Result<T, CallError> {
        self.last = frame.finish();
        let answer = self.gate.call(operation, &self.last);
        assert_answer(operation, &answer);
        abi::answer(&answer)
    }

    /// See [`countersign_core::Seller::admit`].
    ///
    /// # Errors
    /// When the seller is closed.
    pub fn admit(&mut self, request: &Request<'_>, id: &[u8; 16], now: u64) -> Result<Verdict, CallError> {
        let mut frame = admit_frame(self.seller, request, id, now);
        self.call(operation::ADMIT, &mut frame)
    }

    /// See [`countersign_core::Seller::decide`].
    ///
    /// # Errors
    /// What the core says.
    pub fn decide(
        &mut self,
        admission: &[u8],
        rows: &[Row],
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Decision, CallError> {
        let mut frame = abi::request(self.seller);
        frame.bytes(admission).u64(now).raw(entropy);
        rows.encode(&mut frame);
        self.call(operation::DECIDE, &mut frame)
    }

    /// See [`countersign_core::Seller::settle`].
    ///
    /// # Errors
    /// What the core says.
    pub fn settle(
        &mut self,
        (work, admission): (&[u8], Option<&[u8]>),
        rows: &[Row],
        outcome: &Outcome,
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Settlement, CallError> {
        let mut frame = abi::request(self.seller);
        frame.bytes(work).bytes(admission.unwrap_or_default()).u64(now).raw(entropy);
        outcome.encode(&mut frame);
        rows.encode(&mut frame);
        self.call(operation::SETTLE, &mut frame)
    }

    /// See [`countersign_core::Seller::report`].
    ///
    /// # Errors
    /// What the core says.
    pub fn report(
        &mut self,
        effect: &str,
        rows: &[Row],
        outcome: &Outcome,
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Settlement, CallError> {
        let mut frame = abi::request(self.seller);
        frame.bytes(effect.as_bytes()).u64(now).raw(entropy);
        outcome.encode(&mut frame);
        rows.encode(&mut frame);
        self.call(operation::REPORT, &mut frame)
    }

    /// See [`countersign_core::Seller::due`].
    ///
    /// # Errors
    /// When the seller is closed.
    pub fn due(&mut self, rows: &[Row], now: u64) -> Result<Due, CallError> {
        let mut frame = abi::request(self.seller);
        frame.u64(now);
        rows.encode(&mut frame);
        self.call(operation::DUE, &mut frame)
    }

    /// See [`countersign_core::Seller::claim`].
    ///
    /// # Errors
    /// What the core says.
    pub fn claim(
        &mut self,
        row: &Row,
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Option<Assignment>, CallError> {
        let mut frame = abi::request(self.seller);
        frame.u64(now).raw(entropy);
        row.encode(&mut frame);
        self.call(operation::CLAIM, &mut frame)
    }

    /// See [`countersign_core::Seller::decline`].
    ///
    /// # Errors
    /// What the core says.
    pub fn decline(&mut self, admission: &[u8]) -> Result<Answer, CallError> {
        self.call(operation::DECLINE, abi::request(self.seller).bytes(admission))
    }

    /// See [`countersign_core::ledger::view_instance`].
    ///
    /// # Errors
    /// What the core says.
    pub fn view_instance(&mut self, row: &[u8], with_access: bool) -> Result<Vec<u8>, CallError> {
        let mut frame = abi::request(self.seller);
        frame.bytes(row).u8(u8::from(with_access));
        self.call(operation::VIEW_INSTANCE, &mut frame)
    }

    /// See [`countersign_core::Seller::update_access`].
    ///
    /// # Errors
    /// What the core says.
    pub fn update_access(
        &mut self,
        (product, instance): (&str, &str),
        access: &[u8],
        rows: &[Row],
        entropy: &[u8; 32],
    ) -> Result<AccessUpdate, CallError> {
        let mut frame = abi::request(self.seller);
        frame.bytes(product.as_bytes()).bytes(instance.as_bytes()).bytes(access).raw(entropy);
        rows.encode(&mut frame);
        self.call(operation::UPDATE_ACCESS, &mut frame)
    }
}

/// The frame of [`operation::ADMIT`].
#[must_use]
pub fn admit_frame(seller: u32, request: &Request<'_>, id: &[u8; 16], now: u64) -> FrameWriter {
    let mut frame = abi::request(seller);
    frame.raw(id).u64(now).bytes(request.method.as_bytes()).bytes(request.target);
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

/// An answer is what its operation promises, to the last byte, or an error with a known number and code.
///
/// # Panics
/// When it is neither.
pub fn assert_answer(operation: u32, answer: &[u8]) {
    let mut head = FrameReader::new(answer);
    assert_eq!(head.u16(), Ok(abi::FRAME_VERSION));
    let status = head.u16().expect("a status");
    if status != 0 {
        let error = abi::answer::<()>(answer).expect_err("an error");
        let reason = ReasonCode::ALL.iter().find(|reason| reason.number() == status).expect("a known number");
        assert_eq!((error.code.as_str(), error.message.as_str()), (reason.code(), reason.message()));
        // The mistakes of a configuration, or the one field that a reason is about.
        let is_configuration = *reason == ReasonCode::InvalidConfiguration;
        assert!(!error.problems.is_empty() || !is_configuration);
        if !error.problems.is_empty() {
            let problems: serde_json::Value = serde_json::from_str(&error.problems).expect("JSON");
            let count = problems.as_array().map_or(0, Vec::len);
            assert!(count == 1 || count > 1 && is_configuration, "{}", error.problems);
        }
        return;
    }
    match operation {
        operation::OPEN => assert!(read::<u32>(answer) > 0, "handles begin with 1"),
        operation::CLOSE => read(answer),
        operation::ADMIT => again(&read::<Verdict>(answer), answer),
        operation::BEGIN | operation::ADVANCE | operation::CHANGE => again(&read::<Advance>(answer), answer),
        operation::TAKE_UP => again(&read::<Option<Advance>>(answer), answer),
        operation::DECIDE => again(&read::<Decision>(answer), answer),
        operation::SETTLE | operation::REPORT => again(&read::<Settlement>(answer), answer),
        operation::DUE => again(&read::<Due>(answer), answer),
        operation::CLAIM => again(&read::<Option<Assignment>>(answer), answer),
        operation::DECLINE => again(&read::<Answer>(answer), answer),
        operation::VIEW_INSTANCE => {
            let view = read::<Vec<u8>>(answer);
            serde_json::from_slice::<serde_json::Value>(&view).expect("a view is JSON");
        }
        operation::UPDATE_ACCESS => again(&read::<AccessUpdate>(answer), answer),
        operation::BODY_LIMIT => again(&read::<Option<u64>>(answer), answer),
        _ => panic!("operation {operation} does not exist and succeeded"),
    }
}

fn read<T: Decode>(answer: &[u8]) -> T {
    abi::answer(answer).expect("the answer that the operation promises")
}

/// What was read is written as it was: nothing was lost on the way, an event's JSON included.
fn again(value: &impl Encode, answer: &[u8]) {
    assert_eq!(written(value), answer);
}

/// The frame of a success.
#[must_use]
pub fn written(value: &impl Encode) -> Vec<u8> {
    let mut frame = FrameWriter::new();
    frame.u16(abi::FRAME_VERSION).u16(0);
    value.encode(&mut frame);
    frame.finish()
}
