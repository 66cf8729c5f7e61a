//! Whose works they are. Every subject has a row of its own, which holds the lane of its works: the works of one subject are
//! carried out in order, those of different subjects side by side.

use alloc::string::{String, ToString};

use super::key::{self, Space};
use super::row::codec::{MemberReader, ObjectWriter, Record, record};

/// Whose works they are. The product stands beside it: it comes before every id in a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// An instance, by its id.
    Instance(String),
    /// What the backend is told of a tenant under one instance; without instance where the seller tests.
    Tenant { tenant: String, instance: String },
    /// An account of the identity centre, by its id.
    Account(String),
    /// An organisation of the identity centre, by its id.
    Organization(String),
    /// An order of which the platform sent a notice.
    Order(String),
}

impl Subject {
    /// The name of its kind, as rows say it.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Instance(_) => "instance",
            Self::Tenant { .. } => "tenant",
            Self::Account(_) => "account",
            Self::Organization(_) => "organization",
            Self::Order(_) => "order",
        }
    }

    /// The id within its kind: the `subject` of a CloudEvent.
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Instance(id) | Self::Account(id) | Self::Organization(id) | Self::Order(id) => id,
            Self::Tenant { tenant, .. } => tenant,
        }
    }

    /// The instance that it is about; empty where it is about none.
    pub(crate) fn instance(&self) -> &str {
        match self {
            Self::Instance(instance) | Self::Tenant { instance, .. } => instance,
            Self::Account(_) | Self::Organization(_) | Self::Order(_) => "",
        }
    }

    /// The tenant that it is about; empty where it is about none.
    pub(crate) fn tenant(&self) -> &str {
        match self {
            Self::Tenant { tenant, .. } => tenant,
            Self::Instance(_) | Self::Account(_) | Self::Organization(_) | Self::Order(_) => "",
        }
    }

    /// The key of its row.
    pub(crate) fn key(&self, product: &str) -> String {
        match self {
            Self::Instance(id) => key::instance(Space::Production, product, id),
            Self::Tenant { tenant, instance } => key::tenant(product, tenant, instance),
            Self::Account(id) => key::account(product, id),
            Self::Organization(id) => key::organization(product, id),
            Self::Order(id) => key::notice(product, id),
        }
    }
}

record! {
    /// A subject that is no instance, as it stands in a row.
    OtherSubject {
        kind: String,
        id: String,
        [sparse] instance: Option<String>,
    }
}

/// Under `instance` the id of an instance, as rows have always had it; under `subject` any other subject. So a version that
/// knows instances alone finds no instance in a work that is not theirs, and leaves it alone.
impl Record for Subject {
    fn write_members(&self, object: &mut ObjectWriter<'_>) {
        if let Self::Instance(id) = self {
            return object.member(self.name(), id);
        }
        let instance = Some(self.instance().to_string()).filter(|instance| !instance.is_empty());
        let other = OtherSubject { kind: self.name().to_string(), id: self.id().to_string(), instance };
        object.member("subject", &other);
    }

    fn read_members(members: &MemberReader<'_>) -> Option<Self> {
        let Some(OtherSubject { kind, id, instance }) = members.sparse_member("subject")? else {
            return members.member("instance").map(Self::Instance);
        };
        match kind.as_str() {
            "tenant" => Some(Self::Tenant { tenant: id, instance: instance.unwrap_or_default() }),
            "account" => Some(Self::Account(id)),
            "organization" => Some(Self::Organization(id)),
            "order" => Some(Self::Order(id)),
            _ => None,
        }
    }

    fn knows(name: &str) -> bool {
        matches!(name, "instance" | "subject")
    }
}

#[cfg(test)]
mod tests {
    use super::Subject;
    use crate::ledger::row::codec::Field;
    use crate::wire::json;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    fn subjects() -> [(Subject, &'static str, &'static str); 5] {
        let tenant =
            |instance: &str| Subject::Tenant { tenant: "t".to_string(), instance: instance.to_string() };
        [
            (Subject::Instance("a".to_string()), r#"{"instance":"a"}"#, "instance/crm/a"),
            (tenant("a"), r#"{"subject":{"kind":"tenant","id":"t","instance":"a"}}"#, "tenant/crm/t/a"),
            (tenant(""), r#"{"subject":{"kind":"tenant","id":"t"}}"#, "tenant/crm/t/"),
            (
                Subject::Account("u".to_string()),
                r#"{"subject":{"kind":"account","id":"u"}}"#,
                "account/crm/u",
            ),
            (Subject::Order("o".to_string()), r#"{"subject":{"kind":"order","id":"o"}}"#, "notice/crm/o"),
        ]
    }

    fn read(text: &str) -> Option<Subject> {
        Subject::read(&json::read_own(text.as_bytes()).unwrap().value())
    }

    #[test]
    fn every_subject_has_a_row_and_comes_back_from_those_of_its_works() {
        for (subject, text, key) in subjects() {
            let mut written = Vec::new();
            subject.write(&mut written);
            assert_eq!(String::from_utf8(written).unwrap(), text);
            assert_eq!(read(text), Some(subject.clone()));
            assert_eq!(subject.key("crm"), key);
        }
    }

    #[test]
    fn a_subject_that_this_version_does_not_know_is_none() {
        for text in [
            "{}",
            r#"{"instance":7}"#,
            r#"{"subject":"t"}"#,
            r#"{"subject":{"kind":"tenant"}}"#,
            r#"{"instance":"a","subject":{"kind":"later","id":"t"}}"#,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
