//! The platform's limits, each said once (KooGallery access guides V1.0 and V2.0). Characters where nothing else is said.

/// The message beside a result code.
pub(crate) const MESSAGE: usize = 255;
/// An instance id.
pub(crate) const INSTANCE_ID: usize = 64;
/// An address of the access data, of usage, of a test.
pub(crate) const URL: usize = 512;
/// A credential as it goes out, be it in plain text or encrypted.
pub(crate) const CREDENTIAL: usize = 128;
/// A memo.
pub(crate) const MEMO: usize = 1_024;
/// The ids of one query.
pub(crate) const IDS_PER_QUERY: usize = 100;
/// A text that becomes part of a ledger key, bytes. OURS: the platform's own ids are far shorter.
pub(crate) const KEY_BYTES: usize = 128;

/// Whether later calls can name an instance by this id: a query joins ids by commas and trims them, and a key takes so many
/// bytes.
pub(crate) fn is_instance_id(id: &str) -> bool {
    !id.is_empty()
        && id.trim() == id
        && id.len() <= KEY_BYTES
        && id.chars().count() <= INSTANCE_ID
        && id.chars().all(|letter| letter != ',' && !letter.is_control())
}

/// Whether we may give an instance this id: printable ASCII alone, which every system on the way passes on unchanged.
pub(crate) fn serves_as_instance_id(id: &str) -> bool {
    is_instance_id(id) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The text of a licence that is issued for an order, bytes. OURS: the documents state none.
pub(crate) const LICENSE_BYTES: usize = 65_536;

/// The text of a licence that is asked for by itself, the name of its file, and that of a test, characters.
pub(crate) const LICENSE_TEXT: usize = 1_024;

/// The file of a licence as Base64, characters: 135 KiB of content.
pub(crate) const LICENSE_FILE: usize = 184_320;

#[cfg(test)]
mod tests {
    use super::{is_instance_id, serves_as_instance_id};
    use std::string::String;

    #[test]
    fn an_instance_id_can_be_named_by_later_calls() {
        for id in ["a", "03pf-8c", "实例", "a b", &"x".repeat(64), &"编".repeat(42)] {
            assert!(is_instance_id(id), "{id}");
        }
        let long = [String::from("x").repeat(65), String::from("编").repeat(43)];
        for id in ["", " a", "a ", "a,b", "a\n", "\u{7f}", &long[0], &long[1]] {
            assert!(!is_instance_id(id) && !serves_as_instance_id(id), "{id:?}");
        }
        assert!(
            serves_as_instance_id("03pf-8c")
                && !serves_as_instance_id("a b")
                && !serves_as_instance_id("实例")
        );
    }
}
