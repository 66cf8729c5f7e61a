//! The order of strings in Java, against the code units themselves.

#![no_main]

use std::cmp::Ordering;

use countersign_core::wire::utf16::compare;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|texts: (&str, &str, &str)| {
    let (a, b, c) = texts;
    for (left, right) in [(a, b), (b, c), (a, c)] {
        assert_eq!(compare(left, right), left.encode_utf16().cmp(right.encode_utf16()));
        assert_eq!(compare(left, right), compare(right, left).reverse());
    }
    if compare(a, b).is_le() && compare(b, c).is_le() {
        assert!(compare(a, c).is_le());
    }
    assert_eq!(compare(a, a), Ordering::Equal);
});
