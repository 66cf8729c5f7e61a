//! Answers of the core, read as the platform reads them.

use countersign_core::Verdict;
use countersign_core::ledger::Outcome;
use countersign_oracle::Node;
use countersign_oracle::cases::{generate, matching};
use countersign_oracle::node::{Answer, base64};
use serde_json::{Value, json};

use crate::calls::{Call, generated};
use crate::host::purchase;
use crate::{agree, compare, difference};

/// What Node is asked about an answer.
fn question(call: &Call, answer: &countersign_core::Answer) -> Value {
    let header = answer.headers.iter().find(|(name, _)| name == "Body-Sign").map(|(_, value)| value);
    json!({"op": "read-answer", "key": call.key, "bits": call.bits, "body": base64(&answer.body), "header": header})
}

/// Purchases: the signature holds, and the credentials are those of the backend. V2 hands them out with the query only.
pub(crate) fn purchases(node: Node, count: usize) -> Vec<String> {
    let credentials = generate(&(matching("[ -~一-龥😀]{1,15}"), matching("[ -~]{1,40}")), count);
    let calls = generated(count);
    let targets = Node::honest().ask(&calls.iter().map(|call| call.question().clone()).collect::<Vec<_>>());
    let answered = |((call, target), (user, password)): ((Call, Answer), (String, String))| {
        let access =
            json!({"front_end_url": "https://app.example.com", "user_name": user, "password": password});
        let Verdict::Admitted(admitted) = call.admit(&target.unwrap()) else { panic!("{call:?}") };
        let answer = purchase(&call.seller(), &admitted, &Outcome::Done(access.to_string().into()));
        let read = if call.question()["op"] == "request-v1" {
            json!({"genuine": true, "userName": user, "password": password})
        } else {
            json!({"genuine": true, "userName": null, "password": null})
        };
        (question(&call, &answer), read)
    };
    let cases: Vec<_> = calls.into_iter().zip(targets).zip(credentials).map(answered).collect();
    compare(
        node,
        &cases,
        |(question, _)| question.clone(),
        |(question, read), answer| difference(question, &Ok(read.clone()), &answer),
    )
}

/// Refusals of calls that another key signed: the signature is that of the route's first key.
pub(crate) fn refusals(node: Node, count: usize) -> Vec<String> {
    let calls = generated(count);
    let stranger = |call: &Call| {
        let mut question = call.question().clone();
        question["key"] = json!(format!("{}x", call.key));
        question
    };
    let targets = Node::honest().ask(&calls.iter().map(stranger).collect::<Vec<_>>());
    let refused = |(call, target): (&Call, Answer)| match call.admit(&target.unwrap()) {
        Verdict::Refused(refusal) => question(call, &refusal.answer),
        Verdict::Admitted(_) => panic!("admitted under another key: {call:?}"),
    };
    let cases: Vec<_> = calls.iter().zip(targets).map(refused).collect();
    let read = Ok(json!({"genuine": true, "userName": null, "password": null}));
    compare(node, &cases, Value::clone, |question, answer| difference(question, &read, &answer))
}

#[test]
fn purchases_are_answered_as_the_platform_checks_it() {
    agree(purchases, 1_000);
}

#[test]
fn refusals_are_signed_too_and_another_key_is_refused() {
    agree(refusals, 1_500);
}
