//! The kinds of events, in families: what is about one sort of thing is handled in one place, and a family that some place
//! forgets does not compile there.

/// What the marketplace asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// Something about instances.
    Instance(InstanceEvent),
    /// Something about orders.
    Order(OrderEvent),
    /// Something about tenants and what belongs to them.
    Directory(DirectoryEvent),
    /// Something about accounts and organisations of an identity centre.
    Account(AccountEvent),
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
    /// Issue a licence, for an order that it opens (getLicense) or for a device of an instance (getLicenseAsync).
    IssueLicense,
}

/// What the marketplace tells about orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrderEvent {
    /// An order was placed, or something about it is new (orderNotify): what it holds is to be asked for.
    Changed,
}

/// What the marketplace tells of the tenants that bind an instance: applications, members and departments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DirectoryEvent {
    /// A tenant is bound (tenantSync, flag 1).
    TenantAdd,
    /// A tenant has another name or address (tenantSync, flag 2).
    TenantUpdate,
    /// A tenant is bound no more, nor is anything that belongs to it (tenantSync, flag 0).
    TenantRemove,
    /// An application of a tenant is bound (applicationSync, flag 1).
    ApplicationAdd,
    /// An application has another credential (applicationSync, flag 2).
    ApplicationUpdate,
    /// An application is bound no more (applicationSync, flag 0).
    ApplicationRemove,
    /// Users may use an application (authSync, flag 1).
    MembersAdd,
    /// Other data of users (authSync, flag 2).
    MembersUpdate,
    /// Users may not use an application any more; their data stay (authSync, flag 3).
    MembersRevoke,
    /// Users are gone (authSync, flag 0).
    MembersRemove,
    /// A department is new (singleOrgSync, flag 1).
    DepartmentAdd,
    /// A department has another name or place (singleOrgSync, flag 2).
    DepartmentUpdate,
    /// A department is gone (singleOrgSync, flag 0).
    DepartmentRemove,
    /// All departments that there are (allOrgSync).
    DepartmentSnapshot,
}

/// What an identity centre tells about accounts and organisations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountEvent {
    /// Is this the seller's address? The text of the message comes back (CHECK_URL).
    UrlCheck,
    /// A new organisation (CREATE_ORGANIZATION).
    OrganizationCreate,
    /// Members of an organisation that changed (UPDATE_ORGANIZATION).
    OrganizationUpdate,
    /// An organisation is gone (DELETE_ORGANIZATION).
    OrganizationDelete,
    /// A new account (CREATE_USER).
    Create,
    /// Members of an account that changed (UPDATE_USER).
    Update,
    /// An account is gone (DELETE_USER).
    Delete,
    /// An event that nobody knows yet: it is answered, and nothing happens.
    Unknown,
}

impl AccountEvent {
    /// The field by which the ledger finds what the event is about; `None` where it is about nothing that is kept.
    pub(crate) const fn identified_by(self) -> Option<&'static str> {
        match self {
            Self::OrganizationCreate => Some("code"),
            Self::Create => Some("username"),
            Self::OrganizationUpdate | Self::OrganizationDelete | Self::Update | Self::Delete => Some("id"),
            Self::UrlCheck | Self::Unknown => None,
        }
    }

    /// Whether it is about an organisation.
    pub(crate) const fn is_organization(self) -> bool {
        matches!(self, Self::OrganizationCreate | Self::OrganizationUpdate | Self::OrganizationDelete)
    }
}

impl EventKind {
    const NAMES: [(Self, &'static str); 32] = [
        (Self::Instance(InstanceEvent::Subscribe), "subscribe"),
        (Self::Instance(InstanceEvent::Renew), "renew"),
        (Self::Instance(InstanceEvent::Upgrade), "upgrade"),
        (Self::Instance(InstanceEvent::CheckChange), "check_change"),
        (Self::Instance(InstanceEvent::Freeze), "freeze"),
        (Self::Instance(InstanceEvent::Unfreeze), "unfreeze"),
        (Self::Instance(InstanceEvent::Release), "release"),
        (Self::Instance(InstanceEvent::QueryInstances), "query_instances"),
        (Self::Instance(InstanceEvent::IssueLicense), "issue_license"),
        (Self::Order(OrderEvent::Changed), "order_changed"),
        (Self::Directory(DirectoryEvent::TenantAdd), "tenant_add"),
        (Self::Directory(DirectoryEvent::TenantUpdate), "tenant_update"),
        (Self::Directory(DirectoryEvent::TenantRemove), "tenant_remove"),
        (Self::Directory(DirectoryEvent::ApplicationAdd), "application_add"),
        (Self::Directory(DirectoryEvent::ApplicationUpdate), "application_update"),
        (Self::Directory(DirectoryEvent::ApplicationRemove), "application_remove"),
        (Self::Directory(DirectoryEvent::MembersAdd), "members_add"),
        (Self::Directory(DirectoryEvent::MembersUpdate), "members_update"),
        (Self::Directory(DirectoryEvent::MembersRevoke), "members_revoke"),
        (Self::Directory(DirectoryEvent::MembersRemove), "members_remove"),
        (Self::Directory(DirectoryEvent::DepartmentAdd), "department_add"),
        (Self::Directory(DirectoryEvent::DepartmentUpdate), "department_update"),
        (Self::Directory(DirectoryEvent::DepartmentRemove), "department_remove"),
        (Self::Directory(DirectoryEvent::DepartmentSnapshot), "department_snapshot"),
        (Self::Account(AccountEvent::UrlCheck), "url_check"),
        (Self::Account(AccountEvent::OrganizationCreate), "organization_create"),
        (Self::Account(AccountEvent::OrganizationUpdate), "organization_update"),
        (Self::Account(AccountEvent::OrganizationDelete), "organization_delete"),
        (Self::Account(AccountEvent::Create), "account_create"),
        (Self::Account(AccountEvent::Update), "account_update"),
        (Self::Account(AccountEvent::Delete), "account_delete"),
        (Self::Account(AccountEvent::Unknown), "unknown_event"),
    ];

    /// Every kind, in the order of the documents.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Self::NAMES.iter().map(|(kind, _)| *kind)
    }

    /// Whether the seller's application is told. Of an account the check of the address and what nobody knows yet are
    /// answered by the gate alone.
    #[must_use]
    pub const fn reaches_application(self) -> bool {
        !matches!(self, Self::Account(AccountEvent::UrlCheck | AccountEvent::Unknown))
    }

    /// What is asked for about instances; `None` for any other family.
    #[must_use]
    pub const fn about_instances(self) -> Option<InstanceEvent> {
        match self {
            Self::Instance(event) => Some(event),
            Self::Order(_) | Self::Directory(_) | Self::Account(_) => None,
        }
    }

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

impl From<OrderEvent> for EventKind {
    fn from(event: OrderEvent) -> Self {
        Self::Order(event)
    }
}

impl From<DirectoryEvent> for EventKind {
    fn from(event: DirectoryEvent) -> Self {
        Self::Directory(event)
    }
}

impl PartialEq<InstanceEvent> for EventKind {
    fn eq(&self, other: &InstanceEvent) -> bool {
        *self == Self::Instance(*other)
    }
}

impl PartialEq<DirectoryEvent> for EventKind {
    fn eq(&self, other: &DirectoryEvent) -> bool {
        *self == Self::Directory(*other)
    }
}
