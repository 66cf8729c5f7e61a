//! The activities of licences that are issued: for an order (License 1.0), or for a device (online activation).

use super::set;
use crate::Fields;

/// The same call of SaaS 1.0 in the words of License 1.0; `None` for one that it does not have.
#[must_use]
pub fn in_words_of_license_v1(mut fields: Fields) -> Option<Fields> {
    let activity = match fields.get("activity").and_then(serde_json::Value::as_str)? {
        "newInstance" => "getLicense",
        "refreshInstance" => "refreshLicense",
        "expireInstance" => "expireLicense",
        "releaseInstance" => "releaseLicense",
        _ => return None,
    };
    fields.insert("activity".to_owned(), activity.into());
    for name in ["mobilePhone", "email", "trialFlag", "orderAmount"] {
        fields.shift_remove(name);
    }
    Some(fields)
}

/// getLicenseAsync: a licence for one device.
#[must_use]
pub fn get_license_async(instance_id: &str, event: &str, device: &str) -> Fields {
    let mut fields = Fields::new();
    set(&mut fields, "activity", "getLicenseAsync");
    set(&mut fields, "instanceId", instance_id);
    set(&mut fields, "effectiveTime", "2026-01-01 00:00:00 z");
    set(&mut fields, "expireTime", "2099-12-31 23:59:59 z");
    set(&mut fields, "eventId", event);
    set(&mut fields, "deviceFingerprint", device);
    fields
}
