//! A tenant binds what was bought: his application, his departments, his users; what he changes, and how he goes.

use crate::calls::{Charging, Sync};
use crate::scenario::{Behaviour, Call, Kind, Step, Story};
use crate::{Dialect, Family, Fault};

pub(super) fn stories(dialect: Dialect) -> Vec<Story> {
    let story = |name, steps| Story {
        name,
        dialect,
        orders: vec![("main", Kind::Bought(Charging::Year)), ("another", Kind::Bought(Charging::Year))],
        steps,
    };
    vec![
        story("a tenant", tenant(dialect)),
        story("attacks", attacks(dialect)),
        story("debugging", debugging()),
    ]
}

fn sync(name: &'static str, sync: Sync) -> Step {
    Step::new(name, Call::Sync("main", sync))
}

const SECRET: &str = "client-secret-of-the-tenant";
const TREE: &[(&str, &str)] = &[("d1", ""), ("d2", "d1"), ("d3", "d1")];

fn tenant(dialect: Dialect) -> Vec<Step> {
    let second = dialect.family() == Family::V2;
    let mut steps = vec![
        sync("a tenant binds the instance", Sync::Tenant(1)),
        Step::new("the platform tells it again", Call::Again),
        sync("his application, the secret encrypted for the seller", Sync::Application(1, SECRET)),
        sync("his departments", Sync::Departments(TREE)),
        sync("who may use it", Sync::Members(1, &["*li", "wang", "zhao"])),
        Step::new("the same users again", Call::Again),
        sync("one becomes an administrator", Sync::Members(2, &["*wang"])),
        sync("a department is new", Sync::Department(1, "d4", "d2")),
        sync("one has moved", Sync::Department(2, "d4", "d3")),
        sync("one is gone", Sync::Department(0, "d3", "")),
        sync("the seller's application is down, the call is taken in", Sync::Members(0, &["zhao"]))
            .told(Behaviour::Failing { times: 2 }),
        sync("and so is what comes behind it", Sync::Members(1, &["qian"])),
    ];
    if second {
        steps.push(sync("a right is taken back, the data stay", Sync::Members(3, &["wang"])));
        steps.push(sync("the tenant has another name", Sync::Tenant(2)));
        steps.push(sync("his secret is changed", Sync::Application(2, "another-secret")));
    }
    steps.extend([
        sync("somebody is removed whom nobody knew", Sync::Members(0, &["stranger"])),
        Step::new("another tenant, his own binding", Call::Sync("another", Sync::Tenant(1))),
        Step::new("with users of the same names", Call::Sync("another", Sync::Members(1, &["li"]))),
        sync("the tenant unbinds: everything ends", Sync::Tenant(0)),
        Step::new("and unbinds again", Call::Again),
        sync("he binds anew, and begins empty", Sync::Tenant(1)),
    ]);
    steps
}

fn attacks(dialect: Dialect) -> Vec<Step> {
    let bound = Call::Sync("main", Sync::Members(1, &["li", "wang"]));
    let removal = Sync::Members(0, &["li", "wang"]);
    let mut steps = vec![
        sync("a tenant binds the instance", Sync::Tenant(1)),
        Step::new("with two users", bound.clone()),
        Step::new(
            "a removal of users, sent to the address of tenants",
            Call::Misdirected("main", "tenantSync", removal),
        )
        .expects(&["000002"]),
        Step::new("under a wrong key", bound.clone()).spoilt(Fault::WrongKey, dialect),
        Step::new("without a signature", bound.clone()).spoilt(Fault::MissingSignature, dialect),
        Step::new("the list of users is edited on the way", bound.clone()).spoilt(
            Fault::ChangedAfterSigning { field: "userList".to_owned(), value: "[]".to_owned() },
            dialect,
        ),
        Step::new("a secret that is encrypted for nobody", Call::Sync("main", Sync::Application(1, "")))
            .with("clientSecret", "c2VjcmV0LW9mLWFub3RoZXI=")
            .expects(&["000101"]),
    ];
    if dialect.family() == Family::V2 {
        steps.extend([
            Step::new("signed too long ago", bound.clone())
                .spoilt(Fault::ClockError { ms: -61_000 }, dialect),
            Step::new("names stand twice", bound.clone())
                .spoilt(Fault::DuplicateName { field: "flag".to_owned(), value: "0".to_owned() }, dialect),
            Step::new("the same bytes come again", bound).replayed(&["000001"]),
        ]);
    } else {
        let smuggled = Step::new("a flag that is hidden in a name", Call::Sync("main", Sync::Tenant(1)));
        steps.push(smuggled.with("name", "n&flag=0").expects(&["000002"]));
    }
    steps
}

fn debugging() -> Vec<Step> {
    vec![
        sync("a test binding", Sync::Tenant(1)).debugging(),
        sync("a test secret", Sync::Application(1, SECRET)).debugging(),
        sync("test users", Sync::Members(1, &["li"])).debugging(),
        sync("test departments", Sync::Departments(TREE)).debugging(),
        sync("a test department", Sync::Department(1, "d9", "")).debugging(),
        sync("and the end of the test", Sync::Tenant(0)).debugging(),
    ]
}
