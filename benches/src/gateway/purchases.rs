//! New subscriptions, signed before they are sent, and what must be answered to each.

use std::time::{SystemTime, UNIX_EPOCH};

use countersign_simulator::calls::{Charging, Order, saas_v2};
use countersign_simulator::{AccessKey, CheckInput, Dialect, Entropy, HttpResponse, SignInput, check, sign};

use super::{Failed, Result};

/// The path of the only route.
pub(crate) const PATH: &str = "/koogallery";
/// Its only key.
pub(crate) const KEY: &str = "bench-access-key-0001";

/// One purchase as it goes over the wire.
pub(crate) struct Purchase {
    pub(crate) bytes: Vec<u8>,
    instance_id: String,
}

/// Different orders, one after the other.
pub(crate) struct Purchases {
    entropy: Entropy,
    key: AccessKey,
    count: u64,
}

impl Purchases {
    pub(crate) fn new() -> Self {
        Self { entropy: Entropy::from_seed(now()), key: AccessKey::new(KEY), count: 0 }
    }

    /// The next `count` orders, signed now: they are good for a minute.
    pub(crate) fn sign(&mut self, count: usize) -> Result<Vec<Purchase>> {
        (0..count).map(|_| self.one()).collect()
    }

    fn one(&mut self) -> Result<Purchase> {
        let mut order = Order::draw(&mut self.entropy, Charging::Year, now());
        // Drawn numbers would meet: the same order again is not a purchase.
        self.count += 1;
        order.order_id = format!("CS{:014}", self.count);
        let instance_id = self.entropy.uuid();
        let fields = saas_v2::new_instance(&order, &instance_id);
        let request = sign(&SignInput {
            dialect: Dialect::SaasV2,
            key: &self.key,
            host: "isv.example.com",
            path: PATH,
            fields: &fields,
            now_ms: now(),
            nonce: &self.entropy.nonce(),
        })?;
        Ok(Purchase { bytes: request.to_http_text(), instance_id })
    }
}

impl Purchase {
    /// The answer must be what the platform takes: 000000, signed over its exact bytes, with the instance id.
    pub(crate) fn check(&self, response: &HttpResponse) -> Result {
        let key = AccessKey::new(KEY);
        let input =
            CheckInput { dialect: Dialect::SaasV2, key: &key, activity: "newInstance", debugging: false };
        let checked =
            check(&input, response).map_err(|rejected| Failed(format!("a wrong answer: {rejected:?}")))?;
        if checked.result_code != "000000" || checked.instance_id.as_deref() != Some(&self.instance_id) {
            return Err(Failed(format!(
                "not what was bought: {} {:?}",
                checked.result_code, checked.instance_id
            )));
        }
        Ok(())
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
