//! The life of a call as a state machine without I/O.
//!
//! [`Seller::begin`] judges a request and gives the first [`Step`]; the host carries the step out, says what became of it
//! as an [`Input`], and [`Seller::advance`] gives the next one, until an [`Step::Answer`] or a [`Step::Done`] ends the flow.
//! [`Seller::take_up`] begins the same for a work that is owed, [`Seller::change`] for what an operator or a backend does
//! to the ledger by itself. Every bound stands here: how often rows are loaded again, how long a rival is waited for, when
//! the answer has to leave. A host is a loop of a few lines around sockets, a store and a clock; it cannot get the order
//! of the steps wrong, since it does not know it.
//!
//! ```text
//! begin ─► Load ─► (Wait ─► Load)* ─► Commit ─► Answer
//!                                        └────► Send ─► Load ─► Commit ─► Answer
//!                                                 └ Late: the answer goes on alone, and the rest of the flow is detached
//! ```
//!
//! What a call asks for that is answered before it is done is a work that its commit leaves behind. The flow ends with the
//! answer, and says ([`Advance::promoted`]) that there is something to take up at once.
//!
//! A flow between two steps is opaque bytes, bound to the seller that began it: any instance of a module and any thread
//! may go on with it. They hold what the call holds, contact data included, and belong into no log.
//!
//! # Examples
//!
//! ```
//! use countersign_core::flow::Step;
//! use countersign_core::{Body, Request, Seller};
//!
//! let configuration = br#"{"routes": [{"path": "/saas", "dialect": "saas-v2", "keys": ["test-access-key-0001"]}]}"#;
//! let seller = Seller::from_json(configuration)?;
//! let request = Request::new("POST", b"/saas", &[], Body::Bytes(b"{}"));
//!
//! // Nobody signed it: the first step is the answer, and the flow is over.
//! let begun = seller.begin(&request, &[1; 16], 1_700_000_000_000);
//! let Step::Answer(answer) = begun.step else { panic!("nothing is read for a stranger") };
//! assert_eq!(answer.body, br#"{"resultCode":"000002","resultMsg":"invalid request parameter."}"#);
//! assert!(begun.flow.is_empty());
//! # Ok::<(), countersign_core::ConfigError>(())
//! ```

mod bound;
mod call;
mod change;
mod codec;
mod note;
mod request;
mod settle;
mod state;
mod step;
mod turn;
mod work;

pub use note::Note;
pub use request::{ChangeRequest, Changed};
pub use step::{Advance, Input, Step};

use crate::reason::ReasonCode;
use crate::seller::Seller;
use state::{Flow, State};
use turn::Turn;

impl Seller {
    /// Goes on with a flow. `now` is in milliseconds, UTC; `entropy` is 32 fresh bytes.
    ///
    /// # Errors
    /// [`ReasonCode::ForeignAdmission`] for bytes that are no flow of this seller; [`ReasonCode::MalformedFrame`] for an
    /// input that does not answer the step.
    pub fn advance(
        &self,
        flow: &[u8],
        input: Input,
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Advance, ReasonCode> {
        let Flow { head, state } = Flow::decode(self, flow)?;
        let turn = Turn { seller: self, head, now, entropy, notes: alloc::vec::Vec::new() };
        match state {
            State::Deciding { rows } => turn.decide(rows, input),
            State::Reserving { then } => turn.reserved(*then, input),
            State::Pausing { watch } => turn.woken(watch, &input),
            State::Sending { work, effect, keys, question } => turn.sent(work, effect, keys, question, input),
            State::Settling(settling) => turn.settle(settling, input),
            State::Settled { settling, ended } => turn.settled(settling, *ended, input),
            State::Changing { request, rows } => turn.change(request, rows, input),
            State::Changed { request, ended, notes } => turn.changed(request, ended, notes, input),
        }
    }
}
