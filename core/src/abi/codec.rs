//! How each type stands in a frame. Writing and reading stand side by side: hosts in Rust read what the core wrote.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::describe::{Describe, Enum, Field, Shape, Struct, Variant, described_field};
use crate::admit::{Admitted, Refusal, Verdict};
use crate::answer::Answer;
use crate::config::Problem;
use crate::detail::{Detail, DetailValue};
use crate::event::Event;
use crate::frame::{FrameError, FrameReader, FrameWriter};
use crate::ledger::{
    AccessUpdate, Admission, Alarm, Answered, Assignment, Change, Decision, DirectoryKeys, Due, DueWork,
    Effect, Export, Import, Outcome, Row, Settled, Settlement, Settling, Stored, Unreadable, Write,
};
use crate::reason::{Reason, ReasonCode};

/// Goes into a frame.
pub trait Encode {
    /// Appends the fields.
    fn encode(&self, frame: &mut FrameWriter);
}

/// Comes out of a frame.
pub trait Decode: Sized {
    /// Takes the fields.
    ///
    /// # Errors
    /// [`FrameError`] when they are not there.
    fn decode(frame: &mut FrameReader<'_>) -> Result<Self, FrameError>;
}

/// A struct is its fields in order: what is read, and how it is described. Writing is by hand.
///
/// `field as name` is a field that other languages know by another name; `field: json` one whose text is JSON,
/// `field: deadline` a time that may be never, and the members of `field: flat` stand in its place in an object.
macro_rules! read_fields {
    ($name:ident { $($field:ident $(as $known:ident)? $(: $kind:ident)?),* }) => {
        impl Decode for $name {
            fn decode(frame: &mut FrameReader<'_>) -> Result<Self, FrameError> {
                Ok(Self { $($field: Decode::decode(frame)?),* })
            }
        }
        impl Describe for $name {
            const SHAPE: &'static Shape = &Shape::Struct(Struct {
                name: stringify!($name),
                fields: &[$(described_field!(
                    $field $([$known])? $($kind)?, |all: &Self| Some(&all.$field)
                )),*],
            });
        }
    };
}

/// The same with writing.
macro_rules! fields {
    ($name:ident { $($field:ident $(as $known:ident)? $(: $kind:ident)?),* }) => {
        impl Encode for $name {
            fn encode(&self, frame: &mut FrameWriter) {
                $(self.$field.encode(frame);)*
            }
        }
        read_fields!($name { $($field $(as $known)? $(: $kind)?),* });
    };
}

/// An enum is one byte for the variant, then the variant's value. `as` gives it the name under which other languages know
/// it; `by` is the member that names the variant there. A value without fields of its own has the name in parentheses.
macro_rules! variants {
    ($name:ident $(as $known:ident)? $(by $tag:ident)? {
        $($number:literal: $variant:ident
            $(($inner:ident $(: $inner_kind:ident)?))?
            $({$($field:ident $(: $kind:ident)?),*})?),*
    }) => {
        impl Encode for $name {
            fn encode(&self, frame: &mut FrameWriter) {
                match self {
                    $(Self::$variant $(($inner))? $({$($field),*})? => {
                        frame.u8($number);
                        $($inner.encode(frame);)?
                        $($($field.encode(frame);)*)?
                    })*
                }
            }
        }
        impl Decode for $name {
            fn decode(frame: &mut FrameReader<'_>) -> Result<Self, FrameError> {
                Ok(match frame.u8()? {
                    $($number => {
                        $(let $inner = Decode::decode(frame)?;)?
                        $($(let $field = Decode::decode(frame)?;)*)?
                        Self::$variant $(($inner))? $({$($field),*})?
                    })*
                    _ => return Err(FrameError),
                })
            }
        }
        impl Describe for $name {
            const SHAPE: &'static Shape = &Shape::Enum(Enum {
                name: variants!(@name $name $($known)?),
                tag: concat!($(stringify!($tag))?),
                variants: &[$(Variant {
                    number: $number,
                    name: stringify!($variant),
                    fields: &[
                        $(described_field!($inner $($inner_kind)?, |one: &Self| match one {
                            Self::$variant($inner) => Some($inner),
                            _ => None,
                        }))?
                        $($(described_field!($field $($kind)?, |one: &Self| match one {
                            Self::$variant { $field, .. } => Some($field),
                            _ => None,
                        })),*)?
                    ],
                }),*],
            });
        }
    };
    (@name $name:ident) => { stringify!($name) };
    (@name $name:ident $known:ident) => { stringify!($known) };
}

