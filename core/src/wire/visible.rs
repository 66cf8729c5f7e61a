//! Characters that nobody sees, and that copying leaves behind.

/// Whether a character takes no place of its own on a screen: controls, line and paragraph separators, zero-width
/// characters and joiners, marks of direction, the byte order mark, the soft hyphen, fillers, variation selectors, tags
/// (Unicode `Default_Ignorable_Code_Point`, and the controls).
pub(crate) fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}
