//! What JavaScript has in another way than the frames: written by hand there, and named here.

use countersign_core::abi::describe::{Operation, Receiver, Shape};

/// A type that is read by hand.
pub(super) struct ByHand {
    /// In the description.
    pub(super) name: &'static str,
    /// In TypeScript.
    pub(super) known: &'static str,
    pub(super) reader: &'static str,
    pub(super) file: &'static str,
}

const BY_HAND: [ByHand; 3] = [
    // Its code and its message stand in a table, its details become members.
    ByHand { name: "Reason", known: "Reason", reader: "readReason", file: "./reason.js" },
    // Read when it is asked for.
    ByHand { name: "Verdict", known: "Verdict", reader: "readVerdict", file: "./verdict.js" },
    // One object for both variants.
    ByHand { name: "Export", known: "Exported", reader: "readExport", file: "./values.js" },
];

pub(super) fn by_hand(name: &str) -> Option<&'static ByHand> {
    BY_HAND.iter().find(|one| one.name == name)
}

/// A type that is read field by field: where each begins.
pub(super) const SOUGHT: &str = "Admitted";

/// Fields with a narrower type than their shape has.
pub(super) fn narrowed(owner: &str, field: &str) -> Option<&'static str> {
    match (owner, field) {
        ("FlowNote", "outcome") => Some("Outcome[\"kind\"]"),
        _ => None,
    }
}

/// What the JSON of an answer is.
pub(super) fn json(operation: &Operation) -> &'static str {
    match operation.name {
        "describe" => "SellerDescription",
        "view_instance" => "Record<string, unknown>",
        _ => "unknown",
    }
}

/// Whether it is a method of a seller.
pub(super) fn is_method(operation: &Operation) -> bool {
    operation.receiver != Receiver::Sellers && operation.name != "compute"
}

/// Where a type is declared.
pub(super) fn declared_in(name: &str) -> &'static str {
    match name {
        "Problem" => "./error.js",
        "Verdict" => "./verdict.js",
        "Exported" => "./values.js",
        _ => "./types.js",
    }
}

/// A type in TypeScript.
pub(super) fn type_of(shape: &Shape) -> String {
    match shape {
        Shape::Nothing => "void".into(),
        Shape::Flag => "boolean".into(),
        Shape::U16 | Shape::U32 | Shape::U64 | Shape::Deadline => "number".into(),
        Shape::Text | Shape::Json => "string".into(),
        Shape::Bytes | Shape::Raw(_) => "Uint8Array".into(),
        Shape::Octets => "string | Uint8Array".into(),
        Shape::Optional(inner) => format!("{} | null", type_of(inner)),
        Shape::OptionalBytes => "Uint8Array | null".into(),
        Shape::List(item) => format!("{}[]", type_of(item)),
        Shape::Pair(first, second) => format!("[{}, {}]", type_of(first), type_of(second)),
        Shape::Struct(one) => by_hand(one.name).map_or(one.name, |hand| hand.known).into(),
        Shape::Enum(one) => by_hand(one.name).map_or(one.name, |hand| hand.known).into(),
    }
}
