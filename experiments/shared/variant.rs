//! The names that the field has for a pair of losses and a penalty.

use gan::objective::{Divergence, GeneratorLoss, ScoringRule};
use gan::penalty::Perturbation;
use gan::{Objective, Penalty};

/// Returns the name of a variant: `NS-GAN`, `WGAN-GP`, `DRAGAN-NS`, else both parts.
pub fn variant(objective: Objective, penalty: Penalty) -> String {
    let one_sided = |near| matches!(near, Perturbation::OneSided);
    let known = match (objective, penalty) {
        (_, Penalty::None) => return self::objective(objective).to_owned(),
        (Objective::Wasserstein, Penalty::Gradient { .. }) => Some("WGAN-GP"),
        (Objective::NonSaturating, Penalty::Gradient { .. }) => Some("GAN-GP"),
        (Objective::Wasserstein, Penalty::WeightClip { .. }) => Some("WGAN, clipped"),
        (Objective::NonSaturating, Penalty::Dragan { near, of_probability: false, .. })
            if one_sided(near) =>
        {
            Some("DRAGAN-NS")
        }
        _ => None,
    };
    let both = || format!("{} + {}", self::objective(objective), self::penalty(penalty));
    known.map_or_else(both, str::to_owned)
}

/// Returns the name of a variant in the names of arms, which need no quotes on a command line: `NS-GAN`,
/// `GAN-GP-weight-1`, `hinge+R1-weight-0.3`.
///
/// # Panics
/// If the penalty cannot be stored.
pub fn arm_name(objective: Objective, penalty: Penalty) -> String {
    let stored = serde_json::to_value(penalty).expect("a penalty is stored as JSON");
    let fields = stored.as_object().and_then(|kind| kind.values().next());
    let size = |field: &str| {
        let size = fields.and_then(|fields| fields.get(field)).and_then(serde_json::Value::as_f64);
        size.map_or_else(String::new, |size| format!("-{field}-{size}"))
    };
    let name = variant(objective, penalty).replace(" + ", "+").replace(", ", "-").replace(' ', "-");
    format!("{name}{}{}", size("weight"), size("bound"))
}

/// Returns the short name of a pair of losses.
pub fn objective(objective: Objective) -> &'static str {
    match objective {
        Objective::Minimax => "M-GAN",
        Objective::NonSaturating => "NS-GAN",
        Objective::LeastSquares => "LSGAN",
        Objective::Hinge => "hinge",
        Objective::Wasserstein => "WGAN",
    }
}

/// Returns the short name of a penalty.
pub fn penalty(penalty: Penalty) -> &'static str {
    match penalty {
        Penalty::None => "none",
        Penalty::Gradient { .. } => "GP",
        Penalty::GradientPerColumn { .. } => "GP per column",
        Penalty::Dragan { of_probability: true, .. } => "DRAGAN of D",
        Penalty::Dragan { near: Perturbation::OneSided, .. } => "DRAGAN",
        Penalty::Dragan { near: Perturbation::Centred, .. } => "DRAGAN centred",
        Penalty::Dragan { near: Perturbation::Normal { .. }, .. } => "DRAGAN normal",
        Penalty::R1 { .. } => "R1",
        Penalty::R2 { .. } => "R2",
        Penalty::Roth { .. } => "Roth",
        Penalty::WeightClip { .. } => "clipping",
    }
}

/// Returns the name of a scoring rule.
pub fn scoring_rule(rule: ScoringRule) -> &'static str {
    match rule {
        ScoringRule::Bernoulli => "Bernoulli",
        ScoringRule::Brier => "Brier",
        ScoringRule::Exponential => "exponential",
        ScoringRule::Spherical => "spherical",
        ScoringRule::Hinge => "hinge",
    }
}

/// Returns the name of a divergence.
pub fn divergence(divergence: Divergence) -> &'static str {
    match divergence {
        Divergence::KullbackLeibler => "KL",
        Divergence::ReverseKullbackLeibler => "reverse KL",
        Divergence::Pearson => "Pearson",
        Divergence::SquaredHellinger => "squared Hellinger",
        Divergence::JensenShannon => "Jensen-Shannon",
        Divergence::Gan => "GAN",
        Divergence::Jeffreys => "Jeffreys",
    }
}

/// Returns the name of what a generator minimises.
pub fn generator_loss(loss: GeneratorLoss) -> String {
    match loss {
        GeneratorLoss::Minimax => "minimax".into(),
        GeneratorLoss::NonSaturating => "non-saturating".into(),
        GeneratorLoss::LogRatio => "log-ratio".into(),
        GeneratorLoss::Variational(f) => format!("-f*(f'(r)), {}", self::divergence(f)),
        GeneratorLoss::FrozenRatio(f) => format!("f(r), {}", self::divergence(f)),
        GeneratorLoss::Bregman(f) => format!("r f'(r), {}", self::divergence(f)),
    }
}
