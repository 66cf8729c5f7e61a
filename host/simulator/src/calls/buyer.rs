//! Who buys.

use crate::crypto::contact::{self, ContactError, Strength};
use crate::crypto::{AccessKey, base64};
use crate::{Entropy, Fields, json};

/// A buyer of the marketplace. Nobody real: everything is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buyer {
    /// The account id: 32 hex digits.
    pub customer_id: String,
    /// The account name; blanks, `+` and characters beyond ASCII occur.
    pub customer_name: String,
    /// A mobile number without country code.
    pub mobile_phone: String,
    /// A mail address under a domain that never resolves.
    pub email: String,
}

/// Contact data as a V1 request carries them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Encrypted.
    pub mobile_phone: String,
    /// Encrypted.
    pub email: String,
}

impl Buyer {
    /// Draws a buyer.
    pub fn draw(entropy: &mut Entropy) -> Self {
        let names = ["测试 user+1", "云海 科技", "Moon & Sons", "hw_cloud 01", "杭州 一百% 软件"];
        let name = entropy.pick(&names).copied().unwrap_or_default();
        let account = entropy.text(b"abcdefghijklmnopqrstuvwxyz", 6);
        Self {
            customer_id: entropy.account_id(),
            customer_name: format!("{name} {account}"),
            mobile_phone: format!("186{}", entropy.text(b"0123456789", 8)),
            email: format!("{account}@buyer.invalid"),
        }
    }

    /// Encrypts the contact data for one request, each under its own IV.
    ///
    /// # Errors
    /// None that drawn values can meet; see [`contact::encrypt`].
    pub fn contact(
        &self,
        key: &AccessKey,
        strength: Strength,
        entropy: &mut Entropy,
    ) -> Result<Contact, ContactError> {
        let mut encrypted = |text: &str| {
            let iv = entropy.text(contact::IV_ALPHABET, 16);
            contact::encrypt(key, strength, &iv, text)
        };
        Ok(Contact { mobile_phone: encrypted(&self.mobile_phone)?, email: encrypted(&self.email)? })
    }
}

/// What a buyer filled in at the order: Base64 of a JSON array of `{"name": …, "value": …}`.
#[must_use]
pub fn extend_params(pairs: &[(&str, &str)]) -> String {
    let objects: Vec<String> = pairs
        .iter()
        .map(|(name, value)| {
            let pair: Fields = [("name", *name), ("value", *value)]
                .map(|(name, value)| (name.to_owned(), value.into()))
                .into_iter()
                .collect();
            json::compact(&pair)
        })
        .collect();
    base64(format!("[{}]", objects.join(",")).as_bytes())
}
