//! Online activation of licences: a product of client software whose instances live as those of SaaS V2 do, and whose licences
//! are asked for one by one (KooGallery, docking guide of client software).

use super::fields::Syntax::{Key, MomentUtc, Text};
use super::fields::{Activity, instance, optional, required};
use super::saas_v2::{
    NEW_INSTANCE, QUERY_INSTANCE, REFRESH_INSTANCE, RELEASE_INSTANCE, UPDATE_INSTANCE_STATUS, order_key,
    purchase_keys,
};
use super::v2::V2;
use super::{Delivery, InstanceRules, Interface, OrderKey, Purchase, PurchaseKeys, is_common_refusal};
use crate::config::{Problems, Table};
use crate::event::{Event, InstanceEvent};

/// POST JSON, signed as SaaS V2, under a key of the type of production addresses.
pub(super) static LICENSE_ONLINE: V2 = V2 {
    name: "license-online",
    interface: Interface::Basic,
    activities: ACTIVITIES,
    instances: Some(&LicenseOnline),
    own: read_own,
};

#[derive(Debug)]
struct LicenseOnline;

static ACTIVITIES: &[Activity] = &[
    NEW_INSTANCE,
    QUERY_INSTANCE,
    REFRESH_INSTANCE,
    UPDATE_INSTANCE_STATUS,
    RELEASE_INSTANCE,
    Activity {
        wire: "getLicenseAsync",
        meaning: instance(InstanceEvent::IssueLicense),
        fields: &[
            required("instanceId", "instance_id", Key),
            optional("effectiveTime", "effective_time", MomentUtc),
            optional("expireTime", "expire_time", MomentUtc),
            required("eventId", "event_id", Key),
            optional("deviceFingerprint", "device_fingerprint", Text),
        ],
    },
];

/// Reads `upload` (on): whether the host hands the licence to the platform. The core records it either way.
fn read_own(table: &mut Table<'_>, problems: &mut Problems) {
    table.flag("upload", true, problems);
}

impl InstanceRules for LicenseOnline {
    fn delivers(&self) -> Delivery {
        Delivery::AccessIfAny
    }

    fn order_key(&self, event: &Event) -> OrderKey {
        order_key(event)
    }

    fn purchase_keys(&self, purchase: &Purchase<'_>) -> Result<PurchaseKeys, &'static str> {
        purchase_keys(purchase)
    }

    /// Beside the common table: the quota, the validity, the expiry and the fingerprint of a licence.
    fn takes_refusal(&self, event: InstanceEvent, code: &str) -> bool {
        let of_licenses = ("000900"..="000903").contains(&code) && code.len() == 6;
        is_common_refusal(code) || event == InstanceEvent::IssueLicense && of_licenses
    }
}
