//! One instance under either dialect, and calls for it that were signed at any time. The platform signs a retry anew in
//! V2; in V1 the same bytes may come again.

use countersign_core::Verdict;
use countersign_core::ledger::Outcome;
use countersign_core::wire::time;
use serde_json::Value;

use super::world::{Turn, World, access, call, done, order};

pub(crate) const DAY: u64 = 86_400_000;
pub(crate) const HOUR: u64 = 3_600_000;

/// What may be called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation<'a> {
    Freeze,
    Unfreeze,
    Release,
    /// Order and expiry.
    Renew(&'a str, u64),
    /// Order and expiry: from trial to formal.
    ToFormal(&'a str, u64),
    /// Order and expiry: a renewal is taken back.
    Cancel(&'a str, u64),
    /// Order.
    Upgrade(&'a str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    V1,
    V2,
}

pub(crate) const BOTH: [Dialect; 2] = [Dialect::V1, Dialect::V2];

pub(crate) struct Subscription {
    pub(crate) world: World,
    pub(crate) dialect: Dialect,
}

impl Subscription {
    /// An instance `a` that was opened a second ago.
    pub(crate) fn opened(dialect: Dialect) -> Self {
        Self::open(dialect, false)
    }

    /// The same as a trial: only V1 says that an order is one.
    pub(crate) fn trial() -> Self {
        Self::open(Dialect::V1, true)
    }

    fn open(dialect: Dialect, trial: bool) -> Self {
        let mut subscription = Self { world: World::new(), dialect };
        let turn = subscription.create(trial);
        assert_eq!(subscription.world.through(turn, &access())["resultCode"], "000000");
        subscription.world.now += 1_000;
        subscription
    }

    /// The create, whatever becomes of it.
    pub(crate) fn create(&mut self, trial: bool) -> Turn {
        create(&mut self.world, self.dialect, ("CS1", "a"), trial)
    }

    /// A call for `a`, signed now.
    pub(crate) fn ask(&mut self, operation: Operation<'_>) -> Turn {
        self.ask_at(operation, self.world.now)
    }

    /// A call for `a`, signed at this time.
    pub(crate) fn ask_at(&mut self, operation: Operation<'_>, signed_at: u64) -> Turn {
        let verdict = admit(&mut self.world, self.dialect, "a", operation, signed_at);
        self.world.decide_verdict(verdict)
    }

    /// A call that is carried out at once.
    pub(crate) fn done(&mut self, operation: Operation<'_>) {
        self.ends(operation, &done(), "000000");
    }

    /// A call whose work ends so.
    pub(crate) fn ends(&mut self, operation: Operation<'_>, outcome: &Outcome, code: &str) {
        let turn = self.ask(operation);
        assert_eq!(self.world.through(turn, outcome)["resultCode"], code, "{operation:?}");
        self.world.now += 10;
    }

    pub(crate) fn phase(&self) -> String {
        self.world.phase("a")
    }

    /// Brings everything that is owed to its end, and says what was sent: type and phase.
    pub(crate) fn drain(&mut self) -> Vec<(String, String)> {
        let mut sent = Vec::new();
        for _ in 0..50 {
            if self.world.works() == 0 {
                return sent;
            }
            self.world.now += 400_000;
            for claim in self.world.due() {
                let event = super::world::data(&claim);
                sent.push((text(&event["type"]), text(&event["phase"])));
                self.world.settle(&claim.work, None, &done());
            }
        }
        panic!("works are left")
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_string()
}

/// A create: order and business id.
pub(crate) fn create(
    world: &mut World,
    dialect: Dialect,
    (order_id, business): (&str, &str),
    trial: bool,
) -> Turn {
    match dialect {
        Dialect::V1 => world.v1(&[
            ("activity", "newInstance"),
            ("orderId", order_id),
            ("businessId", business),
            ("trialFlag", if trial { "1" } else { "0" }),
        ]),
        Dialect::V2 => world.v2(&order(order_id, business)),
    }
}

/// A call for an instance, signed at this time: in V1 always the same bytes, in V2 with a nonce of its own.
pub(crate) fn admit(
    world: &mut World,
    dialect: Dialect,
    instance: &str,
    operation: Operation<'_>,
    signed_at: u64,
) -> Verdict {
    match dialect {
        Dialect::V1 => {
            let pairs = v1(instance, operation);
            let pairs: Vec<(&str, &str)> =
                pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
            world.admit_v1_signed(&pairs, signed_at)
        }
        Dialect::V2 => {
            let nonce = countersign_core::wire::hex::encode(&world.draw::<16>());
            world.admit_signed("/v2", &v2(instance, operation), signed_at, &nonce)
        }
    }
}

fn v1(instance: &str, operation: Operation<'_>) -> Vec<(&'static str, String)> {
    let renew = |order: &str, expiry: u64, more: &[(&'static str, &str)]| {
        let mut pairs = vec![
            ("activity", "refreshInstance".to_string()),
            ("instanceId", instance.to_string()),
            ("orderId", order.to_string()),
            ("expireTime", time::format_14(expiry, time::UTC)),
        ];
        pairs.extend(more.iter().map(|(name, value)| (*name, (*value).to_string())));
        pairs
    };
    let plain = |activity: &str, more: &[(&'static str, &str)]| {
        let mut pairs = vec![("activity", activity.to_string()), ("instanceId", instance.to_string())];
        pairs.extend(more.iter().map(|(name, value)| (*name, (*value).to_string())));
        pairs
    };
    match operation {
        Operation::Freeze => plain("expireInstance", &[]),
        Operation::Unfreeze => plain("instanceStatus", &[("instanceStatus", "NORMAL")]),
        Operation::Release => plain("releaseInstance", &[]),
        Operation::Renew(order, expiry) => renew(order, expiry, &[]),
        Operation::ToFormal(order, expiry) => renew(order, expiry, &[("trialToFormal", "1")]),
        Operation::Cancel(order, expiry) => renew(order, expiry, &[("orderAmount", "-1")]),
        Operation::Upgrade(order) => plain("upgrade", &[("orderId", order), ("skuCode", order)]),
    }
}

fn v2(instance: &str, operation: Operation<'_>) -> Value {
    let renew = |order: &str, expiry: u64, scene: &str| {
        let expiry = time::format_14(expiry, time::UTC);
        let more = [("orderId", order), ("orderLineId", "1"), ("scene", scene), ("expireTime", &expiry)];
        call("refreshInstance", instance, &more)
    };
    match operation {
        Operation::Freeze => super::world::freeze(instance),
        Operation::Unfreeze => super::world::unfreeze(instance),
        Operation::Release => super::world::release(instance),
        Operation::Renew(order, expiry) => renew(order, expiry, "RENEWAL"),
        Operation::ToFormal(order, expiry) => renew(order, expiry, "TRIAL_TO_FORMAL"),
        Operation::Cancel(order, expiry) => renew(order, expiry, "UNSUBSCRIBE_RENEWAL_PERIOD"),
        Operation::Upgrade(order) => call(
            "upgradeInstance",
            instance,
            &[("orderId", order), ("orderLineId", "1"), ("productId", order)],
        ),
    }
}
