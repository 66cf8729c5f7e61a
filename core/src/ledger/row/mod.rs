//! What the rows hold: one JSON object each, with the number of its format.
//!
//! Several versions may work on one store at the same time, and a newer one may be taken back. Hence:
//!
//! * A row of a newer format is not read, not written and not deleted: whoever meets one stops with
//!   [`ReasonCode::NewerRow`] and changes nothing. Every format, whatever else it is, begins as a JSON object with a number
//!   under `format`.
//! * Without a new format a version may add members **to the row itself**, if whoever does not find them decides rightly,
//!   and if they stay true whatever a version that does not know them writes into the others. Such a version keeps them as
//!   they are when it writes the row anew.
//! * Everything else needs a new format: a member inside another (of `times`, of an entry of `queue`), another meaning or
//!   another type of a member, a new word where a member is one of several, the end of a member that others need. The row
//!   of an instance and those of its works take a new format together, since a work is claimed by its own row alone.
//! * The works of a subject that is no instance, and those of events that came after the first format, are of the second,
//!   and so is what is remembered of them when they are over: a version that cannot settle a work must not send it either.

mod account;
pub(crate) mod codec;
mod directory;
mod instance;
mod notice;
mod order;
mod replay;
mod token;
mod work;

pub(crate) use account::{AccountRow, EndedCall, NamedRow, Pending, RefusedCall};
pub(crate) use codec::{Record, RowKind, decode, encode, is_readable, keep};
pub(crate) use directory::{ApplicationRow, DepartmentRow, MemberRow, TenantRow};
pub(crate) use instance::{Access, Create, InstanceRow, RefusedOperation, Status, Times};
pub(crate) use notice::NoticeRow;
pub(crate) use order::OrderRow;
pub(crate) use replay::ReplayRow;
pub(crate) use token::TokenRow;
pub(crate) use work::{End, EndedWork, Last, TakenIn, WorkEvent, WorkRow, format_of};

#[cfg(doc)]
use crate::reason::ReasonCode;

/// The first format, in which most rows are written; of most kinds this version reads no other.
pub(crate) const FORMAT: u8 = 1;

/// The second format, of rows that have the same members as in the first and mean what a version that knows the first
/// alone must not act on.
pub(crate) const SECOND_FORMAT: u8 = 2;
