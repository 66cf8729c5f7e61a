//! The core against Node: its parts, then whole verdicts on calls that Node signed, damaged and read.
//!
//! Each comparison returns what the two disagree about, so that the same one runs twice: against an honest Node it
//! must find nothing, against one with a planted defect it must find the defect.

mod answers;
mod calls;
mod crypto;
mod host;
mod sabotage;
mod wire;

use std::fmt::Debug;

use countersign_oracle::Node;
use countersign_oracle::node::Answer;
use serde_json::Value;

/// What the core and Node disagree about in so many cases.
type Comparison = fn(Node, usize) -> Vec<String>;

fn agree(comparison: Comparison, count: usize) {
    let findings = comparison(Node::honest(), count);
    let first = findings.iter().take(5).cloned().collect::<Vec<_>>().join("\n");
    assert!(findings.is_empty(), "{} of {count} cases, first of them\n{first}", findings.len());
}

/// One question per case, and what is found in its answer.
fn compare<C>(
    node: Node,
    cases: &[C],
    question: impl Fn(&C) -> Value,
    judge: impl Fn(&C, Answer) -> Option<String>,
) -> Vec<String> {
    let questions: Vec<_> = cases.iter().map(question).collect();
    cases.iter().zip(node.ask(&questions)).filter_map(|(case, answer)| judge(case, answer)).collect()
}

/// A finding, if two opinions are not one.
fn difference<T: PartialEq + Debug + ?Sized>(of: impl Debug, ours: &T, theirs: &T) -> Option<String> {
    (ours != theirs).then(|| format!("{of:?}: ours is {ours:?}, Node's {theirs:?}"))
}
