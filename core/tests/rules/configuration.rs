//! A configuration: every mistake is named with its path, and nothing in it is without effect.

use countersign_core::{Seller, Verdict};
use serde_json::{Value, json};

use super::door::send;
use super::world::{START, signed_v1};

#[test]
fn every_mistake_of_a_configuration_is_named_at_once() {
    let config = json!({
        "routes": [
            {"path": "v2", "dialect": "saas-v3", "keys": [], "cipher": "des", "colour": 1, "unknown_instance": "take", "window_ms": 60000},
            {"path": "/a b", "dialect": "saas-v2", "keys": ["", 1, "k", "k"], "usage": "yes", "product": "", "window_ms": 1},
            {"dialect": "saas-v1", "keys": "k"},
            {"path": "/x", "dialect": "saas-v2", "keys": ["k"]},
            {"path": "/x", "dialect": "saas-v2", "keys": ["k"]},
            7
        ],
        "settings": {"lease_ms": 100, "max_headers": "x", "speed": 1},
        "listen": "x"
    });
    let error = Seller::from_json(config.to_string().as_bytes()).unwrap_err();
    let paths: Vec<(&str, &str)> = error.problems.iter().map(|one| (one.path.as_str(), one.code)).collect();
    for expected in [
        ("routes[0].path", "out-of-range"),
        ("routes[0].dialect", "unknown-value"),
        ("routes[0].keys", "missing"),
        ("routes[0].cipher", "unknown-value"),
        ("routes[0].colour", "unknown-field"),
        ("routes[0].unknown_instance", "unknown-value"),
        ("routes[1].path", "out-of-range"),
        ("routes[1].keys[0]", "out-of-range"),
        ("routes[1].keys[1]", "wrong-type"),
        ("routes[1].keys[3]", "duplicate"),
        ("routes[1].usage", "wrong-type"),
        ("routes[1].product", "out-of-range"),
        ("routes[1].window_ms", "out-of-range"),
        ("routes[2].path", "missing"),
        ("routes[2].keys", "wrong-type"),
        ("routes[4].path", "conflict"),
        ("routes[5]", "wrong-type"),
        ("settings.lease_ms", "out-of-range"),
        ("settings.max_headers", "wrong-type"),
        ("settings.speed", "unknown-field"),
        ("listen", "unknown-field"),
    ] {
        assert!(paths.contains(&expected), "{expected:?} in {paths:?}");
    }
    assert!(!paths.contains(&("routes[0].window_ms", "unknown-field")), "it is a setting");
    for broken in ["", "[]", "{", r#"{"routes":[],"routes":[]}"#, "{}"] {
        assert!(Seller::from_json(broken.as_bytes()).is_err(), "{broken}");
    }
    let message = Seller::from_json(
        br#"{"routes":[{"path":"/v2","dialect":"saas-v2","keys":["top-secret","top-secret"]}]}"#,
    );
    assert!(!message.unwrap_err().to_string().contains("top-secret"));
}

/// Paths and codes of the mistakes in a configuration with one route.
fn mistakes(route: &Value) -> Vec<(String, &'static str)> {
    let document = json!({ "routes": [route] }).to_string();
    match Seller::from_json(document.as_bytes()) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems.into_iter().map(|one| (one.path, one.code)).collect(),
    }
}

fn route(dialect: &str, name: &str, value: &Value) -> Value {
    let mut route = json!({"path": "/x", "dialect": dialect, "keys": ["test-access-key-0001"]});
    route[name] = value.clone();
    route
}

