//! The table of operations, its description and its frames, held against each other and against a recorded conversation.

use countersign_core::ReasonCode;
use countersign_core::abi::describe::{Operation, Receiver, Shape};
use countersign_core::abi::{self, CallError, Dispatcher, FRAME_VERSION, OPERATIONS, operation};
use countersign_core::frame::{FrameError, FrameReader};
use countersign_core::wire::hex;
use serde_json::Value;

/// Operation, request and answer, in their order.
fn conversation() -> Vec<(u32, Vec<u8>, Vec<u8>)> {
    let text = include_str!("../../../tests/vectors/frames.json");
    let document: Value = serde_json::from_str(text).unwrap();
    let bytes = |value: &Value| hex::decode(value.as_str().unwrap().as_bytes()).unwrap();
    let exchanges = document["exchanges"].as_array().unwrap().iter();
    let number = |value: &Value| u32::try_from(value.as_u64().unwrap()).unwrap();
    exchanges.map(|one| (number(&one["operation"]), bytes(&one["request"]), bytes(&one["answer"]))).collect()
}

fn described(number: u32) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|one| one.number == number)
}

fn is_success(answer: &[u8]) -> bool {
    answer.get(2..4) == Some(&[0, 0])
}

/// A dispatcher in which the seller of the conversation is open.
fn dispatcher() -> Dispatcher {
    let mut dispatcher = Dispatcher::new();
    let (number, request, answer) = conversation().swap_remove(0);
    assert_eq!((number, dispatcher.call(number, &request)), (operation::OPEN, answer));
    dispatcher
}

fn error(answer: &[u8]) -> CallError {
    abi::answer::<()>(answer).unwrap_err()
}

/// Passes over one value.
fn pass(shape: &Shape, frame: &mut FrameReader<'_>) -> Result<(), FrameError> {
    match shape {
        Shape::Nothing => Ok(()),
        Shape::Flag => {
            if frame.u8()? <= 1 {
                Ok(())
            } else {
                Err(FrameError)
            }
        }
        Shape::U16 => frame.u16().map(drop),
        Shape::U32 => frame.u32().map(drop),
        Shape::U64 | Shape::Deadline => frame.u64().map(drop),
        Shape::Text => frame.text().map(drop),
        Shape::Json => match frame.text()? {
            "" => Ok(()), // an outcome without an answer
            text => serde_json::from_str::<Value>(text).map(drop).map_err(|_| FrameError),
        },
        Shape::Bytes | Shape::Octets | Shape::OptionalBytes => frame.bytes().map(drop),
        Shape::Raw(length) => frame.raw(usize::try_from(*length).unwrap()).map(drop),
        Shape::Optional(inner) => match frame.u8()? {
            0 => Ok(()),
            1 => pass(inner, frame),
            _ => Err(FrameError),
        },
        Shape::List(item) => (0..frame.count()?).try_for_each(|_| pass(item, frame)),
        Shape::Pair(first, second) => pass(first, frame).and_then(|()| pass(second, frame)),
        Shape::Struct(one) => one.fields.iter().try_for_each(|field| pass(field.shape, frame)),
        Shape::Enum(one) => {
            let number = frame.u8()?;
            let variant = one.variants.iter().find(|variant| variant.number == number).ok_or(FrameError)?;
            variant.fields.iter().try_for_each(|field| pass(field.shape, frame))
        }
    }
}

#[test]
fn the_recorded_conversation_is_held_again_byte_for_byte() {
    let mut dispatcher = Dispatcher::new();
    for (at, (number, request, answer)) in conversation().into_iter().enumerate() {
        assert_eq!(hex::encode(&dispatcher.call(number, &request)), hex::encode(&answer), "exchange {at}");
    }
}

#[test]
fn every_operation_is_heard_in_the_conversation_and_succeeds_there() {
    let conversation = conversation();
    for operation in OPERATIONS {
        let heard =
            conversation.iter().any(|(number, _, answer)| *number == operation.number && is_success(answer));
        assert!(heard, "{}: a line is missing in bindings/schema/src/conversation.rs", operation.name);
    }
}

#[test]
fn numbers_and_names_are_given_once_and_frames_name_every_argument() {
    for (at, one) in OPERATIONS.iter().enumerate() {
        let others = OPERATIONS.iter().skip(at + 1);
        assert!(
            others.clone().all(|other| other.number != one.number && other.name != one.name),
            "{}",
            one.name
        );
        let mut framed: Vec<&str> = one.in_frame().map(|argument| argument.name).collect();
        let mut taken: Vec<&str> = one.arguments.iter().map(|argument| argument.name).collect();
        framed.sort_unstable();
        taken.sort_unstable();
        assert_eq!(framed, taken, "{}", one.name);
    }
}

