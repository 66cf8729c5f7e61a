//! One vector: an object of texts.

use serde_json::{Value, json};

/// Reads members, and stops at the first that is not there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vector<'a>(pub(super) &'a Value);

impl<'a> Vector<'a> {
    pub(super) fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(self, name: &str) -> &'a str {
        self.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("no text `{name}` in {}", self.0))
    }

    /// A text that is none in a refused vector.
    pub(super) fn error(self) -> Option<String> {
        self.get("error").map(|_| self.text("error").to_string())
    }

    pub(super) fn bytes(self, name: &str) -> &'a [u8] {
        self.text(name).as_bytes()
    }

    /// Bytes that stand as hexadecimal digits.
    pub(super) fn hex(self, name: &str) -> Vec<u8> {
        let text = self.text(name);
        let digit = |at: usize| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let bytes: Option<Vec<u8>> = (0..text.len()).step_by(2).map(digit).collect();
        bytes.unwrap_or_else(|| panic!("no digits `{name}` in {}", self.0))
    }

    /// Texts, joined.
    pub(super) fn joined(self, name: &str) -> Vec<u8> {
        let parts = self.get(name).and_then(Value::as_array);
        let parts = parts.unwrap_or_else(|| panic!("no list `{name}` in {}", self.0));
        parts.iter().map(|part| part.as_str().expect("a text")).collect::<String>().into_bytes()
    }

    /// A number, as primitives take it.
    pub(super) fn number(self, name: &str) -> Vec<u8> {
        let number = self.get(name).and_then(Value::as_number);
        number.unwrap_or_else(|| panic!("no number `{name}` in {}", self.0)).to_string().into_bytes()
    }

    /// Gives a route the settings of the vector.
    pub(super) fn set_on(self, route: &mut Value) {
        for (name, value) in self.0["settings"].as_object().expect("settings are an object") {
            route[name] = value.clone();
        }
    }

    /// The admission of the call that the vector holds.
    pub(super) fn admission(self, target: &str) -> Value {
        json!({
            "op": "admit",
            "request": {
                "method": "POST",
                "target": target,
                "headers": self.0["headers"],
                "body": self.0["body"],
            },
            "now": self.0["now"],
            "request_id": "00".repeat(16),
        })
    }
}
