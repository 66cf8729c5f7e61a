//! From the purchase to the release and beyond.

use super::unfinished;
use crate::calls::{Charging, Scene};
use crate::scenario::{Call, Kind, Of, Step, Story};
use crate::{Dialect, Family};

/// Purchase, duplicates, renewal, freeze, upgrade, release.
#[must_use]
pub fn life(dialect: Dialect) -> Story {
    let mut steps = purchases(dialect);
    steps.extend(terms(dialect));
    steps.extend(freezes(dialect));
    steps.extend(changes(dialect));
    steps.extend(end());
    Story {
        name: "a life",
        dialect,
        orders: vec![
            ("main", Kind::Bought(Charging::Year)),
            ("storm", Kind::Bought(Charging::Month)),
            ("metered", Kind::Bought(Charging::OnDemand)),
            ("metered too", Kind::LineOf("metered")),
            ("trial", Kind::Trial),
        ],
        steps,
    }
}

fn purchases(dialect: Dialect) -> Vec<Step> {
    let one = |order| Call::Query(vec![Of::Order(order)]);
    vec![
        Step::new("a purchase opens an instance", Call::Purchase("main")),
        Step::new("the platform asks for its access data", one("main")),
        Step::new("one purchase arrives three times at once", Call::Purchase("storm"))
            .expects(&["000000", unfinished(dialect)])
            .at_once(3),
        Step::new("the duplicates opened one instance", one("storm"))
            .expects(&[unfinished(dialect)])
            .until("000000"),
        Step::new("the first purchase comes again, with another businessId", Call::Purchase("main")),
        Step::new("and three times more at once", Call::Purchase("main")).at_once(3),
        Step::new("something metered is bought", Call::Purchase("metered")),
        Step::new("a second line of that order gets an instance of its own", Call::Purchase("metered too")),
        Step::new(
            "the platform asks for three instances in one query",
            Call::Query(vec![Of::Order("metered too"), Of::Order("main"), Of::Order("metered")]),
        ),
    ]
}

fn terms(dialect: Dialect) -> Vec<Step> {
    let mut steps = vec![
        Step::new("a trial begins", Call::Purchase("trial")),
        Step::new("the trial becomes a subscription", Call::Refresh("trial", Scene::TrialToFormal)),
        Step::new("a renewal", Call::Refresh("main", Scene::Renewal)),
        Step::new("the same renewal again", Call::Again),
        Step::new("another renewal", Call::Refresh("main", Scene::Renewal)),
        Step::new("that renewal is cancelled", Call::Refresh("main", Scene::CancelledRenewal)),
    ];
    if dialect == Dialect::SaasV2 {
        steps.push(Step::new("a renewal with another plan", Call::Refresh("main", Scene::RenewalChange)));
    }
    steps
}

fn freezes(dialect: Dialect) -> Vec<Step> {
    let expiry = match dialect.family() {
        Family::V1 => Call::Expire("main"),
        Family::V2 => Call::Status("main", true),
    };
    vec![
        Step::new("the subscription expires: freeze", expiry),
        Step::new("the freeze comes again", Call::Again),
        Step::new("a late renewal lifts the freeze", Call::Refresh("main", Scene::Renewal)),
        Step::new("the metered instance is frozen", Call::Status("metered", true)),
        Step::new("and set free", Call::Status("metered", false)),
        Step::new("and set free once more", Call::Again),
    ]
}

fn changes(dialect: Dialect) -> Vec<Step> {
    let mut steps = Vec::new();
    if dialect == Dialect::SaasV2 {
        steps.push(Step::new("may the instance change to another plan?", Call::CheckChange("main")));
    }
    steps.push(Step::new("an upgrade", Call::Upgrade("main")));
    steps.push(Step::new("the same upgrade again", Call::Again));
    steps
}

fn end() -> Vec<Step> {
    vec![
        Step::new("the instance is released", Call::Release(Of::Order("main"))),
        Step::new("the release comes again", Call::Release(Of::Order("main"))),
        Step::new("a released instance is not listed", Call::Query(vec![Of::Order("main")]))
            .expects(&["000003"]),
        Step::new("a released instance cannot be renewed", Call::Refresh("main", Scene::Renewal))
            .expects(&["000003"]),
        Step::new("the purchase of a released instance gets its old answer", Call::Purchase("main")),
        Step::new("the other instances live on", Call::Query(vec![Of::Order("storm"), Of::Order("trial")])),
    ]
}
