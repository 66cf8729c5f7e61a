//! One HTTP answer, ready to be sent.

use alloc::string::String;
use alloc::vec::Vec;

/// One HTTP answer. What was signed is these bytes: a host sends them unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status. 200 for every result code of the platform: it counts anything else as an outage.
    pub status: u16,
    /// Header fields; names in the exact case in which they must go out (`Body-Sign`: the platform compares it case-sensitively).
    pub headers: Vec<(String, String)>,
    /// The body; empty for 404 and 405.
    pub body: Vec<u8>,
}
