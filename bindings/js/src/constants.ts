// Generated from the core by `cargo xtask generate`: what both sides of a frame have to know.

/** The version that stands at the head of every frame. */
export const FRAME_VERSION = 2;

/** The header fields that the core reads, in lower case; the others are only counted. */
export const READ_HEADERS: readonly string[] = ["content-encoding", "authtoken", "x-sign", "x-timestamp", "x-nonce", "authorization"];
