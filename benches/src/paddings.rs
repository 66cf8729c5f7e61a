//! How long a private key takes over ciphertexts that are padded rightly and wrongly.
//!
//! Every class is the same work, so their times are one distribution: `against_right` is Welch's t between a class and the
//! ciphertexts that open; below 4.5 nobody can tell them apart by so many measurements.

use std::hint::black_box;
use std::time::Instant;

use countersign_benches::statistics::median;
use countersign_core::crypto::PrivateKey;
use serde_json::{Value, json};

use crate::gateway::{Failed, Result};

const ROUNDS: usize = 500;

/// Each class by the id that it has among the vectors.
const CLASSES: [&str; 6] = [
    "a first byte that is not zero",
    "no one behind the zeros",
    "something else before the one",
    "a label",
    "PKCS #1 v1.5",
    "another bit",
];

/// One line for each class.
pub(crate) fn measure() -> Result<Vec<Value>> {
    let vectors: Value = serde_json::from_str(include_str!("../../tests/vectors/oaep.json"))?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let key = PrivateKey::from_pem(&text(&vectors["keys"][0]["pem"]))
        .map_err(|error| Failed(format!("{error:?}")))?;
    let bytes = |case: &Value| countersign_core::wire::hex::decode(text(&case["ciphertext"]).as_bytes());
    let right = &vectors["opened"][0];
    let mut classes = vec![("right", bytes(right).map_err(|_| "no digits")?, Vec::new())];
    for id in CLASSES {
        let case = vectors["refused"].as_array().into_iter().flatten().find(|case| case["id"] == id);
        let case = case.ok_or_else(|| format!("no vector {id}"))?;
        classes.push((id, bytes(case).map_err(|_| "no digits")?, Vec::new()));
    }
    // They take turns, and who begins changes, so that a disturbance meets all of them.
    for round in 0..ROUNDS {
        let begins = round % classes.len();
        classes.rotate_left(begins);
        for (class, ciphertext, took) in &mut classes {
            let began = Instant::now();
            let opened = black_box(key.open(black_box(ciphertext)));
            took.push(began.elapsed().as_nanos() as f64);
            if opened.is_some() != (*class == "right") {
                return Err(Failed(format!("{class}: {}", opened.is_some())));
            }
        }
        classes.rotate_right(begins);
    }
    let right = classes[0].2.clone();
    Ok(classes
        .iter()
        .map(|(class, _, took)| {
            let against_right = if *class == "right" { Value::Null } else { json!(welch(&quiet(took), &quiet(&right))) };
            json!({"class": class, "median_us": median(took).unwrap_or_default() / 1e3, "against_right": against_right})
        })
        .collect())
}

/// Without the slowest tenth, which is the machine's.
fn quiet(took: &[f64]) -> Vec<f64> {
    let mut sorted = took.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.truncate(sorted.len() * 9 / 10);
    sorted
}

fn welch(one: &[f64], other: &[f64]) -> f64 {
    let moments = |values: &[f64]| {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, variance / count)
    };
    let ((one, spread), (other, other_spread)) = (moments(one), moments(other));
    ((one - other) / (spread + other_spread).sqrt()).abs()
}
