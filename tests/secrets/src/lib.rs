//! Finds marked secrets in logs, answers, files and memory.
//!
//! A secret that leaks seldom leaks as it is: it stands in a log under `Debug`, in a URL percent-encoded, in a file inside
//! Base64 that begins somewhere before it, in freed memory with its first bytes already overwritten. So every mark is
//! looked for in all those forms, and in pieces.

mod forms;

use memchr::memmem::Finder;

/// Longer secrets are looked for in pieces of so many of their bytes: each alone gives the secret away, and none occurs
/// by chance.
const PIECE: usize = 8;
/// No piece is shorter, whatever the encoding.
const SHORTEST: usize = 12;

/// A secret that must not be found.
#[derive(Debug)]
pub struct Mark {
    name: String,
    /// An encoding and one piece of the secret in it.
    pieces: Vec<(&'static str, Finder<'static>)>,
}

impl Mark {
    /// Marks a secret; the name is for whoever reads that it was found. Below eight bytes chance would find it too.
    ///
    /// # Panics
    /// When the secret is shorter.
    #[must_use]
    pub fn new(name: impl Into<String>, secret: impl AsRef<[u8]>) -> Self {
        let secret = secret.as_ref();
        assert!(secret.len() >= 8, "too short to be told from chance");
        let pieces = forms::of(secret)
            .into_iter()
            .flat_map(|(encoding, form)| {
                let length = (form.len() * PIECE / secret.len()).max(SHORTEST);
                let whole = form.len() < length;
                let pieces: Vec<_> =
                    form.chunks_exact(if whole { form.len() } else { length }).map(<[u8]>::to_vec).collect();
                pieces.into_iter().map(move |piece| (encoding, Finder::new(&piece).into_owned()))
            })
            .collect();
        Self { name: name.into(), pieces }
    }

    /// The encoding in which the bytes hold the secret or a piece of it.
    #[must_use]
    pub fn found_in(&self, bytes: &[u8]) -> Option<&'static str> {
        self.pieces.iter().find(|(_, piece)| piece.find(bytes).is_some()).map(|(encoding, _)| *encoding)
    }
}

/// One line for each mark that the bytes hold: where, which, how.
#[must_use]
pub fn found<'m>(marks: impl IntoIterator<Item = &'m Mark>, place: &str, bytes: &[u8]) -> Vec<String> {
    let line = |mark: &Mark| Some(format!("{place}: {} as {}", mark.name, mark.found_in(bytes)?));
    marks.into_iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "q/Z~ \"7é+Ht2-Lw9%Xk4_Rb1";

    #[test]
    fn every_encoding_is_found_amid_other_bytes() {
        let mark = Mark::new("secret", SECRET);
        for (encoding, form) in forms::of(SECRET.as_bytes()) {
            let hidden = [b"before ", &form[..], b" behind"].concat();
            assert!(mark.found_in(&hidden).is_some(), "{encoding}");
        }
    }

    #[test]
    fn base64_is_found_wherever_the_secret_begins_in_it() {
        use base64::Engine as _;
        use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
        let mark = Mark::new("secret", SECRET);
        for before in ["", "k", "ke", "key=", "some more"] {
            let text = format!("{before}{SECRET}&more");
            for encoded in [STANDARD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
                assert!(mark.found_in(encoded.as_bytes()).is_some(), "{before:?} {encoded}");
            }
        }
    }

    #[test]
    fn a_secret_whose_beginning_is_overwritten_is_found() {
        let mark = Mark::new("secret", "an-access-key-with-forty-characters-4711");
        assert_eq!(mark.found_in(b"\0\0\0\0\0\0\0\0\0\0\0\0th-forty-characters-4711"), Some("raw"));
        assert_eq!(mark.found_in(b"an-access-ke"), Some("raw"));
    }

    #[test]
    fn what_debug_makes_of_bytes_is_found() {
        let mark = Mark::new("secret", SECRET);
        assert!(mark.found_in(format!("{:?}", SECRET.as_bytes()).as_bytes()).is_some());
        assert!(mark.found_in(format!("{SECRET:?}").as_bytes()).is_some());
    }

    #[test]
    fn other_bytes_are_not_found() {
        let mark = Mark::new("secret", SECRET);
        assert_eq!(mark.found_in(b""), None);
        assert_eq!(mark.found_in("q/Z~ and so on, 4_Rb1".as_bytes()), None);
        assert_eq!(found([&mark], "log", &[0; 4096]), Vec::<String>::new());
        assert_eq!(found([&mark], "log", SECRET.as_bytes()), ["log: secret as raw"]);
    }
}
