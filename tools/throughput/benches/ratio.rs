//! How long the fit of a density ratio takes: `make bench`. Rows of each side, 100 kernels, five bandwidths; for
//! uLSIF four ridges too, as in `compare_distributions`. One thread, as in a sweep.

use divan::Bencher;
use gan::Rng;
use gan::ratio;
// For its allocator.
use shared as _;
use tch::{Kind, Tensor};

fn main() {
    gan::prepare_thread();
    divan::main();
}

const ROWS: [i64; 3] = [250, 1_000, 4_000];
const KERNELS: i64 = 100;
const BANDWIDTHS: [f64; 5] = [0.75, 1.5, 2.25, 3.0, 4.5];
const RIDGES: [f64; 4] = [1e-3, 1e-2, 1e-1, 1.0];

/// N(0, I) and N(1/2, I) in five dimensions.
fn sides(rows: i64) -> (Tensor, Tensor) {
    let normal = Rng::new(&[0, 1]).normal(&[rows, 5]).to_kind(Kind::Double);
    (normal.get(0), normal.get(1) + 0.5)
}

#[divan::bench(args = ROWS, sample_count = 10)]
fn ulsif(bencher: Bencher, rows: i64) {
    let (p, q) = sides(rows);
    let centres = p.narrow(0, 0, KERNELS);
    bencher.bench_local(|| ratio::ulsif((&p, &q), &centres, &BANDWIDTHS, &RIDGES));
}

#[divan::bench(args = ROWS, sample_count = 10)]
fn kliep(bencher: Bencher, rows: i64) {
    let (p, q) = sides(rows);
    bencher.bench_local(|| ratio::kliep((&p, &q), KERNELS, &BANDWIDTHS));
}
