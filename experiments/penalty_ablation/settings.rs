//! The random search: settings that depend on the seed alone, so that every variant gets the same draws.

use gan::device::to_vec;
use gan::{Adam, Rng};

/// Seeds that train with the same setting.
pub(crate) const REPEATS: u64 = 2;

/// One draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Setting {
    /// The generator's optimiser.
    pub(crate) generator: Adam,
    /// The critic's.
    pub(crate) critic: Adam,
    /// The penalty's weight.
    pub(crate) weight: f64,
}

impl Setting {
    /// Returns the setting of a seed: learning rates of either player 10^U(-4, -2), the first beta one of 0, 0.5
    /// and 0.9, a weight 10^U(-1, 1).
    pub(crate) fn of(seed: u64) -> Self {
        let draws = to_vec(&Rng::new(&[seed / REPEATS]).fork("setting").uniform(&[4]));
        let rate = |u: f64| 10f64.powf(-4.0 + 2.0 * u);
        let beta = [0.0, 0.5, 0.9][(draws[2] * 3.0) as usize];
        let adam = |u| Adam::new(rate(u), beta, 0.999);
        Self {
            generator: adam(draws[0]),
            critic: adam(draws[1]),
            weight: 10f64.powf(-1.0 + 2.0 * draws[3]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_in_range_and_shared_by_repeats() {
        for seed in 0..200 {
            let setting = Setting::of(seed);
            for adam in [setting.generator, setting.critic] {
                assert!((1e-4..1e-2).contains(&adam.learning_rate));
            }
            assert!((0.1..10.0).contains(&setting.weight));
            assert_eq!(setting, Setting::of(seed ^ 1));
        }
        assert_ne!(Setting::of(0), Setting::of(2));
    }
}
