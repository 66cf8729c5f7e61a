//! The drawn calls look like the platform's.

use countersign_simulator::calls::{self, Buyer, Charging, Order, Scene, extend_params, saas_v1, saas_v2};
use countersign_simulator::crypto::contact::{self, Strength};
use countersign_simulator::{AccessKey, Entropy, Fields};

const NOW_MS: u64 = 1_668_795_540_000; // 2022-11-18 18:19 UTC

fn names(fields: &Fields) -> Vec<&str> {
    let mut names: Vec<_> = fields.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[test]
fn the_same_seed_draws_the_same_and_another_one_does_not() {
    let draw = |seed| {
        let mut entropy = Entropy::from_seed(seed);
        (
            Buyer::draw(&mut entropy),
            Order::draw(&mut entropy, Charging::Year, NOW_MS),
            entropy.uuid(),
            entropy.nonce(),
        )
    };
    assert_eq!(draw(7), draw(7));
    assert_ne!(draw(7), draw(8));
}

#[test]
fn ids_have_the_documented_shapes() {
    let mut entropy = Entropy::from_seed(1);
    let order = Order::draw(&mut entropy, Charging::Year, NOW_MS);
    assert_eq!((order.order_id.len(), &order.order_id[..12]), (17, "CS2211181819"));
    assert_eq!(order.order_line_id(), format!("{}-000001", order.order_id));
    assert_eq!(order.next_line(&mut entropy).order_line_id(), format!("{}-000002", order.order_id));
    assert_eq!(order.expire_time().unwrap(), "20231118181900");
    assert_eq!(order.renewal(&mut entropy, NOW_MS).expire_time().unwrap(), "20241117181900");
    let uuid = entropy.uuid();
    assert_eq!((uuid.len(), uuid.matches('-').count(), &uuid[14..15]), (36, 4, "4"));
    assert!(entropy.nonce().bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte)));
}

#[test]
fn extend_params_take_the_documented_form() {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    for entry in vectors["saas_extend_params"].as_array().unwrap() {
        let pairs: Vec<(&str, &str)> = entry["pairs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
            .collect();
        assert_eq!(extend_params(&pairs), entry["encoded"]);
    }
}

#[test]
fn contact_data_of_a_v1_purchase_decrypt() {
    let mut entropy = Entropy::from_seed(2);
    let key = AccessKey::new("test-access-key-0001");
    let buyer = Buyer::draw(&mut entropy);
    for strength in [Strength::Aes256, Strength::Aes128] {
        let contact = buyer.contact(&key, strength, &mut entropy).unwrap();
        assert_eq!(contact::decrypt(&key, strength, &contact.mobile_phone).unwrap(), buyer.mobile_phone);
        assert_eq!(contact::decrypt(&key, strength, &contact.email).unwrap(), buyer.email);
    }
}

#[test]
fn a_repeat_differs_in_its_business_id_only() {
    let mut entropy = Entropy::from_seed(3);
    let order = Order::draw(&mut entropy, Charging::Month, NOW_MS);
    let first = saas_v2::new_instance(&order, &entropy.uuid());
    let mut second = calls::again(first.clone(), &mut entropy);
    assert_ne!(first, second);
    second.insert("businessId".into(), first["businessId"].clone());
    assert_eq!(first, second);
    let query = saas_v2::query_instance(&["i"]);
    assert_eq!(calls::again(query.clone(), &mut entropy), query);
}

#[test]
fn every_activity_has_its_fields() {
    let mut entropy = Entropy::from_seed(4);
    let order = Order::draw(&mut entropy, Charging::Year, NOW_MS);
    let metered = Order::draw(&mut entropy, Charging::OnDemand, NOW_MS);
    let buyer = Buyer::draw(&mut entropy);

    let v1 = saas_v1::new_instance(&buyer, None, &metered, "b-1");
    assert!(!v1.contains_key("expireTime") && !v1.contains_key("periodType") && v1["chargingMode"] == "0");
    let cancelled = saas_v1::refresh_instance("i", &order, Scene::CancelledRenewal).unwrap();
    assert!(cancelled["orderAmount"].as_str().unwrap().starts_with('-'));
    assert_eq!(saas_v1::refresh_instance("i", &order, Scene::TrialToFormal).unwrap()["trialToFormal"], "1");
    assert_eq!(saas_v1::refresh_instance("i", &order, Scene::RenewalChange), None);
    assert_eq!(saas_v1::instance_status("i", false)["instanceStatus"], "NORMAL");

    assert_eq!(
        names(&saas_v2::new_instance(&order, "b")),
        ["activity", "businessId", "orderId", "orderLineId"]
    );
    for (scene, text) in [
        (Scene::TrialToFormal, "TRIAL_TO_FORMAL"),
        (Scene::Renewal, "RENEWAL"),
        (Scene::CancelledRenewal, "UNSUBSCRIBE_RENEWAL_PERIOD"),
        (Scene::RenewalChange, "RENEWAL_CHANGE"),
    ] {
        assert_eq!(saas_v2::refresh_instance("i", &order, scene).unwrap()["scene"], text);
    }
    assert_eq!(saas_v2::refresh_instance("i", &metered, Scene::Renewal), None);
    assert_eq!(saas_v2::update_instance_status("i", false)["status"], "UNFREEZE");
    assert_eq!(names(&saas_v2::release_instance("i", None)), ["activity", "instanceId"]);
    assert_eq!(
        names(&saas_v2::upgrade_instance("i", &order)),
        ["activity", "instanceId", "orderId", "orderLineId"]
    );
    assert!(saas_v2::change_instance_check("i", &order)["productInfo"].is_object());
    assert_eq!(calls::debugging(saas_v2::query_instance(&["i", "j"]))["instanceId"], "i,j");
    assert_eq!(calls::debugging(saas_v2::query_instance(&["i"]))["testFlag"], "1");
}
