//! Fits the ratio of two densities from their samples by a classifier and by kernels, and scores both against the truth.
//!
//!     cargo run --release --example ratio

#![expect(clippy::print_stdout, reason = "numbers are the output")]

use gan::Rng;
use gan::ratio::{Features, LogisticRatio, median_distance, ulsif};
use tch::{Kind, Tensor};

fn main() {
    // The ratio of N(1, 1) to N(0, 1) is exp(x - 1/2).
    let root = Rng::new(&[0]);
    let sample =
        |label: &str, mean: f64| root.fork(label).normal(&[1_000, 1]).squeeze_dim(0) + mean;
    let (numerator, denominator) = (sample("numerator", 1.0), sample("denominator", 0.0));
    let fresh = sample("fresh", 0.0);
    let truth = (&fresh - 0.5).exp().squeeze_dim(1);

    let classifier = LogisticRatio::fit(Features::Linear, (&numerator, &denominator));
    let centres = numerator.narrow(0, 0, 100);
    let median = median_distance(&denominator);
    let widths = [0.5, 1.0, 2.0].map(|factor| factor * median);
    let kernels = ulsif((&numerator, &denominator), &centres, &widths, &[1e-3, 1e-2, 1e-1, 1.0]);

    let error = |ratio: &Tensor| {
        let square = |x: &Tensor| x.square().mean(Kind::Double).double_value(&[]);
        square(&(ratio - &truth)) / square(&truth)
    };
    println!(
        "relative squared error of a linear classifier: {:.4}",
        error(&classifier.log_ratio(&fresh).exp())
    );
    println!("relative squared error of uLSIF's kernels: {:.4}", error(&kernels.ratio.at(&fresh)));
}
