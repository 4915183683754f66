//! F05 to F07: distances between samples, generator losses, estimators of gradients.

use experiments::contrast::{Words, claim, difference, each, log_ratio};
use gan::objective::{Discrepancy, Entropy, GeneratorLoss, ScoringRule};
use lab::{Claim, Region};

use super::{IMPLICIT, NONE, largest, metric};
use crate::arms::Arms;
use crate::config::{Estimator, Problem};
use crate::grid::{
    DIMS, EPSILONS, RACERS, SHIFT_BATCH, SWAPPED, image_games, kernels, mmd_batches,
};

use GeneratorLoss::{LogRatio, Minimax, NonSaturating};

/// F05f to F05i: moments and transport train generators.
pub(super) fn moments(arms: Arms) -> Vec<Claim> {
    let words = |id, statement, source: &str, quantity| Words {
        id,
        statement,
        source: source.into(),
        published: NONE,
        quantity,
        figure: "ring.svg",
    };
    let shrinking = |id, statement| Words {
        figure: "spread.svg",
        ..words(id, statement, "derived: Feydy et al. 2019", "variance over the data's, epsilon 2")
    };
    let entropy = Entropy { epsilon: EPSILONS[1], iterations: 20 };
    let [small, large] = mmd_batches(arms.0.profile).map(|batch| arms.ring_with(&kernels(), batch));
    let blurred = arms.ring(&Discrepancy::EntropicTransport(entropy));
    let sharp = arms.ring(&Discrepancy::Sinkhorn(entropy));
    let sliced = arms.ring(&Discrepancy::SlicedWasserstein { directions: 100 });
    vec![
        claim(
            words(
                "F05f",
                "A fixed kernel needs large batches",
                "ours, after Li, Swersky and Zemel 2015 (1502.02761), who use 1,000",
                "ln squared sliced distance to the ring, batches of 32 minus 256",
            ),
            Region::Above(0.0),
            &log_ratio((&small, &large), "distance"),
        ),
        claim(
            shrinking("F05g", "Entropic transport shrinks the generator"),
            Region::Below(0.8),
            &metric(&blurred, "spread"),
        ),
        claim(
            shrinking("F05h", "The Sinkhorn divergence does not"),
            Region::Within(0.8, 1.2),
            &metric(&sharp, "spread"),
        ),
        claim(
            words(
                "F05i",
                "Sliced transport reaches every mode without a critic",
                "ours",
                "modes that hold 1 % of the samples, of 8",
            ),
            Region::Above(7.5),
            &metric(&sliced, "modes_held"),
        ),
    ]
}

/// F05j to F05l and F05p: moments of images, where a profile has them.
pub(super) fn images(arms: Arms) -> Vec<Claim> {
    let [small, pixels, codes, learned] =
        image_games(arms.0.profile).map(|(kernel, batch)| arms.images(kernel, batch));
    if pixels.is_empty() {
        return Vec::new();
    }
    let words = |id, statement, published, quantity| Words {
        id,
        statement,
        source: "Li, Swersky and Zemel 2015 (1502.02761); Li et al. 2017 (1705.08584), second-hand"
            .into(),
        published,
        quantity,
        figure: "images.png",
    };
    vec![
        claim(
            words(
                "F05j",
                "Matching an auto-encoder's codes beats matching pixels",
                "seen there in samples",
                "ln Frechet distance to test images in a classifier's features, codes minus pixels",
            ),
            Region::Below(0.0),
            &log_ratio((&codes, &pixels), "frechet"),
        ),
        claim(
            words(
                "F05k",
                "And a learned kernel beats both",
                "inception scores on CIFAR-10: 6.2 against 3.9 and 3.5",
                "the same, learned minus codes",
            ),
            Region::Below(0.0),
            &log_ratio((&learned, &codes), "frechet"),
        ),
        claim(
            words(
                "F05l",
                "Parzen's estimate says so too, of codes and pixels",
                "282 against 147 nats on MNIST",
                "nats of test images, codes minus pixels",
            ),
            Region::Above(0.0),
            &difference((&codes, &pixels), "parzen"),
        ),
        claim(
            words(
                "F05p",
                "A learned kernel makes do with the small batches that a fixed one cannot use",
                "no number there",
                "ln Frechet distance, learned minus pixels, both with small batches",
            ),
            Region::Below(0.0),
            &log_ratio((&learned, &small), "frechet"),
        ),
    ]
}

