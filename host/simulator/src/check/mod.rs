//! One answer in; what it says, or everything that is wrong with it, out.
//!
//! | Rule | Where it comes from |
//! |---|---|
//! | HTTP status 200, `Content-Type: application/json` | V1 questions page: any other status is a failure |
//! | `Body-Sign`, spelt exactly so: the platform compares the name case-sensitively | V1 questions page |
//! | `sign_type="HMAC-SHA256", signature= "…"` with the quotes, over the exact body, MAC key is the access key alone | V1 sample code |
//! | the blank after `signature=` may be missing: both spellings are in use | implementers |
//! | `resultCode` out of the dialect's table, only 000000 while debugging | result code pages, V1 questions page |
//! | lengths in characters: message 255, instance id 64, URLs 512, credentials 128 as ciphertext, memo 1024 | response tables |
//! | V1: credentials decrypt under `encryptType`, an absent one means 1; V2: plain text unless `encryptType` says otherwise | response tables |
//! | V1: `memo` writes characters beyond ASCII as `\uXXXX` | V1 newInstance response table |
//! | `usageInfo` holds `usageValue` (at most 12 digits, 4 of them decimals) and `statisticalTime` (17 digits) | queryInstance page |

mod app_info;
mod body_sign;
mod complaint;
mod instances;

pub use app_info::{AppInfo, CREDENTIAL_LIMIT, MEMO_LIMIT, URL_LIMIT};
pub use complaint::Complaint;
pub use instances::{Instance, Usage};

use crate::http::HttpResponse;
use crate::{AccessKey, Dialect, Fields};
use serde_json::Value;

/// The longest `resultMsg`, in characters.
pub const RESULT_MSG_LIMIT: usize = 255;
/// The longest `instanceId`, in characters.
pub const INSTANCE_ID_LIMIT: usize = 64;

/// What the platform knows about the call that is being answered.
#[derive(Clone, Copy, Debug)]
pub struct CheckInput<'a> {
    /// The callback protocol.
    pub dialect: Dialect,
    /// The access key of the route, also when the call was signed under a wrong one.
    pub key: &'a AccessKey,
    /// The `activity` that was sent.
    pub activity: &'a str,
    /// Whether the call was sent by the debugger (`testFlag` 1).
    pub debugging: bool,
}

/// An answer without complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The result code: 6 digits out of the dialect's table.
    pub result_code: String,
    /// The message, if there is one.
    pub result_msg: Option<String>,
    /// The instance id of a newInstance.
    pub instance_id: Option<String>,
    /// The licence of a getLicense.
    pub license: Option<String>,
    /// The id that an identity centre got.
    pub account_id: Option<String>,
    /// The access data of a V1 newInstance, decrypted.
    pub app_info: Option<AppInfo>,
    /// What a queryInstance lists, in its order.
    pub instances: Vec<Instance>,
    /// The exact body.
    pub raw: Vec<u8>,
}

/// An answer with complaints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The result code, as far as one could be read.
    pub result_code: Option<String>,
    /// Everything that is wrong, in the order in which the platform would meet it; at least one.
    pub complaints: Vec<Complaint>,
}

/// Checks an answer as the platform would.
///
/// # Errors
/// [`Rejected`] with all complaints: status, content type, `Body-Sign`, JSON, result code, members, lengths, credentials.
pub fn check(input: &CheckInput<'_>, response: &HttpResponse) -> Result<Checked, Rejected> {
    let mut complaints = Vec::new();
    envelope(response, &mut complaints);
    body_sign::check(input, response, &mut complaints);
    let Some(members) = body(response, &mut complaints) else {
        return Err(Rejected { result_code: None, complaints });
    };
    let mut reader = Reader { members: &members, at: String::new(), complaints: &mut complaints };

    let result_code = result_code(input, &mut reader);
    let required =
        (input.dialect.rules().required)(input.activity, result_code.as_deref().unwrap_or_default());
    let result_msg = reader.text("resultMsg", RESULT_MSG_LIMIT, false);
    let instance_id = reader.text("instanceId", INSTANCE_ID_LIMIT, required.instance_id);
    let license = reader.text("license", usize::MAX, required.license);
    let cipher = app_info::Cipher::of(input, &mut reader);
    let raw_memos = app_info::RawMemos::of(input.dialect, &response.body);
    let app_info = app_info::read(&mut reader, &cipher, raw_memos.own(), required.front_end_url);
    let instances = instances::read(&mut reader, &cipher, &raw_memos, required.info);

    match result_code {
        Some(result_code) if complaints.is_empty() => Ok(Checked {
            result_code,
            result_msg,
            instance_id,
            license,
            account_id: None,
            app_info,
            instances,
            raw: response.body.clone(),
        }),
        result_code => Err(Rejected { result_code, complaints }),
    }
}

