//! At which learning rates do penalties help?

use lab::{Arm, Figure, Profile};
use shared::chart::{curve, panel, seeds};
use shared::contrast::values;

use crate::Results;
use crate::arm::{Reader, Setting, steps};
use crate::config::Config;
use crate::rows::{distance, log};
use crate::variant::{DRAGAN_NS, GAN_GP, NON_SATURATING, Variant, WGAN_GP, adam};
use crate::world::random;

const VARIANTS: [Variant; 4] = [NON_SATURATING, WGAN_GP, GAN_GP, DRAGAN_NS];
/// Learning rates of both players.
const RATES: [f64; 3] = [1e-4, 1e-3, 1e-2];

fn setting(variant: Variant, rate: f64) -> Setting {
    Setting { rule: adam(rate), ..Setting::strong(random(8, 1), variant) }
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let of_rate =
        |rate| VARIANTS.map(|v| setting(v, rate).arm(profile, steps(profile) / 3, Reader::Figure));
    RATES.into_iter().flat_map(of_rate).collect()
}

pub(crate) fn figures(results: &Results) -> Vec<Figure> {
    let layer = |variant: Variant| {
        let point = |rate: f64| (rate, values(&setting(variant, rate).rows(results), "frechet"));
        curve(&variant.label(), variant.colour(), &RATES.map(point))
    };
    vec![Figure {
        name: "rates".into(),
        title: "Error against learning rate".into(),
        caption: format!(
            "{}: dots; lines are medians. 8 dimensions, random start, critic of two hidden layers, 5 steps.",
            seeds(results)
        ),
        columns: 1,
        height: 340,
        panels: vec![panel(
            "",
            log("learning rate of both"),
            distance(),
            VARIANTS.into_iter().flat_map(layer).collect(),
        )],
    }]
}
