//! Keys of the ledger. Every part is percent-encoded, so no id can imitate another key; the product stands before
//! every id, so one product's key never touches another's instance. A replay row alone has no product: signatures do
//! not cover the path.

use alloc::string::String;

use crate::crypto::hmac_sha256;
use crate::dialect::OrderKey;
use crate::wire::{hex, percent};

/// Where test traffic lives, for ever apart from production.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    Production,
    Test,
}

/// The prefix of every instance row of production.
pub(crate) const INSTANCES: &str = "instance/";
/// The prefix of every work row.
pub(crate) const WORKS: &str = "work/";

fn join(space: Space, kind: &str, parts: &[&str]) -> String {
    let mut key = String::with_capacity(128);
    if space == Space::Test {
        key.push_str("test/");
    }
    key.push_str(kind);
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            key.push('/');
        }
        push_part(&mut key, part);
    }
    key
}

/// The longest part that stands as it is, in bytes of its encoded form. Stores take keys of 1 024 bytes, and 128 bytes
/// of Chinese text are 384 once they are encoded.
const MAX_PART: usize = 128;

/// A longer part is its digest, behind a mark that no encoded text has.
fn push_part(key: &mut String, part: &str) {
    let start = key.len();
    percent::encode_to(key, part.as_bytes());
    if key.len().saturating_sub(start) > MAX_PART {
        key.truncate(start);
        key.push('!');
        hex::encode_to(key, &hmac_sha256(&[b"key"], &[part.as_bytes()]));
    }
}

pub(crate) fn instance(space: Space, product: &str, instance_id: &str) -> String {
    join(space, INSTANCES, &[product, instance_id])
}

/// The row of what the backend is told of a tenant under one instance.
pub(crate) fn tenant(product: &str, tenant_id: &str, instance_id: &str) -> String {
    join(Space::Production, "tenant/", &[product, tenant_id, instance_id])
}

/// The row of an application of a tenant under one instance.
pub(crate) fn application(product: &str, tenant_id: &str, instance_id: &str, app_id: &str) -> String {
    join(Space::Production, "application/", &[product, tenant_id, instance_id, app_id])
}

/// The row of a user of an application.
pub(crate) fn member(
    product: &str,
    tenant_id: &str,
    instance_id: &str,
    app_id: &str,
    user_name: &str,
) -> String {
    join(Space::Production, "member/", &[product, tenant_id, instance_id, app_id, user_name])
}

/// The prefix of the rows of all users of a tenant under one instance.
pub(crate) fn members(product: &str, tenant_id: &str, instance_id: &str) -> String {
    join(Space::Production, "member/", &[product, tenant_id, instance_id, ""])
}

/// The row of a department of a tenant under one instance.
pub(crate) fn department(product: &str, tenant_id: &str, instance_id: &str, code: &str) -> String {
    join(Space::Production, "department/", &[product, tenant_id, instance_id, code])
}

/// The row of an account of the identity centre.
pub(crate) fn account(product: &str, account_id: &str) -> String {
    join(Space::Production, "account/", &[product, account_id])
}

/// The row of an organisation of the identity centre.
pub(crate) fn organization(product: &str, organization_id: &str) -> String {
    join(Space::Production, "organization/", &[product, organization_id])
}

/// The row of what was created under a username, or under the code of an organisation.
pub(crate) fn named(product: &str, is_organization: bool, name: &str) -> String {
    join(Space::Production, if is_organization { CODES } else { USERNAMES }, &[product, name])
}

/// Whether such a row is that of an organisation.
pub(crate) fn is_organization(named: &str) -> bool {
    named.starts_with(CODES)
}

const USERNAMES: &str = "username/";
const CODES: &str = "code/";

/// The row of the notices about an order, apart from the one that names its instance.
pub(crate) fn notice(product: &str, order_id: &str) -> String {
    join(Space::Production, "notice/", &[product, order_id])
}

/// The row that names the instance of an order.
pub(crate) fn order(space: Space, product: &str, order: &OrderKey) -> String {
    match order {
        OrderKey::Order(order) => join(space, "order/", &[product, order]),
        OrderKey::Product(order, item) => join(space, "order/", &[product, order, "product", item]),
        OrderKey::Line(order, line) => join(space, "order/", &[product, order, "line", line]),
    }
}

/// The row of a licence that was asked for by itself, by what makes two such requests the same.
pub(crate) fn license(product: &str, instance_id: &str, operation_id: &str) -> String {
    join(Space::Production, "license/", &[product, instance_id, operation_id])
}

pub(crate) fn work(effect_id: &str) -> String {
    join(Space::Production, WORKS, &[effect_id])
}

/// What became of a work that is over: a backend may report it again.
pub(crate) fn report(effect_id: &str) -> String {
    join(Space::Production, "effect/", &[effect_id])
}

/// Where the fencing tokens of an instance go on whose row is gone.
pub(crate) fn token(product: &str, instance_id: &str) -> String {
    join(Space::Production, "token/", &[product, instance_id])
}

pub(crate) fn replay(signature: &[u8; 32]) -> String {
    // Hex digits stand as they are.
    let mut key = String::with_capacity(71);
    key.push_str("replay/");
    key.push_str(core::str::from_utf8(&hex::encode_32(signature)).unwrap_or_default()); // ASCII
    key
}

#[cfg(test)]
mod tests {
    use super::{Space, instance, order};
    use crate::dialect::OrderKey;
    use alloc::string::ToString;

    #[test]
    fn no_id_imitates_another_key() {
        let line = |order: &str, line: &str| OrderKey::Line(order.to_string(), line.to_string());
        let key = |order_key: &OrderKey| order(Space::Production, "crm", order_key);
        assert_eq!(key(&line("CS1", "1")), "order/crm/CS1/line/1");
        assert_ne!(key(&line("CS1/line/1", "1")), key(&line("CS1", "1/line/1")));
        assert_ne!(key(&OrderKey::Order("CS1/line/1".to_string())), key(&line("CS1", "1")));
        assert_ne!(instance(Space::Production, "a/b", "c"), instance(Space::Production, "a", "b/c"));
        assert_ne!(instance(Space::Production, "a", "%62"), instance(Space::Production, "a", "b"));
        assert_ne!(instance(Space::Test, "a", "b"), instance(Space::Production, "a", "b"));
    }

    #[test]
    fn the_longest_ids_give_a_key_that_stores_take() {
        let longest = "编".repeat(42);
        let key = order(Space::Test, &"/".repeat(128), &OrderKey::Line(longest.clone(), longest.clone()));
        assert!(key.len() < 1_024 && key.bytes().all(|byte| byte.is_ascii_graphic()), "{}", key.len());
        let other = instance(Space::Production, "crm", &"编".repeat(41));
        assert_ne!(other, instance(Space::Production, "crm", &longest));
        assert_ne!(other, instance(Space::Production, "crm", other.trim_start_matches("instance/crm/")));
    }
}
