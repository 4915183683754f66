//! Which losses move one parameter where everything is known?
//!
//! Data (0, Z), model (theta, Z): the divergence is ln 2 and flat wherever theta is not zero, the Wasserstein distance is
//! |theta|.

use lab::figure::{Axis, Colour, Layer};
use lab::{Arm, Figure, Profile};
use shared::chart::{panel, seeds};

use crate::Results;
use crate::arm::{Reader, Setting, steps};
use crate::config::Config;
use crate::rows::traces;
use crate::variant::{GAN_GP, MINIMAX, NON_SATURATING, Variant, WGAN_GP};
use crate::world::World;

const VARIANTS: [Variant; 4] = [MINIMAX, NON_SATURATING, WGAN_GP, GAN_GP];

fn setting(variant: Variant) -> Setting {
    Setting::strong(World::Segments, variant).audited()
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let arm = |variant| setting(variant).arm(profile, steps(profile) / 3, Reader::Sentence);
    VARIANTS.map(arm).into()
}

pub(crate) fn figures(results: &Results) -> Vec<Figure> {
    let column = |variant: Variant| {
        let rows = setting(variant).rows(results);
        let mut layers = traces(&rows, "frechet", "Wasserstein, exact", Colour::Green);
        layers.extend(traces(&rows, "js_fresh", "divergence, fresh critic", Colour::Blue));
        let own = if variant == WGAN_GP { "wasserstein_critic" } else { "js_critic" };
        layers.extend(traces(&rows, own, "what the own critic says", Colour::Orange));
        layers.push(exact_divergence());
        let y = Axis::new("").within(-0.25, 2.1);
        let x = Axis::new("updates of the generator");
        panel(&variant.label(), x, y, layers)
    };
    vec![Figure {
        name: "segments".into(),
        title: "Parallel segments: one parameter, the truth known".into(),
        caption: format!("{}, each a line; 5 critic steps.", seeds(results)),
        columns: 4,
        height: 210,
        panels: VARIANTS.map(column).into(),
    }]
}

/// The divergence of laws on two lines that are not the same.
pub(crate) fn exact_divergence() -> Layer {
    Layer::Horizontal { label: "divergence, exact: ln 2".into(), y: std::f64::consts::LN_2 }
}
