//! What the numbers of runs are, in words.

/// One number of runs, or a family of numbers: of their summaries, of their traces, or of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name; a `*` stands for what differs within a family, as in `kl_*`.
    pub name: &'static str,
    /// Its unit; empty for a pure number.
    pub unit: &'static str,
    /// What it is.
    pub what: &'static str,
}

impl Metric {
    /// Returns a metric from its name, unit and description.
    pub const fn new(name: &'static str, unit: &'static str, what: &'static str) -> Self {
        Self { name, unit, what }
    }

    /// Returns whether a number of this name is described.
    fn is_of(&self, name: &str) -> bool {
        match self.name.split_once('*') {
            None => self.name == name,
            Some((start, end)) => name
                .strip_prefix(start)
                .and_then(|rest| rest.strip_suffix(end))
                .is_some_and(|varied| !varied.is_empty()),
        }
    }

    /// Returns the description with the unit behind it.
    pub(crate) fn words(&self) -> String {
        let Self { unit, what, .. } = self;
        if unit.is_empty() { (*what).to_owned() } else { format!("{what} ({unit})") }
    }
}

/// Returns what a number is: by its own name rather than by its family's.
pub(crate) fn describe<'a>(metrics: &'a [Metric], name: &str) -> Option<&'a Metric> {
    let own = metrics.iter().find(|metric| metric.name == name);
    own.or_else(|| metrics.iter().find(|metric| metric.is_of(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_counts_for_more_than_its_family() {
        let all = [Metric::new("kl_*", "nats", "of an effect"), Metric::new("kl_0", "", "of none")];
        let found = |name| describe(&all, name).map(Metric::words);
        assert_eq!(found("kl_5"), Some("of an effect (nats)".into()));
        assert_eq!(found("kl_0"), Some("of none".into()));
        assert_eq!((found("kl_"), found("skl_5"), found("kl")), (None, None, None));
    }
}
