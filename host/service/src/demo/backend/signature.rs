//! Standard Webhooks signatures, verified as a seller in any language would: from the specification, without a line of
//! the gate's code.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A timestamp may differ from now by five minutes, as the specification advises.
const TOLERANCE_S: u64 = 300;

/// What stands in the three headers of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Headers<'a> {
    /// `webhook-id`
    pub(super) id: &'a str,
    /// `webhook-timestamp`: seconds since the epoch.
    pub(super) timestamp: &'a str,
    /// `webhook-signature`: `v1,` and standard Base64, several with blanks between.
    pub(super) signature: &'a str,
}

/// Whether the message is genuine and of today; `now` in seconds. What is wrong, in a few words, otherwise.
pub(super) fn verify(secret: &str, headers: Headers<'_>, body: &[u8], now: u64) -> Result<(), &'static str> {
    let key = secret.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
    let key = key.ok_or("the secret is no whsec_ secret")?;
    let sent: u64 = headers.timestamp.parse().map_err(|_| "the timestamp is no number")?;
    if sent.abs_diff(now) > TOLERANCE_S {
        return Err("the timestamp is too far from now");
    }
    let genuine = headers.signature.split(' ').filter_map(|one| one.strip_prefix("v1,")).any(|one| {
        let (Ok(mac), Ok(given)) = (Hmac::<Sha256>::new_from_slice(&key), STANDARD.decode(one)) else {
            return false;
        };
        let signed = [headers.id.as_bytes(), headers.timestamp.as_bytes(), body].join(&b'.');
        mac.chain_update(signed).verify_slice(&given).is_ok()
    });
    if genuine { Ok(()) } else { Err("no signature fits") }
}

#[cfg(test)]
mod tests {
    use super::{Headers, verify};

    /// The example of the specification's own libraries (standard-webhooks, README of the reference implementations).
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const HEADERS: Headers<'_> = Headers {
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp: "1614265330",
        signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    };
    const BODY: &[u8] = b"{\"test\": 2432232314}";
    const NOW: u64 = 1_614_265_330;

    #[test]
    fn the_published_example_verifies() {
        assert_eq!(verify(SECRET, HEADERS, BODY, NOW), Ok(()));
    }

    #[test]
    fn one_fitting_signature_of_several_is_enough() {
        let several = format!("v1,AAAA v2,xyz {}", HEADERS.signature);
        assert_eq!(verify(SECRET, Headers { signature: &several, ..HEADERS }, BODY, NOW), Ok(()));
    }

    #[test]
    fn anything_changed_is_noticed() {
        let wrong = [
            verify(SECRET, Headers { id: "msg_other", ..HEADERS }, BODY, NOW),
            verify(SECRET, Headers { timestamp: "1614265331", ..HEADERS }, BODY, NOW),
            verify(SECRET, HEADERS, b"{}", NOW),
            verify(SECRET, HEADERS, BODY, NOW + 301),
            verify("whsec_AAAA", HEADERS, BODY, NOW),
            verify("AAAA", HEADERS, BODY, NOW),
            verify(SECRET, Headers { signature: "", ..HEADERS }, BODY, NOW),
        ];
        assert!(wrong.iter().all(Result::is_err), "{wrong:?}");
    }
}
