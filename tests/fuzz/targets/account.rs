//! Events of an identity centre: data of any kind under a right signature, and any message sealed in any layout.
//!
//! Whatever was sealed rightly is admitted exactly if its frame and its message are right, in the very layout; nothing that was
//! only made up is.

#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_core::compute::compute;
use countersign_core::{Body, Request, Seller, Verdict};
use countersign_fuzz::platform::hmac_base64;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

const SIGN: &str = "SignKey012345678";
const ENC: &[u8; 16] = b"EncKey0123456789";
const NOW: u64 = 1_700_000_000_000;

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    ecb: bool,
    event_type: u8,
    data: Data<'a>,
}

#[derive(Debug, Arbitrary)]
enum Data<'a> {
    /// Made up.
    Text(&'a str),
    /// Sealed: a layout, an initialisation vector, and what stands inside.
    Sealed { layout: u8, iv: [u8; 24], plain: &'a [u8] },
    /// The same with the frame that belongs there.
    Framed { layout: u8, iv: [u8; 24], message: &'a str },
}

const EVENTS: [&str; 7] = [
    "CREATE_USER",
    "UPDATE_USER ",
    "DELETE_USER",
    "CREATE_ORGANIZATION",
    "CHECK_URL",
    "MOVE_USER",
    "UPDATE_ORGANIZATION",
];

fuzz_target!(|input: Input<'_>| {
    let event_type = EVENTS[usize::from(input.event_type) % EVENTS.len()];
    let (data, layout, plain) = match &input.data {
        Data::Text(text) => ((*text).to_owned(), None, Vec::new()),
        Data::Sealed { layout, iv, plain } => {
            let (data, name) = sealed(input.ecb, *layout, iv, plain);
            (data, Some(name), plain.to_vec())
        }
        Data::Framed { layout, iv, message } => {
            let plain = format!("AbCdEfGhIjKlMnOp&{message}").into_bytes();
            let (data, name) = sealed(input.ecb, *layout, iv, &plain);
            (data, Some(name), plain)
        }
    };
    let verdict = admit(input.ecb, event_type, &data);
    let Verdict::Admitted(admitted) = verdict else {
        if let Data::Framed { message, .. } = &input.data {
            // A check of the address takes any text, and what nobody knows as well.
            assert!(!matches!(event_type, "CHECK_URL" | "MOVE_USER"), "{message:?}");
        }
        return;
    };
    let layout = layout.expect("nobody makes up what a key has sealed");
    let event: Value = serde_json::from_str(&admitted.event.to_json()).expect("events are JSON");
    assert_eq!(event["layout"], layout);
    assert_eq!(plain[16], b'&');
    let message = std::str::from_utf8(&plain[17..]).expect("a message is text");
    match serde_json::from_str::<Value>(message) {
        Ok(object @ Value::Object(_)) => assert_eq!(event["message"], object),
        _ => assert_eq!(event["message"], message),
    }
});

/// The data of a request, and the name of their layout.
fn sealed(ecb: bool, layout: u8, iv: &[u8; 24], plain: &[u8]) -> (String, &'static str) {
    if ecb {
        return (STANDARD.encode(compute("aes-ecb-encrypt", &[ENC, plain]).expect("any text")), "ECB");
    }
    let gcm = |iv: &[u8]| compute("aes-gcm-seal", &[ENC, iv, plain]).expect("any text");
    let (long, short) = (&iv[..16], &iv[..12]);
    match layout % 5 {
        0 => (STANDARD.encode(long) + &STANDARD.encode(gcm(long)), "L1"),
        1 => (STANDARD.encode([short, &gcm(short)].concat()), "L2"),
        2 => (STANDARD.encode([long, &gcm(long)].concat()), "L3"),
        3 => {
            let digits: String = gcm(long).iter().map(|byte| format!("{byte:02X}")).collect();
            (STANDARD.encode(long) + &STANDARD.encode(digits), "L4")
        }
        _ => {
            let letters: String = iv.iter().map(|byte| char::from(b'!' + byte % 94)).collect();
            let sealed = STANDARD.encode(gcm(letters.as_bytes()));
            (letters + &sealed, "L5")
        }
    }
}

fn admit(ecb: bool, event_type: &str, data: &str) -> Verdict {
    let algorithm = if ecb { "AES/ECB/PKCS5Padding" } else { "AES/GCM/NoPadding" };
    let route = json!({
        "path": "/account", "dialect": "account-events", "product": "crm", "token": "bearer-token-0001",
        "signature_keys": [SIGN], "encryption_keys": ["EncKey0123456789"], "algorithm": algorithm,
    });
    let seller = Seller::from_json(json!({ "routes": [route] }).to_string().as_bytes()).expect("a route");
    let signature = hmac_base64(SIGN, &format!("nonce-0000000001&{NOW}&{event_type}&{data}"));
    let body = json!({
        "nonce": "nonce-0000000001", "timestamp": NOW, "eventType": event_type, "data": data, "signature": signature,
    });
    let body = body.to_string();
    let headers: [(&str, &[u8]); 1] = [("Authorization", b"Bearer bearer-token-0001")];
    seller.admit(&Request::new("POST", b"/account", &headers, Body::Bytes(body.as_bytes())), &[7; 16], NOW)
}
