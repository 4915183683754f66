//! The gate of claims about samples of images.

use lab::{Region, Row};

use crate::Draft;
use crate::contrast::median_of;

/// Puts a draft behind the gate of samples: on every side of the comparison an arm has been, at some look, nearer to real
/// images than one Gaussian in pixels, with a class score above that Gaussian's and above half of real images'.
///
/// The best look counts and not the last, because an arm that learnt and then collapsed is a finding and no lack of
/// training. Where that an arm learns nothing beside one that does is the finding, both stand on one side.
pub fn learnt<C>(draft: Draft, sides: &[&[&[&Row<C>]]]) -> Draft {
    let of_side =
        |side: &&[&[&Row<C>]]| side.iter().filter_map(|arm| worst_ratio(arm)).reduce(f64::min);
    let ratios: Option<Vec<f64>> = sides.iter().map(of_side).collect();
    let arms: usize = sides.iter().map(|side| side.len()).sum();
    let whose = match (sides.len(), arms) {
        (_, 1) => "the arm",
        (1, _) => "the compared arm that learnt best",
        (sides, arms) if sides == arms => "the compared arm that learnt worst",
        _ => "the arm that learnt best, on the worse side",
    };
    draft.gate(
        &format!("of {whose} the largest of {RATIOS}, medians over seeds,"),
        Region::Below(1.0),
        ratios.and_then(|ratios| ratios.into_iter().reduce(f64::max)),
    )
}

/// Puts a draft behind the gate of samples where the failing of one arm is the finding: the other has learnt, as [`learnt`]
/// says, and this one has been nearer to real images than one Gaussian in pixels.
pub fn learnt_beside<C>(draft: Draft, learnt: &[&Row<C>], failing: &[&Row<C>]) -> Draft {
    let distance = |row: &Row<C>| Some(ratios_at_best(row)?[0]);
    let ratios = worst_ratio(learnt).zip(median_of(failing, distance));
    draft.gate(
        &format!("the largest of {RATIOS}, of the other arm the first alone, medians over seeds,"),
        Region::Below(1.0),
        ratios.map(|(learnt, failing)| learnt.max(failing)),
    )
}

/// Returns whether samples of a run with this Frechet distance and class score have learnt, as [`learnt`] says of an arm;
/// none if the run has not what these are compared with.
pub fn has_learnt<C>(row: &Row<C>, frechet: f64, class_score: f64) -> Option<bool> {
    Some(ratios(row, frechet, class_score)?.iter().all(|ratio| *ratio < 1.0))
}

/// Three ratios that are below 1 where samples have learnt: the distance is in the first alone.
fn ratios<C>(row: &Row<C>, frechet: f64, class_score: f64) -> Option<[f64; 3]> {
    let of_gaussian = |name: &str| row.value(&format!("{name}_of_gaussian"));
    Some([
        frechet / of_gaussian("frechet")?,
        of_gaussian("class_score")? / class_score,
        0.5 * row.value("real_class_score")? / class_score,
    ])
}

fn ratios_at_best<C>(row: &Row<C>) -> Option<[f64; 3]> {
    ratios(row, row.value("frechet_best")?, row.value("class_score_best")?)
}

/// These in words.
const RATIOS: &str = "`frechet_best` over `frechet_of_gaussian`, `class_score_of_gaussian` over `class_score_best`, and half `real_class_score` over `class_score_best`";

/// The largest of an arm's ratios, each of which is below 1 where it has learnt; a lost run has none.
fn worst_ratio<C>(rows: &[&Row<C>]) -> Option<f64> {
    let medians = [0, 1, 2].map(|i| median_of(rows, |row| Some(ratios_at_best(row)?[i])));
    medians.into_iter().reduce(|a, b| Some(a?.max(b?))).flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use lab::Summary;
    use lab::record::Outcome;

    use super::*;
    use crate::claim;
    use crate::contrast::Sample;

    fn run(frechet_best: f64, class_score_best: f64) -> Row<()> {
        let mut summary = Summary::default();
        summary.insert("frechet_best", frechet_best);
        summary.insert("frechet_of_gaussian", 40.0);
        summary.insert("class_score_of_gaussian", 3.4);
        summary.insert("class_score_best", class_score_best);
        summary.insert("real_class_score", 8.4);
        Row {
            arm: String::new(),
            config_id: String::new(),
            config: (),
            seed: 0,
            outcome: Outcome::Finished { summary },
            traces: BTreeMap::default(),
            samples: BTreeMap::default(),
            wall_seconds: None,
        }
    }

    fn ratio(sides: &[&[&[&Row<()>]]]) -> Option<f64> {
        let draft = learnt(claim("a.A", "A statement."), sides);
        draft.student(Region::Above(0.0), &Sample::default()).gate.unwrap().value
    }

    /// Of an arm whose classes need not be clear the distance alone counts.
    #[test]
    fn a_failing_arm_has_come_near() {
        let (learnt, far, unclear) = (run(10.0, 7.0), run(44.0, 7.0), run(20.0, 3.5));
        let gate = |failing: &[&Row<()>]| {
            let draft = learnt_beside(claim("a.A", "A statement."), &[&learnt], failing);
            draft.student(Region::Above(0.0), &Sample::default()).gate.unwrap()
        };
        for (failing, is_passed) in [(&unclear, true), (&far, false)] {
            assert_eq!(gate(&[failing]).value.unwrap() < 1.0, is_passed);
        }
        assert_eq!(gate(&[]).value, None);
    }

    /// Of each side the best arm counts, of the sides the worse one, of an arm the worst number.
    #[test]
    fn the_best_arm_of_the_worse_side_decides() {
        let (learnt, far, unclear) = (run(10.0, 7.0), run(44.0, 7.0), run(10.0, 3.5));
        let [learnt, far, unclear, missing]: [&[&Row<()>]; 4] =
            [&[&learnt], &[&far], &[&unclear], &[]];
        for (sides, wanted) in [
            (&[&[learnt][..]][..], Some(0.6)),
            (&[&[far]], Some(1.1)),
            (&[&[unclear]], Some(1.2)),
            (&[&[learnt, far]], Some(0.6)),
            (&[&[learnt], &[far]], Some(1.1)),
            (&[&[learnt, unclear], &[unclear, far]], Some(1.1)),
            (&[&[learnt], &[missing]], None),
        ] {
            match (ratio(sides), wanted) {
                (Some(found), Some(wanted)) => assert!((found - wanted).abs() < 1e-12, "{found}"),
                (found, wanted) => assert_eq!(found, wanted),
            }
        }
    }
}
