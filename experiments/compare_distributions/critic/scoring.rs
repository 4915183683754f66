//! Which scoring rules recover the log-ratio (F01)? The strictly proper ones have to; the hinge loss need not.

use gan::objective::ScoringRule;
use lab::figure::{Axis, Colour, Layer, Panel, Scale, Title};
use lab::{Arm, Array, Claim, Figure, Profile, Region, Results, Row};
use shared::chart::{Group, dots, panel, ranking};
use shared::claim;
use shared::colour::SERIES;
use shared::contrast::{join, largest, log_ratio, metric, values};
use shared::variant::scoring_rule;
use tch::{Kind, Tensor};

use super::{Config, Loss, Metrics, Quadrature, arm, arm_name, integral};
use crate::IMPLICIT;
use crate::pair::{ON_THE_LINE, Pair};

pub(super) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let steps = match profile {
        Profile::Smoke => 3,
        Profile::Quick | Profile::Reference => 2_000,
        Profile::Full => 20_000,
    };
    let of = |pair, rule| arm(profile, Config { pair, loss: Loss::Risk(rule), steps }, 4);
    ON_THE_LINE.into_iter().flat_map(|pair| ScoringRule::ALL.map(|rule| of(pair, rule))).collect()
}

/// What critics with outputs `[members, POINTS]` know of the log-ratio, under `(p + q) / 2`, and their risk above its
/// exact minimum.
pub(super) fn metrics(rule: ScoringRule, quadrature: &Quadrature, outputs: &Tensor) -> Metrics {
    let Quadrature { p, q, log_ratio, .. } = quadrature;
    let both = (p + q) * 0.5;
    let squares = integral(&((outputs - log_ratio).square() * &both));
    let differs = (outputs * log_ratio).lt(0.0).to_kind(Kind::Double);
    let risk = |s: &Tensor| integral(&(rule.loss(s) * p * 0.5 + rule.loss(&-s) * q * 0.5));
    let best = if rule.is_strictly_proper() { log_ratio.shallow_clone() } else { log_ratio.sign() };
    let least = risk(&best)[0];
    vec![
        ("error", squares.iter().map(|square| square.sqrt()).collect()),
        ("wrong_sign", integral(&(differs * both))),
        ("risk_gap", risk(outputs).iter().map(|risk| risk - least).collect()),
    ]
}

fn rows(results: &Results<Config>, pair: Pair, rule: ScoringRule) -> Vec<&Row<Config>> {
    results.arm(&arm_name(pair, Loss::Risk(rule)))
}

pub(super) fn claims(results: &Results<Config>) -> Vec<Claim> {
    use ScoringRule::{Bernoulli, Exponential, Hinge};

    let of = |pair, rule, name| metric(&rows(results, pair, rule), name);
    let worst = |pair, name| largest(ScoringRule::PROPER.map(|rule| of(pair, rule, name)));
    let wide = |rule| rows(results, Pair::WideModel, rule);
    vec![
        claim("compare.F01", "Every strictly proper scoring rule recovers the log-ratio.")
            .published(IMPLICIT, "section 2.2 and table 1", None)
            .measured("`error` of the log-ratio, the worst of the Bernoulli, Brier, exponential and spherical rules seed by seed, N(1, 1) against N(0, 1)")
            .figure("scoring.svg")
            .mean(Region::Below(0.15), &worst(Pair::SHIFT, "error")),
        claim("compare.F01b", "A critic that learns by a strictly proper scoring rule reaches the rule's least risk.")
            .published(IMPLICIT, "section 2.2 and table 1", None)
            .measured("`risk_gap` above the exact minimum, the worst of the Bernoulli, Brier, exponential and spherical rules and of all three pairs of laws on the line seed by seed")
            .figure("scoring.svg")
            .mean(
                Region::Below(0.005),
                &largest(ON_THE_LINE.map(|pair| worst(pair, "risk_gap"))),
            ),
        claim("compare.F01c", "A critic that learns by the hinge loss reaches its least risk, too.")
            .derived("the least hinge risk is 1 - TV, at the sign of the log-ratio", Some("1 - TV = 0.617"))
            .measured("`risk_gap` of the hinge loss above 1 - TV, N(1, 1) against N(0, 1)")
            .figure("scoring.svg")
            .mean(Region::Below(0.01), &of(Pair::SHIFT, Hinge, "risk_gap")),
        claim("compare.F01d", "The hinge loss is not proper: a critic that learns by it loses the log-ratio.")
            .published(IMPLICIT, "section 2.2 and table 1", None)
            .measured("`error` of the hinge loss minus that of the worst of the Bernoulli, Brier, exponential and spherical rules seed by seed, N(1, 1) against N(0, 1)")
            .figure("scoring.svg")
            .mean(
                Region::Above(0.3),
                &join(&of(Pair::SHIFT, Hinge, "error"), &worst(Pair::SHIFT, "error"), |a, b| a - b),
            ),
        claim("compare.F01e", "The exponential rule pays for its heavy-tailed gradients: under a wide model its log-ratio is worse than Bernoulli's.")
            .measured("ln of `error`, the exponential rule over Bernoulli's, N(1, 1) against N(0, 4)")
            .figure("scoring.svg")
            .mean(Region::Above(0.0), &log_ratio((&wide(Exponential), &wide(Bernoulli)), "error")),
    ]
}

