//! The whole loop of a call over a store in memory: admit, load, decide, commit, settle, commit. The seller's backend
//! answers at once.

use std::cell::RefCell;
use std::hint::black_box;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use countersign_benches::sample::{self, Call, NOW};
use countersign_core::ledger::{Assignment, Decision, Outcome, Row, Settlement};
use countersign_core::{Answer, Verdict};
use countersign_ledger::{MemoryStore, Outcome as Committed, Store, StoreError};
use countersign_runtime::{Engine, NativeEngine, OpenSeller, WasmEngine, WasmSettings};
use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};

const BACKEND: &[u8] =
    br#"{"front_end_url":"https://app.example.com/","user_name":"admin","password":"s3cret"}"#;
/// A store of more purchases is replaced: what is measured is the loop, not a tree that grows.
const PURCHASES: u64 = 4_096;

/// Signs a call about the numbered purchase, another signature each time.
type Sign = fn(u64, u64) -> Call;
const REPEATS: [(&str, Sign); 2] = [("repeat", sample::repeated_purchase), ("query", sample::query)];

struct SmallGateway {
    seller: OpenSeller,
    store: MemoryStore,
    drawn: u64,
}

impl SmallGateway {
    fn new(engine: Arc<dyn Engine>) -> Self {
        let seller = OpenSeller::open(engine, &sample::configuration(1)).expect("a seller");
        Self { seller, store: MemoryStore::new(), drawn: 0 }
    }

    fn handle(&mut self, call: &Call) -> Answer {
        let request_id = self.draw();
        let verdict = call.read(|request| self.seller.admit(request, &request_id, NOW));
        let Verdict::Admitted(admitted) = verdict.expect("a verdict") else { panic!("refused") };
        let mut rows = self.load(admitted.keys);
        loop {
            let entropy = self.draw();
            match self.seller.decide(&admitted.admission, &rows, NOW, &entropy).expect("a decision") {
                Decision::Need { keys } => rows.extend(self.load(keys)),
                Decision::Answer(answered) => {
                    self.commit(answered.commit);
                    return answered.answer;
                }
                Decision::Perform(work) => return self.perform(&admitted.admission, work),
                other => panic!("{other:?}"),
            }
        }
    }

    fn perform(&mut self, admission: &[u8], work: Assignment) -> Answer {
        self.commit(work.commit);
        let outcome = Outcome::Done(BACKEND.to_vec());
        let mut rows = Vec::new();
        loop {
            let entropy = self.draw();
            let settled = self.seller.settle(&work.work, Some(admission), &rows, &outcome, NOW, &entropy);
            match settled.expect("a settlement") {
                Settlement::Need { keys } => rows.extend(self.load(keys)),
                Settlement::Settled(settled) => {
                    self.commit(settled.commit);
                    return settled.answer.expect("an answer");
                }
            }
        }
    }

    fn load(&self, keys: Vec<String>) -> Vec<Row> {
        at_once(self.store.load(keys)).expect("rows")
    }

    fn commit(&self, writes: Vec<countersign_core::ledger::Write>) {
        assert_eq!(at_once(self.store.commit(writes)), Ok(Committed::Committed));
    }

    /// Different for each call; entropy of a quality that nobody needs here.
    fn draw<const N: usize>(&mut self) -> [u8; N] {
        self.drawn += 1;
        let mut bytes = [0; N];
        bytes[..8].copy_from_slice(&self.drawn.to_le_bytes());
        bytes
    }
}

/// The store in memory answers before it is waited for.
fn at_once<T>(reply: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    match pin!(reply).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("the store waits"),
    }
}

fn success(answer: &Answer) -> bool {
    answer.body.starts_with(br#"{"resultCode":"000000""#)
}

fn whole(criterion: &mut Criterion) {
    let engines: [(&str, Arc<dyn Engine>); 2] = [
        ("native", Arc::new(NativeEngine::new())),
        ("wasm", Arc::new(WasmEngine::new(WasmSettings::default()).expect("an engine"))),
    ];
    let mut group = criterion.benchmark_group("loop");
    for (name, engine) in engines {
        let gate = RefCell::new(SmallGateway::new(engine));
        let mut number = 0;
        group.bench_function(BenchmarkId::new(name, "purchase"), |bench| {
            bench.iter_batched(
                || {
                    number += 1;
                    if number % PURCHASES == 0 {
                        gate.borrow_mut().store = MemoryStore::new();
                    }
                    sample::purchase(number)
                },
                |call| assert!(success(&gate.borrow_mut().handle(black_box(&call)))),
                BatchSize::SmallInput,
            );
        });

        gate.borrow_mut().store = MemoryStore::new();
        assert!(success(&gate.borrow_mut().handle(&sample::purchase(0))));
        for (what, sign) in REPEATS {
            let mut nonce = 0;
            group.bench_function(BenchmarkId::new(name, what), |bench| {
                bench.iter_batched(
                    || {
                        nonce += 1;
                        sign(0, nonce)
                    },
                    |call| assert!(success(&gate.borrow_mut().handle(black_box(&call)))),
                    BatchSize::SmallInput,
                );
            });
        }
    }
    group.finish();
}

criterion_group!(benches, whole);
criterion_main!(benches);
