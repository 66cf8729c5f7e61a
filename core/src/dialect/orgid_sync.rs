//! The kit as an OrgID calls it: signed as version 2 is, by the digest that its administrator chose. UNKNOWN (workbench
//! C.7): in which header the signature travels, and at which address. Both are taken to be those of the kit.

use super::Interface;
use super::kit_v2::{Digest, KitV2, SHA_256};

/// `digest`: SHA-256, or SHA-1 where an OrgID was set to it.
pub(super) static ORGID_SYNC: KitV2 =
    KitV2 { name: "orgid-sync", interface: Interface::OrgId, digests: &[SHA_256, ("sha-1", Digest::Sha1)] };
