//! What a random search found: its draws, and what the best of some of them is worth.

use std::collections::BTreeMap;

use crate::arms::{FAR, Rows, height};
use crate::settings::REPEATS;

/// The height of each draw of the random search, on the first repeat and on the second.
pub(crate) fn draws(rows: &Rows) -> BTreeMap<(u32, u64), [f64; 2]> {
    let mut draws = BTreeMap::new();
    for row in rows {
        let key = (row.config.critic_steps, row.seed / REPEATS);
        let pair: &mut [f64; 2] = draws.entry(key).or_insert([FAR.ln(); 2]);
        pair[(row.seed % REPEATS) as usize] = height(row);
    }
    draws
}

/// Returns what the best of `k` random draws is expected to score: chosen on the first repeat, scored on the second.
pub(crate) fn expected_best(draws: &[[f64; 2]], k: usize) -> f64 {
    let mut sorted = draws.to_vec();
    sorted.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let n = sorted.len();
    // The i-th best of all is the best of a random subset of k when it is in it and none before it is.
    let mut weight = k as f64 / n as f64;
    let mut total = 0.0;
    for (i, draw) in sorted.iter().enumerate() {
        total += weight * draw[1];
        let (rest, after) = ((n - 1 - i) as f64, n as f64 - i as f64 - k as f64);
        weight *= if rest > 0.0 { (after / rest).max(0.0) } else { 0.0 };
    }
    total
}

#[cfg(test)]
mod tests {
    use super::expected_best;

    /// Of draws that score 1, 2, 3 the best of two is 1 with probability 2/3 and 2 with 1/3; of one it is the mean.
    #[test]
    fn best_of_k_by_hand() {
        let draws = [[3.0, 3.0], [1.0, 1.0], [2.0, 2.0]];
        assert!((expected_best(&draws, 1) - 2.0).abs() < 1e-12);
        assert!((expected_best(&draws, 2) - 4.0 / 3.0).abs() < 1e-12);
        assert!((expected_best(&draws, 3) - 1.0).abs() < 1e-12);
        // The choice is on the first repeat, the score on the second.
        assert!((expected_best(&[[1.0, 9.0], [2.0, 0.0]], 2) - 9.0).abs() < 1e-12);
    }
}
