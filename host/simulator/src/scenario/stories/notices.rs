//! Notices about orders: answered at once, whatever the seller's application does with them.

use super::strangers;
use crate::Dialect;
use crate::calls::Charging;
use crate::scenario::{Behaviour, Call, Kind, Step, Story};

const DIALECT: Dialect = Dialect::OrderNotify;

pub(super) fn stories() -> Vec<Story> {
    let story = |name, steps| Story {
        name,
        dialect: DIALECT,
        orders: vec![
            ("main", Kind::Bought(Charging::Year)),
            ("next line", Kind::LineOf("main")),
            ("another", Kind::Bought(Charging::Once)),
        ],
        steps,
    };
    vec![story("notices", notices()), story("attacks", attacks()), story("debugging", debugging())]
}

fn notices() -> Vec<Step> {
    vec![
        Step::new("an order is placed", Call::Notify("main")),
        Step::new("the platform tells it again", Call::Notify("main")),
        Step::new("and five times at once", Call::Notify("main")).at_once(5),
        Step::new("the next line of that order", Call::Notify("next line")),
        Step::new("the application is down, the notice is taken in", Call::Notify("another"))
            .told(Behaviour::Failing { times: 2 }),
        Step::new("and told once more meanwhile", Call::Notify("another")),
        Step::new("the application takes its time", Call::Notify("main"))
            .told(Behaviour::Accepted { times: 1 }),
    ]
}

fn attacks() -> Vec<Step> {
    let mut steps = strangers(DIALECT, &Call::Notify("main"), "orderId");
    steps.push(
        Step::new("an activity of another interface", Call::Unknown("newInstance", "main"))
            .expects(&["000002"]),
    );
    steps
}

fn debugging() -> Vec<Step> {
    let again = Step::new("and as the morning probe sends it", Call::Notify("main"));
    vec![Step::new("a test notice", Call::Notify("main")).debugging(), again.debugging()]
}
