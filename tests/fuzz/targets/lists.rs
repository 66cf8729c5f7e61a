//! Lists of users and departments in their text form, in calls of a kit that are signed rightly.
//!
//! What is read in its text form is read just so as an array, wherever the text is JSON; a list of departments may have names
//! without quotes, and then a second reader that puts them in finds the same list.

#![no_main]

use countersign_core::{Body, Request, Seller, Verdict};
use countersign_fuzz::platform::hmac_hex;
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

const KEY: &str = "test-access-key-0001";
const NOW: u64 = 1_700_000_000_000;
const NONCE: &str = "0123456789abcdef0123456789abcdef";

#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Users,
    Departments,
}

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let list = if first & 1 == 0 { List::Users } else { List::Departments };
    let route = json!({"path": "/kit", "dialect": "kit-v2", "keys": [KEY], "product": "crm"});
    let seller = Seller::from_json(json!({ "routes": [route] }).to_string().as_bytes()).expect("a route");
    let quoted = Value::from(text).to_string();
    let as_text = read(&seller, list, &quoted);
    if let Some(event) = &as_text {
        let event: Value = serde_json::from_str(event).expect("events are JSON");
        let entries = event[if list == List::Users { "users" } else { "departments" }].as_array();
        let key = if list == List::Users { "user_name" } else { "org_code" };
        let entries = entries.expect("a list that was read is there");
        assert!(entries.iter().all(|entry| entry[key].as_str().is_some_and(|text| !text.is_empty())));
    }
    // An array is embedded as it is, so only what is a JSON text of its own can be.
    if serde_json::from_str::<Vec<IgnoredAny>>(text).is_ok() {
        let as_array = read(&seller, list, text);
        // In its text form a list may not repeat a name; in an array the reader of the body says so already.
        assert_eq!(as_text, as_array, "{text}");
    } else if list == List::Users {
        assert_eq!(as_text, None, "{text}");
    }
});

/// The event of a call whose list stands so in its body; `None` for a refusal.
fn read(seller: &Seller, list: List, written: &str) -> Option<String> {
    let (interface, body) = match list {
        List::Users => (
            "authSync",
            format!(r#"{{"appId":"a","flag":1,"instanceId":"i","tenantId":"t","userList":{written}}}"#),
        ),
        List::Departments => {
            ("allOrgSync", format!(r#"{{"instanceId":"i","orgInfoList":{written},"tenantId":"t"}}"#))
        }
    };
    // Signed over the bytes that are sent.
    let time = NOW.to_string();
    let sign = hmac_hex(KEY, &[KEY.as_bytes(), NONCE.as_bytes(), time.as_bytes(), body.as_bytes()]);
    let headers: [(&str, &[u8]); 3] =
        [("x-sign", sign.as_bytes()), ("x-timestamp", time.as_bytes()), ("x-nonce", NONCE.as_bytes())];
    let target = format!("/kit/produceAPI/v2/{interface}");
    let request = Request::new("POST", target.as_bytes(), &headers, Body::Bytes(body.as_bytes()));
    match seller.admit(&request, &[7; 16], NOW) {
        Verdict::Admitted(admitted) => Some(admitted.event.to_json()),
        Verdict::Refused(refusal) => {
            assert_ne!(refusal.reason.code.code(), "signature-mismatch", "{body}");
            None
        }
    }
}
