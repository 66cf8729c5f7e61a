//! Accounts and organisations of an identity centre.

use alloc::string::String;
use alloc::vec::Vec;

use super::SECOND_FORMAT;
use super::codec::{record, row};
use super::work::Last;
use crate::ledger::lane::Lane;

row! {
    #[derive(Clone)]
    /// What was created under a name: a username, or the code of an organisation. It holds no message, so no password; the
    /// work of a create is this row itself, and only a call that brings the message can send it again.
    NamedRow up to SECOND_FORMAT; {
        product: String,
        name: String,
        /// The id that the backend gave, and that is answered for ever.
        [sparse] id: Option<String>,
        /// Digest of the message that the backend has carried out, password and member order apart.
        [sparse] digest: Option<String>,
        /// Deleted under its id since: the next create is a new one.
        [sparse] deleted: Option<bool>,
        /// The create that is on its way.
        [sparse] pending: Option<Pending>,
        /// The highest fencing token of any create under this name.
        token: u64,
        /// The refusal that is told to those who were waiting for it.
        [sparse] refused: Option<RefusedCall>,
    }
}

record! {
    /// A create that has not ended.
    #[derive(Debug, Clone, PartialEq, Eq)]
    Pending {
        /// The effect id, the same for every send.
        effect: String,
        /// Digest of its message.
        digest: String,
        created_at: u64,
        /// The request that holds the lease, lower-case hex.
        owner: Option<String>,
        leased_until: Option<u64>,
        sends: u32,
        /// How the last send ended.
        last: Option<Last>,
    }
}

row! {
    /// What is known under an id of the backend's, and the lane of its updates and its end.
    AccountRow up to SECOND_FORMAT; {
        product: String,
        id: String,
        organization: bool,
        /// The name under which it was created, as far as the ledger saw it.
        [sparse] name: Option<String>,
        /// The recorded time of the last call; 0: none had any.
        time: u64,
        [sparse] deleted: Option<bool>,
        [flat] lane: Lane,
        /// Updates that ended lately, for those who were waiting for them.
        [sparse] ended: Vec<EndedCall>,
    }
}

record! {
    /// An update that is over.
    #[derive(Debug, Clone, PartialEq, Eq)]
    EndedCall {
        operation_id: String,
        at: u64,
        [sparse] refused: Option<RefusedCall>,
    }
}

record! {
    /// A refusal of the backend.
    #[derive(Debug, Clone, PartialEq, Eq)]
    RefusedCall {
        code: String,
        message: String,
        at: u64,
    }
}
