//! Ranges of the numbers of configurations: what a rate, a width or a batch can sensibly be.
//!
//! Structs derive `garde::Validate` and name a rule of this module for each field; enums use
//! [`ranges_of_variants!`](crate::ranges_of_variants), because the derived form leaves the variant's name out of the
//! path, which is spelled as in the serialised configuration.

use std::fmt::Debug;
use std::ops::RangeInclusive;

use garde::{Error, Path, Report, Result, Validate};
use serde::Serialize;
use serde_json::Value;

/// Most layers of a net.
const LAYERS: usize = 64;

/// Checks that a number lies in a range; NaN lies in none.
///
/// # Errors
/// One line that names the number and the range.
pub fn within<T: PartialOrd + Debug>(value: &T, range: &RangeInclusive<T>) -> Result {
    let line = || format!("{value:?} is not in {:?} to {:?}", range.start(), range.end());
    if range.contains(value) { Ok(()) } else { Err(Error::new(line())) }
}

/// Rules of one number each, by what the number is.
macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident: $kind:ty = $range:expr;)*) => {
        $($(#[$doc])*
        ///
        /// # Errors
        /// One line that names the number and the range.
        pub fn $name(value: &$kind, (): &()) -> Result {
            within(value, &$range)
        })*
    };
}

rules! {
    /// Checks the step size of an optimiser.
    learning_rate: f64 = 1e-12..=10.0;
    /// Checks a share that is less than the whole: the decay of a running mean, which would never move at one, or the
    /// slope of a leaky unit.
    share: f64 = 0.0..=1.0 - f64::EPSILON;
    /// Checks a momentum, which may be negative: of a size below one.
    momentum: f64 = -1.0 + f64::EPSILON..=1.0 - f64::EPSILON;
    /// Checks the weight of a term of a loss.
    weight: f64 = 0.0..=1e6;
    /// Checks a number that keeps a denominator from zero, which may itself be zero.
    epsilon: f64 = 0.0..=1.0;
    /// Checks a standard deviation, a bandwidth, a bound or another length that is not zero.
    scale: f64 = 1e-6..=1e6;
    /// Checks the place of a point.
    place: f64 = -1e6..=1e6;
    /// Checks the number of points of a minibatch.
    batch: i64 = 1..=65_536;
    /// Checks the number of coordinates of a point or of units of a layer.
    width: i64 = 1..=16_384;
    /// Checks the number of directions or lines along which something is taken.
    lines: i64 = 1..=16_384;
    /// Checks the number of updates of a run.
    steps: u64 = 1..=1_000_000_000;
    /// Checks the number of updates of one player for one of the other.
    updates: u32 = 1..=10_000;
    /// Checks the number of repetitions of an iteration that has an end.
    iterations: u32 = 1..=10_000;
    /// Checks the number of points of a sample that does not train.
    sample: i64 = 1..=100_000_000;
    /// Checks the number of parts of a net: couplings, blocks, scales.
    parts: usize = 1..=LAYERS;
}

/// Checks that a whole run's updates of a player can be counted: the optimisers count in 31 bits.
///
/// # Errors
/// One line that names both numbers.
pub fn countable(steps: u64, updates: u32) -> Result {
    if steps.saturating_mul(updates.into()) < 1 << 31 {
        return Ok(());
    }
    Err(Error::new(format!("{steps} steps of {updates} updates are more than 2^31 - 1 in all")))
}

/// Checks the widths of a net's hidden layers, of which there may be none.
///
/// # Errors
/// One line that names the width or the number of layers.
pub fn widths(values: &[i64], (): &()) -> Result {
    if values.len() > LAYERS {
        return Err(Error::new(format!("{} layers are more than {LAYERS}", values.len())));
    }
    values.iter().try_for_each(|value| width(value, &()))
}

/// Checks the widths of a net's hidden layers, of which there is at least one.
///
/// # Errors
/// One line that names the width or the number of layers.
pub fn some_widths(values: &[i64], (): &()) -> Result {
    if values.is_empty() {
        return Err(Error::new("there is no layer"));
    }
    widths(values, &())
}

