//! The marketplace: buys what a document says, and checks the answer as the platform does.

use std::time::{SystemTime, UNIX_EPOCH};

use countersign_simulator::transport::{Plain, Transport};
use countersign_simulator::{AccessKey, CheckInput, Dialect, Entropy, Fields, SignInput, check, sign};

use crate::ports::GATEWAY;
use crate::session::Outcome;

/// The key that the documents export.
pub(crate) const KEY: &str = "access-key-of-the-seller-console";

/// Buys over interface V2.0 at the documents' path.
pub(crate) fn buys(order_id: &str, order_line_id: &str, business_id: &str) -> Outcome {
    let key = AccessKey::new(KEY);
    let mut fields = Fields::new();
    let members = [
        ("activity", "newInstance"),
        ("orderId", order_id),
        ("orderLineId", order_line_id),
        ("businessId", business_id),
    ];
    fields.extend(members.map(|(name, value)| (name.to_owned(), value.into())));
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
    let nonce = Entropy::from_seed(now_ms).nonce();
    let (dialect, path) = (Dialect::SaasV2, "/koogallery");
    let request =
        sign(&SignInput { dialect, key: &key, host: GATEWAY, path, fields: &fields, now_ms, nonce: &nonce });
    let request = request.map_err(|error| error.to_string())?;
    let response = Plain::to(GATEWAY).send(&request).map_err(|error| error.to_string())?;
    let input = CheckInput { dialect, key: &key, activity: "newInstance", debugging: false };
    let checked = check(&input, &response).map_err(|rejected| format!("{rejected:?}"))?;
    match (checked.result_code.as_str(), checked.instance_id) {
        ("000000", Some(id)) if id == business_id => Ok(()),
        (code, id) => Err(format!("the purchase was answered {code}, {id:?}")),
    }
}
