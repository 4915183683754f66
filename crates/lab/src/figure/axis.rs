//! Axes: from values to places along them, ticks at round numbers, and how these are written.

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::coord::types::RangedCoordf64;

use super::{Axis, Scale};

/// An axis in places, with ticks of our own choice.
pub(super) struct Places {
    ends: (f64, f64),
    pub(super) ticks: Vec<f64>,
    /// Places between decades, where these are few.
    between: Vec<f64>,
}

impl Ranged for Places {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, place: &f64, limit: (i32, i32)) -> i32 {
        RangedCoordf64::from(self.range()).map(place, limit)
    }

    fn key_points<H: KeyPointHint>(&self, hint: H) -> Vec<f64> {
        if hint.weight().allow_light_points() { self.between.clone() } else { self.ticks.clone() }
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.ends.0..self.ends.1
    }
}

impl Places {
    /// Returns an axis between two places with about `count` ticks.
    pub(super) fn of(axis: &Axis, ends: (f64, f64), count: usize) -> Self {
        let ticks = if axis.categories.is_empty() {
            ticks(axis.scale, ends, count)
        } else {
            (0..axis.categories.len()).map(|i| i as f64).collect()
        };
        let between = if axis.ticks { between(axis.scale, ends) } else { Vec::new() };
        Self { ends, ticks, between }
    }
}

/// Decades between which lines are drawn, at the most.
const FEW_DECADES: f64 = 5.0;

/// Returns the places of 2, 3, ..., 9 times the powers of ten on a logarithmic axis of few decades.
fn between(scale: Scale, (low, high): (f64, f64)) -> Vec<f64> {
    if scale != Scale::Log || high - low > FEW_DECADES {
        return Vec::new();
    }
    let decades = low.floor() as i32..=high.floor() as i32;
    let places = decades.flat_map(|k| (2..10).map(move |i| f64::from(k) + f64::from(i).log10()));
    places.filter(|place| (low..=high).contains(place)).collect()
}

impl Scale {
    pub(super) fn place(self, x: f64) -> f64 {
        match self {
            Self::Linear => x,
            Self::Log => x.log10(),
            Self::SymLog(unit) => x.signum() * (1.0 + x.abs() / unit).log10(),
        }
    }

    fn value(self, place: f64) -> f64 {
        match self {
            Self::Linear => place,
            Self::Log => 10f64.powf(place),
            Self::SymLog(unit) => place.signum() * unit * (10f64.powf(place.abs()) - 1.0),
        }
    }
}

/// Returns about how many ticks fit on an axis of so many pixels, `each` of them for one.
pub(super) fn tick_count(axis: &Axis, pixels: f64, each: f64) -> usize {
    if axis.ticks { (pixels / each).max(2.0) as usize } else { 0 }
}

/// Returns the places of about `count` ticks, two or more: round numbers of the scale.
fn ticks(scale: Scale, (low, high): (f64, f64), count: usize) -> Vec<f64> {
    if count == 0 {
        return Vec::new();
    }
    let round = |low: f64, high: f64| {
        let of = |count| RangedCoordf64::from(low..high).key_points(count);
        (count..count + 4).map(of).find(|ticks| ticks.len() > 1).unwrap_or_default()
    };
    if scale == Scale::Linear {
        return round(low, high);
    }
    let decades = (low.ceil() as i32..=high.floor() as i32).collect::<Vec<_>>();
    if scale == Scale::Log && decades.len() > 2 {
        let each = decades.len().div_ceil(count.max(2)) as i32;
        return decades.into_iter().filter(|k| k % each == 0).map(f64::from).collect();
    }
    // Zero first, then the powers of ten, then their halves and fifths, as long as there is room; on less than a
    // decade other round numbers where these are too few.
    let powers = || (-12..=12).map(|k| 10f64.powi(k));
    let mut candidates = vec![0.0];
    for factor in [1.0, 5.0, 2.0] {
        candidates.extend(powers().flat_map(|power| [factor * power, -factor * power]));
    }
    let room = (high - low) / count as f64;
    let mut chosen: Vec<f64> = Vec::new();
    let mut choose = |candidates: Vec<f64>| {
        for place in candidates.into_iter().map(|x| scale.place(x)) {
            let inside = place.is_finite() && (low..=high).contains(&place);
            if inside && chosen.iter().all(|other| (other - place).abs() >= room) {
                chosen.push(place);
            }
        }
        chosen.len()
    };
    if choose(candidates) < 2 {
        choose(round(scale.value(low), scale.value(high)));
    }
    chosen.sort_by(f64::total_cmp);
    chosen
}

