//! The reader of JSON and each text that may have been signed.

use std::hint::black_box;

use countersign_benches::sample;
use countersign_core::wire::json::{self, Canonical};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const SIZES: [usize; 3] = [350, 4_096, 65_536];

fn canonical(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("canonical");
    for bytes in SIZES {
        // Out of order, so that sorting has something to do.
        let call = sample::v2_of_a_stranger(bytes);
        let document = json::read(call.body()).expect("a JSON object");
        group.throughput(Throughput::Bytes(call.body().len() as u64));
        group.bench_function(BenchmarkId::new("read", bytes), |bench| {
            bench.iter(|| json::read(black_box(call.body())).is_ok());
        });
        for form in Canonical::ALL {
            let mut text = Vec::with_capacity(2 * bytes);
            group.bench_function(BenchmarkId::new(form.code(), bytes), |bench| {
                bench.iter(|| {
                    text.clear();
                    form.write(black_box(document.value()), &mut text)
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, canonical);
criterion_main!(benches);
