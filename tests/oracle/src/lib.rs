//! Second opinions: what the platform computes in Java, by the JDK and Jackson; and the whole verdict on a call, by
//! Node's cryptography and V8's JSON, URL and date functions.
//!
//! The tests of this crate need a JDK (17 or later), Maven, which fetches Jackson once into cargo's target folder, and
//! Node (20 or later). Every case is generated from a fixed seed, so that a failure comes again.

pub mod cases;
mod java;
pub mod node;

pub use java::{Oracle, Question, question};
pub use node::Node;
