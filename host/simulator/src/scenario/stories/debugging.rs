//! The debugger of the seller's console, and the probes that repeat its saved cases twice a day.

use crate::calls::{Charging, Scene};
use crate::scenario::{Call, Kind, Of, Step, Story};
use crate::{Dialect, Family};

/// Every activity with `testFlag` 1: only 000000 counts, also for an instance released months ago.
#[must_use]
pub fn debugging(dialect: Dialect) -> Story {
    let query = || Call::Query(vec![Of::Order("probe")]);
    let freeze = match dialect.family() {
        Family::V1 => Call::Expire("probe"),
        Family::V2 => Call::Status("probe", true),
    };
    let mut steps = vec![
        Step::new("a test purchase", Call::Purchase("probe")),
        Step::new("the test purchase again, as the morning probe sends it", Call::Purchase("probe")),
        Step::new("a test query", query()),
        Step::new("a test renewal", Call::Refresh("probe", Scene::Renewal)),
        Step::new("a test freeze", freeze),
        Step::new("a test upgrade", Call::Upgrade("probe")),
    ];
    if dialect == Dialect::SaasV2 {
        steps.push(Step::new("a test check of a change of plan", Call::CheckChange("probe")));
    }
    steps.extend([
        Step::new("a test release", Call::Release(Of::Order("probe"))),
        Step::new("the test query after the release", query()),
        Step::new("the test renewal after the release", Call::Refresh("probe", Scene::Renewal)),
        Step::new("the test release once more", Call::Release(Of::Order("probe"))),
    ]);
    Story {
        name: "debugging",
        dialect,
        orders: vec![("probe", Kind::Bought(Charging::Year))],
        steps: steps.into_iter().map(Step::debugging).collect(),
    }
}
