//! The vectors as cases. A file is data; which primitive a group of it goes through stands here.

mod account;
mod canonical;
mod crypto;
mod kit;
mod vector;
mod wire;
mod wycheproof;

use serde_json::Value;

use crate::case::{Case, Exchange, Expectation};
use crate::vectors;
use vector::Vector;

pub use wycheproof::{REFUSED_GCM_KEYS, REFUSED_GCM_VECTORS, REFUSED_KEYS, REFUSED_MODULI, REFUSED_PADDINGS};

/// Every case of every file.
///
/// # Panics
/// When a file is missing, is not as its reader knows it, or has a group that no reader knows: a vector that nobody
/// replays would look like one that passes.
#[must_use]
pub fn all() -> Vec<Case> {
    let mut cases = grouped("crypto.json", crypto::exchanges);
    cases.extend(grouped("wire.json", wire::exchanges));
    cases.extend(grouped("canonical.json", canonical::exchanges));
    cases.extend(kit::cases(&document("kit.json")));
    cases.extend(account::cases(&document("account.json")));
    cases.extend(wycheproof::cases());
    cases.extend(scenes());
    cases
}

/// What a group's reader makes of one vector; nothing for a group that it does not know.
type Reader = fn(&str, Vector<'_>) -> Vec<Exchange>;

/// A file of groups; `about` is none.
fn grouped(file: &str, read: Reader) -> Vec<Case> {
    let document = document(file);
    let groups =
        document.as_object().expect("a file of groups").iter().filter(|(group, _)| *group != "about");
    let mut cases = Vec::new();
    for (group, vectors) in groups {
        for vector in vectors.as_array().expect("a group is a list") {
            let vector = Vector(vector);
            let (name, exchanges) = (vector.text("id").to_string(), read(group, vector));
            assert!(!exchanges.is_empty(), "{file} {group}: nobody replays {name}");
            cases.push(Case { group: format!("{file} {group}"), name, configuration: None, exchanges });
        }
    }
    cases
}

fn scenes() -> Vec<Case> {
    let document = document("scenes.json");
    let scenes = document.as_array().expect("a list of scenes").iter();
    let case = |scene: &Value| {
        let steps = scene["steps"].as_array().expect("a scene has steps").iter();
        let exchange = |step: &Value| Exchange {
            send: step["send"].clone(),
            expect: Expectation::Members(step["expect"].clone()),
        };
        Case {
            group: "scenes.json".into(),
            name: Vector(scene).text("name").into(),
            configuration: Some(scene["config"].clone()),
            exchanges: steps.map(exchange).collect(),
        }
    };
    scenes.map(case).collect()
}

fn document(file: &str) -> Value {
    let text =
        std::fs::read_to_string(vectors().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}
