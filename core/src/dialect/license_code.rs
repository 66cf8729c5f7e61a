//! License code 2.0: the platform issues a code to buyer and seller, and tells the seller what becomes of it (KooGallery, license
//! code access guide). Nothing opens one here: the ledger learns a code by the first call that names it.

use alloc::string::{String, ToString};

use super::fields::Syntax::{Key, Text, Time};
use super::fields::{Activity, Meaning, instance, optional, required};
use super::v2::V2;
use super::{Delivery, InstanceRules, Interface, OrderKey, Purchase, PurchaseKeys};
use crate::event::{Event, InstanceEvent};

/// POST JSON, signed as SaaS V2, under a key of the license-code type.
pub(super) static LICENSE_CODE: V2 = V2 {
    name: "license-code",
    interface: Interface::LicenseCode,
    activities: ACTIVITIES,
    instances: Some(&LicenseCode),
    own: |_, _| {},
};

#[derive(Debug)]
struct LicenseCode;

/// The code, by which a license is known from its first day on.
const LICENSE: &str = "license";

static ACTIVITIES: &[Activity] = &[
    Activity {
        wire: "refreshLicenseCode",
        meaning: instance(InstanceEvent::Renew),
        fields: &[
            required("scene", "scene", Text),
            required("orderId", "order_id", Key),
            optional("orderLineId", "order_line_id", Key),
            required("license", LICENSE, Key),
            optional("productId", "product_id", Text),
            required("expireTime", "expire_time", Time),
        ],
    },
    Activity {
        wire: "updateLicenseCodeStatus",
        meaning: Meaning::ByStatus("status"),
        fields: &[required("license", LICENSE, Key), required("status", "status", Text)],
    },
    Activity {
        wire: "releaseLicenseCode",
        meaning: instance(InstanceEvent::Release),
        fields: &[
            required("license", LICENSE, Key),
            // Of an unsubscription only.
            optional("orderId", "order_id", Key),
            optional("orderLineId", "order_line_id", Key),
        ],
    },
];

impl InstanceRules for LicenseCode {
    fn instance_field(&self) -> &'static str {
        LICENSE
    }

    fn delivers(&self) -> Delivery {
        Delivery::Nothing
    }

    fn order_key(&self, event: &Event) -> OrderKey {
        OrderKey::Order(event.text("order_id").unwrap_or_default().to_string())
    }

    /// No order opens a license here, so none is found by one.
    fn purchase_keys(&self, purchase: &Purchase<'_>) -> Result<PurchaseKeys, &'static str> {
        let order = String::from(purchase.order_id);
        Ok(PurchaseKeys { keys: [OrderKey::Order(order)].into(), item: None })
    }

    /// The table of result codes has none of its own.
    fn takes_refusal(&self, _event: InstanceEvent, _code: &str) -> bool {
        false
    }
}
