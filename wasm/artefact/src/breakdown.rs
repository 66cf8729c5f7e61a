//! What of a module's bytes belongs to whom.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

use crate::owner::Owner;
use crate::size;
use crate::surface::{SurfaceError, shipped};

/// The bytes of a module, by crate and by room of the core. All of its parts add up to `bytes`.
///
/// A function that was inlined counts where it was inlined; data has no owner, since nothing in a module says whose a
/// constant is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Breakdown {
    /// The module.
    pub bytes: usize,
    /// The module after gzip at its highest level.
    pub gzipped: usize,
    /// What both may be.
    pub budget: Budget,
    /// The largest first.
    pub crates: Vec<Crate>,
    /// Functions that have no name, or none that can be read.
    pub unnamed: usize,
    /// Constants: texts and tables.
    pub data: usize,
    /// Types, tables of functions, exports, and the heads of sections and functions.
    pub rest: usize,
}

/// What artefact A may weigh, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Budget {
    /// As it is.
    pub bytes: usize,
    /// After gzip.
    pub gzipped: usize,
}

/// The functions of one crate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Crate {
    /// As Rust writes it.
    pub name: String,
    /// Of the functions' bodies.
    pub bytes: usize,
    /// How many.
    pub functions: usize,
    /// Of the core alone; the largest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rooms: Vec<Room>,
}

/// The functions of one room of the core.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Room {
    /// The module of Rust.
    pub name: String,
    /// Of the functions' bodies.
    pub bytes: usize,
    /// How many.
    pub functions: usize,
}

impl Breakdown {
    /// Tells by the names in `named`, a module as it was linked, whose the bytes are that ship of it.
    ///
    /// # Errors
    ///
    /// The first thing that is not readable.
    pub fn of(named: &[u8]) -> Result<Self, SurfaceError> {
        let shipped = shipped(named)?;
        let (unnamed, crates) = by_owner(named)?;
        let data = data(named)?;
        let functions = unnamed + crates.iter().map(|entry| entry.bytes).sum::<usize>();
        Ok(Self {
            bytes: shipped.len(),
            gzipped: size::gzipped(&shipped),
            budget: Budget { bytes: size::MAX_BYTES, gzipped: size::MAX_GZIPPED_BYTES },
            crates,
            unnamed,
            data,
            rest: shipped.len() - functions - data,
        })
    }
}

fn data(module: &[u8]) -> Result<usize, SurfaceError> {
    let mut bytes = 0;
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::DataSection(section) = payload? {
            bytes += section.range().len();
        }
    }
    Ok(bytes)
}

/// The bytes of all bodies without a name, and those with one by their owners.
fn by_owner(named: &[u8]) -> Result<(usize, Vec<Crate>), SurfaceError> {
    let Functions { names, bodies, exports } = functions(named)?;
    let mut unnamed = 0;
    let mut crates: BTreeMap<String, Crate> = BTreeMap::new();
    for (index, bytes) in bodies {
        let Some(Owner { package, room }) = names.get(&index).map(|symbol| Owner::of(symbol, &exports))
        else {
            unnamed += bytes;
            continue;
        };
        let entry = crates.entry(package.clone()).or_insert_with(|| Crate::new(package));
        entry.bytes += bytes;
        entry.functions += 1;
        if let Some(name) = room {
            entry.count(name, bytes);
        }
    }
    let mut crates: Vec<Crate> = crates.into_values().collect();
    crates.sort_by_key(|entry| Reverse(entry.bytes));
    crates.iter_mut().for_each(|entry| entry.rooms.sort_by_key(|room| Reverse(room.bytes)));
    Ok((unnamed, crates))
}

impl Crate {
    fn new(name: String) -> Self {
        Self { name, bytes: 0, functions: 0, rooms: Vec::new() }
    }

    fn count(&mut self, name: String, bytes: usize) {
        match self.rooms.iter_mut().find(|room| room.name == name) {
            Some(room) => {
                room.bytes += bytes;
                room.functions += 1;
            }
            None => self.rooms.push(Room { name, bytes, functions: 1 }),
        }
    }
}

/// Functions by their index.
#[derive(Default)]
struct Functions {
    names: BTreeMap<u32, String>,
    bodies: Vec<(u32, usize)>,
    exports: BTreeSet<String>,
}

