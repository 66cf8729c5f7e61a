//! What a queryInstance lists: `info`.

use super::app_info::{self, AppInfo, Cipher, RawMemos, URL_LIMIT};
use super::{Complaint, INSTANCE_ID_LIMIT, Reader};
use serde_json::Value;

/// One listed instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its id.
    pub instance_id: String,
    /// Its access data, decrypted.
    pub app_info: Option<AppInfo>,
    /// Its usage, one entry per metered thing.
    pub usage: Vec<Usage>,
}

/// One entry of `usageInfo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// For a package: the on-demand instance that this usage belongs to.
    pub related_instance_id: Option<String>,
    /// Usage or remaining deduction, as written: at most 12 digits, 4 of them decimals.
    pub usage_value: String,
    /// When it was counted: UTC `yyyyMMddHHmmssSSS`.
    pub statistical_time: String,
    /// Where the buyer sees it.
    pub dashboard_url: Option<String>,
}

pub(super) fn read(
    reader: &mut Reader<'_>,
    cipher: &Cipher<'_>,
    raw_memos: &RawMemos<'_>,
    mandatory: bool,
) -> Vec<Instance> {
    let listed = reader.objects("info");
    if mandatory && listed.as_ref().is_none_or(Vec::is_empty) {
        reader.complaints.push(Complaint::Missing { field: "info[0].instanceId".to_owned() });
    }
    let mut instances = Vec::new();
    for (index, (at, members)) in listed.unwrap_or_default().into_iter().enumerate() {
        let mut entry = Reader { members: &members, at, complaints: reader.complaints };
        let instance_id = entry.text("instanceId", INSTANCE_ID_LIMIT, true);
        let app_info = app_info::read(&mut entry, cipher, raw_memos.instance(index), false);
        let usage = usage(&mut entry);
        instances.extend(instance_id.map(|instance_id| Instance { instance_id, app_info, usage }));
    }
    instances
}

fn usage(reader: &mut Reader<'_>) -> Vec<Usage> {
    let mut usage = Vec::new();
    for (at, members) in reader.objects("usageInfo").unwrap_or_default() {
        let mut entry = Reader { members: &members, at, complaints: reader.complaints };
        let related_instance_id = entry.text("relatedInstanceId", INSTANCE_ID_LIMIT, false);
        let usage_value = usage_value(&mut entry);
        let statistical_time = statistical_time(&mut entry);
        let dashboard_url = entry.text("dashboardUrl", URL_LIMIT, false);
        if let (Some(usage_value), Some(statistical_time)) = (usage_value, statistical_time) {
            usage.push(Usage { related_instance_id, usage_value, statistical_time, dashboard_url });
        }
    }
    usage
}

/// A number, or a text that is one: the table says `Double(12,4)`.
fn usage_value(reader: &mut Reader<'_>) -> Option<String> {
    let written = match reader.members.get("usageValue") {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => {
            reader.complaints.push(Complaint::Missing { field: reader.path("usageValue") });
            return None;
        }
        Some(_) => String::new(),
    };
    if !is_amount(&written) {
        reader.complaints.push(Complaint::UsageValue { field: reader.path("usageValue"), got: written });
        return None;
    }
    Some(written)
}

/// At most 12 digits, at most 4 of them after the point.
fn is_amount(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits =
        |part: &str, limit| (1..=limit).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    digits(whole, 8) && digits(decimals, 4)
}

fn statistical_time(reader: &mut Reader<'_>) -> Option<String> {
    let text = reader.text("statisticalTime", 20, true)?;
    if text.len() != 17 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        reader
            .complaints
            .push(Complaint::StatisticalTime { field: reader.path("statisticalTime"), got: text });
        return None;
    }
    Some(text)
}