/// The numbers of one value of an enum, told under the variant's name.
#[derive(Debug)]
pub struct Variant<'a> {
    path: Path,
    report: &'a mut Report,
}

impl<'a> Variant<'a> {
    /// Returns the value's numbers at a path, before any is checked.
    pub fn of(value: &impl Serialize, parent: &Path, report: &'a mut Report) -> Self {
        let name = match serde_json::to_value(value) {
            Ok(Value::Object(fields)) => fields.into_iter().next().map(|(name, _)| name),
            // A variant without fields is its name, and has no numbers.
            _ => None,
        };
        let path = name.map_or_else(|| parent.clone(), |name| parent.join(name));
        Self { path, report }
    }

    /// Checks the only number of a variant whose field has no name.
    pub fn only<T: ?Sized>(&mut self, value: &T, rule: fn(&T, &()) -> Result) {
        let path = self.path.clone();
        self.note(path, rule(value, &()));
    }

    /// Checks a field by a rule.
    pub fn field<T: ?Sized>(&mut self, name: &str, value: &T, rule: fn(&T, &()) -> Result) {
        self.check(name, rule(value, &()));
    }

    /// Notes what a check of a field said.
    pub fn check(&mut self, name: &str, result: Result) {
        let path = self.path.join(name);
        self.note(path, result);
    }

    /// Checks what the only field, without a name, holds.
    pub fn inside(&mut self, value: &impl Validate<Context = ()>) {
        value.validate_into(&(), &mut || self.path.clone(), self.report);
    }

    /// Checks what a field holds.
    pub fn inside_of(&mut self, name: &str, value: &impl Validate<Context = ()>) {
        let path = self.path.join(name);
        value.validate_into(&(), &mut || path.clone(), self.report);
    }

    fn note(&mut self, path: Path, result: Result) {
        if let Err(error) = result {
            self.report.append(path, error);
        }
    }
}

/// Implements `garde::Validate` for an enum: `ranges_of_variants!(Type, |variant, value| checks)`, where the checks
/// call the methods of a [`Variant`].
#[macro_export]
macro_rules! ranges_of_variants {
    ($name:ty, |$variant:ident, $value:ident| $checks:expr) => {
        impl ::garde::Validate for $name {
            type Context = ();

            fn validate_into(
                &self,
                (): &(),
                parent: &mut dyn FnMut() -> ::garde::Path,
                report: &mut ::garde::Report,
            ) {
                let mut $variant = $crate::range::Variant::of(self, &parent(), report);
                let $value = self;
                $checks
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::Rule;
    use crate::penalty::Perturbation;
    use crate::{Adam, Penalty};

    fn lines(value: &impl Validate<Context = ()>) -> String {
        value.validate().err().map(|report| report.to_string()).unwrap_or_default()
    }

    #[test]
    fn numbers_outside_and_no_numbers_are_told() {
        assert!(batch(&0, &()).is_err() && batch(&65_537, &()).is_err());
        assert!(batch(&1, &()).is_ok() && batch(&65_536, &()).is_ok());
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(learning_rate(&rate, &()).is_err(), "{rate}");
        }
        assert!(share(&1.0, &()).is_err() && share(&0.0, &()).is_ok());
        assert!(widths(&[], &()).is_ok() && some_widths(&[], &()).is_err());
        assert!(widths(&[1; 65], &()).is_err() && widths(&[8, 0], &()).is_err());
    }

    #[test]
    fn a_variant_is_part_of_the_path() {
        let rule = Rule::Adam(Adam::new(-1.0, 0.5, 1.0));
        let told = lines(&rule);
        assert!(told.contains("adam.learning_rate: -1.0 is not in 1e-12 to 10.0\n"), "{told}");
        assert!(told.contains("adam.beta2: ") && told.lines().count() == 2, "{told}");
        let near = Perturbation::Normal { deviation: 0.0 };
        let penalty = Penalty::Dragan { weight: 1.0, near, of_probability: false };
        assert!(
            lines(&penalty).starts_with("dragan.near.normal.deviation: "),
            "{}",
            lines(&penalty)
        );
        assert_eq!(lines(&Penalty::None), "");
    }
}