fn functions(module: &[u8]) -> Result<Functions, SurfaceError> {
    let mut functions = Functions::default();
    // Imported functions have the first indices.
    let mut next = 0;
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    next += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    functions.exports.insert(export?.name.to_owned());
                }
            }
            Payload::CodeSectionEntry(body) => {
                functions.bodies.push((next, body.range().len()));
                next += 1;
            }
            Payload::CustomSection(section) => {
                let KnownCustom::Name(names) = section.as_known() else { continue };
                for part in names {
                    let Name::Function(names) = part? else { continue };
                    for name in names {
                        let name = name?;
                        functions.names.insert(name.index, name.name.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    Ok(functions)
}

/// A table: names to the left, numbers to the right.
impl fmt::Display for Breakdown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Budget { bytes, gzipped } = self.budget;
        writeln!(out, "{:<24}{:>9}{:>9}", "", "bytes", "budget")?;
        writeln!(out, "{:<24}{:>9}{bytes:>9}", "the module", self.bytes)?;
        writeln!(out, "{:<24}{:>9}{gzipped:>9}", "gzipped", self.gzipped)?;
        writeln!(out)?;
        writeln!(out, "{:<24}{:>9}{:>9}{:>11}", "", "bytes", "share", "functions")?;
        let mut row = |name: &str, bytes: usize, functions: Option<usize>| {
            let share = bytes as f64 * 100.0 / self.bytes.max(1) as f64;
            let functions = functions.map(|functions| format!("{functions:>11}")).unwrap_or_default();
            writeln!(out, "{name:<24}{bytes:>9}{share:>7.1} %{functions}")
        };
        for Crate { name, bytes, functions, rooms } in &self.crates {
            row(name, *bytes, Some(*functions))?;
            for Room { name, bytes, functions } in rooms {
                row(&format!("  {name}"), *bytes, Some(*functions))?;
            }
        }
        row("functions without a name", self.unnamed, None)?;
        row("constants", self.data, None)?;
        row("types, tables, heads", self.rest, None)
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CodeSection, DataSection, ExportKind, ExportSection, FunctionSection, Instruction, MemorySection,
        MemoryType, Module, NameMap, NameSection, TypeSection,
    };

    use super::*;

    /// Functions of so many instructions, some bytes of data, one export, and names if they are wanted.
    fn module(functions: &[(&str, usize)], names: bool) -> Vec<u8> {
        let (mut types, mut list, mut code) = Default::default();
        let (types, list, code): (&mut TypeSection, &mut FunctionSection, &mut CodeSection) =
            (&mut types, &mut list, &mut code);
        types.ty().function([], []);
        let mut named = NameMap::new();
        for (index, (name, instructions)) in (0..).zip(functions) {
            list.function(0);
            let mut body = wasm_encoder::Function::new([]);
            for _ in 0..*instructions {
                body.instruction(&Instruction::Nop);
            }
            body.instruction(&Instruction::End);
            code.function(&body);
            if !name.is_empty() {
                named.append(index, name);
            }
        }
        let mut memory = MemorySection::new();
        memory.memory(MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut exports = ExportSection::new();
        exports.export("call", ExportKind::Func, 0);
        let mut data = DataSection::new();
        data.active(0, &wasm_encoder::ConstExpr::i32_const(0), *b"0123456789");
        let mut section = NameSection::new();
        section.functions(&named);
        let mut module = Module::new();
        module.section(types).section(list).section(&memory).section(&exports).section(code).section(&data);
        if names {
            module.section(&section);
        }
        module.finish()
    }

    const FUNCTIONS: [(&str, usize); 6] = [
        ("call", 1),
        ("_RNvNtCs1_16countersign_core4wire4read", 10),
        ("_RNvNtCs1_16countersign_core4wire5write", 20),
        ("_RNvNtCs1_16countersign_core6ledger6settle", 25),
        ("_RNvCs1_4sha28compress", 40),
        ("", 7),
    ];

    /// One byte for the number of local variables, one for the end.
    const FRAME: usize = 2;

    #[test]
    fn bodies_are_counted_by_crate_and_room_the_largest_first() {
        let breakdown = Breakdown::of(&module(&FUNCTIONS, true)).unwrap();
        let room = |name: &str, bytes, functions| Room { name: name.to_owned(), bytes, functions };
        let entry = |name: &str, bytes, functions| Crate {
            name: name.to_owned(),
            bytes,
            functions,
            rooms: Vec::new(),
        };
        let rooms = vec![room("wire", 30 + 2 * FRAME, 2), room("ledger", 25 + FRAME, 1)];
        let expected = [
            Crate { rooms, ..entry("countersign_core", 55 + 3 * FRAME, 3) },
            entry("sha2", 40 + FRAME, 1),
            entry("countersign_wasm", 1 + FRAME, 1),
        ];
        assert_eq!(breakdown.crates, expected);
        assert_eq!(breakdown.unnamed, 7 + FRAME);
    }

    #[test]
    fn all_parts_add_up_to_the_module() {
        let shipped = module(&FUNCTIONS, false);
        let breakdown = Breakdown::of(&module(&FUNCTIONS, true)).unwrap();
        let crates: usize = breakdown.crates.iter().map(|entry| entry.bytes).sum();
        let all = crates + breakdown.unnamed + breakdown.data + breakdown.rest;
        assert_eq!((all, breakdown.bytes), (shipped.len(), shipped.len()));
        assert!(breakdown.data > 10 && breakdown.rest > 0, "{breakdown:?}");
    }

    #[test]
    fn what_is_no_module_is_refused() {
        Breakdown::of(b"no module").unwrap_err();
    }

    #[test]
    fn the_table_has_a_line_for_everything() {
        let breakdown = Breakdown::of(&module(&FUNCTIONS, true)).unwrap();
        let table = breakdown.to_string();
        for line in ["the module", "gzipped", "countersign_core", "  wire", "  ledger", "sha2", "constants"] {
            assert_eq!(
                table.lines().filter(|row| row.starts_with(&format!("{line} "))).count(),
                1,
                "{table}"
            );
        }
    }
}
