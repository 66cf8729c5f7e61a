//! Members: one cache line each.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::table::{Seed, Table};
use crate::entitlement::json::Json;
use crate::entitlement::number::{NONE, at, at_mut, next};
use crate::entitlement::policy::WIRE_ROLES;
use crate::entitlement::world::{Member, Status};

/// Names up to this length stand in the record itself.
const INLINE: usize = 33;
/// Of a name that does not.
const LONG: u8 = u8::MAX;

/// One member. `group` is [`NONE`] where nobody stands.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub(in crate::entitlement) struct Record {
    pub(in crate::entitlement) authorised_at: u64,
    /// Bit i: the i-th access policy of his tenant names him.
    pub(in crate::entitlement) named: u64,
    /// His binding and application.
    pub(in crate::entitlement) group: u32,
    /// His department, or [`NONE`].
    pub(in crate::entitlement) department: u32,
    /// Where his extension stands, or [`NONE`].
    extension: u32,
    /// His place among [`WIRE_ROLES`]; behind them, one that nobody knows.
    pub(in crate::entitlement) role: u8,
    /// Bit 0: enabled; above it the status.
    state: u8,
    length: u8,
    name: [u8; INLINE],
}

impl Record {
    pub(in crate::entitlement) const fn is_enabled(&self) -> bool {
        self.state & 1 == 1
    }

    pub(in crate::entitlement) const fn status(&self) -> Status {
        match self.state >> 1 {
            0 => Status::Authorised,
            1 => Status::Cancelled,
            _ => Status::Removed,
        }
    }

    /// Authorised and enabled: takes a seat.
    pub(in crate::entitlement) const fn is_seated(&self) -> bool {
        self.state == 1
    }

    pub(in crate::entitlement) const fn is_removed(&self) -> bool {
        self.state >> 1 == 2
    }
}

const fn state_of(enabled: bool, status: Status) -> u8 {
    let status = match status {
        Status::Authorised => 0,
        Status::Cancelled => 2,
        Status::Removed => 4,
    };
    if enabled { status | 1 } else { status }
}

/// All members.
#[derive(Debug, Clone, Default)]
pub(in crate::entitlement) struct Members {
    records: Vec<Record>,
    free: Vec<u32>,
    table: Table,
    /// Names that are too long for a record.
    long: BTreeMap<u32, Box<str>>,
    /// Roles that nobody knows, as they came.
    roles: BTreeMap<u32, Box<str>>,
    extensions: Vec<Json>,
    free_extensions: Vec<u32>,
}

impl Members {
    pub(in crate::entitlement) fn find(&self, seed: Seed, group: u32, name: &str) -> Option<u32> {
        self.table.find(seed.hash(group, name), |index| {
            self.get(index).is_some_and(|record| record.group == group && self.is_named(index, record, name))
        })
    }

    fn is_named(&self, index: u32, record: &Record, name: &str) -> bool {
        if record.length == LONG {
            return self.long.get(&index).is_some_and(|known| **known == *name);
        }
        record.name.get(..usize::from(record.length)) == Some(name.as_bytes())
    }

    pub(in crate::entitlement) fn get(&self, index: u32) -> Option<&Record> {
        at(&self.records, index)
    }

    pub(in crate::entitlement) fn name(&self, index: u32) -> &str {
        match self.get(index) {
            Some(record) if record.length == LONG => self.long.get(&index).map_or("", |name| name),
            Some(record) => {
                let bytes = record.name.get(..usize::from(record.length)).unwrap_or_default();
                core::str::from_utf8(bytes).unwrap_or_default()
            }
            None => "",
        }
    }

    /// The role as it came.
    pub(in crate::entitlement) fn role(&self, index: u32) -> &str {
        let wire = self.get(index).and_then(|record| WIRE_ROLES.get(usize::from(record.role)));
        wire.copied().unwrap_or_else(|| self.roles.get(&index).map_or("", |role| role))
    }

    pub(in crate::entitlement) fn extension(&self, record: &Record) -> &[(alloc::string::String, Json)] {
        match at(&self.extensions, record.extension) {
            Some(Json::Object(fields)) => fields,
            _ => &[],
        }
    }

    /// Says anew which access policies name each of them.
    pub(in crate::entitlement) fn name_all(&mut self, named: impl Fn(u32, &str) -> u64) {
        for index in 0..next(&self.records) {
            let Some(group) = self.get(index).map(|record| record.group).filter(|group| *group != NONE)
            else {
                continue;
            };
            let bits = named(group, self.name(index));
            if let Some(record) = at_mut(&mut self.records, index) {
                record.named = bits;
            }
        }
    }

    /// Puts a member in, in place of who has his name there.
    pub(in crate::entitlement) fn put(
        &mut self,
        seed: Seed,
        (group, name): (u32, &str),
        (department, named): (u32, u64),
        row: Member<'_>,
    ) -> u32 {
        let index = match self.find(seed, group, name) {
            Some(index) => {
                self.forget(index);
                index
            }
            None => {
                let index = self.free.pop().unwrap_or_else(|| next(&self.records));
                self.table.insert(seed.hash(group, name), index);
                index
            }
        };
        let wire = WIRE_ROLES.iter().position(|known| *known == row.role);
        let role = wire.and_then(|wire| u8::try_from(wire).ok()).unwrap_or(LONG);
        if role == LONG {
            self.roles.insert(index, row.role.into());
        }
        let extension = match &row.extension {
            Json::Object(fields) if !fields.is_empty() => {
                let place = self.free_extensions.pop().unwrap_or_else(|| next(&self.extensions));
                match at_mut(&mut self.extensions, place) {
                    Some(slot) => *slot = row.extension,
                    None => self.extensions.push(row.extension),
                }
                place
            }
            _ => NONE,
        };
        let mut inline = [0; INLINE];
        let length = match inline.get_mut(..name.len()) {
            Some(place) => {
                place.copy_from_slice(name.as_bytes());
                u8::try_from(name.len()).unwrap_or(LONG)
            }
            None => {
                self.long.insert(index, name.into());
                LONG
            }
        };
        let record = Record {
            authorised_at: row.authorised_at,
            named,
            group,
            department,
            extension,
            role,
            state: state_of(row.enabled, row.status),
            length,
            name: inline,
        };
        match at_mut(&mut self.records, index) {
            Some(place) => *place = record,
            None => self.records.push(record),
        }
        index
    }

    pub(in crate::entitlement) fn remove(&mut self, seed: Seed, index: u32) {
        let Some(group) = self.get(index).map(|record| record.group) else { return };
        let hash = seed.hash(group, self.name(index));
        self.table.remove(hash, index);
        self.forget(index);
        if let Some(record) = at_mut(&mut self.records, index) {
            record.group = NONE;
        }
        self.free.push(index);
    }

    /// What stands beside the record.
    fn forget(&mut self, index: u32) {
        self.long.remove(&index);
        self.roles.remove(&index);
        let extension = self.get(index).map_or(NONE, |record| record.extension);
        if let Some(slot) = at_mut(&mut self.extensions, extension) {
            *slot = Json::Null;
            self.free_extensions.push(extension);
        }
    }

    /// By the time of the authorisation, then by the bytes of the name.
    pub(in crate::entitlement) fn compare(&self, left: u32, right: u32) -> Ordering {
        let when = |index| self.get(index).map_or(0, |record| record.authorised_at);
        when(left).cmp(&when(right)).then_with(|| self.name(left).as_bytes().cmp(self.name(right).as_bytes()))
    }
}
