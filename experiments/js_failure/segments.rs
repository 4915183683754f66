//! Which losses move one parameter where everything is known?
//!
//! Data (0, Z), model (theta, Z): the divergence is ln 2 and flat wherever theta is not zero, the Wasserstein distance is
//! |theta|.

use lab::figure::{Axis, Colour, Layer, Panel};
use lab::{Arm, Figure, Profile};
use shared::chart::{OVER_SEEDS, over_seeds, panel, seeds, traces};

use crate::arm::{Reader, Setting, steps};
use crate::config::Config;
use crate::variant::{GAN_GP, MINIMAX, NON_SATURATING, Variant, WGAN_GP};
use crate::world::World;
use crate::{Results, Rows};

const VARIANTS: [Variant; 4] = [MINIMAX, NON_SATURATING, WGAN_GP, GAN_GP];

fn setting(variant: Variant) -> Setting {
    Setting::strong(World::Segments, variant).audited()
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let arm = |variant| setting(variant).arm(profile, steps(profile) / 3, Reader::Sentence);
    VARIANTS.map(arm).into()
}

pub(crate) fn figures(results: &Results) -> Vec<Figure> {
    let told = |variant| if variant == WGAN_GP { "wasserstein_critic" } else { "js_critic" };
    let panels = [
        VARIANTS.map(|variant| way(&setting(variant).rows(results), &variant.label(), "")),
        VARIANTS.map(|variant| estimates(&setting(variant).rows(results), told(variant))),
    ];
    vec![Figure {
        name: "segments".into(),
        title: "Parallel segments: one parameter, the truth known".into(),
        caption: format!("{}, 5 critic steps; {OVER_SEEDS}. {WHAT_CRITICS_SEE}", seeds(results)),
        columns: VARIANTS.len(),
        height: 210,
        panels: panels.concat(),
    }]
}

/// The caption of [`estimates`].
pub(crate) const WHAT_CRITICS_SEE: &str = "The divergence is ln 2 until the lines coincide, whatever their distance; estimates fall when critics no longer tell the lines apart, fresh ones of 300 steps for every look.";

/// Returns the panel of the distance to the data, beside the divergence as it is.
pub(crate) fn way(rows: &Rows, title: &str, unit: &str) -> Panel {
    let mut layers = Vec::from(over_seeds(
        traces(rows, "frechet"),
        &format!("distance to the data{unit}"),
        Colour::Green,
    ));
    layers.push(exact_divergence());
    panel(title, updates(), Axis::new("exact").within(-0.05, 1.1), layers)
}

/// Returns the panel of what critics say: fresh ones of the divergence, and the run's own by a metric.
pub(crate) fn estimates(rows: &Rows, own: &str) -> Panel {
    let mut layers =
        Vec::from(over_seeds(traces(rows, "js_fresh"), "divergence, fresh critics", Colour::Blue));
    layers.extend(over_seeds(traces(rows, own), "what the own critic says", Colour::Orange));
    layers.push(exact_divergence());
    panel("", updates(), Axis::new("as critics see it").within(-0.3, 1.1), layers)
}

fn updates() -> Axis {
    Axis::new("updates of the generator")
}

/// The divergence of laws on two lines that are not the same.
pub(crate) fn exact_divergence() -> Layer {
    Layer::Horizontal { label: "divergence, exact: ln 2".into(), y: std::f64::consts::LN_2 }
}
