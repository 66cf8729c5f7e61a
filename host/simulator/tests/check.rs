//! Each complaint of the checker fires, and a good answer meets none.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_simulator::check::{AppInfo, CheckInput, check};
use countersign_simulator::crypto::contact::{self, Strength};
use countersign_simulator::{AccessKey, Dialect, HttpResponse};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

const KEY: &str = "test-access-key-0001";
const IV: &str = "AbCdEfGh12345678";

fn key() -> AccessKey {
    AccessKey::new(KEY)
}

fn encrypted(strength: Strength, text: &str) -> String {
    contact::encrypt(&key(), strength, IV, text).unwrap()
}

fn answered(status: u16, headers: &[(&str, &str)], body: &[u8]) -> HttpResponse {
    let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    HttpResponse { status, headers, body: body.into() }
}

fn body_sign(key: &str, body: &[u8]) -> String {
    let mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap().chain_update(body).finalize();
    format!("sign_type=\"HMAC-SHA256\", signature= \"{}\"", STANDARD.encode(mac.into_bytes()))
}

fn signed(body: &[u8]) -> HttpResponse {
    answered(
        200,
        &[("Content-Type", "application/json;charset=UTF-8"), ("Body-Sign", &body_sign(KEY, body))],
        body,
    )
}

fn codes(dialect: Dialect, activity: &str, debugging: bool, response: &HttpResponse) -> Vec<&'static str> {
    let input = CheckInput { dialect, key: &key(), activity, debugging };
    match check(&input, response) {
        Ok(_) => Vec::new(),
        Err(rejected) => rejected.complaints.iter().map(|complaint| complaint.code()).collect(),
    }
}

fn said(dialect: Dialect, activity: &str, body: &Value) -> Vec<&'static str> {
    codes(dialect, activity, false, &signed(body.to_string().as_bytes()))
}

fn v1_new_instance() -> Value {
    json!({
        "resultCode": "000000", "resultMsg": "success", "encryptType": "2", "instanceId": "i-1",
        "appInfo": {
            "frontEndUrl": "https://isv.example.com/", "adminUrl": "https://isv.example.com/admin",
            "userName": encrypted(Strength::Aes128, "admin"), "password": encrypted(Strength::Aes128, "pä55"),
            "memo": "hello"
        }
    })
}

fn query_instance() -> Value {
    json!({
        "resultCode": "000000",
        "info": [{
            "instanceId": "i-1",
            "appInfo": {"frontEndUrl": "https://isv.example.com/"},
            "usageInfo": [{"usageValue": 12.5, "statisticalTime": "20230327065233980", "dashboardUrl": "https://d/"}]
        }]
    })
}

fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    *body.pointer_mut(pointer).unwrap() = value;
    body
}

#[test]
fn a_good_v1_answer_is_read_and_decrypted() {
    let input =
        CheckInput { dialect: Dialect::SaasV1, key: &key(), activity: "newInstance", debugging: true };
    let response = signed(v1_new_instance().to_string().as_bytes());
    let checked = check(&input, &response).unwrap();
    assert_eq!((checked.result_code.as_str(), checked.instance_id.as_deref()), ("000000", Some("i-1")));
    assert_eq!(checked.raw, response.body);
    let app_info = checked.app_info.unwrap();
    assert!(!format!("{app_info:?}").contains("pä55"));
    assert_eq!(
        app_info,
        AppInfo {
            front_end_url: "https://isv.example.com/".into(),
            admin_url: Some("https://isv.example.com/admin".into()),
            user_name: Some("admin".into()),
            password: Some("pä55".into()),
            memo: Some("hello".into()),
        }
    );
}

#[test]
fn a_good_query_is_read() {
    for dialect in Dialect::ALL {
        let input = CheckInput { dialect, key: &key(), activity: "queryInstance", debugging: false };
        let checked = check(&input, &signed(query_instance().to_string().as_bytes())).unwrap();
        let [instance] = &checked.instances[..] else { panic!("{checked:?}") };
        assert_eq!(instance.instance_id, "i-1");
        assert_eq!(instance.usage[0].usage_value, "12.5");
        assert_eq!(instance.usage[0].statistical_time, "20230327065233980");
    }
}

