//! The kinds of arguments that the [table](super::table) names: one line in each of these macros.

/// What a caller has.
#[macro_export]
#[doc(hidden)]
macro_rules! argument {
    (Bytes) => { &[u8] };
    (Json) => { &[u8] };
    (Octets) => { &[u8] };
    (OptionalBytes) => { Option<&[u8]> };
    (Text) => { &str };
    (Flag) => { bool };
    (Time) => { u64 };
    (Entropy) => { &[u8; 32] };
    (RequestId) => { &[u8; 16] };
    (Request) => { &$crate::Request<'_> };
    ([Bytes]) => { &[&[u8]] };
    ([$item:ident]) => { &[$crate::abi::values::$item] };
    ($value:ident) => { &$crate::abi::values::$value };
}

/// What comes out of a frame.
macro_rules! taken {
    (Bytes) => { &[u8] };
    (Json) => { &[u8] };
    (Octets) => { &[u8] };
    (OptionalBytes) => { Option<&[u8]> };
    (Text) => { &str };
    (Flag) => { bool };
    (Time) => { u64 };
    (Entropy) => { [u8; 32] };
    (RequestId) => { [u8; 16] };
    (Request) => { $crate::abi::argument::Arriving<'_> };
    ([Bytes]) => { ::alloc::vec::Vec<&[u8]> };
    ([$item:ident]) => { ::alloc::vec::Vec<$crate::abi::values::$item> };
    ($value:ident) => { $crate::abi::values::$value };
}

/// The same as the core's own function takes it.
macro_rules! lent {
    ($taken:ident: Entropy) => {
        &$taken
    };
    ($taken:ident: RequestId) => {
        &$taken
    };
    ($taken:ident: Request) => {
        &$taken.request()
    };
    ($taken:ident: [$item:ident]) => {
        &$taken
    };
    ($taken:ident: Row) => {
        &$taken
    };
    ($taken:ident: Outcome) => {
        &$taken
    };
    ($taken:ident: $other:ident) => {
        $taken
    };
}

/// How it stands in a frame.
macro_rules! shape {
    (Bytes) => {
        &Shape::Bytes
    };
    (Json) => {
        &Shape::Json
    };
    (Octets) => {
        &Shape::Octets
    };
    (OptionalBytes) => {
        &Shape::OptionalBytes
    };
    (Text) => {
        &Shape::Text
    };
    (Flag) => {
        &Shape::Flag
    };
    (Time) => {
        &Shape::U64
    };
    (Entropy) => {
        &Shape::Raw(32)
    };
    (RequestId) => {
        &Shape::Raw(16)
    };
    (Request) => {
        <$crate::Request<'static> as Describe>::SHAPE
    };
    ([$item:ident]) => {
        &Shape::List(shape!($item))
    };
    ($value:ident) => {
        <$crate::abi::values::$value as Describe>::SHAPE
    };
}

/// What stands there when a caller leaves it out.
macro_rules! left_out {
    (Time) => {
        Default::Clock
    };
    (Entropy) => {
        Default::Fresh
    };
    (RequestId) => {
        Default::Fresh
    };
    ($other:tt) => {
        Default::None
    };
}

pub(super) use {left_out, lent, shape, taken};
