//! The target of a request line, in whatever form it came (RFC 9112 §3.2).

use super::scan;

/// Path and query, both still encoded, compared byte by byte: neither dot segments nor `//`, `%2F` or a slash at the
/// end are anything else than what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'t> {
    path: &'t [u8],
    query: Option<&'t [u8]>,
}

impl<'t> Target<'t> {
    /// Reads a target.
    ///
    /// | Form | Path |
    /// |---|---|
    /// | `/path?query` | what stands before the first `?` |
    /// | `http://host/path?query`, `https:` too, scheme in any case | the same behind the authority; `/` where nothing is there. The authority is not compared with anything |
    /// | `host:port`, `*`, another scheme, no authority | the text itself: it does not begin with `/`, so no route has it |
    ///
    /// A fragment is no part of a target; some HTTP libraries drop it before anybody sees it, so what stands behind a
    /// `#` is dropped here as well, and every host says the same of such a line.
    #[must_use]
    pub fn parse(target: &'t [u8]) -> Self {
        let (target, _fragment) = scan::split(target, b'#');
        if target.first() == Some(&b'/') {
            return Self::cut(target);
        }
        let Some(rest) = behind_scheme(target) else { return Self::cut(target) };
        let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
        match rest.split_at_checked(end) {
            Some(([_, ..], behind @ [b'/', ..])) => Self::cut(behind),
            Some(([_, ..], behind)) => Self { path: b"/", ..Self::cut(behind) },
            _ => Self::cut(target),
        }
    }

    fn cut(target: &'t [u8]) -> Self {
        let (path, query) = scan::split(target, b'?');
        Self { path, query }
    }

    /// What a route's path is compared with.
    #[must_use]
    pub const fn path(&self) -> &'t [u8] {
        self.path
    }

    /// What stands behind the first `?`; empty where there is none.
    #[must_use]
    pub fn query(&self) -> &'t [u8] {
        self.query.unwrap_or_default()
    }

    /// Bytes of the target in origin form: path, `?` and query.
    #[must_use]
    pub fn length(&self) -> usize {
        self.path.len().saturating_add(self.query.map_or(0, |query| query.len().saturating_add(1)))
    }
}

/// What stands behind `http://` or `https://`.
fn behind_scheme(target: &[u8]) -> Option<&[u8]> {
    [b"http://".as_slice(), b"https://"].into_iter().find_map(|scheme| {
        let (start, rest) = target.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::Target;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_absolute_form_says_what_the_origin_form_says(
            scheme in "[hH][tT][tT][pP][sS]?",
            authority in "[a-z0-9.:@\\[\\]-]{1,12}",
            origin in "/[ -\"$-~]{0,24}",
            fragment in "(#[ -~]{0,6})?",
        ) {
            let absolute = std::format!("{scheme}://{authority}{origin}{fragment}");
            prop_assert_eq!(Target::parse(absolute.as_bytes()), Target::parse(origin.as_bytes()));
        }

        #[test]
        fn nothing_is_made_up(bytes: std::vec::Vec<u8>) {
            let target = Target::parse(&bytes);
            let text = std::string::String::from_utf8_lossy(&bytes).into_owned();
            let path = std::string::String::from_utf8_lossy(target.path()).into_owned();
            prop_assert!(path == "/" || text.contains(&path));
            prop_assert!(!target.path().contains(&b'?') && !target.path().contains(&b'#'));
            prop_assert!(!target.query().contains(&b'#'));
        }
    }

    #[test]
    fn the_length_is_that_of_the_origin_form() {
        for (target, length) in [
            ("/a?b=1", 6),
            ("/a", 2),
            ("/a?", 3),
            ("http://h/a?b=1#c", 6),
            ("https://h", 1),
            ("http://h?x", 3),
        ] {
            assert_eq!(Target::parse(target.as_bytes()).length(), length, "{target}");
        }
    }
}