#[test]
fn an_absent_encrypt_type_means_aes_256_in_v1_and_plain_text_in_v2() {
    let mut body = with(v1_new_instance(), "/appInfo/userName", encrypted(Strength::Aes256, "admin").into());
    body["appInfo"]["password"] = Value::Null;
    body.as_object_mut().unwrap().remove("encryptType");
    let user = |dialect| {
        let input = CheckInput { dialect, key: &key(), activity: "newInstance", debugging: false };
        check(&input, &signed(body.to_string().as_bytes())).unwrap().app_info.unwrap().user_name.unwrap()
    };
    assert_eq!(user(Dialect::SaasV1), "admin");
    assert_eq!(user(Dialect::SaasV2), encrypted(Strength::Aes256, "admin"));
}

#[test]
fn the_envelope_is_checked() {
    let body: &[u8] = br#"{"resultCode":"000000"}"#;
    let good = body_sign(KEY, body);
    let json = ("Content-Type", "application/json");
    let unquoted = good.replace("\"HMAC-SHA256\"", "HMAC-SHA256");
    let with_time = body_sign("test-access-key-000120230327065233980", body);
    let without_blank = good.replace("= \"", "=\"");
    for (status, headers, body, expected) in [
        (200, vec![json, ("Body-Sign", &good)], body, vec![]),
        (200, vec![json, ("Body-Sign", &without_blank)], body, vec![]),
        (201, vec![json, ("Body-Sign", &good)], body, vec!["status"]),
        (200, vec![("Body-Sign", good.as_str())], body, vec!["content-type"]),
        (200, vec![("content-type", "text/html"), ("Body-Sign", &good)], body, vec!["content-type"]),
        (200, vec![("content-type", "application/jsonp"), ("Body-Sign", &good)], body, vec!["content-type"]),
        (200, vec![json], body, vec!["body-sign-missing"]),
        (200, vec![json, ("Body-sign", &good)], body, vec!["body-sign-name"]),
        (200, vec![json, ("Body-Sign", &unquoted)], body, vec!["body-sign-form"]),
        (200, vec![json, ("Body-Sign", "")], body, vec!["body-sign-form"]),
        (200, vec![json, ("Body-Sign", &with_time)], body, vec!["body-sign-wrong"]),
        (200, vec![json, ("Body-Sign", &good)], br#"{"resultCode": "000000"}"#, vec!["body-sign-wrong"]),
        (500, vec![], b"<html>", vec!["status", "content-type", "body-sign-missing", "not-json"]),
    ] {
        for dialect in Dialect::ALL {
            assert_eq!(codes(dialect, "releaseInstance", false, &answered(status, &headers, body)), expected);
        }
    }
}

#[test]
fn the_body_is_checked() {
    let long = "é".repeat(1025);
    let new = v1_new_instance;
    let query = query_instance;
    for (activity, body, expected) in [
        ("newInstance", json!([]), "not-an-object"),
        ("newInstance", with(new(), "/resultCode", Value::Null), "missing"),
        ("newInstance", with(new(), "/resultCode", json!(0)), "not-a-text"),
        ("newInstance", with(new(), "/resultCode", "000108".into()), "unknown-result-code"),
        ("newInstance", with(new(), "/resultMsg", long[..512].into()), "too-long"),
        ("newInstance", with(new(), "/instanceId", "i".repeat(65).into()), "too-long"),
        ("newInstance", with(new(), "/instanceId", "".into()), "missing"),
        ("newInstance", with(new(), "/instanceId", json!(1)), "not-a-text"),
        ("newInstance", with(new(), "/appInfo", Value::Null), "missing"),
        ("newInstance", with(new(), "/appInfo", json!("x")), "not-an-object"),
        ("newInstance", with(new(), "/appInfo/frontEndUrl", "".into()), "missing"),
        ("newInstance", with(new(), "/appInfo/frontEndUrl", "u".repeat(513).into()), "too-long"),
        ("newInstance", with(new(), "/appInfo/adminUrl", "u".repeat(513).into()), "too-long"),
        ("newInstance", with(new(), "/appInfo/memo", "m".repeat(1025).into()), "too-long"),
        ("newInstance", with(new(), "/appInfo/memo", "备注".into()), "memo-not-escaped"),
        ("newInstance", with(new(), "/encryptType", "3".into()), "unknown-encrypt-type"),
        ("newInstance", with(new(), "/appInfo/userName", "admin".into()), "credential-unreadable"),
        (
            "newInstance",
            with(new(), "/appInfo/userName", encrypted(Strength::Aes256, "a").into()),
            "credential-unreadable",
        ),
        (
            "newInstance",
            with(new(), "/appInfo/userName", encrypted(Strength::Aes128, &"a".repeat(80)).into()),
            "too-long",
        ),
        ("queryInstance", with(query(), "/info", json!([])), "missing"),
        ("queryInstance", with(query(), "/info", json!({})), "not-an-array"),
        ("queryInstance", with(query(), "/info/0", json!(1)), "not-an-object"),
        ("queryInstance", with(query(), "/info/0/instanceId", Value::Null), "missing"),
        ("queryInstance", with(query(), "/info/0/appInfo/frontEndUrl", Value::Null), "missing"),
        ("queryInstance", with(query(), "/info/0/usageInfo/0/usageValue", Value::Null), "missing"),
        ("queryInstance", with(query(), "/info/0/usageInfo/0/usageValue", "1e5".into()), "usage-value"),
        ("queryInstance", with(query(), "/info/0/usageInfo/0/usageValue", json!(0.12345)), "usage-value"),
        ("queryInstance", with(query(), "/info/0/usageInfo/0/usageValue", json!([])), "usage-value"),
        ("queryInstance", with(query(), "/info/0/usageInfo/0/statisticalTime", "".into()), "missing"),
        (
            "queryInstance",
            with(query(), "/info/0/usageInfo/0/statisticalTime", "2023".into()),
            "statistical-time",
        ),
    ] {
        assert!(said(Dialect::SaasV1, activity, &body).contains(&expected), "{expected}: {body}");
    }
    assert_eq!(said(Dialect::SaasV1, "newInstance", &new()), Vec::<&str>::new());
}

#[test]
fn the_longest_credential_that_fits_has_79_bytes() {
    let body =
        with(v1_new_instance(), "/appInfo/userName", encrypted(Strength::Aes128, &"a".repeat(79)).into());
    assert_eq!(said(Dialect::SaasV1, "newInstance", &body), Vec::<&str>::new());
}

#[test]
fn an_escaped_memo_is_as_the_platform_wants_it() {
    let escaped = v1_new_instance().to_string().replace("hello", r"\u5907\u6ce8");
    assert!(codes(Dialect::SaasV1, "newInstance", true, &signed(escaped.as_bytes())).is_empty());
}

#[test]
fn v2_wants_an_instance_id_also_when_the_instance_is_still_being_created() {
    assert_eq!(said(Dialect::SaasV2, "newInstance", &json!({"resultCode": "000004"})), ["missing"]);
    assert_eq!(said(Dialect::SaasV2, "newInstance", &json!({"resultCode": "000000"})), ["missing"]);
    assert!(
        said(Dialect::SaasV2, "newInstance", &json!({"resultCode": "000004", "instanceId": "i"})).is_empty()
    );
    assert!(said(Dialect::SaasV2, "newInstance", &json!({"resultCode": "000106"})).is_empty());
}

#[test]
fn only_success_counts_while_debugging() {
    let refused = signed(br#"{"resultCode":"000004","instanceId":"i"}"#);
    assert_eq!(codes(Dialect::SaasV2, "newInstance", true, &refused), ["no-success-while-debugging"]);
}
