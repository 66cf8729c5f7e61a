//! What a module weighs, and what artefact A may weigh.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// Bytes of artefact A.
pub const MAX_BYTES: usize = 960 << 10;
/// Bytes of artefact A after gzip at its highest level.
pub const MAX_GZIPPED_BYTES: usize = 344 << 10;

/// Bytes after gzip at its highest level.
#[must_use]
pub fn gzipped(module: &[u8]) -> usize {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    // Memory takes whatever it is given.
    let written = gzip.write_all(module).and_then(|()| gzip.finish());
    written.map_or(usize::MAX, |bytes| bytes.len())
}
