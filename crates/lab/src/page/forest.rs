//! The forest plot: published claims with a verdict, each on the scale of its own interval.

use serde::Serialize;

use super::{Folder, slug};
use crate::claim::{Basis, Estimate, Judged, Region, Verdict};

/// Half of the width of the plot's middle, in half-lengths of an interval: what lies further is drawn at the edge.
const REACH: f64 = 100.0;
/// Width of the picture of a row, and its margin on both sides.
const WIDTH: f64 = 440.0;
const MARGIN: f64 = 14.0;

/// A plot: a row a claim, each with a picture of its own, in user units of that picture.
#[derive(Serialize)]
pub(super) struct Forest {
    rows: Vec<Row>,
    ticks: Vec<(String, i32)>,
    /// Where the threshold of every claim is.
    zero: String,
    width: f64,
}

#[derive(Serialize)]
struct Row {
    id: String,
    statement: String,
    verdict: &'static str,
    class: String,
    low: String,
    high: String,
    value: String,
    /// Side of the edge beyond which the estimate lies; 0 where it does not.
    beyond: i8,
}

/// Returns the plot; `None` where no published claim has a verdict.
pub(super) fn plot(folders: &[Folder]) -> Option<Forest> {
    let claims = folders.iter().flat_map(|folder| &folder.claims);
    let rows: Vec<Row> = claims.filter_map(row).collect();
    let tick = |at: i32| (place(f64::from(at)), at);
    (!rows.is_empty()).then(|| Forest {
        ticks: [-100, -10, -1, 0, 1, 10, 100].map(tick).to_vec(),
        zero: place(0.0),
        width: WIDTH,
        rows,
    })
}

fn row(judged: &Judged) -> Option<Row> {
    let claim = &judged.claim;
    let verdict = judged.verdict.filter(|verdict| *verdict != Verdict::NotTested)?;
    matches!(claim.basis, Basis::Published { .. }).then_some(())?;
    let [low, value, high] = scaled(claim.estimate?, claim.region);
    Some(Row {
        id: claim.id.clone(),
        statement: claim.statement.clone(),
        verdict: verdict.words(),
        class: slug(verdict.words()),
        low: place(low),
        high: place(high),
        value: place(value),
        beyond: if value > REACH { 1 } else { -i8::from(value < -REACH) },
    })
}

/// Lower end, estimate and upper end as distances from the nearest threshold, positive where the claim says, in
/// half-lengths of the interval. A number without an interval lies at the edge.
fn scaled(estimate: Estimate, region: Region) -> [f64; 3] {
    let Estimate { value, low, high, .. } = estimate;
    let end = region.nearest_end(value);
    let sign = match region {
        Region::Above(_) => 1.0,
        Region::Below(_) => -1.0,
        Region::Within(least, _) => {
            if end <= least {
                1.0
            } else {
                -1.0
            }
        }
    };
    let unit = (high - low) / 2.0;
    let distance = |x: f64| {
        let distance = sign * (x - end);
        if unit > 0.0 { distance / unit } else { distance.signum() * 2.0 * REACH }
    };
    let [a, b] = [distance(low), distance(high)];
    [a.min(b), distance(value), a.max(b)]
}

/// Where a scaled number is drawn: linear near the threshold, logarithmic far from it.
fn place(x: f64) -> String {
    let share = x.clamp(-REACH, REACH).asinh() / REACH.asinh();
    format!("{:.1}", WIDTH / 2.0 + share * (WIDTH / 2.0 - MARGIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is claimed lies on the right whatever the direction of the claim, and an end on its threshold lies on zero.
    #[test]
    fn right_is_as_claimed() {
        let estimate = |low, value, high| Estimate { value, low, high, p_value: None };
        for (region, of, expected) in [
            (Region::Above(1.0), estimate(1.0, 2.0, 3.0), [0.0, 1.0, 2.0]),
            (Region::Below(1.0), estimate(1.0, 2.0, 3.0), [-2.0, -1.0, 0.0]),
            (Region::Within(1.0, 9.0), estimate(1.0, 2.0, 3.0), [0.0, 1.0, 2.0]),
            (Region::Within(1.0, 3.0), estimate(2.0, 2.5, 3.0), [0.0, 1.0, 2.0]),
            (Region::Within(4.0, 9.0), estimate(1.0, 2.0, 3.0), [-3.0, -2.0, -1.0]),
            (Region::Above(1.0), estimate(2.0, 2.0, 2.0), [200.0, 200.0, 200.0]),
        ] {
            let found = scaled(of, region);
            let near = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-12;
            assert!(found.iter().zip(&expected).all(near), "{region:?}: {found:?}");
        }
    }
}