#[test]
fn a_setting_that_a_dialect_does_not_have_is_a_mistake() {
    let v1_only = [
        ("cipher", json!("aes-256")),
        ("retry_without_empty", json!(true)),
        ("expire_time_offset_minutes", json!(0)),
    ];
    let v2_only = [
        ("timestamp_in_seconds", json!(false)),
        ("descending_order", json!(false)),
        ("replayed_code", json!("000001")),
        ("change_refusal_code", json!("000005")),
    ];
    for (own, other, settings) in [("saas-v1", "saas-v2", &v1_only[..]), ("saas-v2", "saas-v1", &v2_only[..])]
    {
        for (name, value) in settings {
            assert_eq!(mistakes(&route(own, name, value)), [], "{own} {name}");
            let expected = [(format!("routes[0].{name}"), "unknown-field")];
            assert_eq!(mistakes(&route(other, name, value)), expected, "{other} {name}, its default even");
        }
    }
    let mut encrypting = route("saas-v2", "cipher", &json!("aes-128"));
    encrypting["encrypt_credentials"] = json!(true);
    assert_eq!(mistakes(&encrypting), [], "where V2 encrypts, the length of the key says how");
    for dialect in ["saas-v1", "saas-v2"] {
        for (name, value) in [
            ("product", json!("crm")),
            ("product_ids", json!(["a"])),
            ("test_front_end_url", json!("https://t.example.com")),
            ("test_effects", json!(true)),
            ("usage", json!(true)),
            ("answer_within_ms", json!(4_000)),
            ("unknown_instance", json!("adopt")),
            ("window_ms", json!(60_000)),
            ("clock_allowance_ms", json!(1_000)),
            ("sign_answers", json!(true)),
            ("body_sign_blank", json!(false)),
            ("encrypt_credentials", json!(false)),
        ] {
            assert_eq!(mistakes(&route(dialect, name, &value)), [], "{dialect} {name}");
        }
    }
}

#[test]
fn a_key_that_holds_what_no_key_holds_is_named_and_not_printed() {
    let stray = [
        "k3y-of-the-seller\r",
        "k3y-of-the-seller\n",
        "k3y-of-the-seller\r\n",
        "\nk3y-of-the-seller",
        "k3y\tof",
        "k3y\0",
        "\0",
        "k3y-of\u{1b}[0m",
        "k3y\u{7f}",
        "k3y\u{85}",
        " k3y-of-the-seller",
        "k3y-of-the-seller ",
        " ",
        "\u{feff}k3y-of-the-seller",
        "k3y\u{200b}",
        "k3y\u{200d}of",
        "k3y\u{2060}",
        "k3y\u{ad}of",
        "k3y\u{200e}",
        "k3y\u{202e}of",
        "k3y\u{a0}",
        "k3y\u{a0}of",
        "k3y\u{3000}",
        "k3y\u{2028}",
        "\"k3y-of-the-seller\"",
        "'k3y-of-the-seller'",
        "`k3y`",
        "“k3y”",
        "‘k3y’",
        "„k3y“",
        "«k3y»",
        "「k3y」",
        "\"k3y",
        "k3y'",
    ];
    for dialect in ["saas-v1", "saas-v2"] {
        for key in stray {
            let error = Seller::from_json(
                json!({"routes": [{"path": "/x", "dialect": dialect, "keys": ["good-key", key]}]})
                    .to_string()
                    .as_bytes(),
            )
            .unwrap_err();
            let found: Vec<_> = error.problems.iter().map(|one| (one.path.as_str(), one.code)).collect();
            assert_eq!(found, [("routes[0].keys[1]", "stray-character")], "{key:?}");
            assert!(!format!("{error} {error:?}").contains("k3y"), "{key:?}");
        }
    }
    for key in
        ["k", "a key of words", "钥匙", "9fa6c870-8bb0-4e9b-b71e-4c223300156f", "a'b\"c", "+/=%&#\\", "é😀"]
    {
        assert_eq!(mistakes(&route("saas-v2", "keys", &json!([key]))), [], "{key:?}");
        assert!(!countersign_core::has_stray_characters(key));
    }
}

#[test]
fn an_address_for_test_calls_is_one_that_opens() {
    for wrong in ["", "test.example.com", "javascript:alert(1)", "https://", "https://t.example.com/ x"] {
        let code = if wrong.is_empty() { "out-of-range" } else { "malformed" };
        let found = mistakes(&route("saas-v1", "test_front_end_url", &json!(wrong)));
        assert_eq!(found, [("routes[0].test_front_end_url".to_string(), code)], "{wrong}");
    }
}

#[test]
fn price_levels_are_a_list_of_ids() {
    let at = |place: &str| format!("routes[0].product_ids{place}");
    for (value, path, code) in [
        (json!([]), "", "out-of-range"),
        (json!("a"), "", "wrong-type"),
        (json!(["a", 1]), "[1]", "wrong-type"),
        (json!([""]), "[0]", "out-of-range"),
        (json!(["x".repeat(129)]), "[0]", "out-of-range"),
        (json!(["a", "a"]), "[1]", "duplicate"),
    ] {
        assert_eq!(mistakes(&route("saas-v1", "product_ids", &value)), [(at(path), code)], "{value}");
    }
}

