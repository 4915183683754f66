//! How near to its divergence does a learned critic bring the variational bound (F03)?

use gan::objective::Divergence;
use lab::figure::{Axis, Colour, Panel, Scale, Title};
use lab::{Arm, Claim, Figure, Profile, Region, Results, Row};
use shared::chart::{Group, ranking};
use shared::colour::SERIES;
use shared::contrast::{difference, largest, metric, values};
use shared::variant::divergence;
use shared::{Source, claim};
use tch::Tensor;

use super::{Config, Loss, Metrics, Quadrature, arm, arm_name, integral};

use crate::pair::Pair;

const PAIRS: [Pair; 2] = [Pair::SHIFT, Pair::WideModel];

/// The divergences whose bound is trained; the GAN's is that of Jensen and Shannon less a constant.
const TRAINED: [Divergence; 6] = [
    Divergence::KullbackLeibler,
    Divergence::ReverseKullbackLeibler,
    Divergence::Pearson,
    Divergence::SquaredHellinger,
    Divergence::JensenShannon,
    Divergence::Jeffreys,
];

/// Those that F03b compares.
const COMPARED: [Divergence; 2] = [Divergence::ReverseKullbackLeibler, Divergence::JensenShannon];

pub(super) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let steps = match profile {
        Profile::Smoke => 3,
        Profile::Quick | Profile::Reference | Profile::Full => 20_000,
    };
    let of = |pair, f| {
        // A minute a seed: `quick` takes those that tell whether F03b goes the same way.
        let quick_seeds = if pair == Pair::WideModel && COMPARED.contains(&f) { 2 } else { 0 };
        arm(profile, Config { pair, loss: Loss::Bound(f), steps }, quick_seeds)
    };
    PAIRS.into_iter().flat_map(|pair| TRAINED.map(|f| of(pair, f))).collect()
}

/// The bounds of critics with outputs `[members, POINTS]`, and the share of the divergence that they lack.
pub(super) fn metrics(f: Divergence, quadrature: &Quadrature, outputs: &Tensor) -> Metrics {
    let Quadrature { p, q, log_ratio, .. } = quadrature;
    let exact = integral(&(f.f(log_ratio) * q))[0];
    let real = integral(&(f.activation(outputs) * p));
    let fake = integral(&(f.conjugate(outputs) * q));
    let bounds: Vec<f64> = real.iter().zip(&fake).map(|(real, fake)| real - fake).collect();
    vec![
        ("shortfall", bounds.iter().map(|bound| 1.0 - bound / exact).collect()),
        ("exact", vec![exact; bounds.len()]),
        ("bound", bounds),
    ]
}

fn rows(results: &Results<Config>, pair: Pair, f: Divergence) -> Vec<&Row<Config>> {
    results.arm(&arm_name(pair, Loss::Bound(f)))
}

/// Its tables as others copied them.
const FGAN: Source = Source::second_hand("Nowozin et al. 2016 (1606.00709)");

pub(super) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let shortfall = |f| metric(&rows(results, Pair::SHIFT, f), "shortfall");
    let [reverse_kl, jensen_shannon] = COMPARED.map(|f| rows(results, Pair::WideModel, f));
    // A bound that training has not driven far may lack what more updates would find.
    let (updates, enough) = ("updates of every compared arm", Region::Above(19_999.0));
    let least =
        |rows: &[&Row<Config>]| rows.iter().map(|row| row.config.steps as f64).reduce(f64::min);
    vec![
        claim("compare.F03", "The variational bound of a divergence is tight at the learned critic.")
            .published(FGAN, "table 1, the optimal critic", None)
            .measured("`shortfall`, the share of the divergence that the bound lacks, the worst of KL, reverse KL, Pearson, squared Hellinger, Jensen-Shannon and Jeffreys seed by seed, N(1, 1) against N(0, 1)")
            .gate(updates, enough, least(&TRAINED.map(|f| rows(results, Pair::SHIFT, f)).concat()))
            .figure("bounds.svg")
            .mean(Region::Below(0.05), &largest(TRAINED.map(shortfall))),
        claim("compare.F03b", "The reverse KL divergence of a wide model is out of a critic's reach: its optimal critic -1/r has infinite variance.")
            .measured("`shortfall`, reverse KL minus Jensen-Shannon, N(1, 1) against N(0, 4)")
            .gate(updates, enough, least(&[&reverse_kl[..], &jensen_shannon].concat()))
            .figure("bounds.svg")
            .mean(Region::Above(0.05), &difference((&reverse_kl, &jensen_shannon), "shortfall")),
    ]
}

/// What each bound lacks.
pub(super) fn figure(results: &Results<Config>) -> Figure {
    let lacking = |pair: Pair| -> Panel {
        let group = |(f, colour): (Divergence, Colour)| -> Group {
            (divergence(f).into(), colour, values(&rows(results, pair, f), "shortfall"))
        };
        let groups: Vec<Group> = TRAINED
            .into_iter()
            .zip(SERIES)
            .map(group)
            .filter(|(_, _, values)| !values.is_empty())
            .collect();
        let axis = Axis::new("share of the divergence that the bound lacks");
        ranking(&pair.words(), axis.scaled(Scale::SymLog(0.05)), &groups, &[0.0, 0.05])
    };
    let seeds = rows(results, Pair::WideModel, Divergence::JensenShannon).len();
    Figure {
        name: "bounds".into(),
        title: Title::new("Variational bounds at learned critics").if_reproduced(
            "compare.F03",
            "The variational bound of a shift is tight at a learned critic",
        ),
        caption: format!(
            "{seeds} seeds; bars: median with its 95 % interval; dashed: tight, and the claim's threshold."
        ),
        columns: 2,
        height: 260,
        panels: PAIRS.map(lacking).to_vec(),
    }
}
