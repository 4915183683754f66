//! GANs lose modes on a mixture of Gaussians; look-ahead brings them back; a VAE does not lose them.
//!
//! `README.md` beside this file holds the claims and the rules that were fixed before the sweep.

mod claims;
mod config;
mod figures;
mod train;
mod watch;

use std::process::ExitCode;

use lab::{
    Animation, Arm, Backend, Claim, Diverged, Experiment, Figure, Interrupted, Profile, Results,
    Run, Summary,
};

use config::{Config, Method};

struct MogCollapse;

impl Experiment for MogCollapse {
    const NAME: &'static str = "mog_collapse";
    const ABOUT: &'static str =
        "Mode collapse on a mixture of Gaussians: plain and unrolled GANs, PacGAN, VAEs";
    const EPOCH: u32 = 5;
    type Config = Config;

    fn backend() -> Backend {
        experiments::backend()
    }

    fn arms(profile: Profile) -> Vec<Arm<Config>> {
        config::arms(profile)
    }

    fn cost(config: &Config) -> f64 {
        config.cost()
    }

    fn run(config: &Config, run: &mut Run) -> Result<Vec<Result<Summary, Diverged>>, Interrupted> {
        match config.method {
            Method::Gan(gan) => train::gan(config, gan, run),
            Method::Vae { sigma, samples } => train::vae(config, sigma, samples, run),
            Method::Reference(reference) => Ok(train::reference(config, reference, run)),
        }
    }

    fn claims(results: &Results<Config>) -> Vec<Claim> {
        claims::claims(results)
    }

    fn figures(results: &Results<Config>) -> Vec<Figure> {
        figures::figures(results)
    }

    fn animations(results: &Results<Config>) -> Vec<Animation> {
        figures::animations(results)
    }
}

fn main() -> ExitCode {
    lab::main::<MogCollapse>()
}
