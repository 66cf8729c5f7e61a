//! A configuration that was read again takes effect part by part, while everything that is under way goes on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::in_force::InForce;
use super::opening::Opening;
use crate::api::{Api, Tokens};
use crate::config::{ApiConfig, CallsConfig, Part, Problem, Reread};
use crate::gate::Gate;
use crate::listen::{Conduct, Public};
use crate::telemetry;

/// Where new terms are handed to.
pub(super) struct Doors {
    pub(super) public: (Arc<Public>, Conduct),
    pub(super) api: Option<(Arc<Api>, Conduct)>,
}

pub(super) struct Renewal {
    opening: Opening,
    doors: Doors,
    in_force: Mutex<InForce>,
}

impl Renewal {
    pub(super) fn new(opening: Opening, doors: Doors, in_force: InForce) -> Self {
        Self { opening, doors, in_force: Mutex::new(in_force) }
    }

    /// How long calls in flight may take at the end of the process.
    pub(super) fn shutdown_timeout(&self) -> Duration {
        self.in_force.lock().unwrap_or_else(PoisonError::into_inner).limits.shutdown_timeout
    }

    /// Takes over what is sound.
    pub(super) fn take_over(&self, reread: Reread, gate: &Arc<Gate>) {
        let mut in_force = self.in_force.lock().unwrap_or_else(PoisonError::into_inner);
        refuse(&reread.problems);
        compare(&reread, &in_force);
        let is_sound = |part| reread.is_sound(part);
        let (calls, limits, log) = (is_sound(Part::Calls), is_sound(Part::Limits), is_sound(Part::Log));
        let (tls, api_tls, tokens) = (is_sound(Part::Tls), is_sound(Part::ApiTls), is_sound(Part::Tokens));
        let draft = reread.draft;
        let mut taken = Vec::new();

        if limits {
            in_force.limits = draft.limits;
            taken.push(Part::Limits);
        }
        let mut warnings = Vec::new();
        if let Some(config) = draft.calls.filter(|_| calls)
            && self.take_calls(&config, &mut in_force, gate)
        {
            warnings.extend_from_slice(config.seller.warnings());
            taken.push(Part::Calls);
        }
        // Whether a listener speaks TLS at all is for a restart: its callers would have to learn of it at the same moment.
        if tls && draft.tls.is_some() == in_force.tls.is_some() {
            in_force.tls = draft.tls;
            taken.push(Part::Tls);
        }
        if let (Some(now), Some(api)) = (&mut in_force.api, draft.api) {
            let ApiConfig { tokens: new_tokens, tls: new_tls, max_connections, .. } = api;
            if tokens {
                now.tokens = Arc::new(Tokens::new(&new_tokens));
                taken.push(Part::Tokens);
            }
            if api_tls && new_tls.is_some() == now.tls.is_some() {
                now.tls = new_tls;
                taken.push(Part::ApiTls);
            }
            if limits {
                now.max_connections = max_connections;
            }
        }
        if log {
            let format = in_force.log.json;
            in_force.log = draft.log;
            in_force.log.json = format;
            telemetry::set_level(in_force.log.level);
            taken.push(Part::Log);
        }
        self.hand_out(&in_force);
        let now = Duration::from_millis(self.opening.clock.now());
        for warning in warnings.into_iter().chain(in_force.warnings(now)) {
            let Problem { path, code, message } = warning;
            tracing::warn!(path, code, message, "configuration");
        }
        for part in taken {
            tracing::info!(members = part.members().join(", "), "taken over from the configuration");
        }
    }

    /// Seller, backends and old handlers, all of them or none.
    fn take_calls(&self, config: &CallsConfig, in_force: &mut InForce, gate: &Arc<Gate>) -> bool {
        let opened = in_force
            .own_shares()
            .and_then(|shares| self.opening.terms(config, shares.backend))
            .map(Arc::new)
            .and_then(|terms| Ok((self.opening.shadow(config, &terms, gate)?, terms)));
        match opened {
            Ok((shadow, terms)) => {
                gate.replace_terms(terms);
                in_force.shadow = shadow;
                in_force.settings = *config.seller.settings();
                true
            }
            Err(error) => {
                tracing::error!(error = %error, "routes and backends stay as they were");
                false
            }
        }
    }

    /// Gives both listeners what is in force now.
    fn hand_out(&self, in_force: &InForce) {
        let (public, conduct) = &self.doors.public;
        public.terms.replace(in_force.calls());
        conduct.change_terms(in_force.public_terms());
        match in_force.own_shares() {
            Ok(shares) => conduct.resize(in_force.public_capacity(shares)),
            Err(error) => tracing::error!(error = %error, "the number of connections stays as it was"),
        }
        if let (Some((handler, conduct)), Some(api)) = (&self.doors.api, &in_force.api) {
            handler.terms.replace(in_force.requests(api));
            conduct.change_terms(in_force.api_terms(api));
            conduct.resize(api.capacity());
        }
    }
}

/// Names what cannot be taken over.
pub(super) fn refuse(problems: &[Problem]) {
    for Problem { path, code, message } in problems {
        tracing::error!(path, code, message, "not taken over from the configuration");
    }
}

/// Names what only a restart takes over.
fn compare(reread: &Reread, in_force: &InForce) {
    let draft = &reread.draft;
    let fixed = reread.is_sound(Part::Fixed);
    let api = draft.api.as_ref().map(|api| api.listen);
    let engine = draft.calls.as_ref().map(|calls| calls.seller.engine());
    for (path, changed) in [
        ("listen", fixed && draft.listen != Some(in_force.listen)),
        ("store", fixed && draft.store.as_ref() != Some(&in_force.store)),
        ("api.listen", fixed && api != in_force.api.as_ref().map(|api| api.listen)),
        ("engine", engine.is_some_and(|engine| engine != in_force.engine)),
        ("tls", reread.is_sound(Part::Tls) && draft.tls.is_some() != in_force.tls.is_some()),
        ("log.format", reread.is_sound(Part::Log) && draft.log.json != in_force.log.json),
    ] {
        if changed {
            tracing::warn!(path, "changed in the configuration, and takes a restart");
        }
    }
}
