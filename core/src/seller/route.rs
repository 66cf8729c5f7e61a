//! One route: where calls arrive, whose they are, and who judges them.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Policy;
use crate::config::{Problems, Table};
use crate::crypto::Secret;
use crate::dialect::{self, Dialect, Endpoint, Target};
use crate::wire::json::Value;

/// One production address under one dialect, ready for calls.
#[derive(Debug)]
pub(crate) struct Route {
    /// As registered with the platform.
    pub(crate) path: String,
    pub(crate) dialect: &'static dyn Dialect,
    /// The dialect, opened with the keys and settings of this route.
    pub(crate) endpoint: Box<dyn Endpoint>,
    /// The owner of the instances; prefixes every ledger key.
    pub(crate) product: String,
    pub(crate) policy: Policy,
}

impl Route {
    /// Reads one table; the route is `None` where something in it cannot be used.
    pub(super) fn read(value: Value<'_>, path: &str, problems: &mut Problems) -> Option<Self> {
        let mut table = Table::new(value, path, problems)?;
        let address = table.required_text("path", problems).unwrap_or("/");
        if !is_path(address) {
            let message = "must begin with `/` and hold neither blanks, `?` nor `#`, at most 512 bytes";
            problems.add(&table.at("path"), "out-of-range", message);
        }
        let named = read_dialect(&mut table, problems);
        // One that nobody knows is read as the first one, so that other mistakes are named all the same.
        let dialect = named.or(dialect::ALL.first().copied())?;
        let ends_in = |target: &Target| !target.sub_path.is_empty() && address.ends_with(target.sub_path);
        if dialect.targets().iter().any(ends_in) {
            let message = "ends in a path that the platform appends by itself";
            problems.add(&table.at("path"), "conflict", message);
        }
        let endpoint = dialect.open(&mut table, problems);
        let policy = Policy::read(&mut table, dialect, problems);
        let product = table.text("product", problems).unwrap_or(address);
        if product.is_empty() || product.len() > 128 || !product.bytes().all(|byte| byte.is_ascii_graphic()) {
            problems.add(&table.at("product"), "out-of-range", "must be 1 to 128 printable ASCII characters");
        }
        if table.has_unknown() {
            let others = known_elsewhere(&table);
            if named.is_none() {
                table.know(&others);
            }
            table.finish(Some(&others), problems);
        }
        Some(Self {
            path: address.to_string(),
            dialect: named?,
            endpoint: endpoint?,
            product: product.to_string(),
            policy: policy?,
        })
    }

    /// The path of a target of this route.
    pub(crate) fn address(&self, target: &Target) -> String {
        let (path, sub_path) = self.parts(target);
        format!("{path}{sub_path}")
    }

    /// What is behind the path begins with a slash, so that of one which ends in a slash itself only one counts.
    fn parts(&self, target: &Target) -> (&str, &'static str) {
        let path = self.path.as_str();
        let path = if target.sub_path.is_empty() { path } else { path.strip_suffix('/').unwrap_or(path) };
        (path, target.sub_path)
    }

    /// The targets that are at this path, whatever their methods.
    pub(crate) fn targets_at<'r>(&'r self, path: &'r [u8]) -> impl Iterator<Item = &'static Target> + 'r {
        self.dialect.targets().iter().filter(move |target| {
            let (of_route, sub_path) = self.parts(target);
            path.strip_prefix(of_route.as_bytes()) == Some(sub_path.as_bytes())
        })
    }

    /// The rings in which a secret of the other stands, by name.
    pub(super) fn rings_shared_with(&self, other: &Self) -> Vec<&'static str> {
        let others = other.endpoint.rings();
        let stands_there = |secret: &Secret| {
            others.iter().any(|ring| ring.secrets.iter().any(|one| one.expose() == secret.expose()))
        };
        let rings = self.endpoint.rings();
        let shared = rings.iter().filter(|ring| ring.secrets.iter().any(|secret| stands_there(secret)));
        shared.map(|ring| ring.name).collect()
    }

    /// The target as which the route takes a call, if it does.
    pub(crate) fn claims(&self, method: &str, path: &[u8]) -> Option<&'static Target> {
        self.targets_at(path).find(|target| target.method == method)
    }

    /// Whether both have a target in common, method and all.
    pub(super) fn takes_calls_of(&self, other: &Self) -> bool {
        self.dialect
            .targets()
            .iter()
            .any(|target| other.claims(target.method, self.address(target).as_bytes()).is_some())
    }

    /// Whether a productId is one of this route's, as far as the route names any.
    pub(crate) fn sells(&self, product_id: &str) -> bool {
        let known = &self.policy.product_ids;
        known.is_empty() || known.iter().any(|one| one == product_id)
    }
}

fn is_path(text: &str) -> bool {
    text.starts_with('/')
        && text.len() <= 512
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'?' && byte != b'#')
}

fn read_dialect(table: &mut Table<'_>, problems: &mut Problems) -> Option<&'static dyn Dialect> {
    let name = table.required_text("dialect", problems)?;
    let found = dialect::by_name(name);
    if found.is_none() {
        let names = dialect::ALL.iter().map(|one| one.name()).collect::<Vec<_>>().join(", ");
        problems.add(&table.at("dialect"), "unknown-value", &format!("must be one of: {names}"));
    }
    found
}

/// The table as all dialects together read it: what they ask for is a setting, if not of every dialect.
fn known_elsewhere<'a>(table: &Table<'a>) -> Table<'a> {
    let mut others = table.fresh();
    let mut unheard = Problems::default();
    for dialect in dialect::ALL {
        let _endpoint = dialect.open(&mut others, &mut unheard);
    }
    others
}
