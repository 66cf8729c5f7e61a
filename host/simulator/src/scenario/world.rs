//! What the platform remembers while a story runs: who buys, the orders, and the instance ids that it was given.

use super::finding::Finding;
use super::run::Route;
use super::story::{Call, Kind, Of, Story};
use crate::calls::{
    Account, Buyer, Charging, Order, Scene, Sync, license, license_code, order_notify, saas_v1, saas_v2,
};
use crate::check::Checked;
use crate::crypto::oaep::{self, Hashes};
use crate::{Dialect, Entropy, Family, Fields};
use std::collections::BTreeMap;

pub(super) struct World {
    dialect: Dialect,
    seed: u64,
    story: &'static str,
    pub(super) entropy: Entropy,
    buyer: Buyer,
    orders: BTreeMap<&'static str, Bought>,
    /// What the seller calls the accounts and organizations, by their names and codes.
    accounts: BTreeMap<&'static str, String>,
    last: Option<(Call, Fields)>,
}

struct Bought {
    purchase: Order,
    /// The purchase and every renewal that was not cancelled, latest last.
    terms: Vec<Order>,
    instance_id: Option<String>,
    license: Option<String>,
}

impl World {
    pub(super) fn begin(story: &Story, seed: u64, now_ms: u64) -> Self {
        let mut entropy = Entropy::labelled(seed, &format!("{}/{}", story.dialect.name(), story.name));
        let buyer = Buyer::draw(&mut entropy);
        let mut orders: BTreeMap<&'static str, Bought> = BTreeMap::new();
        for (name, kind) in &story.orders {
            let line_of = |first| orders.get(first).map(|bought| bought.purchase.clone());
            let purchase = match kind {
                Kind::Bought(charging) => Order::draw(&mut entropy, *charging, now_ms),
                Kind::Trial => Order::draw(&mut entropy, Charging::Month, now_ms).into_trial(),
                Kind::LineOf(first) => match line_of(first) {
                    Some(order) => order.next_line(&mut entropy),
                    None => continue,
                },
            };
            orders.insert(
                name,
                Bought { terms: vec![purchase.clone()], purchase, instance_id: None, license: None },
            );
        }
        let (dialect, story) = (story.dialect, story.name);
        Self { dialect, seed, story, entropy, buyer, orders, accounts: BTreeMap::new(), last: None }
    }

    /// Each step draws from a stream of its own: how often one was repeated must not change what the next one sends.
    pub(super) fn begin_step(&mut self, number: usize) {
        let label = format!("{}/{}/{number}", self.dialect.name(), self.story);
        self.entropy = Entropy::labelled(self.seed, &label);
    }

    /// The fields of a call. What the call changes in the order (a renewal, an upgrade) is remembered.
    pub(super) fn fields(&mut self, call: &Call, route: &Route, now_ms: u64) -> Result<Fields, Finding> {
        let fields = match (call, self.dialect) {
            (Call::Again, _) => self
                .last
                .as_ref()
                .map(|(_, fields)| fields.clone())
                .ok_or(Finding::Unsendable { call: "again" })?,
            (_, Dialect::SaasV1) => self.saas(Family::V1, call, route, now_ms)?,
            (_, Dialect::SaasV2) => self.saas(Family::V2, call, route, now_ms)?,
            (
                Call::Purchase(_) | Call::Refresh(..) | Call::Expire(_) | Call::Release(_),
                Dialect::LicenseV1,
            ) => {
                let fields = self.saas(Family::V1, call, route, now_ms)?;
                license::in_words_of_license_v1(fields).ok_or(Finding::Unsendable { call: "of SaaS" })?
            }
            (Call::License(order, event, device), Dialect::LicenseOnline) => {
                license::get_license_async(&self.instance(Of::Order(order))?, event, device)
            }
            (_, Dialect::LicenseV1) => return Err(Finding::Unsendable { call: "of another dialect" }),
            (_, Dialect::LicenseOnline) => self.saas(Family::V2, call, route, now_ms)?,
            (_, Dialect::LicenseCode) => self.license(call, now_ms)?,
            (_, Dialect::OrderNotify) => self.notice(call)?,
            (Call::Account(account), Dialect::AccountEvents) => self.account(*account),
            (_, Dialect::AccountEvents) => return Err(Finding::Unsendable { call: "of another dialect" }),
            (_, Dialect::KitV1 | Dialect::KitV2 | Dialect::OrgidSync | Dialect::OrgidSyncSha1) => {
                self.sync(call, route)?
            }
        };
        if *call != Call::Again {
            self.last = Some((call.clone(), fields.clone()));
        }
        Ok(fields)
    }

