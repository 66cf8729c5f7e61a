//! The platform: signs, sends, checks.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use countersign_simulator::calls::{Buyer, Charging, Order, saas_v1, saas_v2};
use countersign_simulator::transport::{Plain, Transport, TransportError};
use countersign_simulator::{
    AccessKey, CheckInput, Checked, Dialect, Entropy, Fields, HttpRequest, HttpResponse, SignInput, check,
    sign,
};

use super::KEY;

static SEED: AtomicU64 = AtomicU64::new(1);

pub(crate) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}

/// The path of a dialect's route.
pub(crate) fn path(dialect: Dialect) -> &'static str {
    if dialect == Dialect::SaasV1 { "/v1" } else { "/v2" }
}

pub(crate) struct Platform {
    pub(crate) address: SocketAddr,
    key: AccessKey,
}

impl Platform {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, key: AccessKey::new(KEY) }
    }

    pub(crate) fn entropy(&self) -> Entropy {
        Entropy::from_seed(SEED.fetch_add(1, Ordering::Relaxed) * 7_919 + u64::from(std::process::id()))
    }

    pub(crate) fn order(&self) -> Order {
        Order::draw(&mut self.entropy(), Charging::Year, now_ms())
    }

    /// A newInstance for the order, under a fresh businessId.
    pub(crate) fn purchase(&self, dialect: Dialect, order: &Order) -> Fields {
        let mut entropy = self.entropy();
        let business_id = entropy.uuid();
        match dialect {
            Dialect::SaasV1 => {
                let buyer = Buyer::draw(&mut Entropy::from_seed(1));
                saas_v1::new_instance(&buyer, None, order, &business_id)
            }
            _ => saas_v2::new_instance(order, &business_id),
        }
    }

    pub(crate) fn sign(&self, dialect: Dialect, fields: &Fields) -> HttpRequest {
        self.sign_at(dialect, path(dialect), fields, now_ms())
    }

    /// For another route than the dialect's, or by another clock.
    pub(crate) fn sign_at(&self, dialect: Dialect, path: &str, fields: &Fields, now_ms: u64) -> HttpRequest {
        sign(&SignInput {
            dialect,
            key: &self.key,
            host: &self.address.to_string(),
            path,
            fields,
            now_ms,
            nonce: &self.entropy().nonce(),
        })
        .unwrap()
    }

    pub(crate) fn send(&self, request: &HttpRequest) -> HttpResponse {
        self.try_send(request).unwrap()
    }

    pub(crate) fn try_send(&self, request: &HttpRequest) -> Result<HttpResponse, TransportError> {
        Plain::to(self.address.to_string()).send(request)
    }

    /// Signs, sends, and checks the answer as the platform does.
    pub(crate) fn call(&self, dialect: Dialect, fields: &Fields) -> Checked {
        self.checked(dialect, fields, &self.send(&self.sign(dialect, fields)))
    }

    pub(crate) fn checked(&self, dialect: Dialect, fields: &Fields, response: &HttpResponse) -> Checked {
        let activity = fields["activity"].as_str().unwrap();
        check(&CheckInput { dialect, key: &self.key, activity, debugging: false }, response)
            .unwrap_or_else(|rejected| panic!("{rejected:?}: {}", String::from_utf8_lossy(&response.body)))
    }

    /// The same on another route than the dialect's.
    pub(crate) fn call_at(&self, dialect: Dialect, path: &str, fields: &Fields) -> Checked {
        let request = self.sign_at(dialect, path, fields, now_ms());
        self.checked(dialect, fields, &self.send(&request))
    }

    /// Buys, and returns the instance id.
    pub(crate) fn buys(&self, dialect: Dialect) -> String {
        let checked = self.call(dialect, &self.purchase(dialect, &self.order()));
        assert_eq!(checked.result_code, "000000");
        checked.instance_id.unwrap()
    }

    pub(crate) fn query(&self, id: &str) -> Checked {
        self.call(Dialect::SaasV2, &saas_v2::query_instance(&[id]))
    }

    /// Sends bytes, closes that direction, and returns everything that comes back.
    pub(crate) fn raw(&self, bytes: &[u8]) -> String {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
        stream.write_all(bytes).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}
