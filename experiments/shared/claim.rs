//! Claims from numbers of runs: one dialect for every experiment.
//!
//! A claim is written in the order in which it is read: what is claimed, by whom, what is measured, behind which gate,
//! and the test with the region where the estimate has to lie.
//!
//! ```ignore
//! const METZ: Source = Source::read("Metz et al. 2016 (1611.02163)");
//!
//! claim("mog.C1", "With a small critic a plain GAN covers the ring more rarely than one that looks ahead.")
//!     .published(METZ, "section 3.1", None)
//!     .measured("share of seeds that cover the ring, 10 steps of look-ahead minus none")
//!     .figure("coverage.svg")
//!     .share_difference(Region::Above(0.0), count(&unrolled, covers), count(&plain, covers))
//! ```

use lab::claim::WITHOUT_CHANCE;
use lab::{Basis, Claim, Estimate, Evidence, Gate, Parts, Region, Seen};
use stats::{Interval, heterogeneity, proportion, robust, studentized, tests};

use crate::contrast::{Sample, Share};

const LEVEL: f64 = 0.95;
/// Seed of random permutations and resamples: a report is the same each time.
const SEED: u64 = 1;

/// A work that makes claims, and how we know it.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    work: &'static str,
    seen: Seen,
}

impl Source {
    /// Returns a work whose places we read.
    pub const fn read(work: &'static str) -> Self {
        Self { work, seen: Seen::Read }
    }

    /// Returns a work that we know from another.
    pub const fn second_hand(work: &'static str) -> Self {
        Self { work, seen: Seen::SecondHand }
    }

    /// Returns a work that we remember and could not read.
    pub const fn remembered(work: &'static str) -> Self {
        Self { work, seen: Seen::Remembered }
    }
}

/// A claim before its numbers.
#[derive(Clone, Debug)]
#[must_use]
pub struct Draft(Claim);

/// Begins a claim of ours: a name that no other claim of the repository has, and a full sentence that can be understood
/// alone.
pub fn claim(id: &str, statement: &str) -> Draft {
    Draft(Claim {
        id: id.to_owned(),
        statement: statement.to_owned(),
        basis: Basis::Ours { after: None },
        quantity: String::new(),
        test: String::new(),
        region: Region::Above(0.0),
        gate: None,
        estimate: None,
        evidence: Evidence::None,
        parts: None,
        seeds: 0,
        diverged: 0,
        figure: String::new(),
    })
}

impl Draft {
    /// A source states it: where, and the number that it gives, if it gives one.
    pub fn published(mut self, source: Source, locator: &str, number: Option<&str>) -> Self {
        self.0.basis = Basis::Published {
            source: source.work.to_owned(),
            locator: locator.to_owned(),
            seen: source.seen,
            number: number.map(str::to_owned),
        };
        self
    }

    /// It follows from mathematics: from what, and the derived number, if there is one.
    pub fn derived(mut self, from: &str, number: Option<&str>) -> Self {
        self.0.basis = Basis::Derived { from: from.to_owned(), number: number.map(str::to_owned) };
        self
    }

    /// It is ours and goes on from a work.
    pub fn ours_after(mut self, work: &str) -> Self {
        self.0.basis = Basis::Ours { after: Some(work.to_owned()) };
        self
    }

    /// What is estimated, with its unit and the arms that are compared.
    pub fn measured(mut self, quantity: &str) -> Self {
        quantity.clone_into(&mut self.0.quantity);
        self
    }

    /// The file of the figure that shows it.
    pub fn figure(mut self, file: &str) -> Self {
        file.clone_into(&mut self.0.figure);
        self
    }

    /// A number that has to lie in a region before the estimate means something: that every compared arm has learnt,
    /// say. Without it the claim is not tested.
    pub fn gate(mut self, quantity: &str, region: Region, value: Option<f64>) -> Self {
        self.0.gate = Some(Gate { quantity: quantity.to_owned(), region, value });
        self
    }

    /// The mean over ten seeds or more, with the bootstrap-t interval, which covers best where laws are skewed
    /// (`crates/stats/tests/coverage.rs`), and the sign-flip test about the nearest end of the region.
    pub fn mean(self, region: Region, sample: &Sample) -> Claim {
        self.of_mean(
            "mean over seeds, bootstrap-t interval, sign-flip test",
            region,
            sample,
            |values, end| {
                let shifted: Vec<f64> = values.iter().map(|x| x - end).collect();
                (studentized::interval(values, LEVEL, SEED), tests::sign_flip(&shifted, SEED))
            },
        )
    }

