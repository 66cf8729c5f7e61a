//! The activities of SaaS 2.0. Buyer and product are not in the bodies: a seller asks the order query for them.

use super::{Order, Scene, set};
use crate::Fields;
use serde_json::{Value, json};

/// newInstance. `business_id` differs on every request, repeats of the same order included.
#[must_use]
pub fn new_instance(order: &Order, business_id: &str) -> Fields {
    let mut fields = activity("newInstance");
    with_order(&mut fields, order);
    set(&mut fields, "businessId", business_id);
    fields
}

/// refreshInstance. The order must have a period, else there is no `expireTime` to send.
#[must_use]
pub fn refresh_instance(instance_id: &str, order: &Order, scene: Scene) -> Option<Fields> {
    let mut fields = with_instance("refreshInstance", instance_id);
    let scene = match scene {
        Scene::TrialToFormal => "TRIAL_TO_FORMAL",
        Scene::Renewal => "RENEWAL",
        Scene::CancelledRenewal => "UNSUBSCRIBE_RENEWAL_PERIOD",
        Scene::RenewalChange => "RENEWAL_CHANGE",
    };
    set(&mut fields, "scene", scene);
    with_order(&mut fields, order);
    set(&mut fields, "productId", &*order.product_id);
    set(&mut fields, "expireTime", order.expire_time()?);
    Some(fields)
}

/// updateInstanceStatus: `FREEZE` or `UNFREEZE`.
#[must_use]
pub fn update_instance_status(instance_id: &str, frozen: bool) -> Fields {
    let mut fields = with_instance("updateInstanceStatus", instance_id);
    set(&mut fields, "status", if frozen { "FREEZE" } else { "UNFREEZE" });
    fields
}

/// releaseInstance; with the order of the unsubscription, if one caused it.
#[must_use]
pub fn release_instance(instance_id: &str, unsubscription: Option<&Order>) -> Fields {
    let mut fields = with_instance("releaseInstance", instance_id);
    if let Some(order) = unsubscription {
        with_order(&mut fields, order);
    }
    fields
}

/// upgradeInstance.
#[must_use]
pub fn upgrade_instance(instance_id: &str, order: &Order) -> Fields {
    let mut fields = with_instance("upgradeInstance", instance_id);
    with_order(&mut fields, order);
    fields
}

/// queryInstance, up to 100 ids.
#[must_use]
pub fn query_instance(instance_ids: &[&str]) -> Fields {
    with_instance("queryInstance", &instance_ids.join(","))
}

/// changeInstanceCheck: may the instance change to this product? The only nested body; the guide does not list the
/// members of `productInfo`, these are those of the order query.
#[must_use]
pub fn change_instance_check(instance_id: &str, target: &Order) -> Fields {
    let mut fields = with_instance("changeInstanceCheck", instance_id);
    let product_info: Value = json!({
        "skuCode": target.sku_code,
        "productId": target.product_id,
        "productName": "标准版 / Standard",
        "linearValue": target.amount,
    });
    set(&mut fields, "productInfo", product_info);
    fields
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

fn with_order(fields: &mut Fields, order: &Order) {
    set(fields, "orderId", &*order.order_id);
    set(fields, "orderLineId", order.order_line_id());
}
