//! What must be true between the fields of a configuration.

use garde::{Error, Result};

use crate::config::{Config, Constraint, Critic, Measure, Training};

/// Most numbers of the points of one iteration: a gibibyte in single precision.
const MOST: i64 = 1 << 28;

/// Checks what no field can know alone.
///
/// # Errors
/// One line that starts with the path of a field.
pub(crate) fn fits(config: &Config, (): &()) -> Result {
    points(config)?;
    flow(config)?;
    measures(config)?;
    let updates = if let Training::Wasserstein { critic, .. } = &config.training {
        opponent(config, critic)?;
        critic.steps
    } else {
        1
    };
    let at_once = config.batch.saturating_mul(updates.into()).saturating_mul(config.data.dim());
    let few = at_once <= MOST;
    require(few, "batch", "points of all of a critic's updates would not fit in memory")
}

fn require(holds: bool, path: &str, otherwise: &str) -> Result {
    if holds { Ok(()) } else { Err(Error::new(format!("{path}: {otherwise}"))) }
}

/// Whether there are images to train with, and a race is long enough to be read.
fn points(config: &Config) -> Result {
    if config.data.images().is_some() {
        let range = 1..=config.data.training_images();
        let line = format!("{} is not in {range:?}", config.training_images);
        require(range.contains(&config.training_images), "training_images", &line)?;
    } else {
        let memorises = config.training == Training::Memorise;
        require(!memorises, "training", "only images are memorised")?;
    }
    let race = matches!(config.training, Training::Race { .. });
    // Twice the updates between two jumps: its second half sees every moment between them.
    require(!race || config.steps >= 50, "steps", "a race has at least 50")
}

/// Whether the flow can be built.
fn flow(config: &Config) -> Result {
    let Some(residual) = config.flow.residual else {
        return require(config.flow.couplings > 0, "flow.couplings", "a dense flow has some");
    };
    let images = config.data.images().is_some();
    require(images, "flow.residual", "convolutions are of images")?;
    let shape = config.data.shape();
    // All scales but the last halve the sides.
    let factor = 1i64.checked_shl(residual.scales as u32 - 1).unwrap_or(0);
    let line = "the sides cannot be halved so often";
    require(shape.is_divided_by(factor), "flow.residual.scales", line)
}

/// Whether what is measured can be.
fn measures(config: &Config) -> Result {
    let of_images = |measure: &Measure| {
        matches!(measure, Measure::ClassScores | Measure::Spectrum | Measure::Redraw)
    };
    let images = config.data.images().is_some();
    let possible = images || !config.measures.iter().any(of_images);
    require(possible, "measures", "class scores, spectra and redrawn latents are of images")?;
    let critic = config.measures.iter().any(|m| matches!(m, Measure::IndependentCritic(_)));
    let memorises = config.training == Training::Memorise;
    require(!memorises || critic, "measures", "what is memorised is judged by a critic")
}

/// Whether the critic's penalty can be taken, and its updates counted.
fn opponent(config: &Config, critic: &Critic) -> Result {
    let path = "training.wasserstein.critic";
    if let Constraint::Penalty(penalty) = critic.constraint {
        let told = |error| Error::new(format!("{path}.constraint.penalty.{error}"));
        penalty.goes_with(config.data.dim()).map_err(told)?;
    }
    let told = |error| Error::new(format!("{path}.steps: {error}"));
    gan::range::countable(config.steps, critic.steps).map_err(told)
}
