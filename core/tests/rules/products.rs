//! A route that names its price levels takes no call of another product.

use countersign_core::{Seller, Verdict};
use serde_json::{Value, json};

use super::door::{open, outcome, refused, send, signed_bytes};
use super::world::{KEY, START, signed_v1};

fn v1(seller: &Seller, path: &str, more: &[(&str, &str)]) -> Verdict {
    let create = [("activity", "newInstance"), ("orderId", "CS1"), ("businessId", "b1")];
    send(seller, "GET", &signed_v1(path, &[create.as_slice(), more].concat(), START), b"")
}

fn v2(seller: &Seller, fields: &Value) -> (String, String) {
    let body = fields.to_string();
    outcome(&send(seller, "POST", &signed_bytes(body.as_bytes(), "1700000000000", "n"), body.as_bytes()))
}

#[test]
fn a_call_that_names_another_product_is_told_that_there_is_none() {
    let seller = open(&json!({"product_ids": ["year", "month"]}), &json!({}));
    for own in ["year", "month"] {
        assert_eq!(outcome(&v1(&seller, "/v1", &[("productId", own)])).0, "ok");
    }
    for other in ["day", "Year", "year ", "yea", "yearmonth", "year,month"] {
        let verdict = v1(&seller, "/v1", &[("productId", other)]);
        assert_eq!(outcome(&verdict), refused("foreign-product", "000003"), "{other}");
        let Verdict::Refused(refusal) = verdict else { panic!() };
        assert_eq!(refusal.reason.field.as_deref(), Some("productId"));
    }
    let pay_per_use = v1(&seller, "/v1", &[("productId", "day"), ("chargingMode", "0")]);
    assert_eq!(outcome(&pay_per_use).0, "foreign-product");
    for (activity, more) in [("refreshInstance", Some(("expireTime", "20251124023618"))), ("upgrade", None)] {
        let mut pairs =
            vec![("activity", activity), ("orderId", "R1"), ("instanceId", "a"), ("productId", "day")];
        pairs.extend(more);
        let verdict = send(&seller, "GET", &signed_v1("/v1", &pairs, START), b"");
        assert_eq!(outcome(&verdict), refused("foreign-product", "000003"), "{activity}");
    }
    assert_eq!(
        outcome(&v1(&open(&json!({}), &json!({})), "/v1", &[("productId", "day")])).0,
        "ok",
        "none is named"
    );
}

#[test]
fn a_call_that_names_no_product_is_of_the_route_that_it_came_to() {
    let seller = open(&json!({"product_ids": ["year"]}), &json!({"product_ids": ["year"]}));
    assert_eq!(outcome(&v1(&seller, "/v1", &[])).0, "ok");
    assert_eq!(outcome(&v1(&seller, "/v1", &[("productId", "")])).0, "ok", "an empty one is none");
    let create = json!({"activity": "newInstance", "orderId": "CS1", "orderLineId": "1", "businessId": "b"});
    assert_eq!(v2(&seller, &create).0, "ok", "V2 names it in the order query only");
}

#[test]
fn renewals_of_v2_name_a_product_too() {
    let seller = open(&json!({}), &json!({"product_ids": ["year"]}));
    let renewal = |product: Value| {
        v2(
            &seller,
            &json!({"activity": "refreshInstance", "scene": "RENEWAL", "orderId": "R1", "instanceId": "a",
                "expireTime": "20251124023618", "productId": product}),
        )
    };
    assert_eq!(renewal(json!("year")).0, "ok");
    assert_eq!(renewal(Value::Null).0, "ok");
    assert_eq!(renewal(json!("month")), refused("foreign-product", "000003"));
}

#[test]
fn test_calls_may_name_whatever_was_typed_into_the_form() {
    let seller = open(&json!({"product_ids": ["year"]}), &json!({}));
    assert_eq!(outcome(&v1(&seller, "/v1", &[("productId", "day"), ("testFlag", "1")])).0, "ok");
    assert_eq!(outcome(&v1(&seller, "/v1", &[("productId", "day"), ("testFlag", "0")])).0, "foreign-product");
}

#[test]
fn only_a_genuine_call_learns_which_products_there_are() {
    let seller = open(&json!({"product_ids": ["year"]}), &json!({}));
    let create =
        [("activity", "newInstance"), ("orderId", "CS1"), ("businessId", "b1"), ("productId", "day")];
    let forged = signed_v1("/v1", &create, START).replace("CS1", "CS2");
    assert_eq!(outcome(&send(&seller, "GET", &forged, b"")), refused("signature-mismatch", "000001"));
}

/// What serving two products under one key comes to: a call that was signed for one is genuine at the other.
#[test]
fn a_captured_create_opens_nothing_at_another_product() {
    let routes = |more: [Value; 2]| {
        let mut routes = json!([
            {"path": "/one", "dialect": "saas-v1", "keys": [KEY], "product": "one"},
            {"path": "/two", "dialect": "saas-v1", "keys": [KEY], "product": "two"},
        ]);
        for (index, more) in more.into_iter().enumerate() {
            for (name, value) in more.as_object().unwrap() {
                routes[index][name] = value.clone();
            }
        }
        Seller::from_json(json!({ "routes": routes }).to_string().as_bytes()).unwrap()
    };
    let unnamed = routes([json!({}), json!({})]);
    let captured = [("productId", "p1")];
    assert_eq!(outcome(&v1(&unnamed, "/two", &captured)).0, "ok", "the signature does not cover the path");
    let named = routes([json!({"product_ids": ["p1"]}), json!({"product_ids": ["p2"]})]);
    assert_eq!(outcome(&v1(&named, "/one", &captured)).0, "ok");
    assert_eq!(outcome(&v1(&named, "/two", &captured)), refused("foreign-product", "000003"));
}