    /// The mean over seeds, with Student's interval and test: for so few seeds that signs could not reach significance.
    pub fn student(self, region: Region, sample: &Sample) -> Claim {
        let test = "mean over seeds, Student's interval and test";
        self.of_mean(test, region, sample, |values, end| tests::student(values, end, LEVEL))
    }

    fn of_mean(
        self,
        test: &str,
        region: Region,
        sample: &Sample,
        of: impl Fn(&[f64], f64) -> (Interval, f64),
    ) -> Claim {
        let values: Vec<f64> = sample.values.values().copied().collect();
        let estimate = (values.len() > 1).then(|| {
            let mean = robust::mean(&values);
            let (interval, p_value) = of(&values, region.nearest_end(mean));
            Estimate::new(mean, interval, Some(p_value))
        });
        let numbers = Evidence::Numbers(sample.values.clone().into_iter().collect());
        self.of(numbers).estimated(test, region, estimate, (values.len(), sample.diverged))
    }

    /// A share of runs against one half: Wilson's interval and the exact sign test.
    pub fn share(self, region: Region, share: Share) -> Claim {
        let Share { hits, runs, diverged } = share;
        let estimate = (runs > 1).then(|| {
            let interval = proportion::wilson(hits, runs, LEVEL);
            Estimate::new(hits as f64 / runs as f64, interval, Some(tests::sign(hits, runs)))
        });
        let test = "share of seeds, Wilson's interval, sign test against one half";
        let counts = Evidence::Counts(vec![(hits, runs)]);
        self.of(counts).estimated(test, region, estimate, (runs, diverged))
    }

    /// The share of runs of one arm minus that of another: Newcombe's interval and Fisher's exact test.
    pub fn share_difference(self, region: Region, a: Share, b: Share) -> Claim {
        let estimate = (a.runs > 1 && b.runs > 1).then(|| {
            let [x, y] = [a, b].map(|share| (share.hits, share.runs));
            let difference = x.0 as f64 / x.1 as f64 - y.0 as f64 / y.1 as f64;
            let interval = proportion::difference(x, y, LEVEL);
            Estimate::new(difference, interval, Some(tests::fisher_exact(x, y)))
        });
        let test = "difference of shares of seeds, Newcombe's interval, Fisher's exact test";
        let counts = Evidence::Counts([a, b].map(|share| (share.hits, share.runs)).into());
        let (seeds, diverged) = (a.runs.min(b.runs), a.diverged + b.diverged);
        self.of(counts).estimated(test, region, estimate, (seeds, diverged))
    }

    /// A number without chance: no seed, no interval, no test.
    pub fn exact(self, region: Region, value: Option<f64>) -> Claim {
        let estimate =
            value.map(|value| Estimate::new(value, Interval { low: value, high: value }, None));
        self.estimated(WITHOUT_CHANCE, region, estimate, (1, 0))
    }

    /// What single seeds say.
    fn of(mut self, evidence: Evidence) -> Self {
        self.0.evidence = evidence;
        self
    }

    /// Any other estimate, with its interval and test in words, of so many seeds of which so many runs diverged.
    pub fn estimated(
        self,
        test: &str,
        region: Region,
        estimate: Option<Estimate>,
        (seeds, diverged): (usize, usize),
    ) -> Claim {
        Claim { test: test.to_owned(), region, estimate, seeds, diverged, ..self.0 }
    }
}

/// Returns a claim with the parts of its pooled estimate by name, and Welch's test that they are alike.
pub fn with_parts(claim: Claim, parts: &[(&str, &Sample)]) -> Claim {
    let of_part = |(_, sample): &(&str, &Sample)| {
        let values: Vec<f64> = sample.values.values().copied().collect();
        let error = robust::standard_deviation(&values) / (values.len() as f64).sqrt();
        (error > 0.0).then_some((robust::mean(&values), error, values.len()))
    };
    let Some(found) = parts.iter().map(of_part).collect::<Option<Vec<_>>>() else { return claim };
    let names = parts.iter().map(|(name, _)| (*name).to_owned());
    let means = names.zip(found.iter().map(|(mean, ..)| *mean)).collect();
    Claim { parts: Some(Parts { means, p_value: heterogeneity::welch(&found) }), ..claim }
}
