//! What stands in a frame, as data: from it the codecs of other languages are written. Nothing here is linked into a
//! module, which only ever reads and writes.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// How a value stands in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// No byte.
    Nothing,
    /// One byte: 1 is true.
    Flag,
    /// Two bytes.
    U16,
    /// Four bytes.
    U32,
    /// Eight bytes.
    U64,
    /// Eight bytes: milliseconds, UTC; the largest number means never.
    Deadline,
    /// A length of four bytes, then UTF-8.
    Text,
    /// A length of four bytes, then JSON text.
    Json,
    /// A length of four bytes, then as many.
    Bytes,
    /// As bytes; what HTTP carries, which some languages have as texts with one character for each byte.
    Octets,
    /// So many bytes without a length.
    Raw(u32),
    /// One byte: 0, or 1 and the value.
    Optional(&'static Self),
    /// A byte string that is empty where there is none.
    OptionalBytes,
    /// A count of four bytes, then the values.
    List(&'static Self),
    /// One value, then the other.
    Pair(&'static Self, &'static Self),
    /// Its fields in order.
    Struct(Struct),
    /// One byte for the variant, then its fields in order.
    Enum(Enum),
}

/// A struct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Struct {
    /// Unique among structs and enums.
    pub name: &'static str,
    /// In the order of the frame.
    pub fields: &'static [Field],
}

/// An enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enum {
    /// Unique among structs and enums.
    pub name: &'static str,
    /// The member that names the variant where an object stands for the value; empty where a name alone does, since no
    /// variant has fields.
    pub tag: &'static str,
    /// By number.
    pub variants: &'static [Variant],
}

/// One variant of an enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variant {
    /// The byte.
    pub number: u8,
    /// As in Rust: `OutOfTime`.
    pub name: &'static str,
    /// In the order of the frame.
    pub fields: &'static [Field],
}

/// A field of a struct or of a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// As a member of an object.
    pub name: &'static str,
    /// How it stands there.
    pub shape: &'static Shape,
    /// In an object its members stand in its place.
    pub is_flat: bool,
}

/// One operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// Its number.
    pub number: u32,
    /// As in Rust: `body_limit`.
    pub name: &'static str,
    /// Sentences for whoever calls it.
    pub about: &'static str,
    /// Whose handle stands in the head of the request.
    pub receiver: Receiver,
    /// In the order in which they are read best.
    pub arguments: &'static [Argument],
    /// The names of the arguments in the order of the frame; empty where it is the same.
    pub framed: &'static [&'static str],
    /// What a success has after its head.
    pub output: &'static Shape,
}

/// Whose handle an operation needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    /// It opens or closes a seller.
    Sellers,
    /// That of an open seller.
    Seller,
    /// Nobody's: it is not looked at.
    Module,
}

/// One argument of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// How it stands in the frame.
    pub shape: &'static Shape,
    /// What a caller may leave out.
    pub default: Default,
}

/// Where an argument comes from that a caller leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// It may not be left out.
    None,
    /// The clock.
    Clock,
    /// The generator of random bytes.
    Fresh,
}

impl Operation {
    /// The arguments in the order of the frame.
    pub fn in_frame(&self) -> impl Iterator<Item = &Argument> {
        let named = self.framed.iter().filter_map(|name| self.arguments.iter().find(|one| one.name == *name));
        let all: &[Argument] = if self.framed.is_empty() { self.arguments } else { &[] };
        all.iter().chain(named)
    }
}

/// Says how it stands in a frame.
pub trait Describe {
    /// How.
    const SHAPE: &'static Shape;
}

/// The shape of the field that `_field` gives: the compiler knows its type, so that nobody has to repeat it.
pub(crate) const fn shape_of<S, T: Describe>(_field: fn(&S) -> Option<&T>) -> &'static Shape {
    T::SHAPE
}

macro_rules! shapes {
    ($($type:ty => $shape:expr;)*) => {
        $(impl Describe for $type {
            const SHAPE: &'static Shape = &$shape;
        })*
    };
}

shapes! {
    () => Shape::Nothing;
    bool => Shape::Flag;
    u16 => Shape::U16;
    u32 => Shape::U32;
    u64 => Shape::U64;
    String => Shape::Text;
    &'static str => Shape::Text;
    Cow<'static, str> => Shape::Text;
    Vec<u8> => Shape::Bytes;
    (String, String) => Shape::Pair(&Shape::Text, &Shape::Text);
}

impl<T: Describe> Describe for Box<T> {
    const SHAPE: &'static Shape = T::SHAPE;
}

impl<T: Describe> Describe for Option<T> {
    const SHAPE: &'static Shape = &Shape::Optional(T::SHAPE);
}

/// A field by the name that other languages give it, and its shape by the kind that stands behind it, or by its type.
macro_rules! described_field {
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $known:ident) => { stringify!($known) };
    (@shape $of:expr) => { $crate::abi::describe::shape_of($of) };
    (@shape $of:expr, flat) => { $crate::abi::describe::shape_of($of) };
    (@shape $of:expr, json) => { &$crate::abi::describe::Shape::Json };
    (@shape $of:expr, deadline) => { &$crate::abi::describe::Shape::Deadline };
    (@flat flat) => { true };
    (@flat $($kind:ident)?) => { false };
    ($field:ident $([$known:ident])? $($kind:ident)?, $of:expr) => {
        $crate::abi::describe::Field {
            name: described_field!(@name $field $($known)?),
            shape: described_field!(@shape $of $(, $kind)?),
            is_flat: described_field!(@flat $($kind)?),
        }
    };
}

pub(crate) use described_field;
