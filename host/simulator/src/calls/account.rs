//! The six events of an identity centre.

use super::set;
use crate::Fields;
use serde_json::Value;

/// What an event tells of a user or an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// CREATE_USER: the name of the account, and that of the person.
    CreateUser(&'static str, &'static str),
    /// UPDATE_USER, about the account of that name: the name of the person, and whether it is disabled.
    UpdateUser(&'static str, &'static str, bool),
    /// DELETE_USER, about the account of that name.
    DeleteUser(&'static str),
    /// CREATE_ORGANIZATION: code and name.
    CreateOrganization(&'static str, &'static str),
    /// UPDATE_ORGANIZATION, about the organization of that code: its name.
    UpdateOrganization(&'static str, &'static str),
    /// DELETE_ORGANIZATION, about the organization of that code.
    DeleteOrganization(&'static str),
    /// An event that the documents do not have, about the account of a name.
    Unknown(&'static str, &'static str),
}

impl Account {
    /// The event, as the documents spell it; two of their samples carry the blank behind it.
    #[must_use]
    pub fn event_type(self) -> &'static str {
        match self {
            Self::CreateUser(..) => "CREATE_USER",
            Self::UpdateUser(..) => "UPDATE_USER",
            Self::DeleteUser(_) => "DELETE_USER",
            Self::CreateOrganization(..) => "CREATE_ORGANIZATION",
            Self::UpdateOrganization(..) => "UPDATE_ORGANIZATION ",
            Self::DeleteOrganization(_) => "DELETE_ORGANIZATION ",
            Self::Unknown(event_type, _) => event_type,
        }
    }

    /// The name or code under which a story knows it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CreateUser(name, _)
            | Self::UpdateUser(name, ..)
            | Self::DeleteUser(name)
            | Self::CreateOrganization(name, _)
            | Self::UpdateOrganization(name, _)
            | Self::DeleteOrganization(name)
            | Self::Unknown(_, name) => name,
        }
    }

    /// Whether nothing is left of it afterwards.
    #[must_use]
    pub fn is_end(self) -> bool {
        matches!(self, Self::DeleteUser(_) | Self::DeleteOrganization(_))
    }

    /// The message. `id` is what the seller answered to the create; a create has none.
    #[must_use]
    pub fn message(self, id: &str) -> Fields {
        let mut fields = Fields::new();
        match self {
            Self::CreateUser(username, name) => {
                set(&mut fields, "username", username);
                set(&mut fields, "password", format!("Password-of-{username}-1"));
                set(&mut fields, "name", name);
                set(&mut fields, "email", format!("{username}@example.com"));
                set(&mut fields, "disabled", false);
            }
            Self::UpdateUser(_, name, disabled) => {
                set(&mut fields, "id", id);
                set(&mut fields, "name", name);
                set(&mut fields, "disabled", disabled);
            }
            Self::CreateOrganization(code, name) => {
                set(&mut fields, "code", code);
                set(&mut fields, "name", name);
                set(&mut fields, "parentId", Value::Null);
            }
            Self::UpdateOrganization(_, name) => {
                set(&mut fields, "id", id);
                set(&mut fields, "name", name);
            }
            Self::DeleteUser(_) | Self::DeleteOrganization(_) | Self::Unknown(..) => {
                set(&mut fields, "id", id);
            }
        }
        fields
    }
}