    fn license(&mut self, call: &Call, now_ms: u64) -> Result<Fields, Finding> {
        Ok(match call {
            Call::Refresh(order, scene) => {
                let code = self.code(Of::Order(order))?;
                let term = self.term(order, *scene, now_ms)?;
                license_code::refresh_license_code(&code, &term, *scene)
                    .ok_or(Finding::Unsendable { call: "refresh" })?
            }
            Call::Status(order, frozen) => {
                license_code::update_license_code_status(&self.code(Of::Order(order))?, *frozen)
            }
            Call::Release(of) => license_code::release_license_code(&self.code(*of)?, None),
            Call::Unknown(activity, order) => {
                let mut fields = license_code::release_license_code(&self.code(Of::Order(order))?, None);
                fields.insert("activity".to_owned(), (*activity).into());
                fields
            }
            _ => return Err(Finding::Unsendable { call: "of another dialect" }),
        })
    }

    /// The code of an order, or one that nobody ever got.
    fn code(&mut self, of: Of) -> Result<String, Finding> {
        match of {
            Of::Order(order) => Ok(license_code::code_of(&self.bought(order)?.purchase)),
            Of::Nobody => Ok(self.entropy.uuid()),
        }
    }

    fn notice(&self, call: &Call) -> Result<Fields, Finding> {
        match call {
            Call::Notify(order) => Ok(order_notify::order_notify(&self.bought(order)?.purchase)),
            Call::Unknown(activity, order) => {
                let mut fields = order_notify::order_notify(&self.bought(order)?.purchase);
                fields.insert("activity".to_owned(), (*activity).into());
                Ok(fields)
            }
            _ => Err(Finding::Unsendable { call: "about an instance" }),
        }
    }

    fn sync(&mut self, call: &Call, route: &Route) -> Result<Fields, Finding> {
        let (Call::Sync(order, sync) | Call::Misdirected(order, _, sync)) = call else {
            return Err(Finding::Unsendable { call: "of another dialect" });
        };
        let order = &self.bought(order)?.purchase;
        let tenant = format!("tenant-{}", order.order_id);
        let mut fields = sync.fields(&tenant, order, self.dialect.family() == Family::V1);
        if let (Sync::Application(_, secret), Some(key)) = (sync, &route.public_key) {
            let secret = oaep::encrypt(key, Hashes::Sha256, secret, &mut self.entropy);
            let secret = secret.ok_or(Finding::Unsendable { call: "a secret under this public key" })?;
            fields.insert("clientSecret".to_owned(), secret.into());
        }
        Ok(fields)
    }

    /// Where the last call goes, behind the path of the route.
    pub(super) fn sub_path(&self) -> String {
        match &self.last {
            Some((Call::Sync(_, sync), _)) => format!("{}/{}", self.dialect.sub_path(), sync.interface()),
            Some((Call::Misdirected(_, interface, _), _)) => {
                format!("{}/{interface}", self.dialect.sub_path())
            }
            _ => String::new(),
        }
    }

    /// What an identity centre tells: the event and its message, a text.
    fn account(&mut self, account: Account) -> Fields {
        let unknown = || format!("id-of-{}", account.name());
        let id = self.accounts.get(account.name()).cloned().unwrap_or_else(unknown);
        let mut fields = Fields::new();
        fields.insert("eventType".to_owned(), account.event_type().into());
        fields
            .insert("message".to_owned(), serde_json::Value::Object(account.message(&id)).to_string().into());
        fields
    }

