//! Two answers, as the platform sees them. Messages are not compared: nobody acts on them.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::difference::{Difference, DifferenceCode};
use super::observation::OldAnswer;
use super::parse_answer::ParsedAnswer;
use crate::seller::Route;

/// What the platform would not take, whatever ours is.
pub(super) fn faults(route: &Route, answer: &ParsedAnswer, old: &OldAnswer) -> Vec<Difference> {
    let Some(expected) = route.endpoint.expectations() else { return Vec::new() };
    let mut differences = Vec::new();
    for (code, field) in &answer.faults {
        let field = Some(*field).filter(|field| !field.is_empty()).map(Cow::Borrowed);
        let theirs = match code {
            DifferenceCode::HttpStatus => Some(old.status.to_string()),
            DifferenceCode::ResultCodeUnknown => answer.code.clone(),
            _ => None,
        };
        let own = (*code == DifferenceCode::HttpStatus).then(|| "200".to_string());
        // Without `Body-Sign` ours would be missing as well.
        let signed = *code != DifferenceCode::Unsigned || expected.signs;
        if signed {
            differences.push(Difference { code: *code, field, own, theirs });
        }
    }
    if old.took_ms > expected.patience_ms {
        let theirs = Some(old.took_ms.to_string());
        differences.push(Difference { code: DifferenceCode::Late, field: None, own: None, theirs });
    }
    differences
}

pub(super) fn codes(own: &str, answer: &ParsedAnswer, differences: &mut Vec<Difference>) {
    if let Some(theirs) = answer.code.as_deref().filter(|theirs| *theirs != own) {
        differences.push(pair(DifferenceCode::ResultCode, own, theirs));
    }
}

pub(super) fn pair(code: DifferenceCode, own: &str, theirs: &str) -> Difference {
    Difference { code, field: None, own: Some(own.to_string()), theirs: Some(theirs.to_string()) }
}

/// The ids of both queries, where they are not the same set.
pub(super) fn instances(own: &[&str], answer: &ParsedAnswer, differences: &mut Vec<Difference>) {
    let theirs: Vec<&str> = answer.instances.iter().map(|(id, _)| id.as_str()).collect();
    let same = own.iter().all(|id| theirs.contains(id)) && theirs.iter().all(|id| own.contains(id));
    if !same {
        differences.push(pair(DifferenceCode::Instances, &shown(own), &shown(&theirs)));
    }
}

/// The most ids that a difference names.
const SHOWN: usize = 10;

fn shown(ids: &[&str]) -> String {
    ids.iter().take(SHOWN).copied().collect::<Vec<&str>>().join(",")
}
