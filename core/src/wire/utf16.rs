//! The order of strings in Java: by UTF-16 code units.
//!
//! # Examples
//!
//! ```
//! use core::cmp::Ordering;
//! use countersign_core::wire::utf16;
//!
//! // A surrogate pair begins below U+FF5E in UTF-16, and behind it in UTF-8.
//! assert_eq!(utf16::compare("😀", "～"), Ordering::Less);
//! assert_eq!("😀".cmp("～"), Ordering::Greater);
//! ```

use core::cmp::Ordering;

/// Compares as `String.compareTo` does, which is the order of a `TreeMap`'s keys and so of every name that the
/// platform sorts (SaaS access guide V1 authToken and V2 signature, sample code).
///
/// It differs from the order of code points, hence of UTF-8 bytes, for one pair of ranges only: characters beyond
/// U+FFFF are surrogates D800 to DFFF in UTF-16 and stand before U+E000 to U+FFFF.
#[must_use]
pub fn compare(left: &str, right: &str) -> Ordering {
    // Where two texts differ first, either both bytes lead a character or both continue one with an equal lead; in
    // the second case the order of bytes is right as it is. So only leading bytes change places.
    let pairs = left.bytes().zip(right.bytes());
    match pairs.into_iter().find(|(left, right)| left != right) {
        Some((left, right)) => rank(left).cmp(&rank(right)),
        None => left.len().cmp(&right.len()),
    }
}

/// The leading bytes of U+E000 to U+FFFF (EE, EF) go behind those of everything beyond U+FFFF (F0 to F4).
const fn rank(byte: u8) -> u8 {
    if matches!(byte, 0xee | 0xef) { byte | 0xf0 } else { byte }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::string::String;

    proptest! {
        #[test]
        fn the_order_is_that_of_code_units(
            left in "[aZ\u{7f}é\u{d7ff}\u{e000}\u{ee00}\u{ffff}\u{10000}\u{10ffff}]{0,4}",
            right in "[aZ\u{7f}é\u{d7ff}\u{e000}\u{ee00}\u{ffff}\u{10000}\u{10ffff}]{0,4}",
        ) {
            prop_assert_eq!(compare(&left, &right), left.encode_utf16().cmp(right.encode_utf16()));
        }

        #[test]
        fn so_it_is_for_any_text(left: String, right: String) {
            prop_assert_eq!(compare(&left, &right), left.encode_utf16().cmp(right.encode_utf16()));
        }
    }

    #[test]
    fn a_character_beyond_the_plane_stands_before_the_private_use_area() {
        assert_eq!(compare("\u{1f600}", "\u{e000}"), Ordering::Less);
        assert_eq!("\u{1f600}".cmp("\u{e000}"), Ordering::Greater);
    }

    #[test]
    fn upper_case_stands_before_lower_case() {
        assert_eq!(compare("testFlag", "timeStamp"), Ordering::Less);
        assert_eq!(compare("orderID", "orderId"), Ordering::Less);
    }
}
