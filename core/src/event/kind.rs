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

/// What the marketplace tells about orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrderEvent {
    /// An order was placed, or something about it is new (orderNotify): what it holds is to be asked for.
    Changed,
}

impl EventKind {
    const NAMES: [(Self, &'static str); 9] = [
        (Self::Instance(InstanceEvent::Subscribe), "subscribe"),
        (Self::Instance(InstanceEvent::Renew), "renew"),
        (Self::Instance(InstanceEvent::Upgrade), "upgrade"),
        (Self::Instance(InstanceEvent::CheckChange), "check_change"),
        (Self::Instance(InstanceEvent::Freeze), "freeze"),
        (Self::Instance(InstanceEvent::Unfreeze), "unfreeze"),
        (Self::Instance(InstanceEvent::Release), "release"),
        (Self::Instance(InstanceEvent::QueryInstances), "query_instances"),
        (Self::Order(OrderEvent::Changed), "order_changed"),
    ];

    /// What is asked for about instances; `None` for any other family.
    #[must_use]
    pub const fn about_instances(self) -> Option<InstanceEvent> {
        match self {
            Self::Instance(event) => Some(event),
            Self::Order(_) => None,
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

impl PartialEq<InstanceEvent> for EventKind {
    fn eq(&self, other: &InstanceEvent) -> bool {
        *self == Self::Instance(*other)
    }
}
