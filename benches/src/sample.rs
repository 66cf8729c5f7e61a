//! Signed calls of a given size, the same in every run.

use countersign_core::{Body, Request};
use countersign_simulator::calls::{self, Buyer, Charging, Order, saas_v1, saas_v2};
use countersign_simulator::crypto::contact::Strength;
use countersign_simulator::{AccessKey, Dialect, Entropy, Fault, Fields, HttpRequest, SignInput, sign_with};

/// When every sample was signed, and what the clock of every benchmark says: milliseconds, UTC.
pub const NOW: u64 = 1_700_000_000_000;
/// The path of the V2 route.
pub const V2: &str = "/koogallery";
/// The path of the V1 route.
pub const V1: &str = "/koogallery/v1";
/// The keys of both routes.
pub const RING: [&str; 3] = ["bench-access-key-0001", "bench-access-key-0002", "bench-access-key-0003"];
/// Bodies of V2 that are measured, bytes: two documented calls, and what a growing platform may send.
pub const SIZES: [usize; 5] = [165, 350, 1_024, 4_096, 65_536];
/// A key that no route has: signs what no key of the ring verifies.
const STRANGER: &str = "bench-access-key-of-nobody";

/// A seller with one V2 and one V1 route, each with so many keys of [`RING`], as a JSON document.
#[must_use]
pub fn configuration(keys: usize) -> Vec<u8> {
    let keys: Vec<&str> = RING.into_iter().take(keys).collect();
    let document = serde_json::json!({"routes": [
        {"path": V2, "dialect": "saas-v2", "keys": keys, "product": "crm"},
        {"path": V1, "dialect": "saas-v1", "keys": keys, "product": "classic"},
    ]});
    document.to_string().into_bytes()
}

/// A signed call, ready for `admit`.
#[derive(Debug, Clone)]
pub struct Call(HttpRequest);

