//! Calls that Node signs, and the same calls with one bit turned.

use countersign_core::{Seller, Verdict};
use countersign_oracle::Node;
use countersign_oracle::cases::{body, generate, matching, number, text};
use countersign_oracle::node::{Answer, base64, bytes};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::crypto::LENGTHS;
use crate::host::{NOW, admit, seller};
use crate::{agree, difference};

/// A purchase before it is signed.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) key: String,
    pub(crate) bits: u64,
    /// What Node is asked to sign.
    question: Value,
    body: String,
    /// What the event must say, by its names.
    event: Vec<(&'static str, String)>,
}

impl Call {
    pub(crate) fn seller(&self) -> Seller {
        seller(&self.key, self.bits)
    }

    /// The verdict on a target that Node gave.
    pub(crate) fn admit(&self, target: &Value) -> Verdict {
        admit(&self.seller(), self.method(), target.as_str().unwrap().as_bytes(), self.body.as_bytes())
    }

    pub(crate) fn question(&self) -> &Value {
        &self.question
    }

    fn dialect(&self) -> &'static str {
        if self.question["op"] == "request-v1" { "saas-v1" } else { "saas-v2" }
    }

    fn method(&self) -> &'static str {
        if self.dialect() == "saas-v1" { "GET" } else { "POST" }
    }
}

fn key() -> impl Strategy<Value = (String, u64)> {
    let key = prop_oneof![
        matching("[a-z0-9-]{36}"),
        matching("[!#-&(-_a-~一-龥😀]([ -~一-龥😀]{0,78}[!#-&(-_a-~一-龥😀])?")
    ];
    (key, select(LENGTHS.map(|(_, bits)| bits).to_vec()))
}

fn id() -> impl Strategy<Value = String> {
    matching("[A-Za-z0-9.:一-龥😀-]{1,20}")
}

/// A body of any further members, signed as it is or in a form that the platform may have had in mind.
pub(crate) fn v2() -> impl Strategy<Value = Call> {
    let forms = vec!["raw", "top-level-sorted", "recursively-sorted", "scalars-as-strings"];
    let stamp = NOW - 59_000..NOW + 59_000;
    let ids = proptest::array::uniform3(id());
    (key(), ids, body(number()), select(forms), stamp, matching("[ -~é]{1,40}"), any::<bool>()).prop_map(
        |((key, bits), ids, further, form, stamp, nonce, front)| {
            let names = ["orderId", "orderLineId", "businessId"];
            let members = names.iter().zip(&ids).map(|(name, id)| format!("\"{name}\" :{}", json!(id)));
            let required = std::iter::once("\"activity\":\"newInstance\"".into()).chain(members);
            let required = required.collect::<Vec<_>>().join(",");
            let further = &further[1..further.len() - 1];
            let body = match (further.is_empty(), front) {
                (true, _) => format!("{{{required}}}"),
                (_, true) => format!("{{{required},{further}}}"),
                (_, false) => format!("{{{further},{required}}}"),
            };
            let question = json!({"op": "request-v2", "path": "/v2", "key": key, "body": body, "form": form,
                "nonce": nonce, "timestamp": stamp.to_string()});
            let [order, line, business] = ids;
            let event = vec![("order_id", order), ("order_line_id", line), ("business_id", business)];
            Call { key, bits, question, body, event }
        },
    )
}

