//! What the backend's answer to a question means for the call that asked it. Nothing is owed and nothing is written.

use alloc::vec::Vec;

use super::access;
use super::admission::Admission;
use super::contract::Row;
use super::decide::{Scene, Verdict, answer};
use super::decision::{Outcome, Settled, Settling};
use super::probe;
use super::query;
use super::settle::{Settle, cut};
use super::snapshot::{Snapshot, Stop};
use crate::dialect::Reply;
use crate::event::EventKind;
use crate::reason::{Reason, ReasonCode};

impl Settle<'_> {
    pub(super) fn question(&self, admission: &Admission<'_>, rows: &[Row]) -> Result<Settled, Stop> {
        let first = admission.keys();
        let reads = admission.call.test || admission.call.event.kind == EventKind::QueryInstances;
        // Hosts begin with no rows; what they looked for and did not find counts as absent from then on.
        if reads && rows.is_empty() && !first.is_empty() {
            return Err(Stop::Need(first));
        }
        let snapshot = Snapshot::new(rows, &first);
        let scene = self.scene(admission, &snapshot);
        let (reply, reason) = match admission.call.event.kind {
            _ if admission.call.test => (self.test_reply(&scene)?, None),
            EventKind::QueryInstances => self.usage_reply(&scene)?,
            _ => self.check_reply(admission),
        };
        let answer = Some(answer(admission, &reply, self.entropy));
        Ok(Settled {
            answer,
            instance: scene.named(&reply),
            commit: Vec::new(),
            effect: Settling::Asked,
            promoted: false,
            reason,
            alarms: Vec::new(),
        })
    }

    /// A test call succeeds whatever the backend said; what it said of the access is used where it fits.
    fn test_reply(&self, scene: &Scene<'_>) -> Result<Reply, Stop> {
        let (id, _) = match scene.admission.call.event.kind {
            EventKind::Subscribe => probe::instance_id(scene)?,
            _ => Default::default(),
        };
        let encrypts = scene.admission.route.endpoint.encrypts_credentials();
        let access = match self.outcome {
            Outcome::Done(body) => access::read(body, encrypts, 0, self.entropy).ok(),
            _ => None,
        };
        Ok(probe::reply(scene, &id, access.as_ref().map(access::app_info)))
    }

    /// The instances with their usage; without it where the backend did not say.
    fn usage_reply(&self, scene: &Scene<'_>) -> Result<(Reply, Option<Reason>), Stop> {
        let usage = match self.outcome {
            Outcome::Done(body) => access::read_usage(body),
            _ => Err(ReasonCode::BackendFailed.into()),
        };
        let (usage, reason) = match usage {
            Ok(usage) => (usage, None),
            Err(reason) => (Vec::new(), Some(reason)),
        };
        match query::look_up(scene)? {
            Verdict::Reply { reply: Reply::Instances { code, mut items }, .. } => {
                for (id, figure) in usage {
                    if let Some(item) = items.iter_mut().find(|item| item.instance_id == id) {
                        item.usage.push(figure);
                    }
                }
                Ok((Reply::Instances { code, items }, reason))
            }
            Verdict::Reply { reply, reason, .. } => Ok((reply, reason)),
            _ => Err(ReasonCode::Internal.into()),
        }
    }

    fn check_reply(&self, admission: &Admission<'_>) -> (Reply, Option<Reason>) {
        match self.outcome {
            Outcome::Done(_) => (Reply::success(), None),
            Outcome::Refused { code, message } => {
                let known =
                    admission.rules().takes_refusal(code) || matches!(code.as_str(), "000002" | "000005");
                let code = if known { code.as_str() } else { admission.route.endpoint.change_refusal_code() };
                (Reply::said(code, &cut(message)), Some(ReasonCode::BackendRefused.into()))
            }
            _ => {
                (Reply::code(ReasonCode::BackendFailed.result_code()), Some(ReasonCode::BackendFailed.into()))
            }
        }
    }
}
