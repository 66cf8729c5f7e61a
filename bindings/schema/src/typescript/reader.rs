//! `codec.ts`: one function for each type that an answer holds.

use countersign_core::abi::describe::{Enum, Field, Operation, Shape, Struct, Variant};

use super::idiom;
use super::layout::{Imports, comment, listed};
use crate::types::{self, Named, kebab};

const HEAD: &str = "\
// Generated from the core's table of operations by `cargo xtask generate`: how each type of an answer stands in
// a frame, in the order of its fields.
";

/// Readers of one item, for lists and what may be absent.
const ITEMS: [(&str, &str, &str); 5] = [
    ("flag", "boolean", "frame.u8() === 1"),
    ("u64", "number", "frame.u64()"),
    ("text", "string", "frame.text()"),
    ("bytes", "Uint8Array", "frame.bytes()"),
    ("textPair", "[string, string]", "[frame.text(), frame.text()]"),
];

pub(super) fn print(operations: &[Operation]) -> String {
    let mut file = File::default();
    for operation in operations.iter().filter(|operation| idiom::is_method(operation)) {
        file.need(operation.output);
    }
    let mut code = String::new();
    let mut next = 0;
    while let Some(named) = file.needed.get(next).copied() {
        next += 1;
        code += &file.function(&named);
    }
    if let Some(Named::Struct(sought)) = types::of(operations).iter().find(|one| one.name() == idiom::SOUGHT)
    {
        code += &file.seek(sought);
    }
    file.imports.known("./frame.js", "FrameReader");
    let items: String = ITEMS
        .iter()
        .filter(|(name, ..)| code.contains(&format!("({name})")))
        .map(|(name, known, read)| format!("const {name} = (frame: FrameReader): {known} => {read};\n"))
        .collect();
    format!("{HEAD}\n{}\n{items}{code}", file.imports.print())
}

#[derive(Default)]
struct File {
    imports: Imports,
    /// In the order in which they are first used.
    needed: Vec<Named>,
}

impl File {
    fn need(&mut self, shape: &Shape) {
        match shape {
            Shape::Struct(one) if idiom::by_hand(one.name).is_none() => self.add(Named::Struct(*one)),
            Shape::Enum(one) if idiom::by_hand(one.name).is_none() => self.add(Named::Enum(*one)),
            Shape::Optional(inner) | Shape::List(inner) => self.need(inner),
            _ => {}
        }
    }

    fn add(&mut self, named: Named) {
        if !self.needed.contains(&named) {
            self.needed.push(named);
        }
    }

    fn function(&mut self, named: &Named) -> String {
        let name = named.name();
        self.imports.types_in(name);
        let body = match named {
            Named::Struct(one) => self.struct_body(one),
            Named::Enum(one) => self.switch(one, name, &[]),
        };
        format!("\nexport function read{name}(frame: FrameReader): {name} {{\n{body}}}\n")
    }

    fn struct_body(&mut self, one: &Struct) -> String {
        match one.fields.split_last() {
            // What comes before is read first, and stands in each of the variants.
            Some((Field { shape: Shape::Enum(flat), is_flat: true, .. }, before)) => {
                let first: Vec<String> = before
                    .iter()
                    .map(|field| format!("  const {} = {};\n", field.name, self.read(one.name, field)))
                    .collect();
                let names: Vec<String> = before.iter().map(|field| field.name.to_owned()).collect();
                first.concat() + &self.switch(flat, one.name, &names)
            }
            _ => {
                let members = self.members(one.name, one.fields);
                format!("  return {};\n", listed(10, 2, "{", &members, "}"))
            }
        }
    }

    fn switch(&mut self, one: &Enum, owner: &str, before: &[String]) -> String {
        let cases: Vec<String> = one.variants.iter().map(|variant| self.case(one, variant, before)).collect();
        self.imports.value("./error.js", "internal");
        format!(
            "  switch (frame.u8()) {{\n{}    default:\n      throw internal(\"`{owner}` has a variant of another version\");\n  }}\n",
            cases.concat()
        )
    }