/// What a host prints when it opens a configuration.
fn warnings(routes: &Value) -> Vec<(String, &'static str)> {
    let seller = Seller::from_json(json!({ "routes": routes }).to_string().as_bytes()).unwrap();
    let described = serde_json::to_value(seller.describe()).unwrap();
    let warnings = seller.warnings();
    assert_eq!(described["warnings"], serde_json::to_value(&warnings).unwrap());
    assert!(!format!("{warnings:?}").contains("k3y"));
    warnings.into_iter().map(|one| (one.path, one.code)).collect()
}

#[test]
fn one_key_for_two_products_of_v1_is_warned_about_until_both_name_their_price_levels() {
    let long = "k3y-of-two-products";
    let v1 = |path: &str, more: Value| {
        let mut route = json!({"path": path, "dialect": "saas-v1", "keys": ["another-long-key-1", long]});
        for (name, value) in more.as_object().unwrap() {
            route[name] = value.clone();
        }
        route
    };
    let shared = |index: usize| (format!("routes[{index}]"), "shared-key");
    assert_eq!(warnings(&json!([v1("/a", json!({})), v1("/b", json!({}))])), [shared(0), shared(1)]);
    let one = json!([v1("/a", json!({"product_ids": ["a"]})), v1("/b", json!({}))]);
    assert_eq!(warnings(&one), [shared(1)], "a call of the first is still genuine at the second");
    let both = json!([v1("/a", json!({"product_ids": ["a"]})), v1("/b", json!({"product_ids": ["b"]}))]);
    assert_eq!(warnings(&both), []);
    let same = json!([v1("/a", json!({"product": "crm"})), v1("/b", json!({"product": "crm"}))]);
    assert_eq!(warnings(&same), [], "one product behind two addresses");
    let other = json!([v1("/a", json!({})), v1("/b", json!({"keys": ["k3y-of-its-own-only"]}))]);
    assert_eq!(warnings(&other), []);
    let v2 = json!({"path": "/c", "dialect": "saas-v2", "keys": [long]});
    let timed = json!([v1("/a", json!({})), v2, {"path": "/d", "dialect": "saas-v2", "keys": [long]}]);
    assert_eq!(warnings(&timed), [], "V2 signs its time and is taken once");
}

#[test]
fn a_short_key_is_warned_about() {
    let route = |keys: &[&str]| json!([{"path": "/a", "dialect": "saas-v2", "keys": keys}]);
    assert_eq!(warnings(&route(&["k3y-4567890123456"])), []);
    let short = |index: usize| (format!("routes[0].keys[{index}]"), "short-key");
    assert_eq!(warnings(&route(&["k3y-456789012345", "x"])), [short(1)]);
    assert_eq!(
        warnings(&route(&["k3y-45678901234", "钥匙钥匙钥匙"])),
        [short(0), short(1)],
        "characters, not bytes"
    );
}

