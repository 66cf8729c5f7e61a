//! Rust sources as tokens, as far as paths need it: comments, strings and lifetimes are gone.

/// What a path consists of, and whatever stands around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'s> {
    /// A name or a keyword.
    Word(&'s str),
    /// `::`.
    Path,
    /// Any other character.
    Mark(char),
}

/// The tokens of a file.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = if let Some(length) = passed_over(rest) {
            length
        } else if rest.starts_with("::") {
            found.push(Token::Path);
            2
        } else if is_name(first) {
            let length = rest.find(|letter| !is_name(letter)).unwrap_or(rest.len());
            found.push(Token::Word(&rest[..length]));
            length
        } else {
            found.push(Token::Mark(first));
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    found
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The length of what is no token at the start of a text: white space, a comment, a string, a character, a lifetime.
fn passed_over(rest: &str) -> Option<usize> {
    let first = rest.chars().next()?;
    if first.is_whitespace() {
        return Some(first.len_utf8());
    }
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(rest.find("*/").map_or(rest.len(), |end| end + 2));
    }
    if let Some(text) = rest.strip_prefix('\'') {
        // A character ends with a quote, a lifetime does not.
        let escaped = text.starts_with('\\');
        let letter = text.chars().nth(usize::from(escaped))?;
        let inside = usize::from(escaped) + letter.len_utf8();
        let long = escaped && matches!(letter, 'u' | 'x');
        return Some(match text[inside..].find('\'') {
            Some(end) if end == 0 || long => 1 + inside + end + 1,
            _ => 1,
        });
    }
    string(rest)
}

/// The length of a string, raw or not, with its prefix.
fn string(rest: &str) -> Option<usize> {
    let bare = rest.strip_prefix(['b', 'c']).unwrap_or(rest);
    let prefix = rest.len() - bare.len();
    if let Some(raw) = bare.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let text = raw[hashes..].strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        let length = text.find(&end).map_or(text.len(), |at| at + end.len());
        return Some(prefix + 1 + hashes + 1 + length);
    }
    let text = bare.strip_prefix('"')?;
    let mut escaped = false;
    let end = text.find(|letter| {
        let ends = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        ends
    });
    Some(prefix + 1 + end.map_or(text.len(), |end| end + 1))
}

#[cfg(test)]
mod tests {
    use super::{Token, tokens};

    fn words(source: &str) -> Vec<&str> {
        let word = |token| match token {
            Token::Word(word) => Some(word),
            _ => None,
        };
        tokens(source).into_iter().filter_map(word).collect()
    }

    #[test]
    fn what_only_looks_like_a_path_is_passed_over() {
        for (source, expected) in [
            ("a // crate::b\nc", vec!["a", "c"]),
            ("a /* crate::b */ c", vec!["a", "c"]),
            (r#"a "crate::b \" c" d"#, vec!["a", "d"]),
            (r##"a br#"crate::b " c"# d"##, vec!["a", "d"]),
            (r#"a b"c" d"#, vec!["a", "d"]),
            (r"a 'b' c '\'' d '\u{e9}' '\\' e", vec!["a", "c", "d", "e"]),
            ("a<'b, c>", vec!["a", "b", "c"]),
            ("breaker r b", vec!["breaker", "r", "b"]),
        ] {
            assert_eq!(words(source), expected, "{source}");
        }
        assert_eq!(tokens("a::b{"), [Token::Word("a"), Token::Path, Token::Word("b"), Token::Mark('{')]);
    }
}
