//! How far the fencing tokens of an instance had come whose own row is gone.

use super::codec::row;

row! {
    /// Left behind by an adoption that failed: should the instance come to be after all, its tokens go on from here, since a
    /// backend may remember the highest that it saw for as long as it likes. It never expires; only genuine calls for an
    /// instance that the backend did not know leave one, and one for each id.
    TokenRow {
        token: u64,
    }
}
