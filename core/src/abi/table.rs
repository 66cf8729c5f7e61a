//! The table of operations. Their numbers, the dispatch in the core, the client of a host, the description for other
//! languages and their codecs are made of it, and of nothing else.
//!
//! ```text
//! NUMBER CONSTANT: receiver.name(argument: Kind, …) [framed (argument, …)] -> Output [as Json];
//! ```
//!
//! | Receiver | Its handle in the head of the request |
//! |---|---|
//! | `sellers` | is what the operation gives or takes back |
//! | `seller` | is that of an open seller, else `unknown-seller` |
//! | `module` | is not looked at |
//!
//! | Kind | In Rust | In a frame |
//! |---|---|---|
//! | `Bytes`, `Json`, `Octets` | `&[u8]` | a byte string; of JSON its text, of octets what HTTP carries |
//! | `OptionalBytes` | `Option<&[u8]>` | a byte string, empty where there are none |
//! | `Text` | `&str` | a text |
//! | `Flag` | `bool` | one byte, 1 or 0 |
//! | `Time` | `u64` | a number, milliseconds, UTC; the clock's where a caller leaves it out |
//! | `Entropy`, `RequestId` | `&[u8; 32]`, `&[u8; 16]` | so many bytes without a length; fresh where a caller leaves them out |
//! | `[Kind]` | `&[…]` | a list |
//! | any other name | a reference to the type of that name in [`values`](crate::abi::values) | as its codec says |
//!
//! Arguments stand in the order in which they are read best, in every language. `framed` says in which order they stand in
//! the frame, where that is another one.

/// Hands the table to the macro that is named.
#[macro_export]
#[doc(hidden)]
macro_rules! operations {
    ($then:ident) => {
        $then! {
            /// Opens a seller: its configuration is checked as a whole and compiled once.
            1 OPEN: sellers.open(configuration: Json) -> u32;
            /// Closes a seller and wipes its keys.
            2 CLOSE: sellers.close() -> ();
            /// Judges one HTTP request: route, sizes, freshness, authenticity, decryption, meaning, in this order.
            3 ADMIT: seller.admit(request: Request, request_id: RequestId, now: Time)
                framed (request_id, now, request) -> $crate::Verdict;
            /// Decides what is to be done with an admitted call, over the rows that were loaded so far.
            4 DECIDE: seller.decide(admission: Bytes, rows: [Row], now: Time, entropy: Entropy)
                framed (admission, now, entropy, rows) -> $crate::ledger::Decision;
            /// Takes in how a work or a question ended; with the admission of the call that began it there is an answer too.
            5 SETTLE: seller.settle(
                work: Bytes, admission: OptionalBytes, rows: [Row], outcome: Outcome, now: Time, entropy: Entropy
            ) framed (work, admission, now, entropy, outcome, rows) -> $crate::ledger::Settlement;
            /// Lists the owed works among the rows of a scan over `work/`, each with the time from which it is due.
            6 DUE: seller.due(rows: [Row], now: Time) framed (now, rows) -> $crate::ledger::Due;
            /// The answer when nothing else can be said: the platform will call again.
            7 DECLINE: seller.decline(admission: Bytes) -> $crate::Answer;
            /// Takes in that the application reports by itself how an effect ended.
            8 REPORT: seller.report(effect_id: Text, rows: [Row], outcome: Outcome, now: Time, entropy: Entropy)
                framed (effect_id, now, entropy, outcome, rows) -> $crate::ledger::Settlement;
            /// An instance row as JSON; access data only where they are asked for.
            9 VIEW_INSTANCE: module.view_instance(row: Bytes, with_access: Flag) -> Vec<u8> as Json;
            /// Replaces the access data of an open instance.
            10 UPDATE_ACCESS: seller.update_access(
                product: Text, instance_id: Text, access: Json, rows: [Row], entropy: Entropy
            ) framed (product, instance_id, access, entropy, rows) -> $crate::ledger::AccessUpdate;
            /// One primitive of the rules by name, for known answers.
            11 COMPUTE: module.compute(name: Text, inputs: [Bytes]) -> Vec<u8>;
            /// What an instance that was opened before the gate comes to. Without a product the line names its own.
            12 IMPORT_INSTANCE: seller.import_instance(
                product: Text, instance: Json, rows: [Row], now: Time, entropy: Entropy
            ) framed (product, instance, now, entropy, rows) -> $crate::ledger::Import;
            /// What a host needs of the configuration; holds no key.
            13 DESCRIBE: seller.describe() -> Vec<u8> as Json;
            /// An instance row as the line that imports it elsewhere.
            14 EXPORT_INSTANCE: module.export_instance(row: Bytes, with_access: Flag) -> $crate::ledger::Export;
            /// Leases one work, if it is due and nobody runs it. Send it once its commit held.
            15 CLAIM: seller.claim(row: Row, now: Time, entropy: Entropy)
                framed (now, entropy, row) -> Option<$crate::ledger::Assignment>;
            /// The largest body that calls of this method and target may have, bytes; none where no route takes them.
            16 BODY_LIMIT: seller.body_limit(method: Text, target: Octets) -> Option<u64>;
            /// Judges one HTTP request like `admit` and begins its flow.
            17 BEGIN: seller.begin(request: Request, request_id: RequestId, now: Time)
                framed (request_id, now, request) -> $crate::flow::Advance;
            /// Goes on with a flow: says what became of its step.
            18 ADVANCE: seller.advance(flow: Bytes, input: Input, now: Time, entropy: Entropy)
                framed (flow, now, entropy, input) -> $crate::flow::Advance;
            /// Begins the flow of one owed work, if it is due and nobody runs it.
            19 TAKE_UP: seller.take_up(row: Row, now: Time, entropy: Entropy)
                framed (now, entropy, row) -> Option<$crate::flow::Advance>;
            /// Begins a change that no call of the platform brings; its flow ends with what became of it.
            20 CHANGE: seller.change(request: ChangeRequest, now: Time, entropy: Entropy)
                framed (now, entropy, request) -> $crate::flow::Advance;
            /// The secret that an admitted call carries under the seller's public key, in plain text.
            21 REVEAL: seller.reveal(admission: Bytes) -> Vec<u8> as Json;
            /// Where everything stands that is kept of a tenant under one instance; without instance an empty text.
            22 DIRECTORY_KEYS: module.directory_keys(product: Text, tenant_id: Text, instance_id: Text)
                -> $crate::ledger::DirectoryKeys;
            /// What is kept of a tenant under one instance, of the rows that `directory_keys` names. Holds personal data.
            23 VIEW_DIRECTORY: module.view_directory(
                product: Text, tenant_id: Text, instance_id: Text, rows: [Row]
            ) -> Vec<u8> as Json;
        }
    };
}
