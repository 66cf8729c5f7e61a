//! What the seller's application is told and what it answers: as JSON Schema, as TypeScript, and as a page to read.
//!
//! All three are written from the tables by which the core reads calls and answers.

mod example;
mod page;
mod schema;
mod typescript;

use countersign_core::EventKind;

pub(crate) use page::print as page;
pub(crate) use schema::print as schema;
pub(crate) use typescript::print as typescript;

/// What happened, or is asked, in one sentence.
fn about(kind: EventKind) -> &'static str {
    match kind.name() {
        "subscribe" => "A subscription was bought: open an instance for it.",
        "renew" => {
            "The subscription ends at another time: a renewal, a trial that became formal, a renewal taken back."
        }
        "upgrade" => "The same instance has another specification.",
        "check_change" => "May the instance change to that product? Refuse where it may not.",
        "freeze" => "The instance is overdue or expired: make it unusable, keep its data.",
        "unfreeze" => "The instance is usable again.",
        "release" => "The instance is no more: delete it.",
        "query_instances" => "How much of each instance is used?",
        "issue_license" => {
            "Issue a licence: for an order, whose instance it is, or for a device of an instance."
        }
        "order_changed" => "Something about an order is new: ask for what it holds.",
        "tenant_add" => "A tenant is bound to the instance.",
        "tenant_update" => "A tenant has another name or address.",
        "tenant_remove" => "A tenant is bound no more, nor is anything that belonged to him.",
        "application_add" => "An application of a tenant is bound, with the credential for single sign-on.",
        "application_update" => "An application has another credential.",
        "application_remove" => "An application is bound no more.",
        "members_add" => "These users may use the application.",
        "members_update" => "These users have other data.",
        "members_revoke" => "These users may not use the application any more; their data stay.",
        "members_remove" => "These users are gone.",
        "department_add" => "A department is new.",
        "department_update" => "A department has another name or place.",
        "department_remove" => "A department is gone.",
        "department_snapshot" => "All departments that there are; whatever is not among them is gone.",
        "account_create" => "Open an account, and answer its id. With an `id` it is open already: change it.",
        "account_update" => "Members of an account changed; what is absent stays as it is.",
        "account_delete" => "Close an account.",
        "organization_create" => {
            "Open an organization, and answer its id. With an `id` it is there already: change it."
        }
        "organization_update" => "Members of an organization changed; what is absent stays as it is.",
        "organization_delete" => "An organization is no more.",
        other => unreachable!("nobody has said what {other} is"),
    }
}

/// Which events come before the platform is answered, and which the outbox brings afterwards.
fn when(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Order(_) | EventKind::Directory(_) => "after the platform was answered, in order",
        EventKind::Account(_) if kind.name().ends_with("_delete") => {
            "after the platform was answered, in order"
        }
        _ => "before the platform is answered",
    }
}
