//! What an identity centre makes of an answer.

use super::Centre;
use crate::check::{Checked, Complaint, Rejected};
use crate::{Fields, HttpResponse};
use serde_json::Value;

/// The codes of the documents.
const CODES: &[&str] = &["200", "400", "401", "404", "500"];
/// The longest `message`, in characters.
const MESSAGE_LIMIT: usize = 255;
/// The longest id, in characters.
const ID_LIMIT: usize = 50;

impl Centre<'_> {
    /// Checks an answer: code and status are one, `data` opens in the centre's own layout and is exactly `{"id":"…"}`
    /// where the event needs an id, and a refusal carries none.
    ///
    /// # Errors
    /// [`Rejected`] with all complaints: content type, JSON, code, status, message, data.
    pub fn check(&self, event_type: &str, response: &HttpResponse) -> Result<Checked, Rejected> {
        let mut complaints = Vec::new();
        let content_type = response.header("Content-Type");
        if content_type.is_none_or(|kind| !kind.starts_with("application/json")) {
            complaints.push(Complaint::ContentType { got: content_type.map(str::to_owned) });
        }
        let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(&response.body) else {
            complaints.push(Complaint::NotJson);
            return Err(Rejected { result_code: None, complaints });
        };
        let code = members.get("code").and_then(Value::as_str).unwrap_or_default().to_owned();
        if !CODES.contains(&code.as_str()) {
            complaints.push(Complaint::UnknownResultCode { got: code.clone() });
        }
        if response.status.to_string() != code {
            complaints.push(Complaint::StatusOfCode { got: response.status, code: code.clone() });
        }
        let message = members.get("message").and_then(Value::as_str).map(str::to_owned);
        match message.as_deref().map(|message| message.chars().count()) {
            None | Some(0) => complaints.push(Complaint::Missing { field: "message".to_owned() }),
            Some(got) if got > MESSAGE_LIMIT => {
                complaints.push(Complaint::TooLong {
                    field: "message".to_owned(),
                    limit: MESSAGE_LIMIT,
                    got,
                });
            }
            Some(_) => {}
        }
        let account_id = self.id(event_type, &code, &members, &mut complaints);
        if !complaints.is_empty() {
            return Err(Rejected { result_code: Some(code), complaints });
        }
        Ok(Checked {
            result_code: code,
            result_msg: message,
            instance_id: None,
            license: None,
            account_id,
            app_info: None,
            instances: Vec::new(),
            raw: response.body.clone(),
        })
    }

    /// The answer with its data opened, where they open: two answers that say the same have not one ciphertext.
    #[must_use]
    pub fn opened(&self, mut response: HttpResponse) -> HttpResponse {
        let Ok(Value::Object(mut members)) = serde_json::from_slice::<Value>(&response.body) else {
            return response;
        };
        let data = members.get("data").and_then(Value::as_str).and_then(|data| self.open(data));
        if let Some(data) = data {
            members.insert("data".to_owned(), data.into());
            response.body = Value::Object(members).to_string().into_bytes();
        }
        response
    }

    fn id(
        &self,
        event_type: &str,
        code: &str,
        members: &Fields,
        complaints: &mut Vec<Complaint>,
    ) -> Option<String> {
        let has_id = event_type.starts_with("CREATE_") || event_type.starts_with("UPDATE_");
        let field = || "data".to_owned();
        match (members.get("data"), code == "200" && has_id) {
            (None, false) => None,
            (None, true) => {
                complaints.push(Complaint::Missing { field: field() });
                None
            }
            (Some(_), false) => {
                complaints.push(Complaint::Needless { field: field() });
                None
            }
            (Some(data), true) => {
                let text = data.as_str().and_then(|data| self.open(data));
                let id =
                    text.as_deref().and_then(|text| text.strip_prefix(r#"{"id":""#)?.strip_suffix("\"}"));
                let id = id.filter(|id| !id.is_empty() && id.chars().count() <= ID_LIMIT);
                if id.is_none() {
                    complaints.push(Complaint::DataUnreadable);
                }
                id.map(str::to_owned)
            }
        }
    }
}