impl Call {
    /// The call as the core reads it.
    pub fn read<T>(&self, with: impl FnOnce(&Request<'_>) -> T) -> T {
        let headers: Vec<(&str, &[u8])> =
            self.0.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let HttpRequest { method, target, body, .. } = &self.0;
        with(&Request::new(method, target.as_bytes(), &headers, Body::Bytes(body)))
    }

    /// The call as it is sent.
    #[must_use]
    pub fn http(&self) -> &HttpRequest {
        &self.0
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.0.body
    }
}

/// A V2 call whose body has so many bytes, signed with the first key over the bytes that are sent: the documented
/// newInstance below 250 bytes, the documented refreshInstance below 350, and beyond it the same with further members,
/// as a platform that grows would send them.
///
/// # Panics
/// When the documented members alone are longer.
#[must_use]
pub fn v2(bytes: usize) -> Call {
    let mut entropy = Entropy::from_seed(4);
    let order = Order::draw(&mut entropy, Charging::Year, NOW);
    let mut fields = if bytes < 250 {
        saas_v2::new_instance(&order, &entropy.uuid())
    } else {
        saas_v2::refresh_instance(&entropy.uuid(), &order, calls::Scene::Renewal).expect("a year has an end")
    };
    fill(&mut fields, bytes);
    let call = signed(Dialect::SaasV2, V2, &fields, RING[0], &[]);
    assert_eq!(call.body().len(), bytes, "the documented members alone are longer");
    call
}

/// The costliest V2 call that is refused: its members are out of order and its signature is of no key, so that every
/// canonical form is tried with every key.
#[must_use]
pub fn v2_of_a_stranger(bytes: usize) -> Call {
    let order = Order::draw(&mut Entropy::from_seed(4), Charging::Year, NOW);
    let mut fields = saas_v2::change_instance_check("10e758d0-31ad-4c4b-8f1b-81d03469a10e", &order);
    fill(&mut fields, bytes);
    signed(Dialect::SaasV2, V2, &fields, STRANGER, &[Fault::ReversedOrder])
}

/// The documented V1 newInstance with encrypted contact data, signed with the first key.
#[must_use]
pub fn v1() -> Call {
    let mut entropy = Entropy::from_seed(4);
    let order = Order::draw(&mut entropy, Charging::Year, NOW);
    let buyer = Buyer::draw(&mut entropy);
    let key = AccessKey::new(RING[0]);
    let contact = buyer.contact(&key, Strength::Aes256, &mut entropy).expect("drawn contact data");
    let fields = saas_v1::new_instance(&buyer, Some(&contact), &order, &entropy.uuid());
    signed(Dialect::SaasV1, V1, &fields, RING[0], &[])
}

/// The V2 calls that are measured in every runtime, by name.
#[must_use]
pub fn measured() -> Vec<(String, Call)> {
    let admitted = SIZES.into_iter().map(|bytes| (format!("v2-{bytes}"), v2(bytes)));
    admitted.chain([("v2-refused".to_owned(), v2_of_a_stranger(350))]).collect()
}

/// V2 calls with everything that may be wrong with them, or merely unusual: whoever is compared judges all of them alike.
///
/// # Panics
/// When a fault changes nothing in the call that was made for it.
#[must_use]
pub fn unusual() -> Vec<(String, Call)> {
    let mut entropy = Entropy::from_seed(5);
    let order = Order::draw(&mut entropy, Charging::Year, NOW);
    let instance = entropy.uuid();
    let renewal =
        saas_v2::refresh_instance(&instance, &order, calls::Scene::Renewal).expect("a year has an end");
    let mut nested = saas_v2::change_instance_check(&instance, &order);
    nested.insert("amount".to_owned(), serde_json::json!(1.5));
    nested.insert("trial".to_owned(), true.into());
    let text = |text: &str| text.to_owned();
    let faults = [
        (&renewal, Fault::LowerCaseHex),
        (&renewal, Fault::PrettyBody),
        (&renewal, Fault::ReversedOrder),
        (&renewal, Fault::NullMember),
        (&nested, Fault::NestedSorted),
        (&nested, Fault::ScalarsSignedAsText),
        (&renewal, Fault::WrongKey),
        (&renewal, Fault::MissingSignature),
        (&renewal, Fault::ChangedAfterSigning { field: text("orderId"), value: text("CS0") }),
        (&renewal, Fault::ClockError { ms: -60_001 }),
        (&renewal, Fault::ClockError { ms: -60_000 }),
        (&renewal, Fault::ClockError { ms: 60_000 }),
        (&renewal, Fault::ClockError { ms: 60_001 }),
        (&renewal, Fault::MovedDigit),
        (&renewal, Fault::DuplicateName { field: text("orderId"), value: text("CS0") }),
        (&renewal, Fault::TruncatedBody),
        (&renewal, Fault::RepeatedParameter { name: text("nonce") }),
    ];
    let faulty = faults.into_iter().map(|(fields, fault)| {
        let name = format!("{fault:?}");
        (name, signed(Dialect::SaasV2, V2, fields, RING[0], &[fault]))
    });
    let fields = [
        ("status", saas_v2::update_instance_status(&instance, true)),
        ("release", saas_v2::release_instance(&instance, None)),
        ("query", saas_v2::query_instance(&[&instance, "another", &instance])),
        ("upgrade", saas_v2::upgrade_instance(&instance, &order)),
        ("test", calls::debugging(renewal.clone())),
        ("check", nested.clone()),
    ];
    let fine = fields
        .into_iter()
        .map(|(name, fields)| (text(name), signed(Dialect::SaasV2, V2, &fields, RING[2], &[])));
    let mut wrong = Fields::new();
    wrong.insert(text("activity"), "buyTheMarketplace".into());
    let mut missing = renewal.clone();
    missing.remove("expireTime");
    let mut malformed = renewal.clone();
    malformed.insert(text("expireTime"), "20240230000000".into());
    let refused = [("unknown activity", wrong), ("no time", missing), ("30 February", malformed)];
    let refused = refused
        .into_iter()
        .map(|(name, fields)| (text(name), signed(Dialect::SaasV2, V2, &fields, RING[1], &[])));
    faulty.chain(fine).chain(refused).collect()
}

/// The `number`th purchase: each is another order.
#[must_use]
pub fn purchase(number: u64) -> Call {
    repeated_purchase(number, 0)
}

/// The `number`th purchase once more, under another signature and another `businessId`, as the platform repeats it.
#[must_use]
pub fn repeated_purchase(number: u64, repeat: u64) -> Call {
    let order = Order::draw(&mut Entropy::from_seed(number), Charging::Year, NOW);
    let fields = saas_v2::new_instance(&order, &business_id(number, repeat));
    Call(sign(Dialect::SaasV2, V2, &fields, RING[0], &nonce(number, repeat, "create"), &[]))
}

/// Asks what the `number`th purchase opened; each query has another signature.
#[must_use]
pub fn query(number: u64, repeat: u64) -> Call {
    let fields = saas_v2::query_instance(&[&business_id(number, 0)]);
    Call(sign(Dialect::SaasV2, V2, &fields, RING[0], &nonce(number, repeat, "query"), &[]))
}

fn business_id(number: u64, repeat: u64) -> String {
    Entropy::labelled(number, &format!("business {repeat}")).uuid()
}

fn nonce(number: u64, repeat: u64, what: &str) -> String {
    Entropy::labelled(number, &format!("{what} {repeat}")).nonce()
}

fn signed(dialect: Dialect, path: &str, fields: &Fields, key: &str, faults: &[Fault]) -> Call {
    Call(sign(dialect, path, fields, key, NONCE, faults))
}

/// Ends in a digit, so that it can be moved.
const NONCE: &str = "50D83FDECAED6CCD8EF597F2A577950527928BA287D04E6036E92B2806FD17D1";

fn sign(
    dialect: Dialect,
    path: &str,
    fields: &Fields,
    key: &str,
    nonce: &str,
    faults: &[Fault],
) -> HttpRequest {
    let key = AccessKey::new(key);
    let input = SignInput { dialect, key: &key, host: "isv.example.com", path, fields, now_ms: NOW, nonce };
    sign_with(&input, faults).expect("a call that can be signed")
}

/// Adds members of text until the body has so many bytes.
fn fill(fields: &mut Fields, bytes: usize) {
    const MEMBER: usize = 64;
    let length = |fields: &Fields| serde_json::to_vec(fields).map_or(0, |text| text.len());
    for number in 0_usize.. {
        let missing = bytes.saturating_sub(length(fields));
        if missing == 0 {
            return;
        }
        let name = format!("remark{number:04}");
        let frame = r#","":"""#.len() + name.len();
        // The last member takes what is left, since no member is shorter than its frame.
        let text = if missing < 2 * MEMBER + frame { missing.saturating_sub(frame) } else { MEMBER - frame };
        fields.insert(name, "x".repeat(text).into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_core::{Seller, Verdict};

    fn judge(keys: usize, call: &Call) -> Verdict {
        let seller = Seller::from_json(&configuration(keys)).unwrap();
        call.read(|request| seller.admit(request, &[7; 16], NOW))
    }

    #[test]
    fn what_is_measured_is_admitted_and_the_stranger_is_not() {
        for (name, call) in measured() {
            let admitted = matches!(judge(1, &call), Verdict::Admitted(_));
            assert_eq!(admitted, name != "v2-refused", "{name}");
        }
        assert!(matches!(judge(1, &v1()), Verdict::Admitted(_)));
    }

    #[test]
    fn unusual_calls_meet_many_ends() {
        let mut reasons: Vec<String> = unusual()
            .into_iter()
            .map(|(_, call)| match judge(3, &call) {
                Verdict::Admitted(admitted) => admitted.event.kind.name().to_owned(),
                Verdict::Refused(refusal) => refusal.reason.code.code().to_owned(),
            })
            .collect();
        reasons.sort();
        reasons.dedup();
        assert!(reasons.len() >= 15, "{reasons:?}");
    }

    #[test]
    fn purchases_are_different_orders_and_repeats_are_the_same() {
        assert_ne!(purchase(1).body(), purchase(2).body());
        assert_ne!(purchase(1).http().target, repeated_purchase(1, 1).http().target);
        let order = |call: &Call| serde_json::from_slice::<Fields>(call.body()).unwrap()["orderId"].clone();
        assert_eq!(order(&purchase(1)), order(&repeated_purchase(1, 1)));
    }
}