/// F06 to F06e: which losses saturate.
pub(super) fn saturation(arms: Arms) -> Vec<Claim> {
    let words = |id, statement, published, quantity, figure| Words {
        id,
        statement,
        source: "Goodfellow et al. 2014; Arjovsky and Bottou 2017 (1701.04862)".into(),
        published,
        quantity,
        figure,
    };
    let decay = |loss| {
        each(&arms.slope(loss), |row| Some((row.value("slope_8")? / row.value("slope_2")?).ln()))
    };
    let steps = arms.critic_steps();
    let (few, many) = (steps.first().copied(), steps.last().copied());
    let exact = |loss| arms.race(loss, None);
    vec![
        claim(
            words(
                "F06",
                "Samples give the gradients that theory says",
                "derived: 0.235, 0.265 and 0.5 at distance 1/2; 0.398, 0.602 and 1 at 1",
                "largest relative error of the minimax, non-saturating and log-ratio gradients, 100,000 samples",
                "slopes.svg",
            ),
            Region::Below(0.02),
            &largest(RACERS.map(|loss| metric(&arms.slope(loss), "error"))),
        ),
        claim(
            words(
                "F06b",
                "The minimax gradient dies away from the data",
                "derived: -7.0",
                "ln gradient at distance 8 minus at 2",
                "slopes.svg",
            ),
            Region::Below(-3.0),
            &decay(Minimax),
        ),
        claim(
            words(
                "F06c",
                "The non-saturating one does not",
                "derived: 1.6",
                "ln gradient at distance 8 minus at 2",
                "slopes.svg",
            ),
            Region::Above(0.0),
            &decay(NonSaturating),
        ),
        claim(
            words(
                "F06d",
                "Minimax makes less way with a better critic",
                "no number there",
                "distance left after 120 rounds from 8, critic of most updates minus of one",
                "race.svg",
            ),
            Region::Above(0.0),
            &difference((&arms.race(Minimax, many), &arms.race(Minimax, few)), "distance"),
        ),
        claim(
            words(
                "F06e",
                "The non-saturating loss makes more",
                "no number there",
                "ln rounds to |mean| < 0.1, critic of most updates minus of one",
                "race.svg",
            ),
            Region::Below(0.0),
            &log_ratio((&arms.race(NonSaturating, many), &arms.race(NonSaturating, few)), "rounds"),
        ),
        claim(
            words(
                "F06f",
                "With the exact critic minimax does not arrive at all, the non-saturating loss does",
                "derived",
                "distance left after 120 rounds, minimax minus non-saturating",
                "race.svg",
            ),
            Region::Above(5.0),
            &difference((&exact(Minimax), &exact(NonSaturating)), "distance"),
        ),
        claim(
            words(
                "F06g",
                "Nor does the log-ratio loss saturate",
                "derived",
                "distance left after 120 rounds, exact critic",
                "race.svg",
            ),
            Region::Below(0.1),
            &metric(&exact(LogRatio), "distance"),
        ),
    ]
}

/// F06h: comparison and generator losses need not belong together.
pub(super) fn swaps(arms: Arms) -> Vec<Claim> {
    let pairs = ScoringRule::PROPER
        .into_iter()
        .flat_map(|rule| SWAPPED.map(|loss| metric(&arms.swap(rule, loss), "distance")));
    vec![claim(
        Words {
            id: "F06h",
            statement: "Any proper comparison loss goes with any generator loss",
            source: format!("{IMPLICIT}, section 2.2"),
            published: "no experiment there",
            quantity: "distance left after 120 rounds from 2, the worst of 4 times 4 pairs",
            figure: "swap.svg",
        },
        Region::Below(0.3),
        &largest(pairs),
    )]
}

/// F07 to F07f: estimators of gradients.
pub(super) fn estimators(arms: Arms) -> Vec<Claim> {
    let words = |id, statement, quantity| Words {
        id,
        statement,
        source: format!("ours, on {IMPLICIT}, discussion"),
        published: NONE,
        quantity,
        figure: "estimators.svg",
    };
    let versus = |problem, a, b| {
        let of = |estimator| arms.estimate(problem, estimator, arms.middle_batch(problem));
        log_ratio((&of(a), &of(b)), "work")
    };
    let (pathwise, score) = (Estimator::Pathwise, Estimator::Score);
    let (baseline, differences) = (Estimator::ScoreBaseline, Estimator::Differences(0.01));
    let independent = Estimator::IndependentDifferences;
    let shift = |dim, a, b| {
        let of = |estimator| arms.estimate(Problem::Shift { dim }, estimator, SHIFT_BATCH);
        log_ratio((&of(a), &of(b)), "work")
    };
    vec![
        claim(
            words(
                "F07",
                "Pathwise gradients beat the score function under the mixture's critic",
                "ln variance times cost, score with baseline minus pathwise, log-ratio against the mixture",
            ),
            Region::Above(0.0),
            &versus(Problem::Mixture, baseline, pathwise),
        ),
        claim(
            words(
                "F07b",
                "And by far under a smooth one",
                "the same, non-saturating loss between normal laws, 10 parameters",
            ),
            Region::Above(10f64.ln()),
            &shift(DIMS[1], baseline, pathwise),
        ),
        claim(
            words(
                "F07c",
                "With a steep critic the order turns round",
                "the same, pathwise minus score with baseline, steep critic",
            ),
            Region::Above(0.0),
            &versus(Problem::Steep, pathwise, baseline),
        ),
        claim(
            words(
                "F07d",
                "A baseline helps the score function",
                "the same, score without minus with baseline, log-ratio against the mixture",
            ),
            Region::Above(0.0),
            &versus(Problem::Mixture, score, baseline),
        ),
        claim(
            words(
                "F07e",
                "Differences need common random numbers",
                "the same, differences of 0.1 with independent minus of 0.01 with common numbers",
            ),
            Region::Above(0.0),
            &versus(Problem::Mixture, independent(0.1), differences),
        ),
        claim(
            words(
                "F07f",
                "Without them the variance grows as the step's inverse square",
                "the same, independent differences of 0.01 minus of 0.1; ln 100 = 4.6",
            ),
            Region::Within(4.3, 4.9),
            &versus(Problem::Mixture, independent(0.01), independent(0.1)),
        ),
        claim(
            words(
                "F07g",
                "In many dimensions differences cost a factor of the dimension",
                "the same, differences minus pathwise, 100 parameters",
            ),
            Region::Above(10f64.ln()),
            &shift(DIMS[2], differences, pathwise),
        ),
        claim(
            words(
                "F07h",
                "One random direction for all parameters is no way round that: its noise does not average out over the batch",
                "the same, SPSA minus differences, 100 parameters, 32 samples",
            ),
            Region::Above(0.0),
            &shift(DIMS[2], Estimator::Spsa(0.01), differences),
        ),
    ]
}
