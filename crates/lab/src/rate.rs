//! How long cells take, by what stored runs of the same experiment took.

use std::collections::BTreeMap;

use crate::experiment::{Experiment, part_of};
use crate::plan::Cell;
use crate::store::Store;

/// Seconds of stored stacks, and seconds for a unit of cost of the others.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rates {
    stacks: BTreeMap<(String, u64), f64>,
    parts: BTreeMap<String, f64>,
    all: Option<f64>,
}

impl Rates {
    /// Measures the rates of stored runs.
    pub(crate) fn of<E: Experiment>(store: &Store) -> Self {
        let mut parts: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        let mut stacks = BTreeMap::new();
        for (name, stored) in &store.runs {
            let record = &stored.record;
            stacks.insert(name.clone(), record.wall_seconds);
            // A configuration of an older version has no cost any more.
            if let Ok(config) = serde_json::from_value::<E::Config>(record.config.clone()) {
                let rate = record.wall_seconds / E::cost(&config);
                if rate.is_finite() {
                    parts.entry(part_of(&record.arm).to_owned()).or_default().push(rate);
                }
            }
        }
        let all = parts.values().flatten().copied().collect();
        let of_part = |(part, rates)| Some((part, median(rates)?));
        Self { stacks, all: median(all), parts: parts.into_iter().filter_map(of_part).collect() }
    }

    /// Returns the seconds that a cell takes on one core; `None` where nothing like it is stored.
    pub(crate) fn seconds<C>(&self, cell: &Cell<C>) -> Option<f64> {
        let stack = (cell.config_id.clone(), cell.seeds[0]);
        let rate = || self.parts.get(part_of(&cell.arm)).copied().or(self.all);
        self.stacks.get(&stack).copied().or_else(|| Some(rate()? * cell.cost))
    }

    /// Returns the seconds of several cells; `None` where one is unlike everything that is stored.
    pub(crate) fn total<'a, C: 'a>(
        &self,
        cells: impl IntoIterator<Item = &'a Cell<C>>,
    ) -> Option<f64> {
        cells.into_iter().map(|cell| self.seconds(cell)).sum()
    }
}

fn median(mut rates: Vec<f64>) -> Option<f64> {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied()
}

/// Returns a time in words, such as "12 min".
pub(crate) fn words(seconds: f64) -> String {
    match seconds.max(0.0) {
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 5_400.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3_600.0),
    }
}
