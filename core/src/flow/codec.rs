//! How the types of a flow stand in a frame.

use alloc::vec::Vec;

use super::note::Note;
use super::request::{ChangeRequest, Changed};
use super::state::{Ended, Head, Settling, State, Then};
use super::step::{Advance, Input, Step};
use crate::abi::describe::{Describe, Enum, Shape, Struct, Variant, described_field};
use crate::abi::{Decode, Encode, fields, lists, read_fields, variants};
use crate::frame::{FrameError, FrameReader, FrameWriter};

fields!(Advance { flow, step, notes, promoted, detached });
variants!(Step as FlowStep by step {
    1: Load { keys, watch, until: deadline },
    2: Commit { writes, until: deadline },
    3: Send { effect, until: deadline, give_up_at },
    4: Wait { until: deadline },
    5: Answer(answer),
    6: Done(changed)
});
variants!(Input as FlowInput by input {
    1: Loaded(rows),
    2: Committed,
    3: Conflicted,
    4: Uncertain(code),
    5: Failed(code),
    6: Late,
    7: Sent(outcome),
    8: Woken
});
variants!(Note as FlowNote by note {
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
    12: Alarm { code, instance, tenant }
});
variants!(ChangeRequest by change {
    1: Report { effect, outcome },
    2: Access { product, instance, access: json },
    3: Import { product, line: json }
});
variants!(Changed by changed {
    1: Reported(settling),
    2: Committed,
    3: Unchanged,
    4: Unknown,
    5: Refused(problems),
    6: Failed(code),
    7: Invalid(reason)
});
lists!(Note);

fields!(Head { admission, keys, answer_by, rounds, doubts, watching, cause });
fields!(Settling { work, effect, keys, outcome, entropy, rows });
fields!(Ended { answer, promoted, notes });
variants!(Then { 1: Answer { answered, owes }, 2: Perform(inner), 3: Ask(inner) });
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
