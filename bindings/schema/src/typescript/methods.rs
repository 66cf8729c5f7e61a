//! `operations.ts`: the numbers, and a method for each operation of a seller.

use std::fmt::Write as _;

use countersign_core::abi::describe::{Argument, Default, Enum, Operation, Shape, Struct};

use super::idiom;
use super::layout::{Imports, WIDTH, comment, listed};
use crate::types::{self, camel, pascal};

const HEAD: &str = "\
// Generated from the core's table of operations by `cargo xtask generate`: encode, one call, decode.
";

const CLASS: &str = "
/** The operations of one seller. All calls are synchronous and do no I/O. */
export abstract class Operations {
  /** @internal One operation: `length` bounds what `write` writes, `read` reads the answer. */
  abstract invoke<T>(
    operation: number,
    length: number,
    write: (frame: FrameWriter) => void,
    read: (answer: FrameReader) => T,
  ): T;
";

pub(crate) fn print(operations: &[Operation]) -> String {
    let mut imports = Imports::default();
    imports.known("./frame.js", "FrameReader");
    imports.known("./frame.js", "FrameWriter");
    let numbers: String =
        operations.iter().map(|one| format!("  {}: {},\n", camel(one.name), one.number)).collect();
    let methods: String = operations
        .iter()
        .filter(|operation| idiom::is_method(operation))
        .map(|operation| Method { operation, imports: &mut imports }.print())
        .collect();
    format!(
        "{HEAD}\n{}\n{}export const Operation = {{\n{numbers}}} as const;\n{CLASS}{methods}}}\n",
        imports.print(),
        comment(0, "The numbers of the operations."),
    )
}

struct Method<'a> {
    operation: &'a Operation,
    imports: &'a mut Imports,
}

/// One argument on its way into the frame.
struct Sent {
    /// What is done before anything is reserved.
    prepared: Option<String>,
    /// At most so many bytes: a number, and what is known when it runs.
    fixed: usize,
    bound: Option<String>,
    written: String,
}

