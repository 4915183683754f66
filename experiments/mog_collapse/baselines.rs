//! What do the metrics say of samplers that do not learn (C9, C18)?
//!
//! What they must say is mathematics, so it is tested below and not claimed.

use gan::Rng;
use gan::data::Target;
use gan::optim::Player;
use lab::{Arm, Diverged, Profile, Run, Summary};
use shared::name;
use tch::Tensor;

use crate::config::{Baseline, Config, Method, TargetName};
use crate::coverage::{Looks, SAMPLES};
use crate::game::generator;
use crate::size::{STACK, Size, profile_arm};
use crate::streams;

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let size = Size::of(profile);
    let arm = |part: &str, target: TargetName, baseline: Baseline| {
        let config = size.config(target, Method::Baseline(baseline), size.nets());
        let name = format!("{part}/{}", name(&baseline));
        profile_arm(profile, STACK, name, config).with_quick_seeds(STACK)
    };
    let all = [Baseline::Perfect, Baseline::BoxNoise, Baseline::Untrained];
    let targets = [("ring", TargetName::Ring), ("grid", TargetName::Grid)];
    targets
        .iter()
        .flat_map(|(part, target)| all.map(|baseline| arm(part, *target, baseline)))
        .collect()
}

/// Scores what does not train.
pub(crate) fn run(
    config: &Config,
    baseline: Baseline,
    run: &mut Run,
) -> Vec<Result<Summary, Diverged>> {
    let (looks, mut found) = (Looks::new(config), Looks::nothing(run));
    looks.look(config.steps, &samples(config, baseline, &streams(run)), &mut found, run);
    looks.end(found, run)
}

fn samples(config: &Config, baseline: Baseline, root: &Rng) -> Tensor {
    let mut eval = root.fork("eval");
    match baseline {
        Baseline::Perfect => config.target.mixture().sample(&mut eval, SAMPLES),
        Baseline::BoxNoise => {
            (eval.uniform(&[SAMPLES, 2]) * 2.0 - 1.0) * config.target.half_width()
        }
        Baseline::Untrained => {
            let nets = &config.nets;
            let g = Player::new(generator(nets), nets.generator_adam, &mut root.fork("generator"));
            g.apply(&eval.normal(&[SAMPLES, nets.latent])).detach()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::CEILING;
    use approx::assert_abs_diff_eq;
    use stats::modes::{Coverage, Mixture};
    use stats::robust;

    /// The coverage of the ring by twenty clouds.
    fn coverages(baseline: Baseline) -> Vec<Coverage> {
        let size = Size::Small;
        let config = size.config(TargetName::Ring, Method::Baseline(baseline), size.nets());
        let target = config.target.mixture();
        let mixture = Mixture { centres: target.distinct_centres(), sigma: target.sigma };
        let seeds: Vec<u64> = (0..20).collect();
        let root = Rng::new(&seeds).with(shared::options(lab::Device::Cpu));
        let clouds = samples(&config, baseline, &root);
        seeds.iter().map(|&i| mixture.coverage(&shared::points(&clouds, i as usize))).collect()
    }

    fn mean(coverages: &[Coverage], number: impl Fn(&Coverage) -> f64) -> f64 {
        robust::mean(&coverages.iter().map(number).collect::<Vec<_>>())
    }

    /// C9: the rule of one sample gives noise 6.1 of 8 modes, the rule of 1 % none.
    #[test]
    fn one_sample_a_mode_rewards_noise() {
        let (radius, width) = (3.0 * 0.02, 2.0 * TargetName::Ring.half_width());
        let hit = std::f64::consts::PI * (radius / width).powi(2);
        let expected = 8.0 * (1.0 - (1.0 - hit).powi(SAMPLES as i32));
        assert_abs_diff_eq!(expected, 6.1, epsilon = 0.05);
        let noise = coverages(Baseline::BoxNoise);
        // Four standard errors of 20 clouds with eight modes each.
        assert_abs_diff_eq!(mean(&noise, |c| c.modes_any as f64), expected, epsilon = 1.1);
        assert!(noise.iter().all(|coverage| coverage.modes_held == 0));
    }

    /// C18: a perfect sampler has 98.89 % of its samples within 3 sigma.
    #[test]
    fn a_perfect_sampler_has_a_ceiling() {
        assert_abs_diff_eq!(CEILING, 1.0 - (-4.5f64).exp(), epsilon = 1e-6);
        let target = coverages(Baseline::Perfect);
        assert_abs_diff_eq!(mean(&target, |c| c.high_quality[1]), CEILING, epsilon = 2e-3);
    }
}
