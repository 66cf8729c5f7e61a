//! How the types of a flow stand in a frame.

use alloc::vec::Vec;

use super::note::Note;
use super::request::{ChangeRequest, Changed};
use super::state::{Ended, Head, Settling, State, Then};
use super::step::{Advance, Input, Step};
use crate::abi::{Decode, Encode, fields, lists, variants};
use crate::frame::{FrameError, FrameReader, FrameWriter};

fields!(Advance { flow, step, notes, promoted, detached });
variants!(Step {
    1: Load { keys, watch, until },
    2: Commit { writes, until },
    3: Send { effect, until, give_up_at },
    4: Wait { until },
    5: Answer(inner),
    6: Done(inner)
});
variants!(Input {
    1: Loaded(inner),
    2: Committed,
    3: Conflicted,
    4: Uncertain(inner),
    5: Failed(inner),
    6: Late,
    7: Sent(inner),
    8: Woken
});
variants!(Note {
    1: Refused { reason, dialect, product },
    2: Admitted { dialect, product, event, test, order, instance },
    3: Waited,
    4: Conflicted,
    5: Uncertain { code },
    6: Answered { instance, reason },
    7: Performed { effect, instance, order, attempt },
    8: Asked { effect },
    9: OutOfTime,
    10: Settled { effect, instance, settling, outcome, reason },
    11: Failed { code },
    12: Alarm { code, instance }
});
variants!(ChangeRequest {
    1: Report { effect, outcome },
    2: Access { product, instance, access },
    3: Import { product, line }
});
variants!(Changed {
    1: Reported(inner),
    2: Committed,
    3: Unchanged,
    4: Unknown,
    5: Refused(inner),
    6: Failed(inner),
    7: Invalid(inner)
});
lists!(Note);

fields!(Head { admission, keys, answer_by, rounds, doubts, watching, cause });
fields!(Settling { work, effect, keys, outcome, entropy, rows });
fields!(Ended { answer, promoted, notes });
variants!(Then { 1: Answer(inner), 2: Perform(inner), 3: Ask(inner) });
variants!(State {
    1: Deciding { rows },
    2: Reserving { then },
    3: Pausing { watch },
    4: Sending { work, effect, keys, question },
    5: Settling(inner),
    6: Settled { settling, ended },
    7: Changing { request, rows },
    8: Changed { request, ended, notes }
});
