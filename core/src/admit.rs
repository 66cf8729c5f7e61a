//! From one HTTP request to an admission or a refusal. Nothing is read or written.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::answer::Answer;
use crate::detail::Detail;
use crate::dialect::{Call, Refused, Target};
use crate::event::Event;
use crate::ledger::Admission;
use crate::reason::{Reason, ReasonCode};
use crate::request::{Arrived, Body, Request};
use crate::seller::{Route, Seller, limits};

/// What `admit` finds.
#[derive(Debug)]
pub enum Verdict {
    /// Genuine and understood: load the rows, then `decide`.
    Admitted(Admitted),
    /// Answer it; nothing else is to be done.
    Refused(Refusal),
}

/// A genuine call.
pub struct Admitted {
    /// The dialect's name: `saas-v2`.
    pub dialect: Cow<'static, str>,
    /// The product of the route.
    pub product: String,
    /// Test traffic.
    pub test: bool,
    /// What the call means. A password in the message of an account stands in the admission alone, and reaches the effect.
    pub event: Event,
    /// The rows to load before `decide`.
    pub keys: Vec<String>,
    /// Opaque, bound to this configuration; goes to `decide`, `settle` and `decline`. Holds decrypted contact data.
    pub admission: Vec<u8>,
    /// When the answer must have left, milliseconds, UTC.
    pub answer_by: u64,
}

/// As people may see it.
impl fmt::Debug for Admitted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.to_redacted_json())
    }
}

/// A refused call.
#[derive(Debug)]
pub struct Refusal {
    /// For the operator; the answer does not tell it.
    pub reason: Reason,
    /// The dialect's name, where a route was found.
    pub dialect: Option<Cow<'static, str>>,
    /// The product of the route, where one was found.
    pub product: Option<String>,
    /// Constant for each result code; echoes nothing of the call.
    pub answer: Answer,
    pub(crate) authenticated: bool,
}

impl Refusal {
    fn by(route: &Route, refused: Refused) -> Self {
        Self {
            answer: route.endpoint.refuse(refused.context, refused.outward()),
            authenticated: refused.context.is_some(),
            reason: refused.reason,
            dialect: Some(route.dialect.name().into()),
            product: Some(route.product.clone()),
        }
    }

    /// Whether a key of the route signed the call: the platform's own call then, not a stranger's.
    #[must_use]
    pub const fn is_authenticated(&self) -> bool {
        self.authenticated
    }
}

impl Seller {
    /// Judges one HTTP request: route, sizes, freshness, authenticity, decryption, meaning, in this order.
    ///
    /// `request_id` is drawn by the host for this HTTP request and owns what the call reserves. `now` is in
    /// milliseconds, UTC.
    #[must_use]
    pub fn admit(&self, request: &Request<'_>, request_id: &[u8; 16], now: u64) -> Verdict {
        let arrived = &request.arrived();
        let mut stranger = None;
        for (route, target) in self.claimants(arrived) {
            match self.judge(route, target, arrived, now) {
                Ok(call) => return Verdict::Admitted(self.admitted(route, call, request_id, now)),
                // A key of this route signed it: it is nobody else's.
                Err(refused) if refused.context.is_some() => {
                    return Verdict::Refused(Refusal::by(route, refused));
                }
                Err(refused) => stranger = stranger.or(Some((route, refused))),
            }
        }
        // A call that no key signed is refused by the first of those who take it.
        Verdict::Refused(match stranger {
            Some((route, refused)) => Refusal::by(route, refused),
            None => self.no_route(arrived).into(),
        })
    }

    fn judge(
        &self,
        route: &Route,
        target: &Target,
        request: &Arrived<'_>,
        now: u64,
    ) -> Result<Call, Refused> {
        limits::check(&self.settings, request, route.dialect.interface())?;
        let call = route.endpoint.admit(target, request, now)?;
        // A call that names no product is of the route that it came to: its instance decides. Test calls have no state
        // that another product could be robbed of, and their form is filled in with whatever somebody typed.
        let foreign = call.event.text("product_id").is_some_and(|id| !call.test && !route.sells(id));
        if foreign {
            let found = call.event.text("product_id").and_then(Detail::id);
            let reason = Reason::about(ReasonCode::ForeignProduct, "productId").with_any(found);
            return Err(Refused { reason, context: Some(call.context) });
        }
        Ok(call)
    }

    /// The largest body that calls of this method and target may have, bytes; `None` where no route takes them.
    ///
    /// A host asks before it reads a body. What it then leaves unread it hands to [`Seller::admit`] as
    /// [`Body::Oversized`](crate::Body::Oversized): the answer is the same as if it had read it.
    #[must_use]
    pub fn body_limit(&self, method: &str, target: &[u8]) -> Option<u64> {
        let request = Request::new(method, target, &[], Body::Oversized);
        let (route, _) = self.route(&request.arrived()).ok()?;
        Some(limits::largest_body(&self.settings, route.dialect.interface()))
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
            event: admission.call.event.without_password().unwrap_or(admission.call.event),
        }
    }

    /// The routes that take calls of this path and method, in the order of the configuration, and as what. Which of several
    /// it is whose call this is, the key says that signed it.
    fn claimants<'r>(
        &'r self,
        request: &'r Arrived<'_>,
    ) -> impl Iterator<Item = (&'r Route, &'static Target)> + 'r {
        let path = request.target.path();
        self.routes.iter().filter_map(move |route| Some((route, route.claims(request.method, path)?)))
    }

    /// The first route that takes calls of this path and method.
    pub(crate) fn route(&self, request: &Arrived<'_>) -> Result<(&Route, &'static Target), NoRoute> {
        let path = request.target.path();
        let claimed = self.routes.iter().find_map(|route| Some((route, route.claims(request.method, path)?)));
        claimed.ok_or_else(|| self.no_route(request))
    }

    /// Why no route takes a call.
    fn no_route(&self, request: &Arrived<'_>) -> NoRoute {
        let path = request.target.path();
        let targets = self.routes.iter().flat_map(|route| route.targets_at(path));
        let mut allowed: Vec<&'static str> = Vec::new();
        for target in targets {
            if !allowed.contains(&target.method) {
                allowed.push(target.method);
            }
        }
        NoRoute { allowed }
    }
}

/// No route takes the call: none has its path, or those that have it take other methods.
pub(crate) struct NoRoute {
    allowed: Vec<&'static str>,
}

impl From<NoRoute> for Refusal {
    fn from(NoRoute { allowed }: NoRoute) -> Self {
        let (status, code) = match allowed.as_slice() {
            [] => (404, ReasonCode::UnknownRoute),
            _ => (405, ReasonCode::MethodNotAllowed),
        };
        let allow = (!allowed.is_empty()).then(|| ("Allow".to_string(), allowed.join(", ")));
        let answer = Answer { status, headers: allow.into_iter().collect(), body: Vec::new() };
        Self { reason: code.into(), dialect: None, product: None, answer, authenticated: false }
    }
}
