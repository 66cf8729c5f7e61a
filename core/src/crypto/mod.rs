//! Keyed HMAC-SHA256, AES-CBC, the JDK SHA1PRNG key derivation, secrets.
