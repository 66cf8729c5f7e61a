//! From one HTTP request to an admission or a refusal. Nothing is read or written.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::answer::Answer;
use crate::dialect::limits::largest_body;
use crate::dialect::{Call, Reply, split_target};
use crate::event::Event;
use crate::ledger::Admission;
use crate::reason::{Reason, ReasonCode};
use crate::request::{Body, Request};
use crate::seller::{Route, Seller};

/// What `admit` finds.
#[derive(Debug)]
pub enum Verdict {
    /// Genuine and understood: load the rows, then `decide`.
    Admitted(Admitted),
    /// Answer it; nothing else is to be done.
    Refused(Refusal),
}

/// A genuine call.
#[derive(Debug)]
pub struct Admitted {
    /// The dialect's name: `saas-v2`.
    pub dialect: Cow<'static, str>,
    /// The product of the route.
    pub product: String,
    /// Test traffic.
    pub test: bool,
    /// What the call means.
    pub event: Event,
    /// The rows to load before `decide`.
    pub keys: Vec<String>,
    /// Opaque, bound to this configuration; goes to `decide`, `settle` and `decline`. Holds decrypted contact data.
    pub admission: Vec<u8>,
    /// When the answer must have left, milliseconds, UTC.
    pub answer_by: u64,
}

/// A refused call.
#[derive(Debug)]
pub struct Refusal {
    /// For the operator; the answer does not tell it.
    pub reason: Reason,
    /// The product of the route, where one was found.
    pub product: Option<String>,
    /// Constant for each result code; echoes nothing of the call.
    pub answer: Answer,
}

impl Refusal {
    /// Whether a key of the route signed the call: the platform's own call then, not a stranger's.
    ///
    /// Everything up to the signature is judged before any key is used, everything else after one matched.
    #[must_use]
    pub const fn is_authenticated(&self) -> bool {
        self.reason.code.number() > LAST_BEFORE_A_KEY_MATCHED
    }
}

/// The numbers of reasons follow the stages of a call; this is the last of those that end with the signature.
const LAST_BEFORE_A_KEY_MATCHED: u16 = 399;

impl Seller {
    /// Judges one HTTP request: route, sizes, freshness, authenticity, decryption, meaning, in this order.
    ///
    /// `request_id` is drawn by the host for this HTTP request and owns what the call reserves. `now` is in
    /// milliseconds, UTC.
    #[must_use]
    pub fn admit(&self, request: &Request<'_>, request_id: &[u8; 16], now: u64) -> Verdict {
        let route = match self.route(request) {
            Ok(route) => route,
            Err(refusal) => return Verdict::Refused(refusal),
        };
        match route.dialect.admit(route, &self.settings, request, now) {
            Ok(call) => Verdict::Admitted(self.admitted(route, call, request_id, now)),
            Err(refused) => {
                let key = refused.key.and_then(|key| route.keys.get(key)).or(route.first_key());
                let answer =
                    route.dialect.answer(route, key, &Reply::code(refused.reason.code.result_code()));
                let product = Some(route.product.clone());
                Verdict::Refused(Refusal { reason: refused.reason, product, answer })
            }
        }
    }

    /// The largest body that calls of this method and target may have, bytes; `None` where no route takes them.
    ///
    /// A host asks before it reads a body. What it then leaves unread it hands to [`Seller::admit`] as
    /// [`Body::Oversized`](crate::Body::Oversized): the answer is the same as if it had read it.
    #[must_use]
    pub fn body_limit(&self, method: &str, target: &[u8]) -> Option<u64> {
        let request = Request { method, target, headers: &[], body: Body::Oversized };
        let route = self.route(&request).ok()?;
        Some(largest_body(&self.settings, route.dialect.interface()))
    }

    fn admitted(&self, route: &Route, call: Call, request_id: &[u8; 16], now: u64) -> Admitted {
        let admission =
            Admission { route, call, request: Admission::request_hex(request_id), received_at: now };
        Admitted {
            dialect: route.dialect.name().into(),
            product: route.product.clone(),
            test: admission.call.test,
            keys: admission.keys(),
            admission: admission.encode(self),
            answer_by: now.saturating_add(route.policy.answer_within_ms),
            event: admission.call.event,
        }
    }

    /// The route of a path and method.
    pub(crate) fn route(&self, request: &Request<'_>) -> Result<&Route, Refusal> {
        let (path, _) = split_target(request.target);
        let mut methods: Vec<&str> = Vec::new();
        for route in self.routes.iter().filter(|route| route.path.as_bytes() == path) {
            if route.dialect.method() == request.method {
                return Ok(route);
            }
            methods.push(route.dialect.method());
        }
        Err(if methods.is_empty() {
            plain_refusal(404, Vec::new(), ReasonCode::UnknownRoute)
        } else {
            let allow = Vec::from([("Allow".to_string(), methods.join(", "))]);
            plain_refusal(405, allow, ReasonCode::MethodNotAllowed)
        })
    }
}

fn plain_refusal(status: u16, headers: Vec<(String, String)>, code: ReasonCode) -> Refusal {
    Refusal { reason: code.into(), product: None, answer: Answer { status, headers, body: Vec::new() } }
}
