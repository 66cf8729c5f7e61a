//! What the backend is told of an order.

use alloc::string::String;

use super::SECOND_FORMAT;
use super::codec::row;
use crate::ledger::lane::Lane;

row! {
    /// It stays when all is told, since its fencing tokens go on.
    NoticeRow up to SECOND_FORMAT; {
        product: String,
        order_id: String,
        [flat] lane: Lane,
    }
}
