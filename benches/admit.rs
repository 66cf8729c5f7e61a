//! `admit`: one call judged, by the core itself, through the frames of the native engine, and in WebAssembly.

use std::hint::black_box;
use std::sync::Arc;

use countersign_benches::sample::{self, Call, NOW};
use countersign_core::{Seller, Verdict};
use countersign_runtime::{Engine, NativeEngine, OpenSeller, WasmEngine, WasmSettings};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const REQUEST_ID: [u8; 16] = [7; 16];

/// The same rules behind three doors.
struct Doors {
    core: Seller,
    native: OpenSeller,
    wasm: OpenSeller,
}

impl Doors {
    fn open(keys: usize) -> Self {
        let configuration = sample::configuration(keys);
        let open = |engine: Arc<dyn Engine>| OpenSeller::open(engine, &configuration).expect("a seller");
        Self {
            core: Seller::from_json(&configuration).expect("a seller"),
            native: open(Arc::new(NativeEngine::new())),
            wasm: open(Arc::new(WasmEngine::new(WasmSettings::default()).expect("an engine"))),
        }
    }

    /// Measures one call behind every door; `admitted` is what all of them must say.
    fn measure(&self, criterion: &mut Criterion, name: &str, call: &Call, admitted: bool) {
        let through = |seller: &OpenSeller| {
            call.read(|request| seller.admit(request, &REQUEST_ID, NOW)).expect("a verdict")
        };
        for verdict in [self.core(call), through(&self.native), through(&self.wasm)] {
            assert_eq!(matches!(verdict, Verdict::Admitted(_)), admitted, "{name}: {verdict:?}");
        }
        let mut group = criterion.benchmark_group("admit");
        group.throughput(Throughput::Bytes(call.body().len() as u64));
        group.bench_function(BenchmarkId::new("core", name), |bench| {
            bench.iter(|| self.core(black_box(call)));
        });
        for (engine, seller) in [("native", &self.native), ("wasm", &self.wasm)] {
            group.bench_function(BenchmarkId::new(engine, name), |bench| {
                bench.iter(|| black_box(call).read(|request| seller.admit(request, &REQUEST_ID, NOW)));
            });
        }
        group.finish();
    }

    fn core(&self, call: &Call) -> Verdict {
        call.read(|request| self.core.admit(request, &REQUEST_ID, NOW))
    }
}

fn admit(criterion: &mut Criterion) {
    let doors = Doors::open(1);
    doors.measure(criterion, "v1", &sample::v1(), true);
    for bytes in sample::SIZES {
        doors.measure(criterion, &format!("v2-{bytes}"), &sample::v2(bytes), true);
    }
    Doors::open(3).measure(criterion, "v2-refused", &sample::v2_of_a_stranger(350), false);
}

criterion_group!(benches, admit);
criterion_main!(benches);
