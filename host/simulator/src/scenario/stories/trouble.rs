//! The seller's backend is slow, sold out or down.

use super::unfinished;
use crate::calls::{Charging, Scene};
use crate::scenario::{Behaviour, Call, Kind, Of, Step, Story};
use crate::{Dialect, Family};

/// How long a backend takes that is too slow for V2, whose limit is 5 s.
const TOO_SLOW_MS: u64 = 8_000;
/// How long a backend takes that reports by itself.
const REPORT_AFTER_MS: u64 = 700;

/// Asynchronous work, refusals and failures of the seller's own application. Needs a backend that obeys.
#[must_use]
pub fn trouble(dialect: Dialect) -> Story {
    let mut steps = asynchronous(dialect);
    steps.extend(reported(dialect));
    steps.extend(sold_out());
    steps.extend(sold_out_later(dialect));
    steps.extend(down(dialect));
    steps.extend(slow(dialect));
    Story {
        name: "trouble at the seller",
        dialect,
        orders: vec![
            ("patient", Kind::Bought(Charging::Year)),
            ("announced", Kind::Bought(Charging::Year)),
            ("wanted", Kind::Bought(Charging::Year)),
            ("doubtful", Kind::Bought(Charging::Year)),
            ("slow", Kind::Bought(Charging::Year)),
        ],
        steps,
    }
}

fn asynchronous(dialect: Dialect) -> Vec<Step> {
    let running = unfinished(dialect);
    vec![
        Step::new("the backend accepts a purchase and is not done yet", Call::Purchase("patient"))
            .told(Behaviour::Accepted { times: 1 })
            .expects(&[running]),
        Step::new("the platform repeats the purchase until it is done", Call::Purchase("patient"))
            .expects(&[running])
            .until("000000"),
        Step::new("the instance is there", Call::Query(vec![Of::Order("patient")])),
    ]
}

/// V2 was told the instance id and asks for it; V1 knows none and repeats the purchase.
fn reported(dialect: Dialect) -> Vec<Step> {
    let running = unfinished(dialect);
    let poll = match dialect.family() {
        Family::V1 => Call::Purchase("announced"),
        Family::V2 => Call::Query(vec![Of::Order("announced")]),
    };
    vec![
        Step::new(
            "the backend accepts a purchase and will report when it is done",
            Call::Purchase("announced"),
        )
        .told(Behaviour::Reported { after_ms: REPORT_AFTER_MS })
        .expects(&[running]),
        Step::new("the platform asks until the backend has reported", poll)
            .expects(&[running])
            .until("000000"),
    ]
}

fn sold_out() -> Vec<Step> {
    vec![
        Step::new("the product is sold out", Call::Purchase("wanted"))
            .told(Behaviour::SoldOut { code: "000106" })
            .expects(&["000106"]),
        Step::new("and still is, for another reason", Call::Purchase("wanted"))
            .told(Behaviour::SoldOut { code: "000100" })
            .expects(&["000100"]),
        Step::new("restocked, the same order goes through", Call::Purchase("wanted"))
            .told(Behaviour::Restocked),
        Step::new("and stays what it is", Call::Purchase("wanted")),
    ]
}

/// The platform was told to wait, and then there is nothing to be had: whoever asks must hear of it.
fn sold_out_later(dialect: Dialect) -> Vec<Step> {
    let running = unfinished(dialect);
    let poll = match dialect.family() {
        Family::V1 => Call::Purchase("doubtful"),
        Family::V2 => Call::Query(vec![Of::Order("doubtful")]),
    };
    vec![
        Step::new("the backend accepts another purchase", Call::Purchase("doubtful"))
            .told(Behaviour::Accepted { times: 2 })
            .expects(&[running]),
        Step::new("and finds that it is sold out, which the platform hears", poll)
            .told(Behaviour::SoldOut { code: "000106" })
            .expects(&[running])
            .until("000106"),
        Step::new("restocked, that order goes through as well", Call::Purchase("doubtful"))
            .told(Behaviour::Restocked)
            .expects(&[running])
            .until("000000"),
    ]
}

fn down(dialect: Dialect) -> Vec<Step> {
    let mut steps = vec![
        Step::new("the backend fails during a renewal", Call::Refresh("wanted", Scene::Renewal))
            .told(Behaviour::Failing { times: 1 })
            .expects(&["000005"]),
        Step::new("the platform repeats the renewal until it is done", Call::Again)
            .expects(&["000005"])
            .until("000000"),
    ];
    if dialect == Dialect::SaasV2 {
        steps.push(
            Step::new("the backend refuses a change of plan", Call::CheckChange("wanted"))
                .told(Behaviour::RefusedNext { code: "000100" })
                .expects(&["000100"]),
        );
        steps.push(Step::new("and allows it later", Call::CheckChange("wanted")));
    }
    steps
}

/// V1 waits 20 s, so a seller may use them up; V2 must be told within 5 s.
fn slow(dialect: Dialect) -> Vec<Step> {
    let running = unfinished(dialect);
    let right: &[&'static str] = match dialect.family() {
        Family::V1 => &["000005", "000000"],
        Family::V2 => &["000004"],
    };
    vec![
        Step::new("the backend takes too long over a purchase", Call::Purchase("slow"))
            .told(Behaviour::Slow { ms: TOO_SLOW_MS })
            .expects(right),
        Step::new("the platform repeats the slow purchase until it is done", Call::Purchase("slow"))
            .expects(&[running])
            .until("000000"),
    ]
}
