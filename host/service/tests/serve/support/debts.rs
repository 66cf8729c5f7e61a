//! Works that a gateway left behind an hour ago: reserved, leased, and never sent.

use std::path::Path;
use std::sync::Arc;

use countersign::config::Config;
use countersign_core::ledger::Decision;
use countersign_core::{Body, Request, Verdict};
use countersign_ledger::{Outcome, Store};
use countersign_runtime::{NativeEngine, OpenSeller};
use countersign_simulator::Dialect;
use serde_json::Value;

use super::{Platform, now_ms};

const HOUR_MS: u64 = 3_600_000;

/// Buys so many instances of SaaS V2 at this path, each with so many bytes more than a purchase has.
pub(crate) fn owe(config: &Value, store: &Arc<dyn Store>, path: &str, purchases: usize, padding: usize) {
    let config = Config::from_value(config.clone(), Path::new(".")).unwrap();
    let seller = OpenSeller::open(Arc::new(NativeEngine::new()), config.calls.seller.json()).unwrap();
    let platform = Platform::new("127.0.0.1:1".parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut owed = 0;
    for number in 0_u64.. {
        if owed == purchases {
            break;
        }
        let mut fields = platform.purchase(Dialect::SaasV2, &platform.order());
        if padding > 0 {
            fields.insert("padding".to_owned(), "x".repeat(padding).into());
        }
        let then = now_ms() - HOUR_MS;
        let request = platform.sign_at(Dialect::SaasV2, path, &fields, then);
        let headers: Vec<(&str, &[u8])> =
            request.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let (target, body) = (request.target.as_bytes(), Body::Bytes(&request.body));
        let request = Request::new(request.method, target, &headers, body);
        let mut id = [0; 16];
        id[..8].copy_from_slice(&number.to_le_bytes());
        let Verdict::Admitted(admitted) = seller.admit(&request, &id, then).unwrap() else {
            panic!("refused");
        };
        runtime.block_on(async {
            let rows = store.load(admitted.keys).await.unwrap();
            let mut entropy = [7; 32];
            entropy[..8].copy_from_slice(&number.to_le_bytes());
            entropy[8..8 + path.len()].copy_from_slice(path.as_bytes());
            match seller.decide(&admitted.admission, &rows, then, &entropy).unwrap() {
                Decision::Perform(work) => {
                    assert_eq!(store.commit(work.commit).await, Ok(Outcome::Committed));
                    owed += 1;
                }
                // Of some thousand orders that are drawn, two may be the same.
                Decision::Need { .. } => {}
                other => panic!("{other:?}"),
            }
        });
    }
}
