//! What stands in the fields of events: one table, from which events are read back and shown to people.

/// What a field holds, and how that stands in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A text; numbers of the call keep their digits in it.
    Text,
    /// Milliseconds since the epoch, UTC: a number.
    Millis,
    /// Yes or no.
    Flag,
    /// Texts in the order of the call.
    Texts,
    /// A value as the platform nests it, in a form of its own.
    Json,
    /// Records with fields of their own, in the order of the call.
    Records(&'static [EventField]),
}

/// Who may see a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Privacy {
    /// Whoever sees the event.
    Shown,
    /// A name that people give themselves, which may be a telephone number: hidden if it looks like one.
    Name,
    /// Data of a person, or a secret: the seller's application alone.
    Hidden,
}

/// One field of an event, or of a record in one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EventField {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) privacy: Privacy,
}

const fn shown(name: &'static str, shape: Shape) -> EventField {
    EventField { name, shape, privacy: Privacy::Shown }
}

const fn name(name: &'static str) -> EventField {
    EventField { name, shape: Shape::Text, privacy: Privacy::Name }
}

const fn hidden(name: &'static str, shape: Shape) -> EventField {
    EventField { name, shape, privacy: Privacy::Hidden }
}

/// The fields of all events. A name means the same wherever it stands.
pub(crate) static FIELDS: &[EventField] = &[
    shown("activity", Shape::Text),
    shown("adopted", Shape::Flag),
    shown("amount", Shape::Text),
    shown("app_id", Shape::Text),
    shown("band_width", Shape::Text),
    // Of members: whether their application and tenant are.
    shown("bound", Shape::Flag),
    shown("business_id", Shape::Text),
    shown("charging_mode", Shape::Text),
    shown("client_id", Shape::Text),
    // As it came: encrypted under the seller's public key.
    hidden("client_secret", Shape::Text),
    shown("code", Shape::Text),
    shown("current_sync_time", Shape::Text),
    shown("customer_id", Shape::Text),
    name("customer_name"),
    shown("departments", Shape::Records(DEPARTMENT)),
    shown("device_fingerprint", Shape::Text),
    shown("disk_size", Shape::Text),
    shown("domain_name", Shape::Text),
    shown("effective_time", Shape::Millis),
    hidden("email", Shape::Text),
    // Whose access ends by it.
    shown("end_sessions", Shape::Json),
    shown("event_id", Shape::Text),
    shown("event_type", Shape::Text),
    shown("expire_time", Shape::Millis),
    shown("flag", Shape::Text),
    shown("id", Shape::Text),
    shown("instance_id", Shape::Text),
    shown("instance_ids", Shape::Texts),
    // How the data of the call were encrypted.
    shown("layout", Shape::Text),
    shown("license", Shape::Text),
    // What an identity centre says of a person.
    hidden("message", Shape::Json),
    hidden("mobile_phone", Shape::Text),
    name("name"),
    // The hash functions of the padding under which client_secret was encrypted.
    shown("oaep", Shape::Text),
    shown("order_amount", Shape::Text),
    shown("order_id", Shape::Text),
    shown("order_line_id", Shape::Text),
    shown("period_number", Shape::Text),
    shown("period_type", Shape::Text),
    shown("phase", Shape::Text),
    // The id of an account that was deleted and is created anew.
    shown("previous_id", Shape::Text),
    shown("product_id", Shape::Text),
    shown("product_info", Shape::Json),
    shown("provision_type", Shape::Text),
    // What the buyer typed into the seller's form.
    hidden("saas_extend_params", Shape::Json),
    shown("scene", Shape::Text),
    shown("sku_code", Shape::Text),
    shown("status", Shape::Text),
    shown("tenant_code", Shape::Text),
    shown("tenant_id", Shape::Text),
    shown("test", Shape::Flag),
    shown("time_stamp", Shape::Text),
    shown("trial_flag", Shape::Text),
    shown("trial_to_formal", Shape::Text),
    shown("user_id", Shape::Text),
    name("user_name"),
    name("username"),
    shown("users", Shape::Records(USER)),
];

/// One of several users.
static USER: &[EventField] = &[
    hidden("email", Shape::Text),
    shown("employee_code", Shape::Text),
    shown("employee_type", Shape::Text),
    shown("enabled", Shape::Text),
    shown("entry_date", Shape::Text),
    hidden("extension", Shape::Json),
    hidden("mobile", Shape::Text),
    name("name"),
    shown("org_code", Shape::Text),
    shown("position", Shape::Text),
    shown("role", Shape::Text),
    name("user_name"),
    shown("work_place", Shape::Text),
];

/// One of several departments.
static DEPARTMENT: &[EventField] =
    &[shown("name", Shape::Text), shown("org_code", Shape::Text), shown("parent_code", Shape::Text)];

impl EventField {
    /// The row of a name in one of the tables.
    pub(crate) fn find(table: &'static [Self], name: &str) -> Option<&'static Self> {
        table.iter().find(|field| field.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::{EventField, FIELDS, Shape};

    fn is_ordered(table: &[EventField]) {
        for pair in table.windows(2) {
            assert!(pair[0].name < pair[1].name, "{}", pair[1].name);
        }
        for field in table {
            if let Shape::Records(table) = field.shape {
                is_ordered(table);
            }
        }
    }

    #[test]
    fn every_name_stands_once_in_order() {
        is_ordered(FIELDS);
    }
}