/// Lists of everything but bytes, which are a byte string.
macro_rules! lists {
    ($($item:ty),*) => {
        $(impl Encode for Vec<$item> {
            fn encode(&self, frame: &mut FrameWriter) {
                $crate::abi::encode_list(self, frame);
            }
        }
        impl Decode for Vec<$item> {
            fn decode(frame: &mut FrameReader<'_>) -> Result<Self, FrameError> {
                (0..frame.count()?).map(|_| Decode::decode(frame)).collect()
            }
        }
        impl Describe for Vec<$item> {
            const SHAPE: &'static Shape = &Shape::List(<$item as Describe>::SHAPE);
        })*
    };
}

pub(crate) use {fields, lists, read_fields, variants};

fields!(Answer { status, headers, body });
fields!(Stored { bytes, version });
fields!(Row { key, value });
fields!(Write { key, expect, change: flat });
fields!(Alarm { code, instance, tenant });
fields!(Effect { id, product, path, dialect, body: json });
fields!(Assignment { work, effect, instance, order, attempt, commit, answer_by, give_up_at, alarms });
fields!(Answered { answer, instance, commit, reason, alarms });
fields!(Settled { answer, instance, commit, effect as settling, promoted, reason, alarms });
fields!(Due { works, unreadable, next_at });
fields!(DueWork { key, product, path, dialect, instance, order, at, sends, accepted });
fields!(Unreadable { key, reason });
fields!(DirectoryKeys { tenant, prefixes });
fields!(Refusal { reason, product, answer, authenticated, dialect });
read_fields!(Admitted { dialect, product, test, event, keys, admission, answer_by });
variants!(Verdict by verdict { 1: Admitted(admitted: flat), 2: Refused(refusal: flat) });
variants!(Change by change { 1: Check, 2: Put { bytes, expires_at }, 3: Delete });
variants!(Decision by decision {
    1: Need { keys },
    2: Wait { keys, until },
    3: Answer(answered: flat),
    4: Ask(question: flat),
    5: Perform(work: flat)
});
variants!(Settlement by settlement { 1: Need { keys }, 2: Settled(settled: flat) });
variants!(Settling { 1: Ended, 2: Owed, 3: Asked, 4: Repeated, 5: Superseded, 6: Unknown });
variants!(Outcome by kind {
    1: Done(answer: json),
    2: Accepted,
    3: Refused { code, message },
    4: Failed,
    5: Running
});
variants!(AccessUpdate by update { 1: Need { keys }, 2: Commit(commit), 3: Unknown });
variants!(Import by import { 1: Need { keys }, 2: Commit(commit), 3: Unchanged, 4: Refused { problems } });
variants!(Export by export { 1: Line { instance: json, owed }, 2: Unopened });

impl Encode for () {
    fn encode(&self, _frame: &mut FrameWriter) {}
}

impl Decode for () {
    fn decode(_frame: &mut FrameReader<'_>) -> Result<Self, FrameError> {
        Ok(())
    }
}

macro_rules! numbers {
    ($($number:ident),*) => {
        $(impl Encode for $number {
            fn encode(&self, frame: &mut FrameWriter) {
                frame.$number(*self);
            }
        }
        impl Decode for $number {
            fn decode(frame: &mut FrameReader<'_>) -> Result<Self, FrameError> {
                frame.$number()
            }
        })*
    };
}

