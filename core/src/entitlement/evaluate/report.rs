//! Who listens while a check is decided: nobody, for the answer alone, or somebody who writes everything down. The rules are the
//! same ones; whoever does not listen pays for nothing.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::entitlement::code::{CheckCode, Codes};
use crate::entitlement::decision::{Datum, Entry, Facts};
use crate::entitlement::json::Json;

/// What a failed check or a warning says beside its code.
pub(super) struct Said {
    pub(super) name: Option<String>,
    pub(super) expected: Datum,
    pub(super) found: Datum,
}

pub(super) fn said(name: Option<&str>, expected: impl Into<Datum>, found: impl Into<Datum>) -> Said {
    Said { name: name.map(ToString::to_string), expected: expected.into(), found: found.into() }
}

/// The names, in the order of their bytes, of whose numbers this holds.
pub(super) fn named<T>(entries: &[(String, T)], holds: impl Fn(u32) -> bool) -> Datum {
    let those = (0_u32..).zip(entries).filter(|(number, _)| holds(*number));
    let mut names: Vec<String> = those.map(|(_, (name, _))| name.clone()).collect();
    names.sort_unstable();
    Datum::List(names)
}

/// Who listens.
pub(super) trait Report {
    fn fail(&mut self, code: CheckCode, said: impl FnOnce() -> Said);
    fn warn(&mut self, code: CheckCode, said: impl FnOnce() -> Said);
    /// What was found and what was read.
    fn note(&mut self, note: impl FnOnce(&mut Notes));
}

/// Codes alone.
#[derive(Default)]
pub(super) struct Brief {
    pub(super) failed: Codes,
    pub(super) warnings: Codes,
}

impl Report for Brief {
    fn fail(&mut self, code: CheckCode, _: impl FnOnce() -> Said) {
        self.failed.insert(code);
    }

    fn warn(&mut self, code: CheckCode, _: impl FnOnce() -> Said) {
        self.warnings.insert(code);
    }

    fn note(&mut self, _: impl FnOnce(&mut Notes)) {}
}

/// What was found and what was read.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) facts: Facts,
    pub(super) tenant: Json,
    pub(super) instance: Json,
    pub(super) application: Json,
    pub(super) member: Vec<(String, Json)>,
    pub(super) departments: Json,
    pub(super) usage: Vec<(String, Json)>,
    pub(super) seats: Json,
}

/// Everything.
#[derive(Default)]
pub(super) struct Full {
    pub(super) failed: Vec<Entry>,
    pub(super) warnings: Vec<Entry>,
    pub(super) notes: Notes,
    /// In a change one code stands once for each limit; everywhere else once.
    pub(super) is_change: bool,
}

impl Full {
    fn add(list: &mut Vec<Entry>, code: CheckCode, said: Said, is_change: bool) {
        let Said { name, expected, found } = said;
        let is_known = |entry: &Entry| entry.code == code && (!is_change || entry.name == name);
        if !list.iter().any(is_known) {
            list.push(Entry { code, name, expected, found });
        }
    }
}

impl Report for Full {
    fn fail(&mut self, code: CheckCode, said: impl FnOnce() -> Said) {
        Self::add(&mut self.failed, code, said(), self.is_change);
    }

    fn warn(&mut self, code: CheckCode, said: impl FnOnce() -> Said) {
        Self::add(&mut self.warnings, code, said(), self.is_change);
    }

    fn note(&mut self, note: impl FnOnce(&mut Notes)) {
        note(&mut self.notes);
    }
}
