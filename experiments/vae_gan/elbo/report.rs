//! What is claimed of the bounds, and the terms side by side.

use lab::figure::{Axis, Scale, Tile, Title};
use lab::{Claim, Figure, Region, Results, Row};
use shared::chart::{Group, panel, ranking, seeds_of, short};
use shared::contrast::{each, metric, values};
use shared::{Draft, Source, claim};
use stats::robust;

use super::{Config, UPDATES, arm_name, methods};

const AVB: Source = Source::remembered("Mescheder, Nowozin and Geiger 2017 (1701.04722)");
const ROSCA: Source = Source::remembered("Rosca, Lakshminarayanan and Mohamed 2018 (1802.06847)");
const INFORMATION: &str = "the divergence of all codes together is the mean divergence less what codes tell of points \
                           (Hoffman and Johnson 2016), so that the objective is the bound plus that";

const DATA_DENSITY: &str = "its data term is a critic's log-ratio plus the data's own log-density, which lies above the \
                            model's in the mean whatever the model";

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let rows = |method: &str| results.arm(&arm_name(method));
    let excess = |draft: Draft, method: &str, region| {
        gated(draft, &rows(method))
            .measured(&format!(
                "`told_excess` of {method}: what its objective says of the bound minus ln p(x) by quadrature, nats"
            ))
            .figure("elbo.svg")
            .mean(region, &metric(&rows(method), "told_excess"))
    };
    let vae = rows("VAE");
    let misses = each(&vae, |row: &Row<Config>| {
        Some((row.value("marginal_kl_by_samples")? - row.value("marginal_kl")?).abs())
    });
    vec![
        excess(
            claim("vae.F11", "A VAE's objective stays below the likelihood.")
                .derived("both its terms are explicit: it is the bound", None),
            "VAE",
            Region::Below(0.0),
        ),
        excess(
            claim("vae.F11b", "AVB's objective lies above the likelihood.")
                .published(AVB, "table 2, MNIST, 8 latents", None),
            "AVB",
            Region::Above(0.0),
        ),
        excess(
            claim("vae.F11c", "The objective with a critic of codes alone lies above the likelihood.")
                .derived(INFORMATION, None),
            "AAE",
            Region::Above(0.0),
        ),
        excess(
            claim("vae.F11d", "alpha-GAN's objective lies above the likelihood.")
                .derived(DATA_DENSITY, None),
            "alpha-GAN",
            Region::Above(0.0),
        ),
        gated(
            claim("vae.C12c", "The divergence of a VAE's codes from the prior by Monte Carlo over the whole set is that of a grid, to 0.05 nats."),
            &vae,
        )
        .published(ROSCA, "its estimator of the marginal divergence", None)
        .measured("|`marginal_kl_by_samples` - `marginal_kl`| of the VAE's 2-D codes, nats")
        .figure("elbo.svg")
        .mean(Region::Below(0.05), &misses),
    ]
}

/// A draft behind the gate that the arm had its updates.
fn gated(draft: Draft, rows: &[&Row<Config>]) -> Draft {
    let updates = rows.first().map(|row| row.config.learner.steps as f64);
    draft.gate("updates of the arm", Region::Above(UPDATES as f64 - 1.0), updates)
}

/// A number of a run.
type Term = fn(&Row<Config>) -> Option<f64>;

/// The exact bound of the points whose terms are known.
fn bound(row: &Row<Config>) -> Option<f64> {
    Some(row.value("data_term")? - row.value("code_term")?)
}

/// The heading of what an objective takes for the term at its left.
const TOLD: &str = "as told";

/// The terms in a table, and how far each objective is from the likelihood.
pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    if results.rows.is_empty() {
        return Vec::new();
    }
    let columns: [(&str, Term); 7] = [
        ("data term", |row| row.value("data_term")),
        (TOLD, |row| row.value("told_data_term")),
        ("code term", |row| row.value("code_term")),
        (TOLD, |row| row.value("told_code_term")),
        ("bound", bound),
        (TOLD, |row| Some(row.value("told_data_term")? - row.value("told_code_term")?)),
        ("ln p(x)", |row| Some(bound(row)? + row.value("gap")?)),
    ];
    let names: Vec<&str> = methods().map(|((name, _), _)| name).into();
    let mut tiles = Vec::new();
    for (row, name) in names.iter().rev().enumerate() {
        let rows = results.arm(&arm_name(name));
        for (column, (label, term)) in columns.iter().enumerate() {
            let found: Vec<f64> = each(&rows, term).values.into_values().collect();
            let text =
                if found.is_empty() { "-".to_owned() } else { short(robust::median(&found)) };
            let shade = if *label == TOLD { 0.25 } else { 0.05 };
            tiles.push(Tile { at: (column, row), shade, text: vec![text] });
        }
    }
    let categories = |names: Vec<&str>| Axis::of(names.into_iter().map(str::to_owned).collect());
    let table = panel(
        "medians, nats",
        categories(columns.map(|(label, _)| label).into()),
        categories(names.iter().rev().copied().collect()),
        vec![lab::figure::Layer::Tiles(tiles)],
    );
    let group = |((name, method), _): &(crate::method::Named, crate::model::Encoder)| -> Group {
        ((*name).to_owned(), method.colour(), values(&results.arm(&arm_name(name)), "told_excess"))
    };
    let groups: Vec<Group> = methods().iter().map(group).collect();
    let axis = Axis::new("objective minus ln p(x) (nats)").scaled(Scale::SymLog(1.0));
    let excess = ranking("", axis, &groups, &[0.0]);
    vec![Figure {
        name: "elbo".into(),
        title: Title::new("The bound term by term: what objectives say, and what is")
            .if_reproduced("vae.F11b", "AVB's objective lies above the likelihood: it is no bound"),
        caption: format!(
            "{}, a ring of sigma 0.2 and an explicit likelihood. Shaded: what the objective takes for the term at its left; AVB's code terms are from below, by bins. Right of \
             the line an objective is no bound; logarithmic beyond 1 nat.",
            seeds_of(results)
        ),
        columns: 2,
        height: 200,
        panels: vec![table, excess],
    }]
}
