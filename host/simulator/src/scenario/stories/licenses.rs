//! Licences: issued for an order, or for one device after the other. What was issued once never changes.

use super::strangers;
use crate::calls::{Charging, Scene};
use crate::scenario::{Behaviour, Call, Kind, Of, Step, Story};
use crate::{Dialect, Fault};

fn story(dialect: Dialect, name: &'static str, steps: Vec<Step>) -> Story {
    let orders = vec![("main", Kind::Bought(Charging::Year)), ("another", Kind::Bought(Charging::Month))];
    Story { name, dialect, orders, steps }
}

pub(super) fn first() -> Vec<Story> {
    const DIALECT: Dialect = Dialect::LicenseV1;
    let mut attacks = vec![Step::new("a licence is issued", Call::Purchase("main"))];
    attacks.extend(strangers(DIALECT, &Call::Purchase("main"), "orderId"));
    attacks.push(
        Step::new("a purchase that is made to look like a test", Call::Purchase("main"))
            .debugging()
            .spoilt(Fault::SmuggledParameter { name: "testFlag".to_owned() }, DIALECT),
    );
    vec![
        story(
            DIALECT,
            "a licence",
            vec![
                Step::new("a licence is issued for an order", Call::Purchase("main")),
                Step::new("the platform asks again: the same text", Call::Purchase("main")),
                Step::new("and five times at once", Call::Purchase("another")).at_once(5),
                Step::new("it is renewed", Call::Refresh("main", Scene::Renewal)),
                Step::new("the same text after the renewal", Call::Purchase("main")),
                Step::new("it expires and is frozen", Call::Expire("main")),
                Step::new("a renewal revives it", Call::Refresh("main", Scene::Renewal)),
                Step::new("it ends", Call::Release(Of::Order("main"))),
                Step::new("and ends again", Call::Again),
                Step::new("a licence that nobody has", Call::Release(Of::Nobody)).expects(&["000003"]),
            ],
        ),
        story(
            DIALECT,
            "trouble at the seller",
            vec![
                Step::new("sold out", Call::Purchase("main"))
                    .told(Behaviour::SoldOut { code: "000106" })
                    .expects(&["000106"]),
                Step::new("restocked", Call::Purchase("main")).told(Behaviour::Restocked),
                Step::new("the application is down", Call::Purchase("another"))
                    .told(Behaviour::Failing { times: 1 })
                    .expects(&["000005"]),
                Step::new("the platform tries again", Call::Again).expects(&["000005"]).until("000000"),
            ],
        ),
        story(DIALECT, "attacks", attacks),
        story(
            DIALECT,
            "debugging",
            vec![
                Step::new("a test licence", Call::Purchase("main")).debugging(),
                Step::new("the same again", Call::Purchase("main")).debugging(),
                Step::new("a test renewal", Call::Refresh("main", Scene::Renewal)).debugging(),
                Step::new("a test freeze", Call::Expire("main")).debugging(),
                Step::new("a test release", Call::Release(Of::Order("main"))).debugging(),
            ],
        ),
    ]
}

pub(super) fn online() -> Vec<Story> {
    const DIALECT: Dialect = Dialect::LicenseOnline;
    let license = |name, event, device| Step::new(name, Call::License("main", event, device));
    let mut attacks = vec![Step::new("a purchase", Call::Purchase("main"))];
    attacks.extend(strangers(DIALECT, &Call::License("main", "e-attack", "d"), "deviceFingerprint"));
    vec![
        story(
            DIALECT,
            "licences of devices",
            vec![
                Step::new("a purchase", Call::Purchase("main")),
                license("a licence for a device", "e1", "laptop"),
                license("the same request again", "e1", "laptop"),
                license("another device under the same event", "e1", "desktop"),
                license("five requests at once", "e2", "laptop").at_once(5).expects(&["000000", "000004"]),
                license("the seller's quota is used up", "e3", "tablet")
                    .told(Behaviour::RefusedNext { code: "000900" })
                    .expects(&["000900"]),
                license("asked again, it is granted", "e3", "tablet"),
                license("the application takes its time", "e4", "phone")
                    .told(Behaviour::Accepted { times: 1 })
                    .expects(&["000004"]),
                Step::new("the platform polls", Call::Again).expects(&["000004"]).until("000000"),
                Step::new("the instance is renewed", Call::Refresh("main", Scene::Renewal)),
                Step::new("frozen", Call::Status("main", true)),
                license("a frozen instance asks all the same", "e5", "laptop"),
                Step::new("and released", Call::Release(Of::Order("main"))),
                license("no licence after the end", "e6", "laptop").expects(&["000003"]),
            ],
        ),
        story(DIALECT, "attacks", attacks),
        story(
            DIALECT,
            "debugging",
            vec![
                Step::new("a test purchase", Call::Purchase("main")).debugging(),
                license("a test licence", "e1", "laptop").debugging(),
                Step::new("a test release", Call::Release(Of::Order("main"))).debugging(),
            ],
        ),
    ]
}
