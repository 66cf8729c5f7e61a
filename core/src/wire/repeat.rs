//! Whether a name stands twice.

use alloc::vec::Vec;

/// Up to so many names are compared in pairs, which is faster and allocates nothing; beyond it they are sorted, so
/// that a hostile text with very many names costs no more than n log n.
const PAIRWISE: usize = 16;

/// Whether two of the names are equal.
pub(super) fn any_repeated<'n>(names: impl ExactSizeIterator<Item = &'n str> + Clone) -> bool {
    if names.len() <= PAIRWISE {
        let mut rest = names;
        while let Some(name) = rest.next() {
            if rest.clone().any(|other| other == name) {
                return true;
            }
        }
        return false;
    }
    any_repeated_of_many(names.collect())
}

/// The same of names that may be very many.
pub(super) fn any_repeated_of_many(mut names: Vec<&str>) -> bool {
    names.sort_unstable();
    names.iter().zip(names.iter().skip(1)).any(|(left, right)| left == right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::{String, ToString};

    #[test]
    fn a_repeated_name_is_found_among_few_and_among_many() {
        for count in 0..40 {
            let mut names: Vec<String> = (0..count).map(|number: i32| number.to_string()).collect();
            assert!(!any_repeated(names.iter().map(String::as_str)), "{count}");
            if let Some(first) = names.first().cloned() {
                names.push(first);
                assert!(any_repeated(names.iter().map(String::as_str)), "{count}");
            }
        }
    }
}
