//! One evaluation while it runs: what it reads, and what it has found so far.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::entitlement::code::CheckCode;
use crate::entitlement::decision::{Datum, Entry, Facts};
use crate::entitlement::json::Json;
use crate::entitlement::policy::Policy;
use crate::entitlement::request::{Request, Target};
use crate::entitlement::world::{Application, Binding, Instance, Member, Tenant, World};

/// One evaluation while it runs.
pub(super) struct Evaluation<'a> {
    pub(super) world: &'a World,
    pub(super) policy: &'a Policy,
    pub(super) request: &'a Request,
    pub(super) failed: Vec<Entry>,
    pub(super) warnings: Vec<Entry>,
    /// Instants at which the answer may be another one.
    pub(super) turns: Vec<u64>,
    pub(super) facts: Facts,
    pub(super) read: Read,
}

/// What was read, for the digest.
#[derive(Default)]
pub(super) struct Read {
    pub(super) tenant: Json,
    pub(super) departments: Json,
    pub(super) extension: Option<Vec<(String, Json)>>,
    pub(super) usage: Vec<(String, Json)>,
    pub(super) seats: Json,
}

/// The user who is asked about, as far as there are records.
pub(super) struct Found<'a> {
    pub(super) binding: Option<(&'a Binding, &'a Tenant)>,
    pub(super) instance: Option<(&'a String, &'a Instance)>,
    pub(super) application: Option<&'a Application>,
    pub(super) member: Option<&'a Member>,
}

impl Evaluation<'_> {
    pub(super) fn fail(
        &mut self,
        code: CheckCode,
        name: Option<&str>,
        expected: impl Into<Datum>,
        found: impl Into<Datum>,
    ) {
        let name = name.map(ToString::to_string);
        // In a change one code stands once for each limit; everywhere else once.
        let is_known = |entry: &Entry| {
            entry.code == code && (!matches!(self.request.target, Target::Change(_)) || entry.name == name)
        };
        if !self.failed.iter().any(is_known) {
            self.failed.push(Entry { code, name, expected: expected.into(), found: found.into() });
        }
    }

    pub(super) fn warn(
        &mut self,
        code: CheckCode,
        name: Option<&str>,
        expected: impl Into<Datum>,
        found: impl Into<Datum>,
    ) {
        let name = name.map(ToString::to_string);
        self.warnings.push(Entry { code, name, expected: expected.into(), found: found.into() });
    }
}