    fn order_of(&mut self, of: Of) -> Result<String, Finding> {
        match of {
            Of::Order(order) => Ok(self.bought(order)?.purchase.order_id.clone()),
            Of::Nobody => Ok(self.entropy.uuid()),
        }
    }

    fn saas(&mut self, family: Family, call: &Call, route: &Route, now_ms: u64) -> Result<Fields, Finding> {
        Ok(match (call, family) {
            (Call::Purchase(order), Family::V1) => self.v1_purchase(order, route)?,
            (Call::Purchase(order), Family::V2) => {
                let business_id = self.entropy.uuid();
                saas_v2::new_instance(&self.bought(order)?.purchase, &business_id)
            }
            (Call::Query(of), family) => {
                let ids = of.iter().map(|of| self.instance(*of)).collect::<Result<Vec<_>, _>>()?;
                let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
                match family {
                    Family::V1 => saas_v1::query_instance(&ids),
                    Family::V2 => saas_v2::query_instance(&ids),
                }
            }
            (Call::Refresh(order, scene), family) => {
                let id = self.instance(Of::Order(order))?;
                let term = self.term(order, *scene, now_ms)?;
                match family {
                    Family::V1 => saas_v1::refresh_instance(&id, &term, *scene),
                    Family::V2 => saas_v2::refresh_instance(&id, &term, *scene),
                }
                .ok_or(Finding::Unsendable { call: "refresh" })?
            }
            (Call::Status(order, frozen), Family::V1) => {
                saas_v1::instance_status(&self.instance(Of::Order(order))?, *frozen)
            }
            (Call::Status(order, frozen), Family::V2) => {
                saas_v2::update_instance_status(&self.instance(Of::Order(order))?, *frozen)
            }
            (Call::Expire(order), Family::V1) => saas_v1::expire_instance(
                &self.instance(Of::Order(order))?,
                &self.bought(order)?.purchase.order_id,
            ),
            (Call::Upgrade(order), family) => {
                let id = self.instance(Of::Order(order))?;
                let upgrade = self.upgrade(order, now_ms)?;
                match family {
                    Family::V1 => saas_v1::upgrade(&id, &upgrade),
                    Family::V2 => saas_v2::upgrade_instance(&id, &upgrade),
                }
            }
            (Call::CheckChange(order), Family::V2) => {
                let id = self.instance(Of::Order(order))?;
                let target = self.upgrade(order, now_ms)?;
                saas_v2::change_instance_check(&id, &target)
            }
            (Call::Release(of), family) => {
                let id = self.instance(*of)?;
                let order_id = self.order_of(*of)?;
                match family {
                    Family::V1 => saas_v1::release_instance(&id, &order_id),
                    Family::V2 => saas_v2::release_instance(&id, None),
                }
            }
            (Call::Unknown(activity, order), _) => {
                let mut fields = saas_v2::query_instance(&[&self.instance(Of::Order(order))?]);
                fields.insert("activity".to_owned(), (*activity).into());
                fields
            }
            (Call::Expire(_), Family::V2) => return Err(Finding::Unsendable { call: "expire" }),
            (Call::CheckChange(_), Family::V1) => {
                return Err(Finding::Unsendable { call: "check change" });
            }
            (
                Call::Again
                | Call::Notify(_)
                | Call::License(..)
                | Call::Sync(..)
                | Call::Misdirected(..)
                | Call::Account(_),
                _,
            ) => {
                return Err(Finding::Unsendable { call: "of another dialect" });
            }
        })
    }

    /// Takes in what a good answer says about instances.
    pub(super) fn learn(
        &mut self,
        call: &Call,
        asked: &Fields,
        answer: &Checked,
        findings: &mut Vec<Finding>,
    ) {
        let call = match (call, &self.last) {
            (Call::Again, Some((last, _))) => last.clone(),
            (call, _) => call.clone(),
        };
        match call {
            Call::Purchase(order) => {
                if let Some(got) = &answer.instance_id {
                    findings.extend(self.remember(order, got));
                }
                if let (Some(got), Some(bought)) = (&answer.license, self.orders.get_mut(order)) {
                    let first = bought.license.get_or_insert_with(|| got.clone());
                    findings.extend((first != got).then_some(Finding::LicenseChanged { order }));
                }
            }
            Call::Account(account) if answer.result_code == "200" => {
                findings.extend(self.remember_account(account, answer.account_id.as_ref()));
            }
            Call::Query(_) if answer.result_code == "000000" => findings.extend(listed(asked, answer)),
            _ => {}
        }
    }

