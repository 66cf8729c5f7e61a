//! The gateway between a marketplace and a seller's backend, and its command line.

pub mod api;
pub mod backend;
pub mod command;
pub mod config;
mod current;
pub mod demo;
pub mod drive;
pub mod gate;
pub mod gateway;
mod listen;
mod pace;
pub mod raw;
pub mod shadow;
mod signing;
pub mod telemetry;
pub mod transfer;
