//! Known inputs and outputs, `vectors.json`.

use countersign_simulator::check::{CheckInput, check};
use countersign_simulator::crypto::contact::{self, Strength};
use countersign_simulator::crypto::sha1prng;
use countersign_simulator::{AccessKey, Dialect, Fields, HttpRequest, HttpResponse, SignInput, sign};
use serde_json::Value;

fn vectors(group: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let group = all[group].as_array().unwrap().clone();
    assert!(!group.is_empty());
    assert!(group.iter().all(|entry| !text(entry, "source").is_empty()));
    group
}

fn text<'a>(entry: &'a Value, name: &str) -> &'a str {
    entry[name].as_str().unwrap_or_else(|| panic!("{name} in {entry}"))
}

fn signed(dialect: Dialect, entry: &Value, fields: &Fields) -> HttpRequest {
    sign(&SignInput {
        dialect,
        key: &AccessKey::new(text(entry, "key")),
        host: "isv.example.com",
        path: "/saas",
        fields,
        now_ms: entry["now_ms"].as_u64().unwrap_or_default(),
        nonce: entry["nonce"].as_str().unwrap_or_default(),
    })
    .unwrap()
}

#[test]
fn v1_requests_carry_the_known_token_first() {
    for entry in vectors("saas_v1_auth_token") {
        let request = signed(Dialect::SaasV1, &entry, entry["fields"].as_object().unwrap());
        let token = text(&entry, "auth_token").replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        assert!(request.target.starts_with(&format!("/saas?authToken={token}&activity=")), "{entry}");
        if entry.get("target").is_some() {
            assert_eq!(request.target, text(&entry, "target"));
        }
        assert_eq!((request.method, request.body.len()), ("GET", 0));
    }
}

#[test]
fn v2_requests_carry_the_known_signature_over_the_known_body() {
    for entry in vectors("saas_v2_signature") {
        let body = text(&entry, "body");
        let shuffled: Fields = serde_json::from_str::<Fields>(body)
            .unwrap()
            .into_iter()
            .rev()
            .chain([("none".into(), Value::Null)])
            .collect();
        let request = signed(Dialect::SaasV2, &entry, &shuffled);
        let expected = format!(
            "/saas?signature={}&timestamp={}&nonce={}",
            text(&entry, "signature"),
            entry["now_ms"],
            text(&entry, "nonce")
        );
        assert_eq!(request.target, expected);
        assert_eq!(String::from_utf8(request.body).unwrap(), body);
    }
}

#[test]
fn the_checker_takes_the_known_body_signatures() {
    for entry in vectors("body_sign") {
        let key = AccessKey::new(text(&entry, "key"));
        let answer = |key: &AccessKey, signature: &str| {
            let input =
                CheckInput { dialect: Dialect::SaasV2, key, activity: "newInstance", debugging: false };
            let response = HttpResponse {
                status: 200,
                headers: vec![
                    ("Content-Type".into(), "application/json".into()),
                    ("Body-Sign".into(), format!("sign_type=\"HMAC-SHA256\", signature= \"{signature}\"")),
                ],
                body: text(&entry, "body").into(),
            };
            match check(&input, &response) {
                Ok(_) => true,
                Err(rejected) => {
                    !rejected.complaints.iter().any(|complaint| complaint.code() == "body-sign-wrong")
                }
            }
        };
        assert!(answer(&key, text(&entry, "signature")));
        assert!(!answer(&AccessKey::new("another key"), text(&entry, "signature")));
    }
}

#[test]
fn contact_data_take_the_known_form_in_both_directions() {
    for entry in vectors("contact") {
        let key = AccessKey::new(text(&entry, "key"));
        let strength = Strength::from_encrypt_type(text(&entry, "encrypt_type")).unwrap();
        let (clear, encrypted) = (text(&entry, "text"), text(&entry, "encrypted"));
        assert_eq!(contact::encrypt(&key, strength, text(&entry, "iv"), clear).unwrap(), encrypted);
        assert_eq!(contact::decrypt(&key, strength, encrypted).unwrap(), clear);
    }
}

#[test]
fn derived_keys_are_those_of_a_jdk() {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    for entry in vectors("derived_key") {
        let seed = text(&entry, "key").as_bytes();
        assert_eq!(hex(&sha1prng::first::<32>(seed)), text(&entry, "aes256"));
        assert_eq!(hex(&sha1prng::first::<16>(seed)), text(&entry, "aes256")[..32]);
    }
}
