//! Where the next byte of a kind stands, eight bytes at a time: most of what is read and written is plain text between
//! two such bytes.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Stands behind the end of a text in its last word; no kind has it.
const FILL: u8 = b'a';

/// The first byte that may not stand in a JSON string as it is (RFC 8259 §7): a quote, a backslash, anything below
/// U+0020.
pub(crate) fn json_special(text: &[u8]) -> Option<usize> {
    first(text, |word| equal(word, b'"') | equal(word, b'\\') | below_blank(word))
}

/// The first of two bytes.
pub(crate) fn either(text: &[u8], one: u8, other: u8) -> Option<usize> {
    first(text, |word| equal(word, one) | equal(word, other))
}

/// What stands before the first such byte, and what behind it if there is one.
pub(crate) fn split(text: &[u8], at: u8) -> (&[u8], Option<&[u8]>) {
    let found = first(text, |word| equal(word, at)).and_then(|position| text.split_at_checked(position));
    match found {
        Some((before, rest)) => (before, rest.get(1..)),
        None => (text, None),
    }
}

/// `marks` sets the highest bit of every byte of the kind. It may set it for bytes above such a byte too, never for one
/// below: the lowest mark is exact.
fn first(text: &[u8], marks: impl Fn(u64) -> u64) -> Option<usize> {
    let (words, rest) = text.as_chunks();
    let mut at = 0_usize;
    let inside = |word: &[u8; 8], at: usize| {
        let found = marks(u64::from_le_bytes(*word));
        (found != 0).then(|| at.wrapping_add((found.trailing_zeros() >> 3) as usize))
    };
    for word in words {
        if let Some(found) = inside(word, at) {
            return Some(found);
        }
        at = at.wrapping_add(8);
    }
    let mut last = [FILL; 8];
    for (slot, byte) in last.iter_mut().zip(rest) {
        *slot = *byte;
    }
    inside(&last, at)
}

const fn equal(word: u64, byte: u8) -> u64 {
    let zero = word ^ ONES.wrapping_mul(byte as u64);
    zero.wrapping_sub(ONES) & !zero & HIGHS
}

const fn below_blank(word: u64) -> u64 {
    word.wrapping_sub(ONES.wrapping_mul(0x20)) & !word & HIGHS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_scan_finds_what_a_plain_search_finds(
            text in proptest::collection::vec(prop_oneof![Just(b'a'), Just(b'"'), Just(0x1f), any::<u8>()], 0..40),
        ) {
            let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
            prop_assert_eq!(json_special(&text), text.iter().position(special));
            prop_assert_eq!(either(&text, b'%', b'+'), text.iter().position(|byte| matches!(byte, b'%' | b'+')));
            let mut halves = text.splitn(2, |byte| *byte == b'"');
            prop_assert_eq!(split(&text, b'"'), (halves.next().unwrap(), halves.next()));
        }
    }

    #[test]
    fn every_byte_at_every_place_is_told_apart() {
        for byte in 0..=u8::MAX {
            for place in 0..17 {
                let mut text = [b'b'; 17];
                text[place] = byte;
                let special = matches!(byte, b'"' | b'\\' | 0..0x20);
                assert_eq!(json_special(&text), special.then_some(place), "{byte} at {place}");
            }
        }
    }
}
