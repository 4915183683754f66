//! What must be true between the fields of a configuration: rules of one field each that look at others.

use garde::{Error, Result};

use crate::config::{Config, Constraint, Critic, Measure, Training};

/// Most numbers of the points of one iteration: a gibibyte in single precision.
const MOST: i64 = 1 << 28;

fn require(holds: bool, otherwise: &str) -> Result {
    if holds { Ok(()) } else { Err(Error::new(otherwise)) }
}

fn opponent(config: &Config) -> Option<&Critic> {
    match &config.training {
        Training::Wasserstein { critic, .. } => Some(critic),
        _ => None,
    }
}

/// Checks that there are so many images to train with.
pub(crate) fn images(config: &Config) -> Result {
    let least = i64::from(config.data.images().is_some());
    gan::range::within(&config.training_images, &(least..=config.data.training_images()))
}

/// Checks that the data can be trained with so, and the critic's penalty taken.
pub(crate) fn training(config: &Config) -> Result {
    let memorises = config.training == Training::Memorise;
    require(!memorises || config.data.images().is_some(), "only images are memorised")?;
    match opponent(config).map(|critic| critic.constraint) {
        Some(Constraint::Penalty(penalty)) => penalty.goes_with(config.data.dim()),
        _ => Ok(()),
    }
}

/// Checks that the flow can be built.
pub(crate) fn flow(config: &Config) -> Result {
    let Some(residual) = config.flow.residual else {
        return require(config.flow.couplings > 0, "a dense flow has couplings");
    };
    require(config.data.images().is_some(), "residual couplings are of images")?;
    // All scales but the last halve the sides.
    let halvings = (residual.scales as u32).saturating_sub(1);
    let factor = 1i64.checked_shl(halvings).unwrap_or(0);
    let divides = config.data.shape().is_divided_by(factor);
    require(divides, "residual.scales: the sides cannot be halved so often")
}

/// Checks that the points of all of a critic's updates fit in memory.
pub(crate) fn at_once(config: &Config) -> Result {
    let updates = opponent(config).map_or(1, |critic| i64::from(critic.steps));
    let all = config.batch.saturating_mul(updates).saturating_mul(config.data.dim());
    require(all <= MOST, "points of all updates of an iteration would not fit in memory")
}

/// Checks that the critic's updates can be counted, and that a race is long enough to be read.
pub(crate) fn updates(config: &Config) -> Result {
    let race = matches!(config.training, Training::Race { .. });
    // Twice the updates between two jumps: its second half sees every moment between them.
    require(!race || config.steps >= 50, "a race has at least 50")?;
    gan::range::countable(config.steps, opponent(config).map_or(1, |critic| critic.steps))
}

/// Checks that what is measured can be.
pub(crate) fn measures(config: &Config) -> Result {
    let of_images = |measure: &Measure| {
        matches!(measure, Measure::ClassScores | Measure::Spectrum | Measure::Redraw)
    };
    let images = config.data.images().is_some();
    let possible = images || !config.measures.iter().any(of_images);
    require(possible, "class scores, spectra and redrawn latents are of images")?;
    let critic = config.measures.iter().any(|m| matches!(m, Measure::IndependentCritic(_)));
    let memorises = config.training == Training::Memorise;
    require(!memorises || critic, "what is memorised is judged by a critic")
}
