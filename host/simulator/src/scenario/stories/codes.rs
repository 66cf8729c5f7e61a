//! License codes: the platform made them, and tells what becomes of each.

use super::strangers;
use crate::Dialect;
use crate::calls::{Charging, Scene};
use crate::scenario::{Behaviour, Call, Kind, Of, Step, Story};

const DIALECT: Dialect = Dialect::LicenseCode;

pub(super) fn stories() -> Vec<Story> {
    let story = |name, steps| Story {
        name,
        dialect: DIALECT,
        orders: vec![
            ("main", Kind::Bought(Charging::Year)),
            ("frozen at once", Kind::Bought(Charging::Month)),
        ],
        steps,
    };
    vec![story("a license", license()), story("attacks", attacks()), story("debugging", debugging())]
}

fn license() -> Vec<Step> {
    vec![
        Step::new("a renewal is the first that is heard of a code", Call::Refresh("main", Scene::Renewal)),
        Step::new("the same renewal again", Call::Again),
        Step::new("the code expires and is frozen", Call::Status("main", true)),
        Step::new("and once more", Call::Again),
        Step::new("it is set free", Call::Status("main", false)),
        Step::new("another renewal, five times at once", Call::Refresh("main", Scene::Renewal)).at_once(5),
        Step::new("a renewal is cancelled", Call::Refresh("main", Scene::CancelledRenewal)),
        Step::new("the application is down during a freeze", Call::Status("main", true))
            .told(Behaviour::Failing { times: 1 })
            .expects(&["000005"]),
        Step::new("the platform tries again", Call::Again).expects(&["000000", "000005"]).until("000000"),
        Step::new("another code is frozen before anything else", Call::Status("frozen at once", true)),
        Step::new("a code that nobody knows", Call::Release(Of::Nobody)).expects(&["000003"]),
        Step::new("the license ends", Call::Release(Of::Order("main"))),
        Step::new("and ends again", Call::Again),
        Step::new("a renewal after the end", Call::Refresh("main", Scene::Renewal)).expects(&["000003"]),
    ]
}

fn attacks() -> Vec<Step> {
    let mut steps = strangers(DIALECT, &Call::Status("main", true), "license");
    steps.push(
        Step::new("an activity of another interface", Call::Unknown("releaseInstance", "main"))
            .expects(&["000002"]),
    );
    steps
}

fn debugging() -> Vec<Step> {
    vec![
        Step::new("a test renewal", Call::Refresh("main", Scene::Renewal)).debugging(),
        Step::new("a test freeze", Call::Status("main", true)).debugging(),
        Step::new("a test release", Call::Release(Of::Order("main"))).debugging(),
    ]
}