/// An admission is taken back by the configuration that gave it, and by no other: whatever setting differs.
#[test]
fn every_setting_marks_the_admissions_of_its_configuration() {
    let base = || {
        json!({
            "routes": [
                {"path": "/v1", "dialect": "saas-v1", "keys": ["test-access-key-0001", "second-key"], "product": "one"},
                {"path": "/v2", "dialect": "saas-v2", "keys": ["test-access-key-0001"], "product": "two"},
            ],
            "settings": {},
        })
    };
    let open = |document: &Value| Seller::from_json(document.to_string().as_bytes()).unwrap();
    let pairs = [("activity", "newInstance"), ("orderId", "CS1"), ("businessId", "b1")];
    let target = signed_v1("/v1", &pairs, START);
    let Verdict::Admitted(admitted) = send(&open(&base()), "GET", &target, b"") else { panic!() };
    assert!(open(&base()).decline(&admitted.admission).is_ok());
    let spaced = serde_json::to_string_pretty(&base()).unwrap();
    assert!(
        Seller::from_json(spaced.as_bytes()).unwrap().decline(&admitted.admission).is_ok(),
        "blanks say nothing"
    );

    let mut changed: Vec<(String, Value)> = Vec::new();
    let mut change = |path: &str, value: Value| {
        let mut document = base();
        document.pointer_mut(path.rsplit_once('/').unwrap().0).unwrap()[path.rsplit_once('/').unwrap().1] =
            value;
        changed.push((path.to_string(), document));
    };
    change("/routes/0/path", json!("/v1x"));
    change("/routes/0/dialect", json!("saas-v2"));
    change("/routes/0/keys", json!(["test-access-key-0001"]));
    change("/routes/0/keys", json!(["second-key", "test-access-key-0001"]));
    change("/routes/0/keys", json!(["test-access-key-0001", "second-kez"]));
    change("/routes/0/product", json!("three"));
    change("/routes/1/product", json!("three"));
    for (name, value) in [
        ("cipher", json!("aes-128")),
        ("product_ids", json!(["a"])),
        ("test_front_end_url", json!("https://t.example.com")),
        ("test_effects", json!(true)),
        ("usage", json!(true)),
        ("answer_within_ms", json!(5_000)),
        ("unknown_instance", json!("adopt")),
        ("window_ms", json!(60_000)),
        ("clock_allowance_ms", json!(1)),
        ("retry_without_empty", json!(false)),
        ("expire_time_offset_minutes", json!(480)),
        ("sign_answers", json!(false)),
        ("body_sign_blank", json!(false)),
        ("encrypt_credentials", json!(false)),
    ] {
        change(&format!("/routes/0/{name}"), value);
    }
    for (name, value) in [
        ("timestamp_in_seconds", json!(true)),
        ("descending_order", json!(true)),
        ("replayed_code", json!("000002")),
        ("change_refusal_code", json!("000002")),
    ] {
        change(&format!("/routes/1/{name}"), value);
    }
    for (name, value) in [
        ("duplicate_wait_ms", 2_999),
        ("effect_deadline_ms", 9_999),
        ("lease_ms", 14_999),
        ("usage_deadline_ms", 1_999),
        ("resend_limit_ms", 299_999),
        ("max_base_body_bytes", 65_535),
        ("max_body_bytes", 1_048_575),
        ("max_target_bytes", 16_383),
        ("max_header_bytes", 32_767),
        ("max_headers", 99),
    ] {
        change(&format!("/settings/{name}"), json!(value));
    }
    for (path, document) in changed {
        let refused = open(&document).decline(&admitted.admission).unwrap_err();
        assert_eq!(refused.code(), "foreign-admission", "{path}");
    }
}

/// Bodies are held by a module whose memory is bounded: a limit beyond it would be met by a trap, call after call.
#[test]
fn a_limit_that_the_module_cannot_hold_is_a_mistake() {
    let found = |settings: Value| -> Vec<(String, &'static str)> {
        let document = json!({
            "routes": [{"path": "/x", "dialect": "saas-v2", "keys": ["test-access-key-0001"]}], "settings": settings
        });
        match Seller::from_json(document.to_string().as_bytes()) {
            Ok(_) => Vec::new(),
            Err(error) => error.problems.into_iter().map(|one| (one.path, one.code)).collect(),
        }
    };
    let at = |name: &str, code| vec![(format!("settings.{name}"), code)];
    assert_eq!(found(json!({"max_base_body_bytes": 1_048_576, "max_body_bytes": 2_097_152})), []);
    for (name, limit) in [
        ("max_base_body_bytes", 1_048_577_u64),
        ("max_base_body_bytes", 67_108_864),
        ("max_base_body_bytes", u64::MAX),
        ("max_body_bytes", 2_097_153),
        ("max_body_bytes", 268_435_456),
        ("max_target_bytes", 65_537),
        ("max_header_bytes", 1_048_577),
        ("max_headers", 1_001),
        ("max_body_bytes", 0),
    ] {
        let mut settings = json!({});
        settings[name] = json!(limit);
        assert_eq!(found(settings), at(name, "out-of-range"), "{name} {limit}");
    }
    let beyond = json!({"max_base_body_bytes": 8_192, "max_body_bytes": 4_096});
    assert_eq!(found(beyond), at("max_base_body_bytes", "conflict"));
    assert_eq!(found(json!({"max_body_bytes": 4_096})), [], "a default is no mistake of anybody's");
}
