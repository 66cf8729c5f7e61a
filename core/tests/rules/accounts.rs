//! Account events that Node signed and encrypted.

use countersign_core::{Body, Request, Seller, Verdict};
use serde_json::{Value, json};

#[test]
fn every_layout_is_read() {
    let calls: Vec<Value> = serde_json::from_str(include_str!("accounts.json")).unwrap();
    for call in calls {
        let config = json!({"routes": [{"path": "/a", "dialect": "account-events", "token": "t0ken", "algorithm": call["alg"],
            "signature_keys": ["Signing1Signing2"], "encryption_keys": ["0123456789abcdef", "Encrypt1Encrypt2"]}]});
        let seller = Seller::from_json(config.to_string().as_bytes()).unwrap();
        let headers: [(&str, &[u8]); 1] = [("Authorization", b"Bearer t0ken")];
        let body = call["body"].as_str().unwrap();
        let request = Request::new("POST", b"/a", &headers, Body::Bytes(body.as_bytes()));
        match seller.admit(&request, &[1; 16], 1_700_000_000_000) {
            Verdict::Admitted(admitted) => {
                assert_eq!(admitted.event.text("layout"), call["layout"].as_str());
                assert_eq!(admitted.event.text("username"), Some("li.si"));
            }
            Verdict::Refused(refusal) => panic!("{call}: {:?}", refusal.reason),
        }
    }
}
