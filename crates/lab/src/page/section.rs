//! The section of one claim.

use std::path::Path;

use serde::Serialize;

use super::{Folder, cost, slug};
use crate::claim::{Basis, Claim, Evidence, Judged, Region, Seen};
use crate::ledger::rule;
use crate::number::number;
use crate::scoreboard::{estimate, kind, verdict};
use crate::table::Outline;

/// What a section shows, in words.
#[derive(Serialize)]
pub(super) struct Section {
    id: String,
    statement: String,
    verdict: String,
    /// The verdict as a class and a value of the filters; "none" where a profile gives none.
    class: String,
    kind: &'static str,
    seen: &'static str,
    /// Work and place; of a derived claim what it follows from.
    source: String,
    number: String,
    rule: String,
    gate: Option<String>,
    estimate: String,
    adjusted_p_value: Option<String>,
    seeds: usize,
    diverged: usize,
    dots: Option<Dots>,
    /// Runs that succeed, of all runs, of each compared arm.
    counts: Vec<(usize, usize)>,
    /// Path of the figure from the page, where it was drawn.
    figure: Option<String>,
    /// Whether an earlier claim of the experiment has the same figure, so that it is printed once.
    figure_again: bool,
    command: String,
    pandas: String,
    cost: String,
    machine: String,
    likeness: Option<Beside>,
}

/// A claim of a reproduction beside the reference's.
#[derive(Debug, PartialEq, Serialize)]
struct Beside {
    class: &'static str,
    words: &'static str,
    why: String,
    reference: String,
    its_verdict: String,
}

/// Returns the sections of an experiment's claims.
pub(super) fn of(folder: &Folder, out: &Path) -> Vec<Section> {
    let mut sections: Vec<Section> =
        folder.claims.iter().map(|judged| section(judged, folder, out)).collect();
    for i in 0..sections.len() {
        let (before, here) = (&sections[..i], &sections[i]);
        let again = before.iter().any(|section| section.figure == here.figure);
        sections[i].figure_again = again;
    }
    sections
}

fn section(judged: &Judged, folder: &Folder, out: &Path) -> Section {
    let claim = &judged.claim;
    let figure = format!("{}/figures/{}", folder.name, claim.figure);
    let (source, its_number) = source(&claim.basis);
    let arms = named(claim, &folder.outline.arms);
    Section {
        id: claim.id.clone(),
        statement: claim.statement.clone(),
        // What a missed gate lacks has a line of its own.
        verdict: judged
            .verdict
            .map_or_else(|| verdict(judged), |verdict| verdict.words().to_owned()),
        class: judged.verdict.map_or_else(|| "none".to_owned(), |verdict| slug(verdict.words())),
        kind: kind(&claim.basis),
        seen: seen(&claim.basis),
        source,
        number: its_number,
        rule: rule(claim),
        gate: claim.gate.as_ref().map(|gate| {
            let value = gate.value.map_or_else(|| "not measured".to_owned(), number);
            format!("{} is {value}, and has to be {}", gate.quantity, gate.region)
        }),
        estimate: estimate(claim),
        adjusted_p_value: judged.adjusted_p_value.map(number),
        seeds: claim.seeds,
        diverged: claim.diverged,
        dots: dots(claim),
        counts: match &claim.evidence {
            Evidence::Counts(counts) => counts.clone(),
            _ => Vec::new(),
        },
        figure: out.join(&figure).exists().then_some(figure),
        figure_again: false,
        command: command(folder, &arms),
        pandas: pandas(
            &folder.name,
            &arms,
            &named(claim, &folder.outline.metrics),
            &folder.outline,
        ),
        cost: cost(folder.core_seconds()),
        machine: folder.machine(),
        likeness: folder.reference.as_ref().map(|(claims, _)| beside(judged, claims, folder)),
    }
}

/// How a source is known.
pub(super) fn seen(basis: &Basis) -> &'static str {
    match basis {
        Basis::Published { seen: Seen::Read, .. } => "read",
        Basis::Published { seen: Seen::SecondHand, .. } => "second-hand",
        Basis::Published { seen: Seen::Remembered, .. } => "from memory",
        Basis::Derived { .. } | Basis::Ours { .. } => "no source",
    }
}

/// Where a claim comes from, and the number that stands there. Of a place that nobody here read no number is known.
fn source(basis: &Basis) -> (String, String) {
    match basis {
        Basis::Published { source, locator, seen, number } => {
            let lacking = match seen {
                Seen::Read => "the place gives no number",
                Seen::SecondHand | Seen::Remembered => "unread",
            };
            (format!("{source}, {locator}"), number.clone().unwrap_or_else(|| lacking.to_owned()))
        }
        Basis::Derived { from, number } => {
            (from.clone(), number.clone().unwrap_or_else(|| "none".to_owned()))
        }
        Basis::Ours { after } => {
            let after = after
                .as_ref()
                .map_or_else(|| "ours".to_owned(), |after| format!("ours, after {after}"));
            (after, "none".to_owned())
        }
    }
}

