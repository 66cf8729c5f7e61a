//! What comes of the [table](super::table) by itself: numbers, requests, and the description.

use alloc::vec::Vec;

use super::argument::Give as _;
use super::describe::{Argument, Default, Describe, Operation, Receiver, Shape};
use super::kind::{left_out, shape};

macro_rules! receiver {
    (sellers) => {
        Receiver::Sellers
    };
    (seller) => {
        Receiver::Seller
    };
    (module) => {
        Receiver::Module
    };
}

macro_rules! output {
    ($output:ty) => {
        <$output as Describe>::SHAPE
    };
    ($output:ty, Json) => {
        &Shape::Json
    };
}

/// `$then!` over the arguments in the order of the frame.
macro_rules! in_frame {
    ($then:ident $with:ident [$($argument:ident)*] []) => { $($then!($argument $with);)* };
    ($then:ident $with:ident [$($argument:ident)*] [$($framed:ident)+]) => { $($then!($framed $with);)+ };
}

pub(super) use in_frame;

macro_rules! give {
    ($argument:ident $frame:ident) => {
        $argument.give(&mut $frame)
    };
}

macro_rules! made_of_the_table {
    ($(
        $(#[doc = $doc:literal])+
        $number:literal $constant:ident: $receiver:ident.$name:ident($($argument:ident: $kind:tt),*)
            $(framed ($($framed:ident),+))? -> $output:ty $(as $format:ident)?;
    )*) => {
        /// The numbers of the operations.
        pub mod operation {
            $($(#[doc = $doc])+ pub const $constant: u32 = $number;)*
        }

        /// The request of each operation. `seller` is the handle of an open seller; 0 for an operation that needs none.
        pub mod requests {
            use super::*;

            $(
                #[doc = concat!("The request of [`operation::", stringify!($constant), "`].")]
                #[must_use]
                pub fn $name(seller: u32, $($argument: $crate::argument!($kind)),*) -> Vec<u8> {
                    let mut frame = $crate::abi::request(seller);
                    in_frame!(give frame [$($argument)*] [$($($framed)+)?]);
                    frame.finish()
                }
            )*
        }

        /// Every operation, in the order of the table.
        pub const OPERATIONS: &[Operation] = &[$(
            Operation {
                number: $number,
                name: stringify!($name),
                about: concat!($($doc),+),
                receiver: receiver!($receiver),
                arguments: &[$(
                    Argument {
                        name: stringify!($argument),
                        shape: shape!($kind),
                        default: left_out!($kind),
                    }
                ),*],
                framed: &[$($(stringify!($framed)),+)?],
                output: output!($output $(, $format)?),
            }
        ),*];
    };
}

crate::operations!(made_of_the_table);
