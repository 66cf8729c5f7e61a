//! The activities of SaaS 1.0. Signing adds `authToken` and `timeStamp`.

use super::{Buyer, Contact, Order, Scene, extend_params, set};
use crate::Fields;

/// newInstance. `business_id` differs on every request, repeats of the same order included.
#[must_use]
pub fn new_instance(buyer: &Buyer, contact: Option<&Contact>, order: &Order, business_id: &str) -> Fields {
    let mut fields = activity("newInstance");
    set(&mut fields, "customerId", &*buyer.customer_id);
    set(&mut fields, "customerName", &*buyer.customer_name);
    if let Some(contact) = contact {
        set(&mut fields, "mobilePhone", &*contact.mobile_phone);
        set(&mut fields, "email", &*contact.email);
    }
    set(&mut fields, "businessId", business_id);
    set(&mut fields, "orderId", &*order.order_id);
    set(&mut fields, "skuCode", &*order.sku_code);
    set(&mut fields, "productId", &*order.product_id);
    set(&mut fields, "chargingMode", order.charging.mode());
    if order.trial {
        set(&mut fields, "trialFlag", "1");
    }
    period(&mut fields, order);
    set(&mut fields, "amount", order.amount.to_string());
    set(&mut fields, "orderAmount", order.order_amount());
    set(&mut fields, "saasExtendParams", extend_params(&[("userName", &buyer.customer_name)]));
    fields
}

/// refreshInstance. `None` for [`Scene::RenewalChange`], which V1 does not have, and for an order without a period,
/// since there is no `expireTime` to send.
#[must_use]
pub fn refresh_instance(instance_id: &str, order: &Order, scene: Scene) -> Option<Fields> {
    let mut fields = with_instance("refreshInstance", instance_id);
    set(&mut fields, "orderId", &*order.order_id);
    set(&mut fields, "productId", &*order.product_id);
    order.expire_time()?;
    period(&mut fields, order);
    match scene {
        Scene::TrialToFormal => {
            set(&mut fields, "trialToFormal", "1");
            set(&mut fields, "orderAmount", order.order_amount());
        }
        Scene::Renewal => set(&mut fields, "orderAmount", order.order_amount()),
        Scene::CancelledRenewal => set(&mut fields, "orderAmount", format!("-{}", order.order_amount())),
        Scene::RenewalChange => return None,
    }
    Some(fields)
}

/// expireInstance, for period products; `order_id` is that of the purchase.
#[must_use]
pub fn expire_instance(instance_id: &str, order_id: &str) -> Fields {
    let mut fields = with_instance("expireInstance", instance_id);
    set(&mut fields, "orderId", order_id);
    fields
}

/// releaseInstance; `order_id` is that of the purchase.
#[must_use]
pub fn release_instance(instance_id: &str, order_id: &str) -> Fields {
    let mut fields = with_instance("releaseInstance", instance_id);
    set(&mut fields, "orderId", order_id);
    fields
}

/// upgrade.
#[must_use]
pub fn upgrade(instance_id: &str, order: &Order) -> Fields {
    let mut fields = with_instance("upgrade", instance_id);
    set(&mut fields, "orderId", &*order.order_id);
    set(&mut fields, "skuCode", &*order.sku_code);
    set(&mut fields, "productId", &*order.product_id);
    set(&mut fields, "amount", order.amount.to_string());
    fields
}

/// instanceStatus, for on-demand products and packages: `FREEZE` or `NORMAL`.
#[must_use]
pub fn instance_status(instance_id: &str, frozen: bool) -> Fields {
    let mut fields = with_instance("instanceStatus", instance_id);
    set(&mut fields, "instanceStatus", if frozen { "FREEZE" } else { "NORMAL" });
    fields
}

/// queryInstance, up to 100 ids.
#[must_use]
pub fn query_instance(instance_ids: &[&str]) -> Fields {
    with_instance("queryInstance", &instance_ids.join(","))
}

fn activity(activity: &str) -> Fields {
    let mut fields = Fields::new();
    set(&mut fields, "activity", activity);
    fields
}

fn with_instance(name: &str, instance_id: &str) -> Fields {
    let mut fields = activity(name);
    set(&mut fields, "instanceId", instance_id);
    fields
}

fn period(fields: &mut Fields, order: &Order) {
    if let Some(expire_time) = order.expire_time() {
        set(fields, "expireTime", expire_time);
    }
    if let Some((period_type, _)) = order.charging.period() {
        set(fields, "periodType", period_type);
        set(fields, "periodNumber", "1");
    }
}
