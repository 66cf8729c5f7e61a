//! A defect on one side is found by the comparison that is there for it.

use countersign_oracle::Node;

use crate::{Comparison, answers, calls, crypto, wire};

const DEFECTS: [(&str, Comparison); 14] = [
    ("message-twice", crypto::signatures),
    ("carry-of-unsigned-bytes", crypto::keys),
    ("iv-of-zeros", crypto::credentials),
    ("code-point-order", wire::canonical_forms),
    ("lower-case-escapes", wire::canonical_forms),
    ("nested-nulls-dropped", wire::canonical_forms),
    ("plus-stays", wire::decoded_values),
    ("repeated-names-pass", wire::forms),
    ("february-29-always", wire::read_times),
    ("body-mac-in-bytes", calls::signed),
    ("key-before-stamp", calls::signed),
    ("bits-of-the-target-stay", calls::turned_bits),
    ("signature-of-any-body", calls::turned_bits),
    ("body-sign-of-text", answers::purchases),
];

#[test]
fn every_planted_defect_is_found() {
    for (defect, comparison) in DEFECTS {
        assert!(!comparison(Node::sabotaged(defect), 500).is_empty(), "{defect} was not noticed");
    }
}
