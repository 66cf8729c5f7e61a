//! What an honest call never has, because the text that is signed has a second reading with it.

use super::{COMMON_NAMES, Strict, V1};
use crate::dialect::fields::{Field, Syntax};

impl V1 {
    /// Names and values are joined unescaped, so one text has several readings: the token of `skuCode=s&testFlag=1` is that of
    /// `skuCode=s%26testFlag%3D1`, and that of `orderId=o&x=1` is that of `orderId=o%26x%3D1`. What an honest call never has
    /// is refused:
    ///
    /// * a name with `&` or `=`;
    /// * a value with `&`, a name of the tables and `=`, whatever parameter has it: a parameter of ours would vanish;
    /// * a value with any `&` where the dialect is strict, in the tables of SaaS everywhere but in names of people and companies: a parameter that no table
    ///   has could be glued to an order, an instance, a price level, and one captured call becomes two.
    ///
    /// What is left to whoever re-partitions a captured text: parameters that no table has may move into `customerName`,
    /// `userName` or each other.
    pub(super) fn is_ambiguous(&self, name: &str, value: &str) -> bool {
        if name.contains(['&', '=']) {
            return true;
        }
        let Some((_, glued)) = value.split_once('&') else { return false };
        let is_strict = match self.strict {
            Strict::AllButNames => {
                let is_name = self.field(name).is_some_and(|field| field.syntax == Syntax::Name);
                self.table_name(name).is_some() && !is_name
            }
            Strict::Only(names) => names.contains(&name),
        };
        let imitates =
            |part: &str| part.split_once('=').is_some_and(|(name, _)| self.table_name(name).is_some());
        is_strict || glued.split('&').any(imitates)
    }

    fn field(&self, name: &str) -> Option<&'static Field> {
        self.activities.iter().flat_map(|activity| activity.fields).find(|field| field.wire == name)
    }

    /// The same name, if the tables have it.
    pub(super) fn table_name(&self, name: &str) -> Option<&'static str> {
        let common = COMMON_NAMES.into_iter().find(|known| *known == name);
        common.or_else(|| self.field(name).map(|field| field.wire))
    }
}
