//! What every endpoint of the production address owns: its keys, and how it answers.

use alloc::vec::Vec;

use super::access_keys::AccessKeys;
use super::body_sign::BodySign;
use super::freshness::Window;
use super::result::{Credentials, ResultForm, ResultTable};
use super::{Context, Reply, Ring};
use crate::answer::Answer;
use crate::config::{Problems, Table};
use crate::crypto::KeyLength;

/// Where dialects differ in what a setting means when it is absent.
#[derive(Debug, Clone, Copy)]
pub(super) struct BaseDefaults {
    pub(super) window_ms: Option<u64>,
    pub(super) encrypts_credentials: bool,
    /// Calls carry contact data that the access key encrypts.
    pub(super) has_contact_data: bool,
    pub(super) results: ResultTable,
}

/// Keys, window and answers of one route.
#[derive(Debug)]
pub(super) struct Base {
    pub(super) keys: AccessKeys,
    pub(super) window: Window,
    pub(super) form: ResultForm,
}

impl Base {
    /// Reads `keys`, `window_ms`, `clock_allowance_ms`, `sign_answers`, `body_sign_blank`, `encrypt_credentials`, and
    /// `cipher` (`aes-256`, `aes-128`) where anything is encrypted. `None` without a cipher that there is.
    pub(super) fn read(
        table: &mut Table<'_>,
        defaults: BaseDefaults,
        problems: &mut Problems,
    ) -> Option<Self> {
        let secrets = AccessKeys::read(table, problems);
        let window = Window::read(table, defaults.window_ms, problems);
        let body_sign = BodySign::read(table, problems);
        let encrypts = Credentials::read(table, defaults.encrypts_credentials, problems);
        let length = if encrypts || defaults.has_contact_data {
            let ciphers = [("aes-256", KeyLength::Aes256), ("aes-128", KeyLength::Aes128)];
            table.choice("cipher", &ciphers, problems)?
        } else {
            KeyLength::Aes256
        };
        let credentials = if encrypts { Credentials::Encrypted(length) } else { Credentials::Plain };
        let form = ResultForm { table: defaults.results, credentials, body_sign };
        Some(Self { keys: AccessKeys::new(secrets, length), window, form })
    }

    /// The answer to a call, signed and encrypted with the key that authenticated it; to a call that no key
    /// authenticated, signed with the first one.
    pub(super) fn answer(&self, context: Option<Context>, reply: &Reply) -> Answer {
        self.form.write(reply, self.keys.answering(context))
    }

    pub(super) fn rings(&self) -> Vec<Ring<'_>> {
        Vec::from([Ring { name: AccessKeys::NAME, secrets: self.keys.secrets() }])
    }
}
