//! F09: posteriors without likelihoods.

use experiments::contrast::{Words, claim, each};
use lab::{Claim, Region};

use super::{NONE, metric};
use crate::arms::Arms;

/// F09 to F09d: the mean of a Gaussian.
pub(super) fn mean(arms: Arms) -> Vec<Claim> {
    let rows = arms.mean();
    let words = |id, statement, quantity| Words {
        id,
        statement,
        source: "ours: the exact posterior is known".into(),
        published: NONE,
        quantity,
        figure: "posteriors.svg",
    };
    vec![
        claim(
            words(
                "F09",
                "Rejection with a wide tolerance blurs the posterior",
                "deviation over the exact one, tolerance 1",
            ),
            Region::Above(1.5),
            &metric(&rows, "sd_ratio_1"),
        ),
        claim(
            words("F09b", "A narrow one finds it", "deviation over the exact one, tolerance 0.1"),
            Region::Within(0.95, 1.05),
            &metric(&rows, "sd_ratio_0.1"),
        ),
        claim(
            words(
                "F09c",
                "And throws nearly everything away",
                "share of draws kept, tolerance 0.1",
            ),
            Region::Below(0.05),
            &metric(&rows, "accepted_0.1"),
        ),
        claim(
            words(
                "F09d",
                "A classifier of simulated pairs finds it from 2,000 simulations",
                "Wasserstein-2 distance to the exact posterior in its deviations",
            ),
            Region::Below(0.2),
            &metric(&rows, "classifier_distance_2000"),
        ),
        claim(
            words(
                "F09e",
                "From as many, rejection is farther off at its best tolerance",
                "ln distance, rejection minus classifier, 2,000 simulations",
            ),
            Region::Above(0.0),
            &each(&rows, |row| {
                let ours = row.value("classifier_distance_2000")?;
                Some((row.value("rejection_distance_2000")? / ours).ln())
            }),
        ),
    ]
}

/// F09f and F09g: ARCH(1).
pub(super) fn arch(arms: Arms) -> Vec<Claim> {
    let rows = arms.arch();
    let words = |id, statement, published, quantity| Words {
        id,
        statement,
        source: "Thomas et al. 2016 (1611.10242), slides of its first version".into(),
        published,
        quantity,
        figure: "arch.png",
    };
    vec![
        claim(
            words(
                "F09f",
                "A classifier's posterior of ARCH(1) is nearer to the exact one than the synthetic likelihood's",
                "82 % of 100 series",
                "share of series with the smaller Jensen-Shannon divergence",
            ),
            Region::Above(0.7),
            &metric(&rows, "won"),
        ),
        claim(
            words(
                "F09g",
                "Also when half of its statistics mean nothing",
                "83 % of 100 series",
                "the same, with as many normal numbers among the classifier's statistics",
            ),
            Region::Above(0.7),
            &metric(&rows, "won_distracted"),
        ),
    ]
}
