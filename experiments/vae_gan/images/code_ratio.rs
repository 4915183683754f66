//! How far all codes together are from the prior, told by a classifier that never met the method.

use gan::device::per_member;
use gan::objective::ScoringRule;
use gan::optim::Player;
use gan::{Activation, Adam, Mlp, Rng};
use tch::{Kind, Tensor};

/// Updates of the classifier, and codes of each side in one.
const UPDATES: u64 = 2_000;
const BATCH: i64 = 256;
/// Codes of the prior behind the bound.
const DRAWN: i64 = 200_000;

/// The log-ratio `ln q(z) / p(z)` of a method's codes to the prior's.
pub(super) struct CodeRatio {
    classifier: Player<Mlp>,
}

impl CodeRatio {
    /// Fits the classifier to codes `[1, n, latent]` and fresh ones of the prior.
    pub(super) fn fit(codes: &Tensor, rng: &Rng) -> Self {
        let (rows, latent) = (codes.size()[1], codes.size()[2]);
        let net = Mlp::new(&[latent, 128, 128, 1], Activation::LeakyRelu(0.2));
        let adam = Adam::new(1e-3, 0.9, 0.999);
        let mut classifier = Player::new(net, adam, &mut rng.fork("classifier"));
        let (mut chosen, mut prior) = (rng.fork("chosen"), rng.fork("prior"));
        for _ in 0..UPDATES {
            let index = chosen.index(rows, BATCH).flatten(0, -1);
            let both = [codes.index_select(1, &index), prior.normal(&[BATCH, latent])];
            let outputs = classifier.apply(&Tensor::cat(&both, 1));
            let [on_codes, on_prior] = [0, BATCH].map(|start| outputs.narrow(1, start, BATCH));
            classifier.descend(&ScoringRule::Bernoulli.risk(&on_codes, &on_prior));
        }
        Self { classifier }
    }

    /// Returns the log-ratio at codes, `[1, n, 1]`.
    pub(super) fn at(&self, codes: &Tensor) -> Tensor {
        let _guard = tch::no_grad_guard();
        self.classifier.apply(codes)
    }

    /// Returns a lower bound on the divergence of the codes' law from the prior in nats, from codes that it was not
    /// fitted to: `E_q T - E_p exp(T) + 1` (Nguyen, Wainwright and Jordan 2010), up to the chance of the samples. It
    /// holds for every function `T`, here the log-ratio cut off at `ln DRAWN = 12.2`, so that no single draw of the prior
    /// takes more than a nat from it; nor can it exceed that by more than one.
    pub(super) fn bound(&self, codes: &Tensor, rng: &Rng) -> f64 {
        let mean =
            |x: Tensor| per_member(&x.mean_dim([1i64, 2].as_slice(), false, Kind::Double))[0];
        let cut = |codes: &Tensor| self.at(codes).clamp_max((DRAWN as f64).ln());
        let prior = rng.fork("bound").normal(&[DRAWN, codes.size()[2]]);
        mean(cut(codes)) - mean(cut(&prior).exp()) + 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of codes from the prior it tells next to nothing; of shifted ones most of `|m|^2 / 2`, and no more.
    #[test]
    fn the_bound_is_near_the_divergence_and_below_it() {
        gan::prepare_thread();
        let root = Rng::new(&[0]);
        for (shift, least, most) in [(0.0, -0.1, 0.02), (0.5, 0.7, 1.02)] {
            let codes = |label| root.fork(label).normal(&[20_000, 8]) + shift;
            let found = CodeRatio::fit(&codes("fitted"), &root).bound(&codes("fresh"), &root);
            assert!((least..most).contains(&found), "shift {shift}: {found}");
        }
    }
}