#[test]
fn the_description_of_each_frame_is_true_to_its_last_byte() {
    for (number, request, answer) in conversation() {
        let Some(operation) = described(number) else { continue };
        let mut frame = FrameReader::new(request.get(8..).unwrap());
        for argument in operation.in_frame() {
            assert_eq!(pass(argument.shape, &mut frame), Ok(()), "{}.{}", operation.name, argument.name);
        }
        assert_eq!(frame.end(), Ok(()), "{}", operation.name);
        if is_success(&answer) {
            let mut frame = FrameReader::new(answer.get(4..).unwrap());
            assert_eq!(pass(operation.output, &mut frame), Ok(()), "{}", operation.name);
            assert_eq!(frame.end(), Ok(()), "{}", operation.name);
        }
    }
}

/// A request of each operation, for a seller that is open.
fn requests() -> Vec<(&'static Operation, Vec<u8>)> {
    let conversation = conversation();
    let request = |operation: &Operation| {
        let found =
            conversation.iter().find(|(number, _, answer)| *number == operation.number && is_success(answer));
        found.map(|(_, request, _)| request.clone()).unwrap()
    };
    OPERATIONS.iter().map(|operation| (operation, request(operation))).collect()
}

#[test]
fn a_frame_that_ends_early_or_goes_on_is_malformed_for_every_operation() {
    let mut dispatcher = dispatcher();
    for (operation, request) in requests() {
        for end in 0..request.len() {
            let answer = dispatcher.call(operation.number, request.get(..end).unwrap());
            assert_eq!(error(&answer), ReasonCode::MalformedFrame.into(), "{} cut at {end}", operation.name);
        }
        let longer = [request.as_slice(), &[0]].concat();
        let answer = dispatcher.call(operation.number, &longer);
        assert_eq!(error(&answer), ReasonCode::MalformedFrame.into(), "{} with a byte more", operation.name);
    }
}

#[test]
fn a_length_beyond_the_frame_is_malformed_for_every_operation() {
    let mut dispatcher = dispatcher();
    for (operation, request) in requests() {
        // Wherever a length may stand, and everywhere else: never more than an error.
        for at in 8..request.len().saturating_sub(3) {
            let mut lying = request.clone();
            lying.get_mut(at..at + 4).unwrap().fill(0xff);
            let answer = dispatcher.call(operation.number, &lying);
            assert_eq!(answer.get(..2), Some(&FRAME_VERSION.to_le_bytes()[..]), "{} at {at}", operation.name);
        }
        let mut frame = FrameReader::new(request.get(8..).unwrap());
        for argument in operation.in_frame() {
            let at = request.len() - rest(&frame);
            if matches!(
                argument.shape,
                Shape::Text | Shape::Bytes | Shape::Json | Shape::Octets | Shape::List(_)
            ) {
                let mut lying = request.clone();
                lying.get_mut(at..at + 4).unwrap().fill(0xff);
                let answer = dispatcher.call(operation.number, &lying);
                let (name, argument) = (operation.name, argument.name);
                assert_eq!(error(&answer), ReasonCode::MalformedFrame.into(), "{name}.{argument}");
            }
            pass(argument.shape, &mut frame).unwrap();
        }
    }
}

/// The bytes that are left.
fn rest(frame: &FrameReader<'_>) -> usize {
    let mut rest = *frame;
    std::iter::from_fn(|| rest.u8().ok()).count()
}

#[test]
fn an_operation_of_a_seller_needs_one_that_is_open() {
    for (operation, mut request) in requests() {
        request.get_mut(4..8).unwrap().copy_from_slice(&77_u32.to_le_bytes());
        let answer = dispatcher().call(operation.number, &request);
        let needs = operation.receiver == Receiver::Seller || operation.number == operation::CLOSE;
        assert_eq!(!is_success(&answer), needs, "{}", operation.name);
        if needs {
            assert_eq!(error(&answer), ReasonCode::UnknownSeller.into(), "{}", operation.name);
        }
    }
}

#[test]
fn a_number_that_no_operation_has_is_unknown() {
    let (_, request, _) = conversation().swap_remove(2);
    let mut dispatcher = dispatcher();
    for number in (0..=255).chain([u32::MAX]).filter(|number| described(*number).is_none()) {
        assert_eq!(
            error(&dispatcher.call(number, &request)),
            ReasonCode::UnknownOperation.into(),
            "{number}"
        );
    }
}
