//! The activities of License code 2.0. The platform made the code, and both sides know it before the first call.

use super::{Order, Scene, set};
use crate::Fields;

/// The code of a purchase.
#[must_use]
pub fn code_of(purchase: &Order) -> String {
    format!("PL{}", purchase.order_id)
}

/// refreshLicenseCode. The order must have a period, and the scene must be a renewal or one that was cancelled: License code
/// has no other.
#[must_use]
pub fn refresh_license_code(code: &str, order: &Order, scene: Scene) -> Option<Fields> {
    let scene = match scene {
        Scene::Renewal => "RENEWAL",
        Scene::CancelledRenewal => "UNSUBSCRIBE_RENEWAL_PERIOD",
        Scene::TrialToFormal | Scene::RenewalChange => return None,
    };
    let mut fields = with_code("refreshLicenseCode", code);
    set(&mut fields, "scene", scene);
    with_order(&mut fields, order);
    set(&mut fields, "productId", &*order.product_id);
    set(&mut fields, "expireTime", order.expire_time()?);
    Some(fields)
}

/// updateLicenseCodeStatus: `FREEZE` or `UNFREEZE`.
#[must_use]
pub fn update_license_code_status(code: &str, frozen: bool) -> Fields {
    let mut fields = with_code("updateLicenseCodeStatus", code);
    set(&mut fields, "status", if frozen { "FREEZE" } else { "UNFREEZE" });
    fields
}

/// releaseLicenseCode; with the order of the unsubscription, if one caused it.
#[must_use]
pub fn release_license_code(code: &str, unsubscription: Option<&Order>) -> Fields {
    let mut fields = with_code("releaseLicenseCode", code);
    if let Some(order) = unsubscription {
        with_order(&mut fields, order);
    }
    fields
}

fn with_code(activity: &str, code: &str) -> Fields {
    let mut fields = Fields::new();
    set(&mut fields, "activity", activity);
    set(&mut fields, "license", code);
    fields
}

fn with_order(fields: &mut Fields, order: &Order) {
    set(fields, "orderId", &*order.order_id);
    set(fields, "orderLineId", order.order_line_id());
}
