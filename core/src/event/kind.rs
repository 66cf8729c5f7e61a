//! The kinds of events, in families: what is about one sort of thing is handled in one place, and a family that some place
//! forgets does not compile there.

/// What the marketplace asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// Something about instances.
    Instance(InstanceEvent),
    /// Something about accounts and organisations of the identity centre.
    Account(AccountEvent),
    /// Is this the seller's address? (CHECK_URL). The text of the message comes back.
    UrlCheck,
    /// An event that nobody knows yet: it is answered, and nothing happens.
    Unknown,
}

/// What the identity centre tells about accounts and organisations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountEvent {
    /// A new account (CREATE_USER).
    Create,
    /// Members of an account that changed (UPDATE_USER).
    Update,
    /// An account is gone (DELETE_USER).
    Delete,
    /// A new organisation (CREATE_ORGANIZATION).
    CreateOrganization,
    /// Members of an organisation that changed (UPDATE_ORGANIZATION).
    UpdateOrganization,
    /// An organisation is gone (DELETE_ORGANIZATION).
    DeleteOrganization,
}

/// What the marketplace asks for about instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstanceEvent {
    /// Open an instance (newInstance).
    Subscribe,
    /// Set the expiry: renewal, trial to formal, cancelled renewal (refreshInstance).
    Renew,
    /// Another specification under the same instance id (upgrade, upgradeInstance).
    Upgrade,
    /// May this instance change to that product? (changeInstanceCheck).
    CheckChange,
    /// Make unusable, keep the data (expireInstance, FREEZE).
    Freeze,
    /// Usable again (NORMAL, UNFREEZE).
    Unfreeze,
    /// Delete (releaseInstance).
    Release,
    /// Tell what is known about instances (queryInstance).
    QueryInstances,
}

impl EventKind {
    const NAMES: [(Self, &'static str); 16] = [
        (Self::Instance(InstanceEvent::Subscribe), "subscribe"),
        (Self::Instance(InstanceEvent::Renew), "renew"),
        (Self::Instance(InstanceEvent::Upgrade), "upgrade"),
        (Self::Instance(InstanceEvent::CheckChange), "check_change"),
        (Self::Instance(InstanceEvent::Freeze), "freeze"),
        (Self::Instance(InstanceEvent::Unfreeze), "unfreeze"),
        (Self::Instance(InstanceEvent::Release), "release"),
        (Self::Instance(InstanceEvent::QueryInstances), "query_instances"),
        (Self::Account(AccountEvent::Create), "account_create"),
        (Self::Account(AccountEvent::Update), "account_update"),
        (Self::Account(AccountEvent::Delete), "account_delete"),
        (Self::Account(AccountEvent::CreateOrganization), "organization_create"),
        (Self::Account(AccountEvent::UpdateOrganization), "organization_update"),
        (Self::Account(AccountEvent::DeleteOrganization), "organization_delete"),
        (Self::UrlCheck, "url_check"),
        (Self::Unknown, "unknown_event"),
    ];

    /// The name in `type`, snake case.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The kind of a name in `type`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

impl From<InstanceEvent> for EventKind {
    fn from(event: InstanceEvent) -> Self {
        Self::Instance(event)
    }
}

impl PartialEq<InstanceEvent> for EventKind {
    fn eq(&self, other: &InstanceEvent) -> bool {
        *self == Self::Instance(*other)
    }
}
