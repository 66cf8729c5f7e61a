//! What is odd about the departments of a snapshot. All of it is taken in: which limits hold, one provider says for itself
//! alone (UNKNOWN, workbench E.3), and a tree that is broken for a moment is mended by the next call.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::department::Department;
use super::head::MOST;

/// Something that an operator should see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Oddity {
    /// A department is below itself.
    Cycle,
    /// More than five levels.
    Depth,
    /// More than 999 departments.
    Count,
    /// The same code twice.
    Repeated,
}

impl Oddity {
    /// The code of the alarm.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Cycle => "department-cycle",
            Self::Depth => "department-depth",
            Self::Count => "department-count",
            Self::Repeated => "department-repeated",
        }
    }
}

/// The levels of an OrgID.
const LEVELS: usize = 5;

/// What is odd about these, codes unique, each once.
pub(crate) fn oddities(departments: &[Department<'_>]) -> Vec<Oddity> {
    let parents: BTreeMap<&str, Option<&str>> =
        departments.iter().map(|department| (department.code, department.parent_code)).collect();
    // The levels down to each department, its own included; `usize::MAX` on a cycle or below one.
    let mut levels: BTreeMap<&str, usize> = BTreeMap::new();
    for department in departments {
        let mut path = Vec::new();
        let mut at = Some(department.code);
        let above = loop {
            let Some(code) = at.filter(|code| parents.contains_key(code)) else { break 0 };
            if let Some(level) = levels.get(code) {
                break *level;
            }
            // While it is on the path, its level is that of a cycle.
            levels.insert(code, usize::MAX);
            path.push(code);
            at = parents.get(code).copied().flatten();
        };
        for (code, level) in path.into_iter().rev().zip(1_usize..) {
            levels.insert(code, above.saturating_add(level));
        }
    }
    let deepest = levels.values().copied().filter(|level| *level != usize::MAX).max().unwrap_or_default();
    let mut found = Vec::new();
    if levels.values().any(|level| *level == usize::MAX) {
        found.push(Oddity::Cycle);
    }
    if deepest > LEVELS {
        found.push(Oddity::Depth);
    }
    if departments.len() > MOST {
        found.push(Oddity::Count);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Department, Oddity, oddities};
    use std::string::{String, ToString};
    use std::vec::Vec;

    fn odd(pairs: &[(&str, &str)]) -> Vec<Oddity> {
        let departments: Vec<Department<'_>> = pairs
            .iter()
            .map(|(code, parent)| Department {
                code,
                name: None,
                parent_code: Some(*parent).filter(|p| !p.is_empty()),
            })
            .collect();
        oddities(&departments)
    }

    #[test]
    fn five_levels_are_not_odd_and_six_are() {
        let mut chain = [("a", ""), ("b", "a"), ("c", "b"), ("d", "c"), ("e", "d")].to_vec();
        assert!(odd(&chain).is_empty());
        chain.push(("f", "e"));
        assert_eq!(odd(&chain), [Oddity::Depth]);
        chain.reverse();
        assert_eq!(odd(&chain), [Oddity::Depth], "whatever the order");
    }

    #[test]
    fn a_cycle_is_found_wherever_it_is() {
        assert_eq!(odd(&[("a", "a")]), [Oddity::Cycle]);
        assert_eq!(odd(&[("x", ""), ("a", "b"), ("b", "c"), ("c", "a")]), [Oddity::Cycle]);
        assert_eq!(odd(&[("below", "a"), ("a", "b"), ("b", "a")]), [Oddity::Cycle]);
        assert!(odd(&[("a", "nobody"), ("b", "a")]).is_empty(), "a child before its parent is no cycle");
        assert!(odd(&[]).is_empty());
    }

    #[test]
    fn more_than_999_are_odd_and_a_long_chain_costs_no_more_than_a_bush() {
        let codes: Vec<String> = (0..1_000).map(|number: u32| number.to_string()).collect();
        let flat: Vec<(&str, &str)> = codes.iter().map(|code| (code.as_str(), "")).collect();
        assert!(odd(&flat[..999]).is_empty());
        assert_eq!(odd(&flat), [Oddity::Count]);
        let chain: Vec<(&str, &str)> = codes
            .iter()
            .zip(codes.iter().skip(1))
            .map(|(code, parent)| (code.as_str(), parent.as_str()))
            .collect();
        assert_eq!(odd(&chain), [Oddity::Depth]);
    }
}
