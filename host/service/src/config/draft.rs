//! What was read of a document, sound or not: whole it is a configuration, in part it may still renew one.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::Value;

use super::problem::{ConfigErrors, Problem, Problems};
use super::table::Table;
use super::{
    ApiConfig, BackendConfig, CallsConfig, Limits, LogConfig, ShadowConfig, StoreConfig, TlsConfig, document,
    folder, read_engine, secret, seller, tls,
};

/// Everything that could be read; what is required and absent is `None`.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) tls: Option<TlsConfig>,
    pub(crate) store: Option<StoreConfig>,
    pub(crate) calls: Option<CallsConfig>,
    pub(crate) api: Option<ApiConfig>,
    pub(crate) limits: Limits,
    pub(crate) log: LogConfig,
}

impl Draft {
    pub(super) fn read(document: &mut Value, base: &Path, problems: &mut Problems) -> Option<Self> {
        let (seller, mut apart) = seller::take(document, base, problems);
        let mut table = Table::new(document, "", problems)?;
        let listen = table.address("listen", problems);
        let tls = table.value("tls").and_then(|value| tls::read(value, "tls", base, problems));
        let store = StoreConfig::read(&mut table, base, problems);
        let backend = table.required("backend", problems);
        let backend = backend.and_then(|value| BackendConfig::read(value, "backend", base, problems));
        apart.refuse_uploads(problems);
        let shadows = std::mem::take(&mut apart.shadows);
        let product_backends = match (&seller, &backend) {
            (Some(seller), Some(common)) => apart.product_backends(seller, common, problems),
            _ => Vec::new(),
        };
        let mut shadow = ShadowConfig::read(table.value("shadow"), base, problems);
        shadow.routes = seller.as_ref().map(|seller| seller.by_method(shadows)).unwrap_or_default();
        let api = table.value("api").and_then(|value| ApiConfig::read(value, base, problems));
        let engine = read_engine(&mut table, problems);
        let limits = table.table("limits", problems).map(|table| Limits::read(table, problems));
        let log = table.table("log", problems).map(|table| LogConfig::read(table, problems));
        table.finish(problems);
        let calls = seller.zip(backend).zip(engine).map(|((seller, backend), engine)| CallsConfig {
            seller: seller.run_by(engine),
            backend,
            product_backends,
            shadow,
        });
        let (limits, log) = (limits.unwrap_or_default(), log.unwrap_or_default());
        Some(Self { listen, tls, store, calls, api, limits, log })
    }
}

/// A part of the document that takes effect as a whole, whatever the others hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Calls,
    Tls,
    ApiTls,
    Tokens,
    Limits,
    Log,
    /// Addresses and the store, which are never taken over while the process runs.
    Fixed,
}

impl Part {
    const ALL: [Self; 7] =
        [Self::Calls, Self::Tls, Self::ApiTls, Self::Tokens, Self::Limits, Self::Log, Self::Fixed];

    /// The members that it consists of.
    pub(crate) const fn members(self) -> &'static [&'static str] {
        match self {
            Self::Calls => &["routes", "settings", "backend", "shadow", "engine"],
            Self::Tls => &["tls"],
            Self::ApiTls => &["api.tls"],
            Self::Tokens => &["api.tokens"],
            Self::Limits => &["limits", "api.max_connections"],
            Self::Log => &["log"],
            Self::Fixed => &["listen", "store", "api.listen"],
        }
    }

    fn holds(self, path: &str) -> bool {
        self.members().iter().any(|member| {
            path.strip_prefix(member).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
    }
}

/// A configuration that was read again, with whatever is wrong with it.
#[derive(Debug)]
pub(crate) struct Reread {
    pub(crate) draft: Draft,
    pub(crate) problems: Vec<Problem>,
}

impl Reread {
    /// Reads the file again.
    ///
    /// # Errors
    /// Where the document as a whole means nothing: it cannot be read, is not TOML, or has a mistake outside of every
    /// part, a misspelt name for one, which may have been meant for any of them.
    pub(crate) fn of(file: &Path) -> Result<Self, ConfigErrors> {
        let mut document = document::from_file(file)?;
        let mut problems = Problems::default();
        let draft = Draft::read(&mut document, folder(file), &mut problems);
        secret::wipe(&mut document);
        let problems = problems.into_list();
        let in_a_part = |problem: &Problem| Part::ALL.iter().any(|part| part.holds(&problem.path));
        match draft {
            Some(draft) if problems.iter().all(in_a_part) => Ok(Self { draft, problems }),
            _ => Err(ConfigErrors { problems }),
        }
    }

    /// Whether nothing is wrong with a part.
    pub(crate) fn is_sound(&self, part: Part) -> bool {
        !self.problems.iter().any(|problem| part.holds(&problem.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_belongs_to_the_part_that_it_stands_in() {
        let part = |path| Part::ALL.into_iter().filter(|part| part.holds(path)).collect::<Vec<_>>();
        assert_eq!(part("routes[0].keys[1]"), [Part::Calls]);
        assert_eq!(part("settings"), [Part::Calls]);
        assert_eq!(part("tls.key"), [Part::Tls]);
        assert_eq!(part("api.tls.certificate"), [Part::ApiTls]);
        assert_eq!(part("api.tokens[0].scopes"), [Part::Tokens]);
        assert_eq!(part("api.listen"), [Part::Fixed]);
        for path in ["", "api", "api.colour", "tlss", "tls2.key", "limts.x", "route"] {
            assert_eq!(part(path), [], "{path}");
        }
    }
}
