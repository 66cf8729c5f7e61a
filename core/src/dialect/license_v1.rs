//! License 1.0: a licence is issued for an order, and renewed, frozen and released as an instance is (KooGallery, joint License
//! access guide). The automatic deployment of a product asks for its licence by the same call.

use super::fields::Syntax::{ExtendParams, Integer, Key, Name, Text, Time};
use super::fields::{Activity, instance, optional, required};
use super::saas_v1::{order_key, purchase_keys};
use super::v1::{Strict, V1};
use super::{Delivery, InstanceRules, Interface, OrderKey, Purchase, PurchaseKeys, is_common_refusal};
use crate::event::{Event, InstanceEvent};

/// GET with `authToken` over all other parameters, under a key of the type of production addresses.
pub(super) static LICENSE_V1: V1 = V1 {
    name: "license-v1",
    interface: Interface::Basic,
    activities: ACTIVITIES,
    instances: &LicenseV1,
    strict: Strict::Only(&["activity", "orderId", "instanceId", "businessId", "productId"]),
    issues_licenses: true,
};

#[derive(Debug)]
struct LicenseV1;

static ACTIVITIES: &[Activity] = &[
    Activity {
        wire: "getLicense",
        meaning: instance(InstanceEvent::IssueLicense),
        fields: &[
            required("orderId", "order_id", Key),
            required("businessId", "business_id", Text),
            optional("customerId", "customer_id", Text),
            optional("customerName", "customer_name", Name),
            optional("userId", "user_id", Text),
            optional("userName", "user_name", Name),
            optional("skuCode", "sku_code", Text),
            optional("productId", "product_id", Text),
            optional("expireTime", "expire_time", Time),
            optional("chargingMode", "charging_mode", Integer),
            optional("saasExtendParams", "saas_extend_params", ExtendParams),
            optional("periodType", "period_type", Text),
            optional("periodNumber", "period_number", Integer),
            optional("amount", "amount", Integer),
            optional("provisionType", "provision_type", Text),
            optional("timeStamp", "time_stamp", Text),
        ],
    },
    Activity {
        wire: "refreshLicense",
        meaning: instance(InstanceEvent::Renew),
        fields: super::saas_v1::REFRESH,
    },
    Activity {
        wire: "expireLicense",
        meaning: instance(InstanceEvent::Freeze),
        fields: super::saas_v1::EXPIRE,
    },
    Activity {
        wire: "releaseLicense",
        meaning: instance(InstanceEvent::Release),
        fields: super::saas_v1::RELEASE,
    },
];

impl InstanceRules for LicenseV1 {
    fn delivers(&self) -> Delivery {
        Delivery::License
    }

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
