//! The signature over an answer, the same in every dialect whose answers are signed.

use alloc::format;
use alloc::string::{String, ToString};

use super::access_keys::AccessKey;
use crate::answer::Answer;
use crate::config::{Problems, Table};
use crate::wire::base64;

/// How answers are signed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodySign {
    /// Sends `Body-Sign`. V2: documents contradict each other; sending satisfies both.
    pub(crate) sends: bool,
    /// A blank after `signature=`, as the documents print it.
    blank: bool,
}

impl BodySign {
    /// Reads `sign_answers` and `body_sign_blank`.
    pub(super) fn read(table: &mut Table<'_>, problems: &mut Problems) -> Self {
        Self {
            sends: table.flag("sign_answers", true, problems),
            blank: table.flag("body_sign_blank", true, problems),
        }
    }

    /// Puts the header on an answer that is complete.
    pub(super) fn sign(&self, key: Option<&AccessKey>, answer: &mut Answer) {
        if let Some(key) = key.filter(|_| self.sends) {
            let value = self.value(key, &answer.body);
            answer.headers.push(("Body-Sign".to_string(), value));
        }
    }

    /// The value of `Body-Sign`: Base64 of HMAC-SHA256 under the access key alone over the exact body bytes, both values
    /// in double quotes, a blank after `signature=` (KooGallery access guide V1, response signature).
    fn value(&self, key: &AccessKey, body: &[u8]) -> String {
        let blank = if self.blank { " " } else { "" };
        format!("sign_type=\"HMAC-SHA256\", signature={blank}\"{}\"", base64::encode(&key.mac.mac(&[body])))
    }
}
