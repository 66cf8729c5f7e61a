//! The kinds of events.

/// What the marketplace asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
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
    const NAMES: [(Self, &'static str); 8] = [
        (Self::Subscribe, "subscribe"),
        (Self::Renew, "renew"),
        (Self::Upgrade, "upgrade"),
        (Self::CheckChange, "check_change"),
        (Self::Freeze, "freeze"),
        (Self::Unfreeze, "unfreeze"),
        (Self::Release, "release"),
        (Self::QueryInstances, "query_instances"),
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
