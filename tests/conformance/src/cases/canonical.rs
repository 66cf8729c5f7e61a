//! `canonical.json`

use super::vector::Vector;
use crate::case::Expectation::{Output, Refused};
use crate::case::{Exchange, compute};

/// The primitive of each form, and where its text stands.
const FORMS: [(&str, &str); 4] = [
    ("canonical-top-level-sorted", "top_level_sorted"),
    ("canonical-recursively-sorted", "recursively_sorted"),
    ("canonical-scalars-as-strings", "scalars_as_strings"),
    ("canonical-descending", "descending"),
];

pub(super) fn exchanges(group: &str, vector: Vector<'_>) -> Vec<Exchange> {
    let text = vector.bytes("text");
    match group {
        "forms" => {
            FORMS.map(|(name, form)| compute(name, &[text], Output(vector.bytes(form).to_vec()))).into()
        }
        "refused" => {
            FORMS.map(|(name, _)| compute(name, &[text], Refused("body", vector.text("error").into()))).into()
        }
        _ => Vec::new(),
    }
}
