//! SaaS V2: the activities of a SaaS product whose calls are signed by V2 (KooGallery SaaS access guide V2.0).

use alloc::string::ToString;
use alloc::vec::Vec;

use super::fields::Syntax::{Ids, Key, Object, Text, Time};
use super::fields::{Activity, Meaning, instance, optional, required};
use super::v2::V2;
use super::{InstanceRules, Interface, OrderKey, Purchase, PurchaseKeys, is_common_refusal};
use crate::event::{Event, InstanceEvent};

/// POST JSON with `signature`, `timestamp` and `nonce` in the query string.
pub(super) static SAAS_V2: V2 = V2 {
    name: "saas-v2",
    interface: Interface::Basic,
    activities: ACTIVITIES,
    instances: Some(&SaasV2),
    own: |_, _| {},
};

#[derive(Debug)]
struct SaasV2;

pub(super) const NEW_INSTANCE: Activity = Activity {
    wire: "newInstance",
    meaning: instance(InstanceEvent::Subscribe),
    fields: &[
        required("orderId", "order_id", Key),
        required("orderLineId", "order_line_id", Key),
        required("businessId", "business_id", Text),
    ],
};

pub(super) const QUERY_INSTANCE: Activity = Activity {
    wire: "queryInstance",
    meaning: instance(InstanceEvent::QueryInstances),
    fields: &[required("instanceId", "instance_ids", Ids)],
};

pub(super) const REFRESH_INSTANCE: Activity = Activity {
    wire: "refreshInstance",
    meaning: instance(InstanceEvent::Renew),
    fields: &[
        required("scene", "scene", Text),
        required("orderId", "order_id", Key),
        optional("orderLineId", "order_line_id", Key),
        required("instanceId", "instance_id", Key),
        optional("productId", "product_id", Text),
        required("expireTime", "expire_time", Time),
    ],
};

pub(super) const UPDATE_INSTANCE_STATUS: Activity = Activity {
    wire: "updateInstanceStatus",
    meaning: Meaning::ByStatus("status"),
    fields: &[required("instanceId", "instance_id", Key), required("status", "status", Text)],
};

pub(super) const RELEASE_INSTANCE: Activity = Activity {
    wire: "releaseInstance",
    meaning: instance(InstanceEvent::Release),
    fields: &[
        required("instanceId", "instance_id", Key),
        optional("orderId", "order_id", Key),
        optional("orderLineId", "order_line_id", Key),
    ],
};

static ACTIVITIES: &[Activity] = &[
    NEW_INSTANCE,
    QUERY_INSTANCE,
    REFRESH_INSTANCE,
    UPDATE_INSTANCE_STATUS,
    RELEASE_INSTANCE,
    Activity {
        wire: "upgradeInstance",
        meaning: instance(InstanceEvent::Upgrade),
        fields: &[
            required("instanceId", "instance_id", Key),
            required("orderId", "order_id", Key),
            optional("orderLineId", "order_line_id", Key),
        ],
    },
    Activity {
        wire: "changeInstanceCheck",
        meaning: instance(InstanceEvent::CheckChange),
        fields: &[
            required("instanceId", "instance_id", Key),
            required("productInfo", "product_info", Object),
        ],
    },
];

/// An order and its line.
pub(super) fn order_key(event: &Event) -> OrderKey {
    let text = |name| event.text(name).unwrap_or_default().to_string();
    OrderKey::Line(text("order_id"), text("order_line_id"))
}

pub(super) fn purchase_keys(purchase: &Purchase<'_>) -> Result<PurchaseKeys, &'static str> {
    let line = purchase.order_line_id.ok_or("order_line_id")?;
    let key = OrderKey::Line(purchase.order_id.to_string(), line.to_string());
    Ok(PurchaseKeys { keys: Vec::from([key]), item: None })
}

impl InstanceRules for SaasV2 {
    fn order_key(&self, event: &Event) -> OrderKey {
        order_key(event)
    }

    fn purchase_keys(&self, purchase: &Purchase<'_>) -> Result<PurchaseKeys, &'static str> {
        purchase_keys(purchase)
    }

    fn takes_refusal(&self, _event: InstanceEvent, code: &str) -> bool {
        is_common_refusal(code)
    }
}
