//! Tenants and what belongs to them: pure reducers from a record and a call to the record after it.
//!
//! | file | |
//! |---|---|
//! | `moment` | when a call counts: signed time, now, and what it is too late for |
//! | `tenant` | a tenant under one instance: bound or not, and its epoch |
//! | `application` | an application of it |
//! | `member` | a user of an application |
//! | `department`, `head` | a department, and what all of them have in common |
//! | `shape` | what is odd about a set of departments, and taken all the same |
//!
//! # Identity
//!
//! Everything belongs to a tenant *under one instance*: two instances of one tenant have visible ranges of their own, and
//! the seller's own credential and test tenants have no instance at all.
//!
//! # Epochs
//!
//! Only the removal of a tenant raises its epoch. Whatever belongs to it has the epoch under which it was written, and what
//! is of an older one is as if it had never been: one write ends everything at once, and a later binding begins empty.
//!
//! # What is stale
//!
//! A record has the time of the last call that it took in, the lesser of signed time and now. A call that was signed before
//! leaves the record alone; an equal time is not stale. What was signed before the last removal of the tenant is stale for
//! everything that belongs to it, and what was signed before the last snapshot is stale for every department.
//!
//! A repeat changes nothing and yields no effect, but its time counts: whatever was signed between the two is stale. Of a
//! change to something that was removed not even the time counts: it may have been added again by a call that is still on
//! its way.

mod application;
mod department;
mod head;
#[cfg(test)]
mod laws;
mod member;
mod moment;
mod shape;
mod tenant;

pub(crate) use application::{Application, ApplicationRecord};
pub(crate) use department::{Department, DepartmentRecord};
pub(crate) use member::{Ended, MemberRecord, User};
pub(crate) use moment::Moment;
pub(crate) use shape::{Oddity, oddities};
pub(crate) use tenant::{Tenant, TenantRecord};

/// What a call asks of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Add,
    Update,
    /// Of members alone: the record stays, the right goes.
    Revoke,
    Remove,
}