    fn remember(&mut self, order: &'static str, got: &str) -> Option<Finding> {
        let holder = self.orders.iter().find(|(_, bought)| bought.instance_id.as_deref() == Some(got));
        if let Some((other, _)) = holder.filter(|(other, _)| **other != order) {
            return Some(Finding::InstanceShared { order, other, got: got.to_owned() });
        }
        let bought = self.orders.get_mut(order)?;
        match &bought.instance_id {
            Some(first) if first != got => {
                Some(Finding::InstanceChanged { order, first: first.clone(), got: got.to_owned() })
            }
            Some(_) => None,
            None => {
                bought.instance_id = Some(got.to_owned());
                None
            }
        }
    }

    /// An account has one id, until it is closed.
    fn remember_account(&mut self, account: Account, got: Option<&String>) -> Option<Finding> {
        if account.is_end() {
            self.accounts.remove(account.name());
            return None;
        }
        let name = account.name();
        let first = self.accounts.entry(name).or_insert_with(|| got.cloned().unwrap_or_default());
        let got = got?;
        (first != got).then(|| Finding::AccountChanged { name, first: first.clone(), got: got.clone() })
    }

    fn bought(&self, order: &'static str) -> Result<&Bought, Finding> {
        self.orders.get(order).ok_or(Finding::NoInstance { order })
    }

    fn instance(&mut self, of: Of) -> Result<String, Finding> {
        match of {
            Of::Nobody => Ok(self.entropy.uuid()),
            Of::Order(order) => self.bought(order)?.instance_id.clone().ok_or(Finding::NoInstance { order }),
        }
    }

    fn v1_purchase(&mut self, order: &'static str, route: &Route) -> Result<Fields, Finding> {
        let business_id = self.entropy.uuid();
        let contact = self.buyer.contact(&route.key, route.contact, &mut self.entropy).ok();
        Ok(saas_v1::new_instance(&self.buyer, contact.as_ref(), &self.bought(order)?.purchase, &business_id))
    }

    /// The order and expiry that a refresh carries.
    fn term(&mut self, order: &'static str, scene: Scene, now_ms: u64) -> Result<Order, Finding> {
        let bought = self.orders.get_mut(order).ok_or(Finding::NoInstance { order })?;
        let latest = bought.terms.last().unwrap_or(&bought.purchase);
        match scene {
            Scene::CancelledRenewal => {
                let cancelled =
                    bought.terms.pop().ok_or(Finding::Unsendable { call: "cancelled renewal" })?;
                let before = bought.terms.last().unwrap_or(&bought.purchase);
                Ok(Order { expires_ms: before.expires_ms, ..cancelled })
            }
            Scene::TrialToFormal | Scene::Renewal | Scene::RenewalChange => {
                let mut term = latest.renewal(&mut self.entropy, now_ms);
                if scene == Scene::RenewalChange {
                    term = term.upgrade(&mut self.entropy, now_ms);
                }
                bought.terms.push(term.clone());
                Ok(term)
            }
        }
    }

    fn upgrade(&mut self, order: &'static str, now_ms: u64) -> Result<Order, Finding> {
        let bought = self.orders.get(order).ok_or(Finding::NoInstance { order })?;
        Ok(bought.terms.last().unwrap_or(&bought.purchase).upgrade(&mut self.entropy, now_ms))
    }
}

/// A query must list exactly the ids that it names, in their order.
fn listed(asked: &Fields, answer: &Checked) -> Option<Finding> {
    let asked: Vec<String> =
        asked.get("instanceId")?.as_str()?.split(',').map(|id| id.trim().to_owned()).collect();
    let got: Vec<String> = answer.instances.iter().map(|instance| instance.instance_id.clone()).collect();
    (asked != got).then_some(Finding::Listed { asked, got })
}