/// Returns how the places of ticks are written, as values of the scale or names of categories.
pub(super) fn formatter(axis: &Axis, (low, high): (f64, f64)) -> impl Fn(&f64) -> String {
    let (scale, categories) = (axis.scale, axis.categories.clone());
    move |place: &f64| {
        if !categories.is_empty() {
            let i = place.round();
            let whole = (place - i).abs() < 1e-6 && i >= 0.0;
            return if whole {
                categories.get(i as usize).cloned().unwrap_or_default()
            } else {
                String::new()
            };
        }
        let value = scale.value(*place);
        let spread = (scale.value(high) - scale.value(low)).abs();
        match value.abs() {
            0.0 => "0".to_owned(),
            size if scale == Scale::Linear && size < spread * 1e-9 => "0".to_owned(),
            size if scale == Scale::Linear
                && size >= 10_000.0
                && (size / 1000.0).fract().abs() < 1e-9 =>
            {
                format!("{}k", value / 1000.0)
            }
            size if !(1e-3..1e5).contains(&size) => scientific(value),
            size => {
                let digits = if scale == Scale::Linear || high - low <= 1.0 {
                    (1.5 - spread.log10()).ceil().clamp(0.0, 6.0) as usize
                } else {
                    // Over decades ticks have one digit.
                    (-size.log10()).ceil().max(0.0) as usize
                };
                let text = format!("{value:.digits$}");
                let whole = text.trim_end_matches('0').trim_end_matches('.');
                if text.contains('.') { whole.to_owned() } else { text }
            }
        }
    }
}

/// Returns a number of one digit with its power of ten raised, 2·10⁻⁹.
fn scientific(value: f64) -> String {
    let text = format!("{value:.0e}");
    let (digit, power) = text.split_once('e').expect("the number has a power");
    let raised: String = power
        .chars()
        .map(|c| match c.to_digit(10) {
            Some(i) => ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][i as usize],
            None => '⁻',
        })
        .collect();
    match digit {
        "1" => format!("10{raised}"),
        "-1" => format!("-10{raised}"),
        _ => format!("{digit}·10{raised}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_two_ticks_or_more_however_short_it_is() {
        let labels = |scale, low, high, count| -> Vec<String> {
            let axis = Axis::new("").scaled(scale);
            let ends = (scale.place(low), scale.place(high));
            ticks(scale, ends, count).iter().map(formatter(&axis, ends)).collect()
        };
        assert_eq!(labels(Scale::Log, 0.99, 1.19, 4), ["1", "1.05", "1.1"]);
        assert_eq!(labels(Scale::Log, 1.9, 7.0, 4), ["2", "5"]);
        assert_eq!(labels(Scale::Log, 0.008, 2.0, 3), ["0.01", "0.1", "1"]);
        assert_eq!(labels(Scale::Linear, 1.2, 8.9, 1), ["2", "4", "6", "8"]);
    }

    #[test]
    fn long_axes_have_decades_alone() {
        assert_eq!(ticks(Scale::Log, (-3.2, 3.1), 4), [-2.0, 0.0, 2.0]);
        assert_eq!(between(Scale::Log, (0.0, 1.0)).len(), 8);
        assert!(between(Scale::Linear, (0.0, 1.0)).is_empty());
    }

    #[test]
    fn scales_are_inverse_to_their_labels() {
        for scale in [Scale::Linear, Scale::Log, Scale::SymLog(10.0)] {
            for x in [0.5, 3.0, 2e4] {
                assert!((scale.value(scale.place(x)) / x - 1.0).abs() < 1e-9);
            }
        }
        assert!((Scale::SymLog(10.0).value(Scale::SymLog(10.0).place(-7.0)) + 7.0).abs() < 1e-9);
    }

    #[test]
    fn small_numbers_are_not_zero() {
        let axis = Axis::new("").scaled(Scale::Log);
        assert_eq!(formatter(&axis, (-12.0, 1.0))(&-9.0), "10⁻⁹");
    }
}
