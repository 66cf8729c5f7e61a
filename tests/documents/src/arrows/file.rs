//! What one file of sources says about others: which names it imports, which it hands on, which paths it spells out.

use std::collections::{BTreeMap, BTreeSet};

use super::token::{Token, tokens};

/// A path as it is written, segment by segment. A star at its end is not written: the path names the whole module.
pub(super) type Written = Vec<String>;

/// The names and paths of a file, its tests left out.
#[derive(Debug, Default)]
pub(super) struct File {
    /// Names that are imported for the file itself.
    pub(super) imports: BTreeMap<String, Written>,
    /// Names that are handed on to others: the file itself need not use them.
    pub(super) exports: BTreeMap<String, Written>,
    /// Paths that stand in the code.
    pub(super) paths: Vec<Written>,
    /// Modules that are there for tests alone.
    pub(super) tests: BTreeSet<String>,
}

impl File {
    pub(super) fn read(source: &str) -> Self {
        let tokens = tokens(source);
        let mut file = Self::default();
        let mut at = 0;
        while at < tokens.len() {
            at = file.item(&tokens, at);
        }
        file
    }

    /// Takes in what begins here and says where the next begins.
    fn item(&mut self, tokens: &[Token<'_>], at: usize) -> usize {
        if tokens[at..].starts_with(&FOR_TESTS) {
            return self.pass_over(tokens, at + FOR_TESTS.len());
        }
        match tokens[at] {
            // `use<'a>` is a bound of a type.
            Token::Word("use") if tokens.get(at + 1) != Some(&Token::Mark('<')) => {
                let mut names = Vec::new();
                let end = tree(tokens, at + 1, &[], &mut names);
                self.take_in(names, is_public(&tokens[..at]));
                end
            }
            Token::Word(_) => {
                let mut path = Vec::new();
                let end = segments(tokens, at, &mut path);
                // What a macro writes is written where it is called.
                let is_of_macro = at.checked_sub(1).is_some_and(|before| tokens[before] == Token::Mark('$'));
                if path.len() > 1 && !is_of_macro {
                    self.paths.push(path);
                }
                end
            }
            _ => at + 1,
        }
    }

    fn take_in(&mut self, names: Vec<(String, Written)>, is_public: bool) {
        for (name, path) in names {
            match (name.as_str(), is_public) {
                ("*", _) => self.paths.push(path),
                (_, true) => drop(self.exports.insert(name, path)),
                (_, false) => drop(self.imports.insert(name, path)),
            }
        }
    }

    /// Passes over an item that only tests have.
    fn pass_over(&mut self, tokens: &[Token<'_>], from: usize) -> usize {
        let mut depth = 0_u32;
        for (at, token) in tokens.iter().enumerate().skip(from) {
            match token {
                Token::Word("mod") if depth == 0 => {
                    if let Some(Token::Word(name)) = tokens.get(at + 1) {
                        self.tests.insert((*name).to_owned());
                    }
                }
                Token::Mark('{') => depth += 1,
                Token::Mark('}') if depth > 1 => depth -= 1,
                Token::Mark('}') => return at + 1,
                Token::Mark(';') if depth == 0 => return at + 1,
                _ => {}
            }
        }
        tokens.len()
    }
}

/// `#[cfg(test)]`.
const FOR_TESTS: [Token<'static>; 7] = [
    Token::Mark('#'),
    Token::Mark('['),
    Token::Word("cfg"),
    Token::Mark('('),
    Token::Word("test"),
    Token::Mark(')'),
    Token::Mark(']'),
];

/// Whether `pub`, or `pub(…)`, stands at the end.
fn is_public(before: &[Token<'_>]) -> bool {
    matches!(
        before,
        [.., Token::Word("pub")]
            | [.., Token::Word("pub"), Token::Mark('('), Token::Word(_), Token::Mark(')')]
    )
}

/// The segments of the path that begins here; says where it ends.
fn segments(tokens: &[Token<'_>], mut at: usize, path: &mut Written) -> usize {
    while let Some(Token::Word(word)) = tokens.get(at) {
        path.push((*word).to_owned());
        at += 1;
        match tokens[at..] {
            [Token::Path, Token::Word(_), ..] => at += 1,
            _ => break,
        }
    }
    at
}

/// The names of a tree behind `use`, each with its path; says where the tree ends.
fn tree(tokens: &[Token<'_>], start: usize, before: &[String], names: &mut Vec<(String, Written)>) -> usize {
    let mut path = before.to_vec();
    let mut at = segments(tokens, start, &mut path);
    if tokens.get(at) == Some(&Token::Path) {
        at += 1;
    }
    match tokens.get(at) {
        Some(Token::Mark('*')) => {
            names.push(("*".to_owned(), path));
            at + 1
        }
        Some(Token::Mark('{')) => {
            at += 1;
            while !matches!(tokens.get(at), None | Some(Token::Mark('}'))) {
                at = tree(tokens, at, &path, names);
                if tokens.get(at) == Some(&Token::Mark(',')) {
                    at += 1;
                }
            }
            at + 1
        }
        _ => {
            if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
                path.pop();
            }
            let mut name = path.last().cloned().unwrap_or_default();
            if let [Token::Word("as"), Token::Word(other), ..] = tokens[at..] {
                name = other.to_owned();
                at += 2;
            }
            names.push((name, path));
            // Whatever cannot be read is passed over.
            at.max(start + 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::File;

    #[test]
    fn a_file_says_what_it_imports_hands_on_and_spells_out() {
        let file = File::read(
            "use super::a::{self, B, c::{D as E, *}};\npub(crate) use f::G;\nuse h::*;\n\
             #[cfg(test)]\nmod laws;\nfn i() -> j::K { $crate::l::M; crate::n::o() }\n\
             #[cfg(test)]\nmod tests { use super::P; fn q() { crate::r() } }\nimpl S { fn t() -> u::V {} }",
        );
        let imports: Vec<(String, String)> =
            file.imports.iter().map(|(name, path)| (name.clone(), path.join("::"))).collect();
        let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, path)| ((*name).to_owned(), (*path).to_owned())).collect()
        };
        assert_eq!(imports, pairs(&[("B", "super::a::B"), ("E", "super::a::c::D"), ("a", "super::a")]));
        assert_eq!(file.exports["G"].join("::"), "f::G");
        let paths: Vec<String> = file.paths.iter().map(|path| path.join("::")).collect();
        assert_eq!(paths, ["super::a::c", "h", "j::K", "crate::n::o", "u::V"]);
        assert!(file.tests.contains("laws") && file.tests.contains("tests"));
    }
}
