//! Client secrets, sealed account events and the text forms of lists, as a JDK and real Jackson make them.

use countersign_core::compute::compute;
use countersign_core::crypto::hmac_sha256;
use countersign_core::{Body, Request, Seller, Verdict};
use countersign_oracle::cases::{generate, matching, text};
use countersign_oracle::{Oracle, question};
use proptest::prelude::*;
use serde_json::{Value, json};

fn oracle() -> Oracle {
    Oracle::prepare(env!("CARGO_TARGET_TMPDIR"))
}

fn keys() -> Vec<(String, String)> {
    let vectors: Value = serde_json::from_str(include_str!("../../vectors/oaep.json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    vectors["keys"].as_array().unwrap().iter().map(|key| (text(&key["id"]), text(&key["pem"]))).collect()
}

/// What Java encrypts under each pair of hash functions that is tried, and under what its own default means, opens.
#[test]
fn client_secrets_of_a_jdk_are_opened() {
    let secrets = generate(&prop_oneof![3 => matching("[A-Za-z0-9+/=]{8,64}"), 1 => text()], 6);
    let hashes = ["java", "sha-256/sha-1", "sha-256/sha-256", "sha-1/sha-1"];
    let mut cases = Vec::new();
    for (id, pem) in keys() {
        for secret in secrets.iter().filter(|secret| secret.len() <= 300) {
            cases.extend(hashes.map(|hashes| (id.clone(), pem.clone(), hashes, secret.clone())));
        }
    }
    assert!(cases.len() >= 4 * 4 * 3);
    let questions: Vec<_> = cases
        .iter()
        .map(|(_, pem, hashes, secret)| {
            question("oaep-encrypt", &[pem.as_bytes(), hashes.as_bytes(), secret.as_bytes()])
        })
        .collect();
    for ((id, pem, hashes, secret), answer) in cases.iter().zip(oracle().ask(&questions)) {
        let opened = compute("rsa-oaep-decrypt", &[pem.as_bytes(), &answer.unwrap()]);
        assert_eq!(opened.as_deref(), Ok(secret.as_bytes()), "{id}, {hashes}");
    }
}

/// Java and we refuse the same: under each of the three pairs what is damaged, shortened or padded otherwise.
#[test]
fn what_a_jdk_opens_under_none_of_the_three_is_refused() {
    let hashes = ["sha-256/sha-1", "sha-256/sha-256", "sha-1/sha-1"];
    let vectors: Value = serde_json::from_str(include_str!("../../vectors/oaep.json")).unwrap();
    let pem = &keys()[0].1;
    let refused = vectors["refused"].as_array().unwrap();
    let ciphertext = |case: &Value| {
        countersign_core::wire::hex::decode(case["ciphertext"].as_str().unwrap().as_bytes()).unwrap()
    };
    let questions: Vec<_> = refused
        .iter()
        .flat_map(|case| {
            hashes.map(|hashes| {
                question("oaep-decrypt", &[pem.as_bytes(), hashes.as_bytes(), &ciphertext(case)])
            })
        })
        .collect();
    let answers = oracle().ask(&questions);
    for (case, answers) in refused.iter().zip(answers.chunks(3)) {
        assert!(answers.iter().all(Result::is_err), "{case}: Java opens it");
        assert!(compute("rsa-oaep-decrypt", &[pem.as_bytes(), &ciphertext(case)]).is_err(), "{case}");
    }
}

#[test]
fn account_events_are_sealed_and_opened_as_java_does() {
    let bytes = |length| proptest::collection::vec(any::<u8>(), length);
    let iv = prop_oneof![bytes(12..=12), bytes(16..=16), bytes(24..=24)];
    let cases = generate(&(bytes(16..=16), iv, bytes(0..=200), any::<prop::sample::Index>()), 2_000);
    let mut questions = Vec::new();
    for (key, iv, plain, at) in &cases {
        let sealed = compute("aes-gcm-seal", &[key, iv, plain]).unwrap();
        let blocks = compute("aes-ecb-encrypt", &[key, plain]).unwrap();
        let (mut damaged, mut damaged_blocks) = (sealed.clone(), blocks.clone());
        damaged[at.index(sealed.len())] ^= 1;
        damaged_blocks[at.index(blocks.len())] ^= 1;
        questions.extend([
            question("gcm-encrypt", &[key, iv, plain]),
            question("gcm-decrypt", &[key, iv, &damaged]),
            question("ecb-encrypt", &[key, plain]),
            question("ecb-decrypt", &[key, &damaged_blocks]),
        ]);
    }
    let answers = oracle().ask(&questions);
    for ((key, iv, plain, at), answers) in cases.iter().zip(answers.chunks(4)) {
        let sealed = compute("aes-gcm-seal", &[key, iv, plain]).unwrap();
        let mut blocks = compute("aes-ecb-encrypt", &[key, plain]).unwrap();
        assert_eq!((answers[0].as_ref(), answers[2].as_ref()), (Ok(&sealed), Ok(&blocks)));
        assert_eq!(compute("aes-gcm-open", &[key, iv, &sealed]).as_ref(), Ok(plain));
        assert_eq!(compute("aes-ecb-decrypt", &[key, &blocks]).as_ref(), Ok(plain));
        let mut damaged = sealed;
        let place = at.index(damaged.len());
        damaged[place] ^= 1;
        assert_eq!(answers[1].as_deref().map_err(|class| &**class), Err("AEADBadTagException"));
        assert!(compute("aes-gcm-open", &[key, iv, &damaged]).is_err());
        let place = at.index(blocks.len());
        blocks[place] ^= 1;
        assert_eq!(compute("aes-ecb-decrypt", &[key, &blocks]).ok(), answers[3].clone().ok());
    }
}

const KEY: &str = "test-access-key-0001";
const NOW: u64 = 1_700_000_000_000;

/// The departments of an `allOrgSync` whose list stands in its text form; `Err` is the reason.
fn departments(seller: &Seller, list: &str) -> Result<Vec<(String, String)>, &'static str> {
    let body = json!({"instanceId": "i-1", "orgInfoList": list, "tenantId": "t-1"}).to_string();
    let (time, nonce) = (NOW.to_string(), "0123456789abcdef0123456789abcdef");
    let signed =
        hmac_sha256(&[KEY.as_bytes()], &[KEY.as_bytes(), nonce.as_bytes(), time.as_bytes(), body.as_bytes()]);
    let sign = countersign_core::wire::hex::encode(&signed);
    let headers: [(&str, &[u8]); 3] =
        [("x-sign", sign.as_bytes()), ("x-timestamp", time.as_bytes()), ("x-nonce", nonce.as_bytes())];
    let target = b"/kit/produceAPI/v2/allOrgSync";
    match seller.admit(&Request::new("POST", target, &headers, Body::Bytes(body.as_bytes())), &[7; 16], NOW) {
        Verdict::Refused(refusal) => Err(refusal.reason.code.code()),
        Verdict::Admitted(admitted) => {
            let event: Value = serde_json::from_str(&admitted.event.to_json().to_string()).unwrap();
            let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
            let entries = event["departments"].as_array().unwrap().iter();
            Ok(entries.map(|entry| (text(entry, "org_code"), text(entry, "name"))).collect())
        }
    }
}

fn seller() -> Seller {
    let route = json!({"path": "/kit", "dialect": "kit-v2", "keys": [KEY], "product": "crm"});
    Seller::from_json(json!({ "routes": [route] }).to_string().as_bytes()).unwrap()
}

/// Jackson writes a list with and without quotes around its names: both mean what was written, whatever the values are.
#[test]
fn lists_that_jackson_writes_are_read() {
    let seller = seller();
    let name = text().prop_filter("names are kept trimmed and short", |text| {
        text.chars().count() <= 40 && !text.is_empty() && text.trim() == text
    });
    let entry = (matching("[A-Za-z0-9_-]{1,20}"), name);
    let lists = generate(&proptest::collection::vec(entry, 0..6), 1_000);
    let mut questions = Vec::new();
    for list in &lists {
        let entries: Vec<Value> =
            list.iter().map(|(code, name)| json!({"orgCode": code, "orgName": name, "sort": 1})).collect();
        let json = Value::from(entries).to_string();
        questions.push(question("list", &[json.as_bytes()]));
        questions.push(question("unquoted-list", &[json.as_bytes()]));
    }
    let mut unquoted = 0;
    for (list, texts) in lists.iter().zip(oracle().ask(&questions).chunks(2)) {
        let mut codes: Vec<&String> = list.iter().map(|(code, _)| code).collect();
        codes.sort();
        codes.dedup();
        for written in texts {
            let written = String::from_utf8(written.clone().unwrap()).unwrap();
            unquoted += usize::from(written.starts_with("[{orgCode:"));
            let read = departments(&seller, &written);
            if codes.len() == list.len() {
                assert_eq!(read.as_ref(), Ok(list), "{written}");
            }
        }
    }
    assert!(unquoted > 500, "{unquoted}");
}

/// Jackson forgives more than is documented; what we take, a Jackson that takes names without quotes takes too, and it
/// means the same. Its strict duplicates are ours.
#[test]
fn what_is_read_jackson_reads_to_the_same() {
    let seller = seller();
    let token = prop::sample::select(
        &[
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "'",
            "orgCode",
            "\"orgCode\"",
            "orgName",
            "\"orgName\"",
            "\"d1\"",
            "\"d2\"",
            "a$b",
            "a-b",
            "_x",
            "1",
            "null",
            "true",
            " ",
            "\\",
            "//",
            "/*",
            "*/",
            "\n",
            "{orgCode:\"d3\"}",
            "{\"orgCode\":\"d4\"}",
            "部",
        ][..],
    );
    let broken = proptest::collection::vec(token, 0..10).prop_map(|tokens| format!("[{}]", tokens.concat()));
    let texts = generate(&broken, 20_000);
    let questions: Vec<_> = texts.iter().map(|text| question("read-list", &[text.as_bytes()])).collect();
    let mut taken = 0;
    for (text, answer) in texts.iter().zip(oracle().ask(&questions)) {
        let Ok(read) = departments(&seller, text) else { continue };
        taken += 1;
        let theirs: Value =
            serde_json::from_slice(&answer.unwrap_or_else(|class| panic!("{class}: {text}"))).unwrap();
        let codes: Vec<String> = theirs
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["orgCode"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(read.into_iter().map(|(code, _)| code).collect::<Vec<_>>(), codes, "{text}");
    }
    assert!(taken > 100, "{taken}");
}
