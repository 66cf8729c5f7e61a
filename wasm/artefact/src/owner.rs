//! Whose a function is, by its symbol.
//!
//! Symbols follow the scheme that rustc calls v0: they tell in which module a function is written, and for which types
//! a generic one was compiled.

use std::collections::BTreeSet;

/// The crate whose rooms are told apart.
const CORE: &str = "countersign_core";
/// The crate of the exports, the allocator and the panic handler.
const MODULE: &str = "countersign_wasm";

/// A crate, and for the core the room in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Owner {
    pub(crate) package: String,
    /// The first module of the path; of the core alone.
    pub(crate) room: Option<String>,
}

impl Owner {
    /// The owner of the function with this symbol, where `exports` are the names that the module exports. The first that
    /// holds decides:
    ///
    /// 1. A function that is written in one of this repository's crates belongs there, closures and implementations
    ///    of traits included. That is where its `impl` stands, whatever type it is for.
    /// 2. A function of a library that was compiled for a type or a closure of this repository belongs to the room of that type:
    ///    without it there would be none. So with what drops a value.
    /// 3. Any other belongs to its crate; one without a path to those who compile for WebAssembly, unless it is exported.
    pub(crate) fn of(symbol: &str, exports: &BTreeSet<String>) -> Self {
        let home = match symbol.strip_prefix("_R") {
            Some(mangled) => Path::read(mangled.as_bytes(), 0, 0).map(|path| path.segments),
            None if exports.contains(symbol) => Some(vec![MODULE.to_owned()]),
            None => Some(vec!["compiler_builtins".to_owned()]),
        };
        let home = home.unwrap_or_else(|| vec!["unread".to_owned()]);
        let package = match home.first().map(String::as_str) {
            // What rustc writes itself: the way from `alloc` to the allocator, and to the panic handler.
            None | Some("__rustc") => MODULE,
            Some(package) => package,
        };
        match package {
            CORE => Self { package: package.to_owned(), room: home.get(1).cloned() },
            MODULE => Self { package: package.to_owned(), room: None },
            library => Self::by_type(&format!("{:#}", rustc_demangle::demangle(symbol)))
                .unwrap_or(Self { package: library.to_owned(), room: None }),
        }
    }

    /// The first of this repository's types in the written name.
    fn by_type(name: &str) -> Option<Self> {
        let places = [CORE, MODULE].into_iter().filter_map(|package| {
            let at = name.find(&format!("{package}::"))?;
            Some((at, package))
        });
        let (at, package) = places.min()?;
        let room = name.get(at..)?.split("::").nth(1)?;
        let room = room.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next();
        Some(Self { package: package.to_owned(), room: room.filter(|_| package == CORE).map(str::to_owned) })
    }
}

/// The path at the head of a symbol: the crate, then modules, up to the first item that is not in a module.
struct Path {
    segments: Vec<String>,
    /// Where the symbol goes on; `None` behind what is not read to its end.
    end: Option<usize>,
}

/// Nested deeper than any symbol: such a text is none.
const DEEPEST: usize = 100;

impl Path {
    /// Reads the path that begins at `at`, a place behind `_R`. `None` if there is none.
    fn read(symbol: &[u8], at: usize, depth: usize) -> Option<Self> {
        if depth > DEEPEST {
            return None;
        }
        let read = |at| Self::read(symbol, at, depth + 1);
        let unread = |path: Self| Self { end: None, ..path };
        let next = at + 1;
        match symbol.get(at)? {
            b'C' => {
                let (name, end) = identifier(symbol, next)?;
                Some(Self { segments: vec![name], end: Some(end) })
            }
            b'N' => {
                let mut path = read(next + 1)?;
                if let Some(end) = path.end {
                    let (name, end) = identifier(symbol, end)?;
                    path.segments.push(name);
                    path.end = Some(end);
                }
                Some(path)
            }
            // An `impl`: where it stands, then the type and the trait.
            b'M' | b'X' => read(disambiguator(symbol, next)?).map(unread),
            // What a trait provides, for a type: that of the type, or of the trait if the type is of the language.
            b'Y' => {
                let place =
                    |at| matches!(symbol.get(at), Some(b'C' | b'N' | b'M' | b'X' | b'Y' | b'I' | b'B'));
                let mut at = next;
                while !place(at) {
                    at += 1;
                    symbol.get(at)?;
                }
                read(at).map(unread)
            }
            b'I' => read(next).map(unread),
            b'B' => {
                let (place, end) = number(symbol, next)?;
                // Only back: a symbol that points forward would never end.
                let path = read(usize::try_from(place).ok().filter(|place| *place < at)?)?;
                Some(Self { end: path.end.map(|_| end), ..path })
            }
            _ => None,
        }
    }
}

