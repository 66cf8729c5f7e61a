//! The largest bodies that a configuration may allow go through the whole loop in one instance of the module, whatever
//! they are made of.

use std::sync::Arc;

use countersign_core::crypto::MacKey;
use countersign_core::ledger::{Change, Decision, Outcome, Row, Settlement, Stored, Write};
use countersign_core::wire::hex;
use countersign_core::{Body, Request, Verdict};
use countersign_runtime::{Engine, OpenSeller, WasmEngine, WasmSettings};

const NOW: u64 = 1_700_000_000_000;
const KEY: &str = "test-access-key-0001";
/// The most that the configuration takes.
const LARGEST: usize = 1 << 20;
/// A gateway reads no more of a backend's answer.
const ANSWER: usize = 256 << 10;

fn seller() -> OpenSeller {
    let engine: Arc<dyn Engine> = Arc::new(WasmEngine::new(WasmSettings::default()).expect("an engine"));
    let config = format!(
        r#"{{"routes":[{{"path":"/v2","dialect":"saas-v2","keys":["{KEY}"]}}],"settings":{{"max_base_body_bytes":{LARGEST}}}}}"#
    );
    OpenSeller::open(engine, config.as_bytes()).expect("the largest limit is one")
}

/// A create whose body is filled up with one piece after the other.
fn body(piece: &str) -> String {
    let head = r#"{"activity":"newInstance","businessId":"b1","orderId":"CS1","orderLineId":1,"x":["#;
    let count = (LARGEST - head.len() - 2 - piece.len()) / (piece.len() + 1);
    let pieces = vec![piece; count + 1].join(",");
    format!("{head}{pieces}]}}")
}

/// Signed in the last form that a verifier tries, scalars as texts, so that every other one is written before.
fn target(body: &str) -> String {
    let body = body.replacen(r#""orderLineId":1"#, r#""orderLineId":"1""#, 1);
    let (nonce, time) = ("n", NOW.to_string());
    let mac = MacKey::new(KEY.as_bytes());
    let inner = hex::encode(&mac.mac(&[body.as_bytes()]));
    let outer = mac.mac(&[KEY.as_bytes(), nonce.as_bytes(), time.as_bytes(), inner.as_bytes()]);
    format!("/v2?signature={}&timestamp={time}&nonce={nonce}", hex::encode(&outer))
}

fn commit(rows: &mut Vec<Row>, writes: Vec<Write>) {
    for write in writes {
        if let Change::Put { bytes, .. } = write.change {
            rows.retain(|row| row.key != write.key);
            rows.push(Row { key: write.key, value: Some(Stored { bytes, version: 1 }) });
        }
    }
}

#[test]
fn the_largest_body_goes_through_the_loop_whatever_it_is_made_of() {
    let seller = seller();
    let filler = "y".repeat(ANSWER - 64);
    let answer = format!(r#"{{"front_end_url":"https://a.example.com","z":"{filler}"}}"#);
    for piece in [
        "[0]",
        "[]",
        "{}",
        r#"{"":0}"#,
        "0",
        r#""""#,
        r#""\u0001\u0001""#,
        "[[[[[[0]]]]]]",
        r#"{"a":[{"b":""}]}"#,
    ] {
        let body = body(piece);
        assert!((LARGEST - 64..=LARGEST).contains(&body.len()), "{piece}: {}", body.len());
        let target = target(&body);
        let request = Request::new("POST", target.as_bytes(), &[], Body::Bytes(body.as_bytes()));
        let verdict =
            seller.admit(&request, &[1; 16], NOW).unwrap_or_else(|error| panic!("{piece}: {error}"));
        let Verdict::Admitted(admitted) = verdict else { panic!("{piece}: refused") };
        let mut rows: Vec<Row> =
            admitted.keys.iter().map(|key| Row { key: key.clone(), value: None }).collect();
        let decided = seller.decide(&admitted.admission, &rows, NOW, &[2; 32]);
        let Decision::Perform(work) = decided.unwrap_or_else(|error| panic!("{piece}: {error}")) else {
            panic!("{piece}: a purchase is performed")
        };
        assert!(work.effect.body.len() > body.len() / 2, "{piece}: the event is in the effect");
        commit(&mut rows, work.commit);
        let outcome = Outcome::Done(answer.clone().into_bytes());
        let settled = seller.settle(&work.work, Some(&admitted.admission), &rows, &outcome, NOW, &[3; 32]);
        let Settlement::Settled(settled) = settled.unwrap_or_else(|error| panic!("{piece}: {error}")) else {
            panic!("{piece}: all rows are there")
        };
        assert_eq!(settled.reason, None, "{piece}");
    }
}
