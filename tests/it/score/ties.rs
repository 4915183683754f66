//! Few distinct points: relabellings that are as far apart are counted, whatever rounding makes of them.

use approx::assert_abs_diff_eq;

use super::{Files, by_metric, number, score};

/// For coins the statistic depends on the number of ones alone, so that the exact p-value is a sum of hypergeometric
/// probabilities: of 20 ones among 40, 12 or more or 8 or fewer in 20, 0.343. 999 permutations have an error of
/// 0.015.
#[test]
fn coins() {
    let files = Files::new();
    // Of 0 and 1, of units that round, and far from 0.
    for (zero, one) in [(0.0, 1.0), (0.1, 0.3), (-3e-7, 1e-6), (1e6, 1e6 + 0.1)] {
        let coins = |name, ones: usize| {
            let values: Vec<f64> = (0..20).map(|i| if i < ones { one } else { zero }).collect();
            files.rows(name, 1, &values)
        };
        let (real, fake) = (coins("real.npy", 12), coins("fake.npy", 8));
        for seed in ["0", "1", "2"] {
            let mut command = score(&real, &fake);
            command.args(["--metric", "mmd_test", "--format", "json", "--seed", seed]);
            let found = by_metric(&command.assert().success().get_output().stdout);
            assert_abs_diff_eq!(number(&found["mmd_test"], "p_value"), 0.343, epsilon = 0.05);
        }
    }
}