/// Parameters of any text, a contact that Node encrypts, and empty ones, signed or not; perhaps with the scars of a
/// careless way: plus signs of the contact that became blanks, a token that was encoded twice.
pub(crate) fn v1() -> impl Strategy<Value = Call> {
    let further = proptest::collection::btree_map(
        matching("x[a-zA-Z\u{e000}\u{ffff}😀]{0,3}"),
        prop_oneof![4 => text(), 1 => Just(String::new())],
        0..5,
    );
    let stamp = matching(
        "20[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9][0-9]{3}",
    );
    let contact = matching("[ -~一-龥😀]{1,20}");
    let scars = any::<[bool; 3]>();
    (key(), (id(), id()), contact, matching("[A-Za-z0-9]{16}"), further, stamp, scars).prop_map(
        |((key, bits), (order, business), email, iv, further, stamp, [without_empty, lost_plus, twice])| {
            let mut pairs = vec![
                ("activity".to_owned(), "newInstance".to_owned()),
                ("timeStamp".into(), stamp),
                ("orderId".into(), order.clone()),
                ("businessId".into(), business.clone()),
                ("email".into(), email.clone()),
            ];
            pairs.extend(further);
            let question = json!({"op": "request-v1", "path": "/v1", "key": key, "bits": bits, "iv": iv,
                "pairs": pairs, "contact": ["email"], "withoutEmpty": without_empty,
                "lostPlus": lost_plus, "twice": twice});
            let event = vec![("order_id", order), ("business_id", business), ("email", email)];
            Call { key, bits, question, body: String::new(), event }
        },
    )
}

pub(crate) fn generated(count: usize) -> Vec<Call> {
    generate(&prop_oneof![v1(), v2()], count)
}

/// What Node signs is admitted, and says what Node meant.
pub(crate) fn signed(node: Node, count: usize) -> Vec<String> {
    let calls = generated(count);
    let questions: Vec<_> = calls.iter().map(|call| call.question.clone()).collect();
    let mut findings = Vec::new();
    for (call, target) in calls.iter().zip(node.ask(&questions)) {
        match call.admit(&target.unwrap()) {
            Verdict::Refused(refusal) => findings.push(format!("{call:?}: {}", refusal.reason)),
            Verdict::Admitted(admitted) => {
                let said = |(name, value): &(&str, String)| {
                    difference(&call.question, &admitted.event.text(name), &Some(value.as_str()))
                };
                findings.extend(call.event.iter().filter_map(said));
            }
        }
    }
    findings
}

/// Calls with one bit turned, the verdict of each, and whether Node still finds it signed.
fn turned(node: Node, count: usize) -> Vec<(String, Verdict, bool)> {
    let cases: Vec<_> = generated(count).into_iter().zip(generate(&any::<u32>(), count)).collect();
    let questions: Vec<_> = cases.iter().map(|(call, _)| call.question.clone()).collect();
    let questions: Vec<_> = cases
        .iter()
        .zip(Node::honest().ask(&questions))
        .map(|((call, bit), target)| {
            json!({"op": "flip", "dialect": call.dialect(), "path": call.question["path"], "key": call.key,
                "now": NOW, "target": base64(target.unwrap().as_str().unwrap().as_bytes()),
                "body": base64(call.body.as_bytes()), "bit": bit})
        })
        .collect();
    let judge = |((call, _), answer): (&(Call, u32), Answer)| {
        let flipped = answer.unwrap();
        let (target, body) = (bytes(&flipped["target"]), bytes(&flipped["body"]));
        let shown = format!("{} {}", String::from_utf8_lossy(&target), String::from_utf8_lossy(&body));
        (shown, admit(&call.seller(), call.method(), &target, &body), flipped["genuine"].as_bool().unwrap())
    };
    cases.iter().zip(node.ask(&questions)).map(judge).collect()
}

/// One bit is enough to be refused; what Node finds signed all the same, since the bit does not count, is admitted.
pub(crate) fn turned_bits(node: Node, count: usize) -> Vec<String> {
    let compare = |(shown, verdict, genuine): (String, Verdict, bool)| {
        difference(shown, &matches!(verdict, Verdict::Admitted(_)), &genuine)
    };
    turned(node, count).into_iter().filter_map(compare).collect()
}

#[test]
fn what_node_signs_is_admitted() {
    agree(signed, 3_000);
}

#[test]
fn one_bit_is_enough_to_be_refused() {
    agree(turned_bits, 6_000);
}

/// The case of hexadecimal digits, and blanks of a body that was signed in another form: bits that say nothing.
#[test]
fn few_bits_do_not_count() {
    let genuine = turned(Node::honest(), 1_000).iter().filter(|(.., genuine)| *genuine).count();
    assert!((1..100).contains(&genuine), "{genuine}");
}