/// Returns the names of a list that a claim's quantity quotes.
fn named(claim: &Claim, names: &[String]) -> Vec<String> {
    let quoted: Vec<&str> = claim.quantity.split('`').skip(1).step_by(2).collect();
    names.iter().filter(|name| quoted.contains(&name.as_str())).cloned().collect()
}

fn command(folder: &Folder, arms: &[String]) -> String {
    let (name, profile) = (&folder.name, folder.manifest.profile.name());
    let flags: Vec<String> = arms.iter().map(|arm| format!("--arm {arm}")).collect();
    let flags =
        if flags.is_empty() { String::new() } else { format!(" FLAGS=\"{}\"", flags.join(" ")) };
    format!("make run EXP={name} PROFILE={profile}{flags}")
}

/// A line that reads a claim's numbers in the folder of the page.
fn pandas(name: &str, arms: &[String], metrics: &[String], outline: &Outline) -> String {
    let arm = if outline.arms.is_empty() { "config_id" } else { "arm" };
    let table = format!("pd.read_parquet(\"{name}/runs.parquet\")");
    let query = match arms {
        [] => String::new(),
        arms => format!(".query('arm in {arms:?}')"),
    };
    match metrics {
        [] => format!("{table}{query}.groupby(\"{arm}\").mean(numeric_only=True)"),
        [metric] => format!(
            "{table}{query}.pivot(index=\"seed\", columns=\"{arm}\", values=\"metric.{metric}\")"
        ),
        metrics => {
            let columns: Vec<String> =
                metrics.iter().map(|name| format!("metric.{name}")).collect();
            format!("{table}{query}.groupby(\"{arm}\")[{columns:?}].describe()")
        }
    }
}

