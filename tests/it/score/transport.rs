//! Transport between modes that are far apart: iterations come to their end, or say that they did not.

use approx::assert_relative_eq;

use super::{Files, lines, number};

/// Two tight modes at -2 and 2.
fn modes(left: usize, right: usize) -> Vec<f64> {
    let around = |at: f64, n: usize| (0..n).map(move |i| at + 0.1 * (i as f64 / n as f64 - 0.5));
    around(-2.0, left).chain(around(2.0, right)).collect()
}

/// With an epsilon so small, the median being one within a mode, the divergence is the squared Wasserstein distance, which sorting gives.
#[test]
fn sinkhorn_reaches_the_wasserstein_distance() {
    let files = Files::new();
    for (left, right) in [(160, 40), (190, 10), (125, 75), (199, 1)] {
        let real = files.rows("real.npy", 1, &modes(left, right));
        let fake = files.rows("fake.npy", 1, &modes(100, 100));
        let found = lines(&real, &fake, &["sinkhorn", "wasserstein_2"]);
        let [entropic, exact] =
            ["sinkhorn", "wasserstein_2"].map(|metric| number(&found[metric], "value"));
        assert_relative_eq!(entropic, exact * exact, max_relative = 0.01, epsilon = 1e-3);
        let note = found["sinkhorn"]["note"].as_str().unwrap_or_default();
        assert!(!note.starts_with("did not converge"), "{left} to {right}: {note}");
    }
}
