//! The description of all operations and types as JSON.
//!
//! A type is a text: `nothing`, `flag`, `u16`, `u32`, `u64`, `deadline`, `text`, `json`, `bytes`, `octets`, `optional-bytes`, or
//! the name of a type; or an object of one member: `raw` (the number of bytes), `optional`, `list`, `pair`.

use countersign_core::READ_HEADERS;
use countersign_core::abi::FRAME_VERSION;
use countersign_core::abi::describe::{Argument, Default, Field, Operation, Receiver, Shape};

use crate::types::{self, Named};

const ABOUT: &str = "The operations of the core and the types of their frames, generated from its table by `cargo xtask \
    generate`. How each type stands in a frame is told in core/src/abi/describe.rs: numbers are little-endian, a text, json \
    or bytes has four bytes of length before it, a list four bytes of count, an enum one byte for its variant. A field that \
    is `flat` has its members in its place where an object stands for the value. Of a request's header fields only those cross \
    whose names, in whatever case, are among `read_headers`; the others are counted in `withheld_fields`, and the bytes of \
    their names and values in `withheld_bytes`.";

pub(crate) fn print(operations: &[Operation]) -> String {
    let printed: Vec<String> = operations.iter().map(operation).collect();
    let types: Vec<String> = types::of(operations).iter().map(named).collect();
    format!(
        "{{\n  \"about\": {},\n  \"frame_version\": {FRAME_VERSION},\n  \"read_headers\": [{}],\n  \"operations\": [\n{}\n  ],\n  \"types\": {{\n{}\n  }}\n}}\n",
        text(ABOUT),
        READ_HEADERS.iter().map(|name| text(name)).collect::<Vec<_>>().join(", "),
        printed.join(",\n"),
        types.join(",\n"),
    )
}

fn operation(operation: &Operation) -> String {
    let receiver = match operation.receiver {
        Receiver::Sellers => "sellers",
        Receiver::Seller => "seller",
        Receiver::Module => "module",
    };
    let framed: Vec<String> = operation.in_frame().map(|one| text(one.name)).collect();
    format!(
        "    {{\n      \"number\": {},\n      \"name\": {},\n      \"about\": {},\n      \"receiver\": {},\n      \
         \"arguments\": {},\n      \"frame\": [{}],\n      \"output\": {}\n    }}",
        operation.number,
        text(operation.name),
        text(&types::about(operation)),
        text(receiver),
        list(operation.arguments.iter().map(argument), 6),
        framed.join(", "),
        shape(operation.output),
    )
}

fn argument(argument: &Argument) -> String {
    let default = match argument.default {
        Default::None => "",
        Default::Clock => ", \"default\": \"clock\"",
        Default::Fresh => ", \"default\": \"fresh\"",
    };
    format!("{{ \"name\": {}, \"type\": {}{default} }}", text(argument.name), shape(argument.shape))
}

fn named(named: &Named) -> String {
    match named {
        Named::Struct(one) => {
            let fields = list(one.fields.iter().map(field), 4);
            format!("    {}: {{ \"struct\": {fields} }}", text(one.name))
        }
        Named::Enum(one) => {
            let variants = one.variants.iter().map(|variant| {
                let fields: Vec<String> = variant.fields.iter().map(field).collect();
                let name = types::kebab(variant.name);
                format!(
                    "{{ \"number\": {}, \"name\": {}, \"fields\": [{}] }}",
                    variant.number,
                    text(&name),
                    fields.join(", ")
                )
            });
            let tag =
                if one.tag.is_empty() { String::new() } else { format!("\"tag\": {}, ", text(one.tag)) };
            format!("    {}: {{ {tag}\"enum\": {} }}", text(one.name), list(variants, 4))
        }
    }
}

fn field(field: &Field) -> String {
    let flat = if field.is_flat { ", \"flat\": true" } else { "" };
    format!("{{ \"name\": {}, \"type\": {}{flat} }}", text(field.name), shape(field.shape))
}

fn shape(of: &Shape) -> String {
    match of {
        Shape::Nothing => text("nothing"),
        Shape::Flag => text("flag"),
        Shape::U16 => text("u16"),
        Shape::U32 => text("u32"),
        Shape::U64 => text("u64"),
        Shape::Deadline => text("deadline"),
        Shape::Text => text("text"),
        Shape::Json => text("json"),
        Shape::Bytes => text("bytes"),
        Shape::Octets => text("octets"),
        Shape::OptionalBytes => text("optional-bytes"),
        Shape::Raw(length) => format!("{{ \"raw\": {length} }}"),
        Shape::Optional(inner) => format!("{{ \"optional\": {} }}", shape(inner)),
        Shape::List(item) => format!("{{ \"list\": {} }}", shape(item)),
        Shape::Pair(first, second) => format!("{{ \"pair\": [{}, {}] }}", shape(first), shape(second)),
        Shape::Struct(one) => text(one.name),
        Shape::Enum(one) => text(one.name),
    }
}

/// One item a line, `indent` blanks in front of the closing bracket.
fn list(items: impl Iterator<Item = String>, indent: usize) -> String {
    let blanks = " ".repeat(indent);
    let lines: Vec<String> = items.map(|item| format!("\n{blanks}  {item}")).collect();
    if lines.is_empty() { "[]".to_owned() } else { format!("[{}\n{blanks}]", lines.join(",")) }
}

fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
