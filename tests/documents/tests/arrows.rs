//! The files of the core need each other in one direction.

use std::collections::BTreeSet;

use countersign_documents::arrows::{Arrow, Sources, circles};
use countersign_documents::workspace;

fn arrows_of_the_core() -> BTreeSet<Arrow> {
    Sources::read(&workspace().join("core/src")).unwrap().arrows()
}

#[test]
fn no_file_of_the_core_needs_itself_by_way_of_others() {
    let arrows = arrows_of_the_core();
    assert!(arrows.len() > 200, "{arrows:?}");
    let left = circles(&arrows);
    let left: Vec<String> = left.iter().map(|(from, to)| format!("{from} -> {to}")).collect();
    assert!(left.is_empty(), "part of a circle:\n{}", left.join("\n"));
}

/// The arrows between some files, as `from -> to`.
fn arrows(files: &[(&str, &str)]) -> Vec<String> {
    let mut sources = Sources::default();
    for (path, source) in files {
        sources.add(path, source);
    }
    sources.arrows().iter().map(|(from, to)| format!("{from} -> {to}")).collect()
}

#[test]
fn a_name_belongs_to_the_file_that_declares_it() {
    let found = arrows(&[
        ("lib.rs", "mod a; mod b; mod c; pub use a::One;"),
        (
            "a/mod.rs",
            "mod one; mod two; pub use one::One; pub(crate) use two::{two as twice}; pub struct Own;",
        ),
        ("a/one.rs", "use super::Own; pub struct One;"),
        ("a/two.rs", "pub fn two() -> crate::One { super::one::One }"),
        ("b.rs", "use crate::a::{self, One}; fn b() { a::twice() }"),
        ("c.rs", "use crate::One as Other; use core::fmt; fn c(_: fmt::Error, _: Other) {}"),
    ]);
    let expected = [
        "a/one.rs -> a/mod.rs",
        "a/two.rs -> a/one.rs",
        "b.rs -> a/one.rs",
        "b.rs -> a/two.rs",
        "c.rs -> a/one.rs",
    ];
    assert_eq!(found, expected);
}

#[test]
fn tests_comments_and_strings_need_nobody() {
    let found = arrows(&[
        ("lib.rs", "mod a; mod b; #[cfg(test)] mod laws;"),
        ("a.rs", "#[cfg(test)] mod tests { use crate::b::B; }"),
        ("b.rs", "/// See [`crate::a::A`].\npub struct B; const TEXT: &str = \"crate::a::A\";"),
        ("laws.rs", "use crate::a::A;"),
    ]);
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_circle_is_found_and_what_leads_to_it_is_not_part_of_it() {
    let arrow = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let circle = [arrow("a", "b"), arrow("b", "c"), arrow("c", "a")];
    let mut arrows: BTreeSet<Arrow> = circle.iter().cloned().collect();
    arrows.extend([arrow("before", "a"), arrow("c", "behind"), arrow("behind", "end")]);
    assert_eq!(circles(&arrows), circle.iter().cloned().collect());
    arrows.remove(&circle[1]);
    assert_eq!(circles(&arrows), BTreeSet::new());
}
