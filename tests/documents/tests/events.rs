//! The table of events in the READMEs is what the dialects have, field by field.

use std::collections::{BTreeMap, BTreeSet};

use countersign_core::{EventKind, InstanceEvent, event_fields};
use countersign_documents::{Document, Table, document};

/// What the tables of the dialects do not say: V1 refuses a call without its signed time, and tells the scene of a
/// renewal from the other fields.
fn is_always_there(dialect: &str, kind: EventKind, name: &str) -> bool {
    matches!(dialect, "saas-v1" | "license-v1")
        && (name == "time_stamp" || (kind == InstanceEvent::Renew && name == "scene"))
}

/// What every event gets, and what the ledger adds to some.
const ADDED: [&str; 11] = [
    "activity",
    "instance_id",
    "phase",
    "test",
    "adopted",
    "extra",
    "oaep",
    "end_sessions",
    "previous_id",
    "layout",
    "message",
];

/// For each type and dialect the fields, with a `?` after what may be absent.
type Fields = BTreeMap<(String, &'static str), BTreeSet<String>>;

fn of_the_core() -> Fields {
    let mut activities: BTreeMap<_, BTreeMap<_, BTreeMap<_, _>>> = BTreeMap::new();
    for field in event_fields() {
        let key = (field.kind.name().to_owned(), field.dialect);
        let (kind, fields) =
            (field.kind, activities.entry(key).or_default().entry(field.activity).or_default());
        fields.insert(field.name, field.required || is_always_there(field.dialect, kind, field.name));
        if is_always_there(field.dialect, kind, "scene") {
            fields.insert("scene", true);
        }
    }
    // Two activities may be one type: then only what both require is always there.
    let merged = |activities: BTreeMap<&str, BTreeMap<&str, bool>>| {
        let names: BTreeSet<&str> = activities.values().flat_map(BTreeMap::keys).copied().collect();
        let always = |name: &str| activities.values().all(|fields| fields.get(name) == Some(&true));
        names
            .into_iter()
            .map(|name| if always(name) { name.to_owned() } else { format!("{name}?") })
            .collect()
    };
    activities.into_iter().map(|(key, activities)| (key, merged(activities))).collect()
}

/// The table whose first column names types.
fn of_the_page(page: &Document) -> Fields {
    let mut found = Fields::new();
    let is_type = |row: &Vec<String>| row.first().is_some_and(|cell| cell.starts_with("`countersign."));
    for row in page.tables.iter().flat_map(|table| &table.rows).filter(|row| row.len() == 4 && is_type(row)) {
        let kinds = Table::code(&row[0]).into_iter().map(|name| name.trim_start_matches("countersign."));
        // SaaS has two columns; other dialects are named in the row.
        let named: BTreeSet<&str> = event_fields()
            .map(|field| field.dialect)
            .filter(|name| row[2].contains(&format!("`{name}`")))
            .collect();
        let cells: Vec<(&str, &String)> = match named.is_empty() {
            false => named.into_iter().map(|dialect| (dialect, &row[3])).collect(),
            true => vec![("saas-v1", &row[2]), ("saas-v2", &row[3])],
        };
        for kind in kinds {
            for (dialect, cell) in &cells {
                let fields: BTreeSet<String> =
                    cell.split_whitespace().map(|word| word.replace('`', "")).collect();
                if !fields.is_empty() {
                    found.insert((kind.to_owned(), *dialect), fields);
                }
            }
        }
    }
    found
}

#[test]
fn every_field_of_every_type_stands_in_the_table() {
    for path in ["README.md", "README.zh-CN.md"] {
        assert_eq!(of_the_page(&document(path).unwrap()), of_the_core(), "{path}");
    }
}

#[test]
fn every_field_is_explained_and_no_other() {
    let known: BTreeSet<String> = event_fields().map(|field| field.name.to_owned()).collect();
    let known: BTreeSet<String> = known.into_iter().chain(ADDED.map(str::to_owned)).collect();
    for path in ["README.md", "README.zh-CN.md"] {
        let page = document(path).unwrap();
        let tables = page.tables.iter().filter(|table| table.rows.iter().any(|row| row[0] == "`activity`"));
        let names = tables.flat_map(|table| table.rows.iter().skip(1)).flat_map(|row| Table::code(&row[0]));
        assert_eq!(names.map(str::to_owned).collect::<BTreeSet<_>>(), known, "{path}");
    }
}

/// A body with this content type is what an ordinary parser of JSON leaves unread.
#[test]
fn the_content_type_is_named() {
    for path in ["README.md", "README.zh-CN.md"] {
        let text = document(path).unwrap().text;
        assert!(
            text.contains("`application/cloudevents+json`") && text.contains("`express.json()`"),
            "{path}"
        );
    }
}