numbers!(u16, u32, u64);

impl Encode for bool {
    fn encode(&self, frame: &mut FrameWriter) {
        frame.u8(u8::from(*self));
    }
}

impl Decode for bool {
    fn decode(frame: &mut FrameReader<'_>) -> Result<Self, FrameError> {
        Ok(frame.u8()? == 1)
    }
}

impl Encode for String {
    fn encode(&self, frame: &mut FrameWriter) {
        frame.bytes(self.as_bytes());
    }
}

impl Decode for String {
    fn decode(frame: &mut FrameReader<'_>) -> Result<Self, FrameError> {
        frame.text().map(ToString::to_string)
    }
}

impl Encode for alloc::borrow::Cow<'static, str> {
    fn encode(&self, frame: &mut FrameWriter) {
        frame.bytes(self.as_bytes());
    }
}

impl Decode for alloc::borrow::Cow<'static, str> {
    fn decode(frame: &mut FrameReader<'_>) -> Result<Self, FrameError> {
        String::decode(frame).map(Self::Owned)
    }
}

impl Encode for Vec<u8> {
    fn encode(&self, frame: &mut FrameWriter) {
        frame.bytes(self);
    }
}

impl Decode for Vec<u8> {
    fn decode(frame: &mut FrameReader<'_>) -> Result<Self, FrameError> {
        frame.bytes().map(<[u8]>::to_vec)
    }
}

impl<T: Encode> Encode for alloc::boxed::Box<T> {
    fn encode(&self, frame: &mut FrameWriter) {
        T::encode(self, frame);
    }
}

impl<T: Decode> Decode for alloc::boxed::Box<T> {
    fn decode(frame: &mut FrameReader<'_>) -> Result<Self, FrameError> {
        T::decode(frame).map(Self::new)
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, frame: &mut FrameWriter) {
        frame.u8(u8::from(self.is_some()));
        if let Some(value) = self {
            value.encode(frame);
        }
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(frame: &mut FrameReader<'_>) -> Result<Self, FrameError> {
        match frame.u8()? {
            0 => Ok(None),
            1 => T::decode(frame).map(Some),
            _ => Err(FrameError),
        }
    }
}

lists!(String, Row, Write, Alarm, DueWork, Unreadable, Problem, Detail, (String, String));

/// A list from borrowed items.
pub(crate) fn encode_list<T: Encode>(items: &[T], frame: &mut FrameWriter) {
    frame.count(items.len());
    for item in items {
        item.encode(frame);
    }
}

impl Encode for [Row] {
    fn encode(&self, frame: &mut FrameWriter) {
        encode_list(self, frame);
    }
}

impl Encode for (String, String) {
    fn encode(&self, frame: &mut FrameWriter) {
        self.0.encode(frame);
        self.1.encode(frame);
    }
}

impl Decode for (String, String) {
    fn decode(frame: &mut FrameReader<'_>) -> Result<Self, FrameError> {
        Ok((Decode::decode(frame)?, Decode::decode(frame)?))
    }
}

impl Encode for Reason {
    fn encode(&self, frame: &mut FrameWriter) {
        frame.u16(self.code.number());
        self.field.encode(frame);
        encode_list(&self.details, frame);
    }
}

impl Decode for Reason {
    fn decode(frame: &mut FrameReader<'_>) -> Result<Self, FrameError> {
        let number = frame.u16()?;
        let code = ReasonCode::ALL.iter().find(|code| code.number() == number).ok_or(FrameError)?;
        Ok(Self { code: *code, field: Decode::decode(frame)?, details: Decode::decode(frame)? })
    }
}

impl Describe for Reason {
    const SHAPE: &'static Shape = &Shape::Struct(Struct {
        name: "Reason",
        fields: &[
            Field { name: "number", shape: &Shape::U16, is_flat: false },
            described_field!(field, |reason: &Self| Some(&reason.field)),
            described_field!(details, |reason: &Self| Some(&reason.details)),
        ],
    });
}