/// `[s<number>] [u] <decimal> [_] <bytes>`
fn identifier(symbol: &[u8], at: usize) -> Option<(String, usize)> {
    let mut at = disambiguator(symbol, at)?;
    if symbol.get(at) == Some(&b'u') {
        at += 1;
    }
    let digits = symbol.get(at..)?.iter().take_while(|digit| digit.is_ascii_digit()).count();
    let length: usize = std::str::from_utf8(symbol.get(at..at + digits)?).ok()?.parse().ok()?;
    at += digits;
    if symbol.get(at) == Some(&b'_') {
        at += 1;
    }
    let name = symbol.get(at..at.checked_add(length)?)?;
    Some((String::from_utf8_lossy(name).into_owned(), at + length))
}

fn disambiguator(symbol: &[u8], at: usize) -> Option<usize> {
    match symbol.get(at) {
        Some(b's') => number(symbol, at + 1).map(|(_, end)| end),
        _ => Some(at),
    }
}

/// Base 62, ended by `_`: `_` is 0, `0_` is 1.
fn number(symbol: &[u8], at: usize) -> Option<(u64, usize)> {
    let digits = symbol.get(at..)?.iter().position(|letter| *letter == b'_')?;
    let mut value = 0_u64;
    for letter in symbol.get(at..at + digits)? {
        let digit = match letter {
            b'0'..=b'9' => letter - b'0',
            b'a'..=b'z' => letter - b'a' + 10,
            b'A'..=b'Z' => letter - b'A' + 36,
            _ => return None,
        };
        value = value.checked_mul(62)?.checked_add(u64::from(digit))?;
    }
    Some((if digits == 0 { 0 } else { value.checked_add(1)? }, at + digits + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(symbol: &str) -> String {
        let Owner { package, room } = Owner::of(symbol, &BTreeSet::from(["call".to_owned()]));
        room.into_iter().fold(package, |package, room| package + "::" + &room)
    }

    /// Symbols as rustc 1.95 writes them.
    #[test]
    fn a_function_belongs_to_where_it_is_written() {
        let cases = [
            // countersign_core::wire::address::is_web_address
            (
                "_RNvNtNtCs4BP5Rfpfilh_16countersign_core4wire7address14is_web_address",
                "countersign_core::wire",
            ),
            // A file of one room: countersign_core::personal::looks_personal
            ("_RNvNtCs4BP5Rfpfilh_16countersign_core8personal14looks_personal", "countersign_core::personal"),
            // sha2::sha256::compress256
            ("_RNvNtCsjUlypfBje1N_4sha26sha25611compress256", "sha2"),
            // alloc::raw_vec::handle_error
            ("_RNvNtCsahG8vUabcAq_5alloc7raw_vec12handle_error", "alloc"),
        ];
        for (symbol, expected) in cases {
            assert_eq!(owner(symbol), expected, "{symbol}");
        }
    }

    #[test]
    fn an_implementation_belongs_to_where_it_stands() {
        let cases = [
            // <countersign_core::seller::Seller>::due, in ledger::due
            (
                "_RNvMNtNtCs4BP5Rfpfilh_16countersign_core6ledger3dueNtNtB6_6seller6Seller3due",
                "countersign_core::ledger",
            ),
            // <u8 as countersign_core::ledger::row::codec::Field>::read
            (
                "_RNvXs6_NtNtNtCs4BP5Rfpfilh_16countersign_core6ledger3row5codechNtB5_5Field4read",
                "countersign_core::ledger",
            ),
            // <SaasV1 as Dialect>::knows_result_code, as the trait provides it
            (
                "_RNvYNtNtNtCs4BP5Rfpfilh_16countersign_core7dialect7saas_v16SaasV1NtB6_7Dialect17knows_result_codeB8_",
                "countersign_core::dialect",
            ),
            // <[u8] as cmov::CmovEq>::cmoveq, as the trait provides it
            ("_RNvYShNtCsbOghoylCl4K_4cmov6CmovEq6cmoveqCs4BP5Rfpfilh_16countersign_core", "cmov"),
            // <alloc::string::String as core::fmt::Write>::write_fmt, as the trait provides it
            (
                "_RNvYNtNtCsahG8vUabcAq_5alloc6string6StringNtNtCs8cm1uA0r81z_4core3fmt5Write9write_fmtB6_",
                "alloc",
            ),
        ];
        for (symbol, expected) in cases {
            assert_eq!(owner(symbol), expected, "{symbol}");
        }
    }

    #[test]
    fn a_closure_belongs_to_the_function_around_it() {
        // countersign_core::abi::gate::admit::{closure#0}
        assert_eq!(
            owner("_RNCNvNtNtCs4BP5Rfpfilh_16countersign_core3abi4gate5admit0B7_"),
            "countersign_core::abi"
        );
    }

    #[test]
    fn an_instance_belongs_to_the_type_that_it_was_compiled_for() {
        let cases = [
            // core::ptr::drop_in_place::<countersign_core::event::Datum>
            (
                "_RINvNtCs8cm1uA0r81z_4core3ptr13drop_in_placeNtNtCs4BP5Rfpfilh_16countersign_core5event5DatumEBK_",
                "countersign_core::event",
            ),
            // <str>::starts_with::<<countersign_core::detail::Detail>::activity::{closure#0}>
            (
                "_RINvMNtCs8cm1uA0r81z_4core3stre11starts_withNCNvMNtCs4BP5Rfpfilh_16countersign_core6detailNtBL_6Detail8activity0EBN_",
                "countersign_core::detail",
            ),
            // core::ptr::drop_in_place::<alloc::string::String>: as much everybody's as the string
            (
                "_RINvNtCs8cm1uA0r81z_4core3ptr13drop_in_placeNtNtCsahG8vUabcAq_5alloc6string6StringEBK_",
                "core",
            ),
            // The same, compiled for the core, which is not a type of it.
            ("_RNvMNtCsahG8vUabcAq_5alloc5sliceSh6to_vecCs4BP5Rfpfilh_16countersign_core", "alloc"),
            // <countersign_core::ledger::queue::Queue>::find::<{closure in ledger::create}>: written there
            (
                "_RINvMNtNtCs4BP5Rfpfilh_16countersign_core6ledger5queueNtB3_5Queue4findNCNvNtB5_6create6repeats_0EB7_",
                "countersign_core::ledger",
            ),
        ];
        for (symbol, expected) in cases {
            assert_eq!(owner(symbol), expected, "{symbol}");
        }
    }

    #[test]
    fn exports_and_the_way_to_the_allocator_are_the_modules() {
        assert_eq!(owner("call"), "countersign_wasm");
        assert_eq!(owner("_RNvCsfLfy6EI15iL_7___rustc12___rust_alloc"), "countersign_wasm");
        assert_eq!(owner("memcpy"), "compiler_builtins");
        assert_eq!(owner("__multi3"), "compiler_builtins");
    }

    #[test]
    fn a_symbol_that_is_none_is_said_to_be_unread() {
        let endless = format!("_R{}", "M".repeat(10_000));
        for symbol in
            ["_R", "_RN", "_RNv", "_RNvC", "_RNvC9x", "_RC99999999999999999999x", "_RB_", "_RBz_", &endless]
        {
            assert_eq!(owner(symbol), "unread", "{symbol}");
        }
    }
}
