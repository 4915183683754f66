//! What a number of seeds can see, before a sweep.

use std::collections::BTreeSet;
use std::fmt::Write;

use stats::power::{least_effect, least_p_value_of_sign_flips};

use crate::claim::ALPHA;
use crate::number::number;

/// Chance to see an effect that is there.
const POWER: f64 = 0.8;

/// Returns a table in Markdown: for each number of seeds the least p-value that signs can give, and the least distance
/// of a mean from its threshold, in deviations over seeds, that is seen in four of five sweeps when it is the first of
/// so many claims that Holm's correction asks for.
pub(crate) fn table(seeds: &BTreeSet<u64>, claims: usize) -> String {
    let mut text = format!(
        "Over {claims} claims, the correction asks {} of the least p-value.\n\n\
         | seeds of an arm | least p-value of signs | least effect, in deviations over seeds, seen with {:.0} % |\n|---|---|---|\n",
        number(ALPHA / claims.max(1) as f64),
        100.0 * POWER
    );
    for &n in seeds.iter().filter(|n| **n > 1) {
        let effect = least_effect(n as usize, ALPHA / claims.max(1) as f64, POWER);
        let p_value = least_p_value_of_sign_flips(n as usize);
        let _ = writeln!(text, "| {n} | {} | {} |", number(p_value), number(effect));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten signs can decide the first of twenty claims (2^-9 < 0.05 / 20), and see 1.64 deviations.
    #[test]
    fn ten_seeds_and_twenty_claims() {
        let found = table(&BTreeSet::from([1, 10]), 20);
        assert!(found.contains("asks 0.0025 of"), "{found}");
        assert!(found.contains("| 10 | 0.00195 | 1.64 |"), "{found}");
        assert!(!found.contains("| 1 |"), "{found}");
    }
}
