//! Times: what is read is a day that exists, and is written as it was.

#![no_main]

use countersign_core::wire::time::{
    LAST, format_14, format_17, format_rfc3339, parse_13, parse_14, parse_17, parse_expiry,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, u64, i16)| {
    let (text, time, zone) = input;
    if let Ok(read) = parse_17(text, zone) {
        assert!(read <= LAST);
        assert_eq!(format_17(read, zone), text);
        assert_eq!(parse_expiry(text, zone), Ok(read / 1_000 * 1_000));
    }
    if let Ok(read) = parse_14(text, zone) {
        assert!(read <= LAST && read % 1_000 == 0);
        assert_eq!(format_14(read, zone), text);
        assert_eq!(parse_expiry(text, zone), Ok(read));
        assert_eq!(parse_17(&format!("{text}000"), zone), Ok(read));
    }
    match parse_13(text) {
        Ok(read) => assert_eq!(format!("{read:013}"), text),
        Err(_) => assert!(text.len() != 13 || text.bytes().any(|byte| !byte.is_ascii_digit())),
    }
    written(time, zone);
});

fn written(time: u64, zone: i16) {
    let long = format_17(time, zone);
    assert_eq!((long.len(), format_rfc3339(time).len()), (17, 24));
    assert_eq!(long.get(..14), Some(&*format_14(time, zone)));
    // A day away from both ends, no zone of the earth leaves the years that can be written.
    let day = 86_400_000;
    if (day..LAST - day).contains(&time) && (-1_440..=1_440).contains(&zone) {
        assert_eq!(parse_17(&long, zone), Ok(time));
    }
}
