//! The byte face with types, and the law that every answer is a frame which can be read.

use countersign_core::abi::{self, CallError, Decode, Dispatcher, Encode, operation, requests};
use countersign_core::frame::{FrameReader, FrameWriter};
use countersign_core::ledger::{AccessUpdate, Assignment, Decision, Due, Outcome, Row, Settlement};
use countersign_core::{Answer, ReasonCode, Request, Verdict};

/// One dispatcher and the seller that is open in it.
#[derive(Debug, Default)]
pub struct Caller {
    dispatcher: Dispatcher,
    seller: u32,
    /// The frame that was sent last.
    pub last: Vec<u8>,
}

impl Caller {
    /// A dispatcher with this seller in it.
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
        self.seller = self.call(operation::OPEN, requests::open(0, configuration))?;
        Ok(())
    }

    /// Closes the seller.
    ///
    /// # Errors
    /// When it is closed already.
    pub fn close(&mut self) -> Result<(), CallError> {
        self.call(operation::CLOSE, requests::close(self.seller))
    }

    /// Closes everything.
    pub fn wipe(&mut self) {
        self.dispatcher.wipe();
    }

    /// Sends a frame as it is and returns the answer, which was read once.
    pub fn send(&mut self, operation: u32, frame: &[u8]) -> Vec<u8> {
        let answer = self.dispatcher.call(operation, frame);
        assert_answer(operation, &answer);
        answer
    }

    fn call<T: Decode>(&mut self, operation: u32, request: Vec<u8>) -> Result<T, CallError> {
        self.last = request;
        let answer = self.dispatcher.call(operation, &self.last);
        assert_answer(operation, &answer);
        abi::answer(&answer)
    }

    /// See [`countersign_core::Seller::admit`].
    ///
    /// # Errors
    /// When the seller is closed.
    pub fn admit(&mut self, request: &Request<'_>, id: &[u8; 16], now: u64) -> Result<Verdict, CallError> {
        self.call(operation::ADMIT, requests::admit(self.seller, request, id, now))
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
        self.call(operation::DECIDE, requests::decide(self.seller, admission, rows, now, entropy))
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
        let request = requests::settle(self.seller, work, admission, rows, outcome, now, entropy);
        self.call(operation::SETTLE, request)
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
        self.call(operation::REPORT, requests::report(self.seller, effect, rows, outcome, now, entropy))
    }

    /// See [`countersign_core::Seller::due`].
    ///
    /// # Errors
    /// When the seller is closed.
    pub fn due(&mut self, rows: &[Row], now: u64) -> Result<Due, CallError> {
        self.call(operation::DUE, requests::due(self.seller, rows, now))
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
        self.call(operation::CLAIM, requests::claim(self.seller, row, now, entropy))
    }

    /// See [`countersign_core::Seller::decline`].
    ///
    /// # Errors
    /// What the core says.
    pub fn decline(&mut self, admission: &[u8]) -> Result<Answer, CallError> {
        self.call(operation::DECLINE, requests::decline(self.seller, admission))
    }

    /// See [`countersign_core::ledger::view_instance`].
    ///
    /// # Errors
    /// What the core says.
    pub fn view_instance(&mut self, row: &[u8], with_access: bool) -> Result<Vec<u8>, CallError> {
        self.call(operation::VIEW_INSTANCE, requests::view_instance(self.seller, row, with_access))
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
        let request = requests::update_access(self.seller, product, instance, access, rows, entropy);
        self.call(operation::UPDATE_ACCESS, request)
    }
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
    assert_success(operation, answer);
}

/// What each row of the table promises.
macro_rules! promised {
    ($(
        $(#[doc = $doc:literal])+
        $number:literal $constant:ident: $receiver:ident.$name:ident($($argument:ident: $kind:tt),*)
            $(framed ($($framed:ident),+))? -> $output:ty $(as $format:ident)?;
    )*) => {
        fn assert_success(operation: u32, answer: &[u8]) {
            match operation {
                $($number => promised!(@answer answer $output $(, $format)?),)*
                _ => panic!("operation {operation} does not exist and succeeded"),
            }
        }
    };
    (@answer $answer:ident $output:ty) => { again(&read::<$output>($answer), $answer) };
    (@answer $answer:ident $output:ty, Json) => {
        drop(serde_json::from_slice::<serde_json::Value>(&read::<$output>($answer)).expect("JSON"))
    };
}

countersign_core::operations!(promised);

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