impl Method<'_> {
    fn print(mut self) -> String {
        let operation = self.operation;
        let name = camel(operation.name);
        let sent: Vec<Sent> = operation.arguments.iter().map(|one| self.sent(one)).collect();
        let by_name = |wanted: &str| {
            let found = operation.arguments.iter().zip(&sent).find(|(one, _)| one.name == wanted);
            found.map(|(_, sent)| sent.written.clone())
        };
        let writes: Vec<String> = operation.in_frame().filter_map(|one| by_name(one.name)).collect();
        let prepared: String = sent
            .iter()
            .filter_map(|one| one.prepared.as_ref())
            .map(|line| format!("    {line};\n"))
            .collect();
        let fixed: usize = sent.iter().map(|one| one.fixed).sum();
        let bounds = sent.iter().filter_map(|one| one.bound.clone());
        let first = Some(fixed.to_string()).filter(|_| fixed > 0 || sent.is_empty());
        let bounds: Vec<String> = first.into_iter().chain(bounds).collect();
        let length = bounds.join(" + ");
        let length = if length.len() + 7 > WIDTH { bounds.join(" +\n        ") } else { length };
        let write = match writes.as_slice() {
            [] => "() => {}".to_owned(),
            [one] => format!("(frame) => void {one}"),
            several => {
                let lines: Vec<String> = several.iter().map(|line| format!("        {line};\n")).collect();
                format!("(frame) => {{\n{}      }}", lines.concat())
            }
        };
        let (output, read) = self.output();
        let head = listed(4, 2, &format!("  {name}("), &self.parameters(), &format!("): {output} {{"));
        let items = [format!("Operation.{name}"), length, write, read];
        let call = if items.iter().any(|item| item.contains('\n')) {
            let lines: Vec<String> = items.iter().map(|item| format!("      {item},\n")).collect();
            format!("this.invoke(\n{}    )", lines.concat())
        } else {
            listed(12, 4, "this.invoke(", &items, ")")
        };
        let about = comment(2, &types::about(operation));
        format!("\n{about}{head}\n{prepared}    return {call};\n  }}\n")
    }

    /// Those that may not be left out, then one object with the others.
    fn parameters(&mut self) -> Vec<String> {
        let mut parameters = Vec::new();
        let mut options = Vec::new();
        for argument in self.operation.arguments {
            let known = match argument.shape {
                Shape::Json => "object | string".to_owned(),
                Shape::List(item) => format!("readonly {}[]", idiom::type_of(item)),
                other => idiom::type_of(other),
            };
            self.imports.types_in(&known);
            if is_option(argument) {
                options.push((option(argument), known));
            } else {
                parameters.push(format!("{}: {known}", camel(argument.name)));
            }
        }
        options.sort_by_key(|(name, _)| name != "now");
        let names: Vec<&str> = options.iter().map(|(name, _)| name.as_str()).collect();
        let known = match names.as_slice() {
            [] => return parameters,
            ["now", "entropy"] => "Moment".to_owned(),
            ["now", "requestId"] => "Arrival".to_owned(),
            _ => {
                let members: Vec<String> =
                    options.iter().map(|(name, known)| format!("{name}?: {known}")).collect();
                format!("{{ {} }}", members.join("; "))
            }
        };
        self.imports.types_in(&known);
        parameters.push(format!("options: {known} = {{}}"));
        parameters
    }

    fn output(&mut self) -> (String, String) {
        let shape = self.operation.output;
        if *shape == Shape::Json {
            let known = idiom::json(self.operation);
            self.imports.types_in(known);
            self.imports.value("./values.js", "readJson");
            return (known.to_owned(), format!("readJson<{known}>"));
        }
        let known = idiom::type_of(shape);
        self.imports.types_in(&known);
        let read = match shape {
            Shape::Struct(_) | Shape::Enum(_) => self.reader(shape),
            Shape::Optional(inner) => format!("(answer) => answer.optional({})", self.reader(inner)),
            Shape::List(item) => format!("(answer) => answer.list({})", self.reader(item)),
            Shape::Nothing => "() => {}".to_owned(),
            other => self.reader(other),
        };
        (known, read)
    }

    fn reader(&mut self, shape: &Shape) -> String {
        let read = match shape {
            Shape::Struct(Struct { name, .. }) | Shape::Enum(Enum { name, .. }) => {
                let hand = idiom::by_hand(name);
                let reader = hand.map_or_else(|| format!("read{name}"), |hand| hand.reader.to_owned());
                self.imports.value(hand.map_or("./codec.js", |hand| hand.file), &reader);
                return reader;
            }
            Shape::Flag => "item.u8() === 1",
            Shape::U16 => "item.u16()",
            Shape::U32 => "item.u32()",
            Shape::U64 => "item.u64()",
            Shape::Deadline => "item.deadline()",
            Shape::Text | Shape::Json => "item.text()",
            _ => "item.bytes()",
        };
        format!("(item) => {read}")
    }

    fn sent(&mut self, argument: &Argument) -> Sent {
        let name = camel(argument.name);
        let optional = format!("options.{}", option(argument));
        let value = |imports: &mut Imports, bound: &str, fixed: usize, written: String| {
            imports.value("./values.js", bound);
            Sent { prepared: None, fixed, bound: Some(format!("{bound}({name}, \"{name}\")")), written }
        };
        let number = |fixed: usize, written: String| Sent { prepared: None, fixed, bound: None, written };
        match (argument.shape, argument.default) {
            (Shape::U64, Default::Clock) => {
                number(8, format!("frame.u64({optional} ?? Date.now(), \"{name}\")"))
            }
            (Shape::Raw(length), Default::Fresh) => {
                self.imports.value("./values.js", "writeFresh");
                let length = *length;
                let written = format!("writeFresh(frame, {optional}, {length}, \"{name}\")");
                number(usize::try_from(length).unwrap_or_default(), written)
            }
            (Shape::Flag, _) => number(1, format!("frame.u8({optional} === true ? 1 : 0)")),
            (Shape::U32, _) => number(4, format!("frame.u32({name})")),
            (Shape::U64, _) => number(8, format!("frame.u64({name}, \"{name}\")")),
            (Shape::Bytes, _) => value(self.imports, "bytesBound", 0, format!("frame.bytes({name})")),
            (Shape::Text, _) => value(self.imports, "textBound", 0, format!("frame.text({name})")),
            (Shape::Octets, _) => {
                value(self.imports, "octetsBound", 0, format!("frame.octets({name}, \"{name}\")"))
            }
            (Shape::OptionalBytes, _) => {
                let written = format!("writeOptionalBytes(frame, {name})");
                self.imports.value("./values.js", "writeOptionalBytes");
                value(self.imports, "optionalBytesBound", 0, written)
            }
            (shape, _) => self.printed(&name, shape),
        }
    }

    /// What is turned into bytes before its length is known: by a function of `values.ts`.
    fn printed(&mut self, name: &str, shape: &Shape) -> Sent {
        let printer = match shape {
            Shape::Json => "printJson".to_owned(),
            Shape::List(item) => format!("print{}List", idiom::type_of(item)),
            other => format!("print{}", idiom::type_of(other)),
        };
        self.imports.value("./values.js", &printer);
        let printed = format!("printed{}", pascal(name));
        let mut prepared = String::new();
        let _ = write!(prepared, "const {printed} = {printer}({name}, \"{name}\")");
        Sent {
            prepared: Some(prepared),
            fixed: 0,
            bound: Some(format!("{printed}.bound")),
            written: format!("{printed}.write(frame)"),
        }
    }
}

fn is_option(argument: &Argument) -> bool {
    argument.default != Default::None || *argument.shape == Shape::Flag
}

/// `with_access` is the option `access`.
fn option(argument: &Argument) -> String {
    camel(argument.name.strip_prefix("with_").unwrap_or(argument.name))
}
