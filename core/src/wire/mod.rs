//! Readers and writers of the encodings on the wire.