/// The log-ratio by every rule over the true one, and its error.
pub(super) fn figure(results: &Results<Config>) -> Figure {
    let curves = |pair: Pair| -> Panel {
        let mut layers: Vec<Layer> = Vec::new();
        for (rule, colour) in ScoringRule::ALL.into_iter().zip(SERIES) {
            let rows = rows(results, pair, rule);
            let points = rows.first().and_then(|row| row.samples.get("outputs"));
            let mut points = points.map(Array::to_points).unwrap_or_default();
            points.retain(|(x, y)| x.abs() < 4.0 && *y > -6.0);
            layers.push(Layer::Line { label: scoring_rule(rule).into(), colour, points });
        }
        layers.push(dots(Colour::Black, 1, 1.0, exact(pair)));
        let axis = Axis::new("log-ratio").within(-6.0, 4.0);
        let x = Axis::new("x").within(-4.0, 4.0);
        panel(&pair.words(), x, axis, layers)
    };
    let errors = |pair: Pair| -> Panel {
        let group = |(rule, colour): (ScoringRule, Colour)| -> Group {
            (scoring_rule(rule).into(), colour, values(&rows(results, pair, rule), "error"))
        };
        let groups: Vec<Group> = ScoringRule::ALL.into_iter().zip(SERIES).map(group).collect();
        let axis = Axis::new("error of the log-ratio").scaled(Scale::Log);
        ranking(&pair.words(), axis, &groups, &[])
    };
    let seeds = rows(results, Pair::SHIFT, ScoringRule::Bernoulli).len();
    Figure {
        name: "scoring".into(),
        title: Title::new("The log-ratio by scoring rules").if_reproduced(
            "compare.F01",
            "Every strictly proper scoring rule recovers the log-ratio of a shift",
        ),
        caption: format!(
            "Above: the critic of one seed, dots the truth. Below: {seeds} seeds; bars: median with its 95 % interval."
        ),
        columns: 3,
        height: 220,
        panels: ON_THE_LINE.map(curves).into_iter().chain(ON_THE_LINE.map(errors)).collect(),
    }
}

/// The exact log-ratio along the line.
fn exact(pair: Pair) -> Vec<(f64, f64)> {
    let places: Vec<f64> = (-20..=20).map(|i| f64::from(i) / 5.0).collect();
    let x = Tensor::from_slice(&places).reshape([-1, 1]);
    let points = places.into_iter().zip(gan::device::to_vec(&pair.log_ratio(&x)));
    points.filter(|(_, y)| *y > -6.0).collect()
}