/// The numbers of seeds on one axis with the interval and the region, in user units of a picture.
#[derive(Serialize)]
struct Dots {
    points: Vec<Dot>,
    /// Where the lowest row of dots ends and the interval begins.
    base: usize,
    low: Option<String>,
    high: Option<String>,
    value: Option<String>,
    /// Left end and width of the region.
    region: (String, String),
    /// Ends of the region.
    ends: Vec<String>,
    /// Place, anchor and text of the numbers below.
    labels: Vec<(String, &'static str, String)>,
    least: String,
    most: String,
}

#[derive(Serialize)]
struct Dot {
    x: String,
    y: usize,
    name: u64,
    value: String,
}

/// Width of the picture, and its margin on both sides.
const WIDTH: f64 = 480.0;
const MARGIN: f64 = 12.0;
/// From one dot to the next that it does not touch.
const STEP: usize = 6;

fn dots(claim: &Claim) -> Option<Dots> {
    let Evidence::Numbers(numbers) = &claim.evidence else { return None };
    let (region, estimate) = (claim.region, claim.estimate);
    let ends = match region {
        Region::Above(end) | Region::Below(end) => vec![end],
        Region::Within(low, high) => vec![low, high],
    };
    let interval = estimate.map(|estimate| [estimate.low, estimate.high]);
    let all = numbers
        .iter()
        .map(|(_, value)| value)
        .chain(&ends)
        .chain(interval.iter().flatten())
        .copied();
    let (least, most) =
        all.filter(|x| x.is_finite()).fold((f64::MAX, f64::MIN), |(a, b), x| (a.min(x), b.max(x)));
    if numbers.is_empty() || most <= least {
        return None;
    }
    let at = |x: f64| {
        (MARGIN + (x.clamp(least, most) - least) / (most - least) * (WIDTH - 2.0 * MARGIN))
            .clamp(0.0, WIDTH)
    };
    let place = |x: f64| format!("{:.1}", at(x));
    let (from, to) = match region {
        Region::Above(end) => (at(end), WIDTH),
        Region::Below(end) => (0.0, at(end)),
        Region::Within(low, high) => (at(low), at(high)),
    };
    let rows = stacked(&numbers.iter().map(|(_, value)| at(*value)).collect::<Vec<f64>>());
    let base = STEP * (rows.iter().max().copied().unwrap_or(0) + 2);
    let dot = |((name, value), row): (&(u64, f64), &usize)| Dot {
        x: place(*value),
        y: base - STEP * (row + 1),
        name: *name,
        value: number(*value),
    };
    Some(Dots {
        points: numbers.iter().zip(&rows).map(dot).collect(),
        base,
        low: estimate.map(|estimate| place(estimate.low)),
        high: estimate.map(|estimate| place(estimate.high)),
        value: estimate.map(|estimate| place(estimate.value)),
        region: (format!("{from:.1}"), format!("{:.1}", to - from)),
        ends: ends.iter().map(|end| place(*end)).collect(),
        labels: labels(&ends, [least, most], at),
        least: number(least),
        most: number(most),
    })
}

/// The row of each dot, counted from below: the lowest in which it touches no dot before it.
fn stacked(places: &[f64]) -> Vec<usize> {
    let mut rows: Vec<usize> = Vec::new();
    for (i, place) in places.iter().enumerate() {
        let is_free = |row: &usize| {
            (0..i).all(|j| rows[j] != *row || (places[j] - place).abs() >= STEP as f64)
        };
        rows.push((0..=i).find(is_free).expect("a row above all"));
    }
    rows
}

/// The ends of the region, and those of the axis where they do not run into them.
fn labels(
    ends: &[f64],
    axis: [f64; 2],
    at: impl Fn(f64) -> f64,
) -> Vec<(String, &'static str, String)> {
    const ROOM: f64 = 80.0;
    let free = |x: &f64| ends.iter().all(|end| (at(*end) - at(*x)).abs() > ROOM);
    let label = |x: f64| {
        let anchor = match at(x) {
            left if left < ROOM / 2.0 => "start",
            right if right > WIDTH - ROOM / 2.0 => "end",
            _ => "middle",
        };
        (format!("{:.1}", at(x)), anchor, number(x))
    };
    ends.iter().copied().chain(axis.into_iter().filter(free)).map(label).collect()
}

/// How a claim of a reproduction stands to the reference's, and why.
fn beside(own: &Judged, reference: &[Judged], folder: &Folder) -> Beside {
    let other = reference.iter().find(|other| other.claim.id == own.claim.id);
    let (class, words) = standing(&own.claim, other.map(|other| &other.claim));
    let none = || "none".to_owned();
    Beside {
        class,
        words,
        why: if class == "equal" { String::new() } else { why(own, other, folder) },
        reference: other.map_or_else(none, |other| estimate(&other.claim)),
        its_verdict: other.map_or_else(none, |other| verdict(other).replace('*', "")),
    }
}

fn standing(own: &Claim, other: Option<&Claim>) -> (&'static str, &'static str) {
    let estimates = (own.estimate, other.and_then(|other| other.estimate));
    let (Some(own_estimate), Some(its)) = estimates else {
        return ("none", "cannot be compared");
    };
    let same_side = own.region.contains(own_estimate.value) == own.region.contains(its.value);
    match () {
        () if own_estimate == its => ("equal", "equal to the bit"),
        () if !same_side => ("flipped", "flipped"),
        () if (its.low..=its.high).contains(&own_estimate.value) => {
            ("within", "within the reference's interval")
        }
        () => ("agrees", "direction agrees"),
    }
}

/// What is known to differ between a claim's results here and there.
fn why(own: &Judged, other: Option<&Judged>, folder: &Folder) -> String {
    let Some(other) = other else { return "the reference does not make this claim".to_owned() };
    if own.claim.estimate.is_none() {
        return "not every arm that it compares was run here".to_owned();
    }
    if other.claim.estimate.is_none() {
        return "the reference lacks an arm that it compares".to_owned();
    }
    let mut reasons = Vec::new();
    if own.claim.seeds != other.claim.seeds {
        reasons.push(format!("{} seeds here, {} there", own.claim.seeds, other.claim.seeds));
    }
    if let Some((_, manifest)) = &folder.reference {
        let [here, there] = [&folder.manifest, manifest].map(|manifest| manifest.profile.name());
        if here != there {
            reasons.push(format!("profile {here} here, {there} there"));
        }
        let origins = (folder.manifest.origins.first(), manifest.origins.first());
        if let (Some(here), Some(there)) = origins {
            reasons.extend(here.other_bits(there));
            if here.commit != there.commit {
                reasons.push("programs of two commits".to_owned());
            }
        }
    }
    if let Some(likeness) = folder.likeness.as_ref().filter(|likeness| !likeness.outside.is_empty())
    {
        reasons.push(format!(
            "{} runs of the experiment lie outside the reference's spread",
            likeness.outside.len()
        ));
    }
    if reasons.is_empty() {
        reasons.push("nothing that is recorded differs".to_owned());
    }
    reasons.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::tests::claim;

    #[test]
    fn a_reproduction_is_equal_within_agreeing_or_flipped() {
        let reference = claim(Region::Above(0.0), 0.2, 0.6, None);
        for (low, high, expected) in [
            (0.2, 0.6, "equal"),
            (0.3, 0.8, "within"),
            (0.7, 0.9, "agrees"),
            (-0.4, 0.1, "flipped"),
        ] {
            let own = claim(Region::Above(0.0), low, high, None);
            assert_eq!(standing(&own, Some(&reference)).0, expected);
        }
        assert_eq!(standing(&reference, None).0, "none");
        let mut empty = reference.clone();
        empty.estimate = None;
        assert_eq!(standing(&empty, Some(&reference)).0, "none");
    }

    #[test]
    fn dots_that_touch_are_stacked() {
        assert_eq!(stacked(&[10.0, 10.0, 13.0, 16.0, 10.0, 30.0]), [0, 1, 2, 0, 3, 0]);
    }

    /// A number of a work that nobody here read is not shown as "none".
    #[test]
    fn an_unread_number_is_called_so() {
        let basis = |seen| Basis::Published {
            source: "A work".into(),
            locator: "table 1".into(),
            seen,
            number: None,
        };
        assert_eq!(source(&basis(Seen::Remembered)), ("A work, table 1".into(), "unread".into()));
        assert_eq!(source(&basis(Seen::Read)).1, "the place gives no number");
    }
}