fn envelope(response: &HttpResponse, complaints: &mut Vec<Complaint>) {
    if response.status != 200 {
        complaints.push(Complaint::Status { got: response.status });
    }
    let content_type = response.header("Content-Type");
    let media_type = content_type.map(|text| text.split(';').next().unwrap_or_default().trim());
    if !media_type.is_some_and(|media_type| media_type.eq_ignore_ascii_case("application/json")) {
        complaints.push(Complaint::ContentType { got: content_type.map(str::to_owned) });
    }
}

fn body(response: &HttpResponse, complaints: &mut Vec<Complaint>) -> Option<Fields> {
    match serde_json::from_slice(&response.body) {
        Ok(Value::Object(members)) => Some(members),
        Ok(_) => {
            complaints.push(Complaint::NotAnObject { field: String::new() });
            None
        }
        Err(_) => {
            complaints.push(Complaint::NotJson);
            None
        }
    }
}

fn result_code(input: &CheckInput<'_>, reader: &mut Reader<'_>) -> Option<String> {
    let code = reader.text("resultCode", 6, true)?;
    if !input.dialect.result_codes().contains(&code.as_str()) {
        reader.complaints.push(Complaint::UnknownResultCode { got: code.clone() });
    }
    if input.debugging && code != "000000" {
        reader.complaints.push(Complaint::NoSuccessWhileDebugging { got: code.clone() });
    }
    Some(code)
}

/// Reads the members of one object and complains with their full path, `info[0].appInfo.frontEndUrl`.
struct Reader<'a> {
    members: &'a Fields,
    at: String,
    complaints: &'a mut Vec<Complaint>,
}

impl Reader<'_> {
    fn path(&self, name: &str) -> String {
        if self.at.is_empty() { name.to_owned() } else { format!("{}.{name}", self.at) }
    }

    /// A text of at most `limit` characters. `null` counts as absent; a mandatory text must not be empty.
    fn text(&mut self, name: &str, limit: usize, mandatory: bool) -> Option<String> {
        let text = match self.members.get(name) {
            None | Some(Value::Null) => {
                if mandatory {
                    self.complaints.push(Complaint::Missing { field: self.path(name) });
                }
                return None;
            }
            Some(Value::String(text)) => text,
            Some(_) => {
                self.complaints.push(Complaint::NotAText { field: self.path(name) });
                return None;
            }
        };
        if mandatory && text.is_empty() {
            self.complaints.push(Complaint::Missing { field: self.path(name) });
        }
        let got = text.chars().count();
        if got > limit {
            self.complaints.push(Complaint::TooLong { field: self.path(name), limit, got });
        }
        Some(text.clone())
    }

    /// The reader of a nested object.
    fn object(&mut self, name: &str) -> Option<Reader<'_>> {
        match self.members.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::Object(members)) => {
                Some(Reader { members, at: self.path(name), complaints: self.complaints })
            }
            Some(_) => {
                self.complaints.push(Complaint::NotAnObject { field: self.path(name) });
                None
            }
        }
    }

    /// The objects of an array, each with its path. `None` when there is no array.
    fn objects(&mut self, name: &str) -> Option<Vec<(String, Fields)>> {
        let path = self.path(name);
        let values = match self.members.get(name) {
            None | Some(Value::Null) => return None,
            Some(Value::Array(values)) => values,
            Some(_) => {
                self.complaints.push(Complaint::NotAnArray { field: path });
                return None;
            }
        };
        let mut objects = Vec::new();
        for (index, value) in values.iter().enumerate() {
            let at = format!("{path}[{index}]");
            match value {
                Value::Object(members) => objects.push((at, members.clone())),
                _ => self.complaints.push(Complaint::NotAnObject { field: at }),
            }
        }
        Some(objects)
    }
}
