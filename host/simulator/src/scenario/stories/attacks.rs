//! What an attacker can do with captured requests, and what accidents look like from outside.

use crate::calls::Charging;
use crate::scenario::{Call, Kind, Of, Step, Story};
use crate::{Dialect, Family, Fault};

/// Ten minutes: outside of the documented window and of every sensible allowance for clock error.
const FAR_MS: i64 = 600_000;

/// Forgery, replay, ambiguous bodies, other people's instances; then proof that nothing came of it.
#[must_use]
pub fn attacks(dialect: Dialect) -> Story {
    let mut steps = vec![Step::new("a purchase to be attacked", Call::Purchase("victim"))];
    steps.extend(forgeries(dialect));
    steps.extend(match dialect.family() {
        Family::V1 => v1_ambiguities(),
        Family::V2 => v2_ambiguities(),
    });
    steps.extend(nonsense());
    steps.extend(harmless(dialect));
    steps.push(Step::new("after all this the instance is as it was", Call::Query(vec![Of::Order("victim")])));
    Story {
        name: "attacks",
        dialect,
        orders: vec![
            ("victim", Kind::Bought(Charging::Year)),
            ("never bought", Kind::Bought(Charging::Year)),
        ],
        steps,
    }
}

fn forgeries(dialect: Dialect) -> Vec<Step> {
    let release = || Call::Release(Of::Order("victim"));
    let changed = Fault::ChangedAfterSigning { field: "instanceId".into(), value: "somebody-else".into() };
    vec![
        Step::new("a release under a wrong key", release()).spoilt(Fault::WrongKey, dialect),
        Step::new("a release without a signature", release()).spoilt(Fault::MissingSignature, dialect),
        Step::new("a release changed after signing", release()).spoilt(changed, dialect),
        Step::new("a release of another product's instance", release())
            .to_another_product()
            .expects(&["000003"]),
        Step::new("a release of nobody's instance", Call::Release(Of::Nobody)).expects(&["000003"]),
    ]
}

fn v1_ambiguities() -> Vec<Step> {
    let dialect = Dialect::SaasV1;
    let query = || Call::Query(vec![Of::Order("victim")]);
    vec![
        Step::new("the same bytes again are a retry", query()).replayed(&["000000"]),
        Step::new("a parameter twice", query())
            .spoilt(Fault::RepeatedParameter { name: "instanceId".into() }, dialect),
        Step::new("a debugging call turned into a purchase", Call::Purchase("never bought"))
            .debugging()
            .spoilt(Fault::SmuggledParameter { name: "testFlag".into() }, dialect),
        Step::new("the token over encoded values", Call::Purchase("never bought"))
            .spoilt(Fault::SignedStillEncoded, dialect),
    ]
}

fn v2_ambiguities() -> Vec<Step> {
    let dialect = Dialect::SaasV2;
    let query = || Call::Query(vec![Of::Order("victim")]);
    let release = || Call::Release(Of::Order("victim"));
    vec![
        Step::new("a request ten minutes old", release()).spoilt(Fault::ClockError { ms: -FAR_MS }, dialect),
        Step::new("a request from ten minutes ahead", release())
            .spoilt(Fault::ClockError { ms: FAR_MS }, dialect),
        Step::new("the same bytes again are a replay", query()).replayed(&["000001"]),
        Step::new("a digit moved from the nonce to the timestamp", release())
            .spoilt(Fault::MovedDigit, dialect),
        Step::new("a member twice", release()).spoilt(
            Fault::DuplicateName { field: "instanceId".into(), value: "somebody-else".into() },
            dialect,
        ),
        Step::new("a body without its end", release()).spoilt(Fault::TruncatedBody, dialect),
        Step::new("a query parameter twice", release())
            .spoilt(Fault::RepeatedParameter { name: "nonce".into() }, dialect),
    ]
}

fn nonsense() -> Vec<Step> {
    vec![
        Step::new("an activity that does not exist", Call::Unknown("modifyInstance", "victim"))
            .expects(&["000002"]),
        Step::new("a purchase without an order", Call::Purchase("never bought"))
            .with("orderId", "")
            .expects(&["000002"]),
        Step::new("a testFlag that is neither 0 nor 1", Call::Purchase("never bought"))
            .with("testFlag", "2")
            .expects(&["000002"]),
        Step::new("a query for 101 instances", Call::Query(vec![Of::Nobody; 101])).expects(&["000002"]),
        Step::new("a query for nobody's instance", Call::Query(vec![Of::Nobody])).expects(&["000003"]),
    ]
}

/// Spellings that look odd and are genuine.
fn harmless(dialect: Dialect) -> Vec<Step> {
    let query = || Call::Query(vec![Of::Order("victim")]);
    let mut steps = vec![Step::new("a field that nobody knows yet", query()).with("addedNextYear", "x")];
    steps.extend(match dialect.family() {
        Family::V1 => {
            vec![
                Step::new("blanks written as +", Call::Purchase("victim"))
                    .spoilt(Fault::PlusForBlank, dialect),
            ]
        }
        Family::V2 => vec![
            Step::new("a signature in lower case", query()).spoilt(Fault::LowerCaseHex, dialect),
            Step::new("a body with blanks and line ends", query()).spoilt(Fault::PrettyBody, dialect),
            Step::new("members in descending order", query()).spoilt(Fault::ReversedOrder, dialect),
            Step::new("a member that is null", query()).spoilt(Fault::NullMember, dialect),
            Step::new("nested members sorted before signing", Call::CheckChange("victim"))
                .spoilt(Fault::NestedSorted, dialect),
        ],
    });
    steps
}
