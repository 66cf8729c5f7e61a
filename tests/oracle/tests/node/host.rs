//! The smallest host: a seller, and rows in memory.

use std::collections::BTreeMap;

use countersign_core::ledger::{Change, Decision, Outcome, Row, Settlement, Stored, Write};
use countersign_core::{Admitted, Answer, Body, Request, Seller, Verdict};
use serde_json::json;

/// The time at which every call arrives.
pub(crate) const NOW: u64 = 1_700_000_000_000;

/// A seller with a route for each dialect under one key; credentials are encrypted on both.
pub(crate) fn seller(key: &str, bits: u64) -> Seller {
    let route = |path: &str, dialect: &str| {
        json!({"path": path, "dialect": dialect, "keys": [key], "cipher": format!("aes-{bits}"),
            "product": dialect, "encrypt_credentials": true})
    };
    let configuration = json!({"routes": [route("/v1", "saas-v1"), route("/v2", "saas-v2")]});
    Seller::from_json(configuration.to_string().as_bytes()).unwrap()
}

pub(crate) fn admit(seller: &Seller, method: &str, target: &[u8], body: &[u8]) -> Verdict {
    let request = Request::new(method, target, &[], Body::Bytes(body));
    seller.admit(&request, &[7; 16], NOW)
}

/// Carries a purchase to its answer; the backend says `outcome`.
pub(crate) fn purchase(seller: &Seller, admitted: &Admitted, outcome: &Outcome) -> Answer {
    let mut rows = Rows::default();
    let mut loaded = rows.load(&admitted.keys);
    let work = loop {
        match seller.decide(&admitted.admission, &loaded, NOW, &[8; 32]).unwrap() {
            Decision::Need { keys } => loaded.extend(rows.load(&keys)),
            Decision::Perform(assignment) => {
                rows.commit(&assignment.commit);
                break assignment.work;
            }
            other => panic!("a purchase is performed: {other:?}"),
        }
    };
    let mut loaded = Vec::new();
    loop {
        match seller.settle(&work, Some(&admitted.admission), &loaded, outcome, NOW, &[9; 32]).unwrap() {
            Settlement::Need { keys } => loaded.extend(rows.load(&keys)),
            Settlement::Settled(settled) => return settled.answer.expect("there is an admission"),
        }
    }
}

#[derive(Default)]
struct Rows(BTreeMap<String, Vec<u8>>);

impl Rows {
    fn load(&self, keys: &[String]) -> Vec<Row> {
        let stored = |key| self.0.get(key).map(|bytes| Stored { bytes: bytes.clone(), version: 1 });
        keys.iter().map(|key| Row { key: key.clone(), value: stored(key) }).collect()
    }

    fn commit(&mut self, writes: &[Write]) {
        for write in writes {
            match &write.change {
                Change::Check => {}
                Change::Put { bytes, .. } => {
                    self.0.insert(write.key.clone(), bytes.clone());
                }
                Change::Delete => {
                    self.0.remove(&write.key);
                }
            }
        }
    }
}
