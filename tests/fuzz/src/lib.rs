//! What the fuzz targets share: a platform that signs, a typed caller of the byte face, a store that forgets nothing, a
//! second reader of JSON.
//!
//! A target is a law. Not panicking is the least of them: each also says what must be true of the answer.

pub mod caller;
pub mod platform;
pub mod store;
pub mod tree;
