//! The module that this host was built with.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::memory::Memory;

/// `countersign.wasm` as it was built: for checks, and for whoever wants to run the same bytes elsewhere.
#[must_use]
pub fn artefact() -> &'static [u8] {
    EMBEDDED.wasm.bytes
}

/// The SHA-256 of [`artefact`], as it was when this host was built. It is compared with the bytes at every load.
#[must_use]
pub fn artefact_sha256() -> [u8; 32] {
    EMBEDDED.wasm.sha256
}

pub(crate) static EMBEDDED: Embedded = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// A module with its compiled forms.
#[derive(Debug)]
pub(crate) struct Embedded {
    pub(crate) wasm: Part,
    pub(crate) reserved: Part,
    pub(crate) small: Part,
}

impl Embedded {
    pub(crate) fn compiled(&self, memory: Memory) -> &Part {
        match memory {
            Memory::Reserved => &self.reserved,
            Memory::Small => &self.small,
        }
    }
}

/// Bytes and the digest that the build script took of them.
pub(crate) struct Part {
    pub(crate) bytes: &'static [u8],
    pub(crate) sha256: [u8; 32],
}

impl Part {
    pub(crate) fn is_intact(&self) -> bool {
        <[u8; 32]>::from(Sha256::digest(self.bytes)) == self.sha256
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.bytes.len())
    }
}
