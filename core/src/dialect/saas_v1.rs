//! SaaS V1: the activities of a SaaS product whose calls are signed by V1 (KooGallery SaaS access guide V1.0).

use alloc::string::ToString;
use alloc::vec::Vec;

use super::fields::Syntax::{Contact, Decimal, ExtendParams, Ids, Integer, Key, Name, Text, Time};
use super::fields::{Activity, Field, Meaning, instance, optional, required};
use super::v1::{PAY_PER_USE, Strict, V1};
use super::{InstanceRules, Interface, OrderKey, Purchase, PurchaseKeys, is_common_refusal};
use crate::event::{Event, InstanceEvent};

/// GET with `authToken` over all other parameters.
pub(super) static SAAS_V1: V1 = V1 {
    name: "saas-v1",
    interface: Interface::Basic,
    activities: ACTIVITIES,
    instances: &SaasV1,
    strict: Strict::AllButNames,
    issues_licenses: false,
};

#[derive(Debug)]
struct SaasV1;

/// The fields of a renewal, here and wherever V1 renews something.
pub(super) static REFRESH: &[Field] = &[
    required("orderId", "order_id", Key),
    required("instanceId", "instance_id", Key),
    optional("productId", "product_id", Text),
    required("expireTime", "expire_time", Time),
    optional("trialToFormal", "trial_to_formal", Text),
    optional("periodType", "period_type", Text),
    optional("periodNumber", "period_number", Integer),
    optional("orderAmount", "order_amount", Decimal),
    optional("timeStamp", "time_stamp", Text),
];

pub(super) static EXPIRE: &[Field] = &[
    required("instanceId", "instance_id", Key),
    // The table says mandatory, the documents' own example leaves it out.
    optional("orderId", "order_id", Key),
    optional("timeStamp", "time_stamp", Text),
];

pub(super) static RELEASE: &[Field] = &[
    required("instanceId", "instance_id", Key),
    optional("orderId", "order_id", Key),
    optional("orderAmount", "order_amount", Decimal),
    optional("timeStamp", "time_stamp", Text),
];

static ACTIVITIES: &[Activity] = &[
    Activity {
        wire: "newInstance",
        meaning: instance(InstanceEvent::Subscribe),
        fields: &[
            required("orderId", "order_id", Key),
            required("businessId", "business_id", Text),
            optional("customerId", "customer_id", Text),
            optional("customerName", "customer_name", Name),
            optional("userId", "user_id", Text),
            optional("userName", "user_name", Name),
            optional("mobilePhone", "mobile_phone", Contact),
            optional("email", "email", Contact),
            optional("skuCode", "sku_code", Text),
            optional("productId", "product_id", Text),
            optional("trialFlag", "trial_flag", Text),
            optional("expireTime", "expire_time", Time),
            optional("chargingMode", "charging_mode", Integer),
            optional("saasExtendParams", "saas_extend_params", ExtendParams),
            optional("periodType", "period_type", Text),
            optional("periodNumber", "period_number", Integer),
            optional("amount", "amount", Integer),
            optional("diskSize", "disk_size", Integer),
            optional("bandWidth", "band_width", Integer),
            optional("orderAmount", "order_amount", Decimal),
            optional("provisionType", "provision_type", Text),
            optional("timeStamp", "time_stamp", Text),
        ],
    },
    Activity { wire: "refreshInstance", meaning: instance(InstanceEvent::Renew), fields: REFRESH },
    Activity { wire: "expireInstance", meaning: instance(InstanceEvent::Freeze), fields: EXPIRE },
    Activity { wire: "releaseInstance", meaning: instance(InstanceEvent::Release), fields: RELEASE },
    Activity {
        wire: "upgrade",
        meaning: instance(InstanceEvent::Upgrade),
        fields: &[
            required("instanceId", "instance_id", Key),
            required("orderId", "order_id", Key),
            optional("skuCode", "sku_code", Text),
            optional("productId", "product_id", Text),
            optional("amount", "amount", Integer),
            optional("diskSize", "disk_size", Integer),
            optional("bandWidth", "band_width", Integer),
            optional("saasExtendParams", "saas_extend_params", ExtendParams),
            optional("timeStamp", "time_stamp", Text),
        ],
    },
    Activity {
        wire: "instanceStatus",
        meaning: Meaning::ByStatus("instanceStatus"),
        fields: &[
            required("instanceId", "instance_id", Key),
            required("instanceStatus", "status", Text),
            optional("timeStamp", "time_stamp", Text),
        ],
    },
    Activity {
        wire: "queryInstance",
        meaning: instance(InstanceEvent::QueryInstances),
        fields: &[required("instanceId", "instance_ids", Ids), optional("timeStamp", "time_stamp", Text)],
    },
];

/// An order, and of pay-per-use items the price level: such an order brings one call for each.
pub(super) fn order_key(event: &Event) -> OrderKey {
    let text = |name| event.text(name).unwrap_or_default().to_string();
    match event.text("charging_mode") {
        Some(PAY_PER_USE) => OrderKey::Product(text("order_id"), text("product_id")),
        _ => OrderKey::Order(text("order_id")),
    }
}

/// Where the charging mode is not known the order may come either way, so it gets both keys.
pub(super) fn purchase_keys(purchase: &Purchase<'_>) -> Result<PurchaseKeys, &'static str> {
    let pay_per_use = purchase.charging_mode == Some(PAY_PER_USE);
    let either = purchase.product_id.filter(|_| pay_per_use || purchase.charging_mode.is_none());
    let item = purchase.item.unwrap_or(either).map(ToString::to_string);
    let order = purchase.order_id.to_string();
    let mut keys = Vec::new();
    if pay_per_use && item.is_none() {
        return Err("product_id");
    }
    if !pay_per_use {
        keys.push(OrderKey::Order(order.clone()));
    }
    keys.extend(item.clone().map(|item| OrderKey::Product(order, item)));
    Ok(PurchaseKeys { keys, item })
}

impl InstanceRules for SaasV1 {
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
