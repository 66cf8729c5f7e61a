//! A second opinion for what the platform computes in Java: the JDK's SHA1PRNG, AES and HMAC, and Jackson.
//!
//! The tests of this crate need a JDK (17 or later) and Maven, which fetches Jackson once into cargo's target
//! folder. Every case is generated from a fixed seed, so that a failure comes again.

pub mod cases;
mod java;

pub use java::{Oracle, Question, question};