/// The name, then 1 and a number from zero, 2 and the size of one below zero, or 3 and a text.
impl Encode for Detail {
    fn encode(&self, frame: &mut FrameWriter) {
        frame.bytes(self.name().as_bytes());
        match self.value() {
            DetailValue::Number(number) => {
                frame.u8(if number < 0 { 2 } else { 1 }).u64(number.unsigned_abs());
            }
            DetailValue::Text(text) => {
                frame.u8(3).bytes(text.as_bytes());
            }
        }
    }
}

impl Decode for Detail {
    fn decode(frame: &mut FrameReader<'_>) -> Result<Self, FrameError> {
        let name = frame.text()?;
        let number = |size: u64| i64::try_from(size).map_err(|_| FrameError);
        let value = match frame.u8()? {
            1 => DetailValue::Number(number(frame.u64()?)?),
            2 => DetailValue::Number(number(frame.u64()?)?.saturating_neg()),
            3 => DetailValue::Text(frame.text()?),
            _ => return Err(FrameError),
        };
        Self::from_parts(name, value).ok_or(FrameError)
    }
}

impl Describe for Detail {
    const SHAPE: &'static Shape = &Shape::Struct(Struct {
        name: "Detail",
        fields: &[
            Field { name: "name", shape: &Shape::Text, is_flat: false },
            Field { name: "value", shape: DETAIL_VALUE, is_flat: false },
        ],
    });
}

const DETAIL_VALUE: &Shape = &Shape::Enum(Enum {
    name: "DetailValue",
    tag: "kind",
    variants: &[
        Variant { number: 1, name: "Number", fields: &[SIZE] },
        Variant { number: 2, name: "Negative", fields: &[SIZE] },
        Variant {
            number: 3,
            name: "Text",
            fields: &[Field { name: "text", shape: &Shape::Text, is_flat: false }],
        },
    ],
});

const SIZE: Field = Field { name: "size", shape: &Shape::U64, is_flat: false };

/// The admission holds the event as it is written here: it is not printed twice.
impl Encode for Admitted {
    fn encode(&self, frame: &mut FrameWriter) {
        self.dialect.encode(frame);
        self.product.encode(frame);
        self.test.encode(frame);
        match Admission::event_text(&self.admission) {
            Ok(event) => {
                frame.bytes(event);
            }
            Err(FrameError) => self.event.encode(frame),
        }
        self.keys.encode(frame);
        self.admission.encode(frame);
        self.answer_by.encode(frame);
    }
}

impl Encode for Problem {
    fn encode(&self, frame: &mut FrameWriter) {
        self.path.encode(frame);
        frame.bytes(self.code.as_bytes());
        self.message.encode(frame);
    }
}

impl Decode for Problem {
    fn decode(frame: &mut FrameReader<'_>) -> Result<Self, FrameError> {
        let path = Decode::decode(frame)?;
        let code = frame.text()?;
        let code = Self::CODES.into_iter().find(|known| *known == code).ok_or(FrameError)?;
        Ok(Self { path, code, message: Decode::decode(frame)? })
    }
}

impl Describe for Problem {
    const SHAPE: &'static Shape = &Shape::Struct(Struct {
        name: "Problem",
        fields: &[
            described_field!(path, |problem: &Self| Some(&problem.path)),
            described_field!(code, |problem: &Self| Some(&problem.code)),
            described_field!(message, |problem: &Self| Some(&problem.message)),
        ],
    });
}

impl Encode for Event {
    fn encode(&self, frame: &mut FrameWriter) {
        frame.bytes(self.to_json().as_bytes());
    }
}

impl Decode for Event {
    fn decode(frame: &mut FrameReader<'_>) -> Result<Self, FrameError> {
        Self::from_json(frame.bytes()?).ok_or(FrameError)
    }
}

impl Describe for Event {
    const SHAPE: &'static Shape = &Shape::Json;
}