    fn case(&mut self, one: &Enum, variant: &Variant, before: &[String]) -> String {
        let name = format!("\"{}\"", kebab(variant.name));
        let value = if one.tag.is_empty() {
            name
        } else {
            let tag = format!("{}: {name}", one.tag);
            let fields = self.members(one.name, variant.fields);
            let members: Vec<String> = before.iter().cloned().chain([tag]).chain(fields).collect();
            listed(14, 6, "{", &members, "}")
        };
        format!("    case {}:\n      return {value};\n", variant.number)
    }

    /// The members of an object in the order of the frame; those of a flat field stand in its place.
    fn members(&mut self, owner: &str, fields: &[Field]) -> Vec<String> {
        let mut members = Vec::new();
        for field in fields {
            match field.shape {
                Shape::Struct(inner) if field.is_flat => {
                    members.extend(self.members(inner.name, inner.fields));
                }
                _ => members.push(format!("{}: {}", field.name, self.read(owner, field))),
            }
        }
        members
    }

    fn read(&mut self, owner: &str, field: &Field) -> String {
        let read = self.expression(field.shape);
        match idiom::narrowed(owner, field.name) {
            Some(known) => {
                self.imports.types_in(known);
                format!("{read} as {known}")
            }
            None => read,
        }
    }

    fn expression(&mut self, shape: &Shape) -> String {
        match shape {
            Shape::Nothing => "undefined".into(),
            Shape::Flag => "frame.u8() === 1".into(),
            Shape::U16 => "frame.u16()".into(),
            Shape::U32 => "frame.u32()".into(),
            Shape::U64 => "frame.u64()".into(),
            Shape::Deadline => "frame.deadline()".into(),
            Shape::Text | Shape::Json => "frame.text()".into(),
            Shape::Bytes | Shape::Octets | Shape::OptionalBytes => "frame.bytes()".into(),
            Shape::Raw(length) => format!("frame.raw({length})"),
            Shape::Optional(inner) => format!("frame.optional({})", self.item(inner)),
            Shape::List(item) => format!("frame.list({})", self.item(item)),
            Shape::Pair(first, second) => {
                format!("[{}, {}]", self.expression(first), self.expression(second))
            }
            Shape::Struct(_) | Shape::Enum(_) => format!("{}(frame)", self.item(shape)),
        }
    }

    /// A function that reads one.
    fn item(&mut self, shape: &Shape) -> String {
        self.need(shape);
        match shape {
            Shape::Struct(Struct { name, .. }) | Shape::Enum(Enum { name, .. }) => match idiom::by_hand(name)
            {
                Some(hand) => {
                    self.imports.value(hand.file, hand.reader);
                    hand.reader.into()
                }
                None => format!("read{name}"),
            },
            other => {
                let read = self.expression(other);
                let named = ITEMS.iter().find(|(.., item)| *item == read);
                named.map_or_else(|| format!("(frame) => {read}"), |(name, ..)| (*name).into())
            }
        }
    }

    /// Where each field of a type begins that nobody reads as a whole.
    fn seek(&mut self, one: &Struct) -> String {
        let name = one.name;
        let numbers: Vec<String> = one
            .fields
            .iter()
            .enumerate()
            .map(|(number, field)| format!("{}: {number}", field.name))
            .collect();
        let steps: Vec<String> = one
            .fields
            .iter()
            .enumerate()
            .take(one.fields.len().saturating_sub(1))
            .map(|(number, field)| {
                format!("  if (field > {number}) {}; // {}\n", self.passed(field.shape), field.name)
            })
            .collect();
        let constant = name.to_ascii_uppercase();
        let table = format!("export const {constant} = ");
        format!(
            "\n{}{table}{} as const;\n\n{}export function seek{name}(frame: FrameReader, field: number): FrameReader {{\n{}  return frame;\n}}\n",
            comment(0, &format!("The fields of `{name}`, by number.")),
            listed(table.len() + 10, 0, "{", &numbers, "}"),
            comment(0, &format!("Moves a reader that stands before `{name}` to one of its fields.")),
            steps.concat()
        )
    }

    fn passed(&mut self, shape: &Shape) -> String {
        match shape {
            Shape::Text | Shape::Json | Shape::Bytes | Shape::Octets | Shape::OptionalBytes => {
                "frame.skip()".into()
            }
            Shape::List(Shape::Text | Shape::Bytes) => "frame.list((item) => item.skip())".into(),
            Shape::Flag => "frame.u8()".into(),
            other => self.expression(other),
        }
    }
}
