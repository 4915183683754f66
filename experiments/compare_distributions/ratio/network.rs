//! Networks that match a ratio on finite samples.

use gan::objective::Divergence;
use gan::optim::Player;
use gan::{Activation, Adam, Mlp, Net, Params, Rng};
use tch::Tensor;

const STEPS: u64 = 400;
const BATCH: i64 = 100;
/// One in so many samples of each law is held out; the loss there is taken every so many updates.
const HELD_OUT: i64 = 5;
const EVERY: u64 = 20;

/// Returns the log-ratio at points, `[members, n, 1]`, of a network that minimises the divergence's Bregman loss on
/// minibatches and ends with the parameters of least loss on held-out samples.
///
/// # Shapes
/// `p`: `[members, numerator, dim]`; `q`: `[members, denominator, dim]`; `points`: `[members, n, dim]`.
pub(super) fn log_ratio(
    divergence: Divergence,
    [p, q]: [&Tensor; 2],
    points: &Tensor,
    root: &Rng,
) -> Tensor {
    let net = Mlp::new(&[p.size()[2], 64, 64, 1], Activation::Tanh);
    let mut player = Player::new(net, Adam::new(1e-3, 0.9, 0.999), &mut root.fork("network"));
    let mut draws = root.fork("batches");
    let held_out = [p, q].map(|x| x.narrow(1, 0, x.size()[1] / HELD_OUT));
    let samples = [p, q].map(|x| {
        let held = x.size()[1] / HELD_OUT;
        x.narrow(1, held, x.size()[1] - held)
    });
    let loss = |player: &Player<Mlp>, [p, q]: [&Tensor; 2]| {
        let outputs = player.apply(&Tensor::cat(&[p, q], 1));
        let (n, m) = (p.size()[1], q.size()[1]);
        divergence.bregman(&outputs.narrow(1, 0, n), &outputs.narrow(1, n, m))
    };
    let mut best = Best::new(&player.params);
    for step in 0..=STEPS {
        if step % EVERY == 0 {
            let _guard = tch::no_grad_guard();
            best.offer(&loss(&player, held_out.each_ref()), &player.params);
        }
        let batch = samples.each_ref().map(|x| {
            let index = draws.index(x.size()[1], BATCH).unsqueeze(2);
            x.gather(1, &index.expand([-1, -1, x.size()[2]], false), false)
        });
        let value = loss(&player, batch.each_ref());
        player.descend(&value);
    }
    let _guard = tch::no_grad_guard();
    player.net.apply(&best.params, points)
}

/// The parameters of least loss of each member so far.
struct Best {
    loss: Tensor,
    params: Params,
}

impl Best {
    fn new(params: &Params) -> Self {
        let loss = params.flat().detach().select(1, 0).full_like(f64::INFINITY);
        Self { loss, params: params.snapshot() }
    }

    /// Takes the parameters of the members whose loss, `[members]`, is less than before.
    fn offer(&mut self, loss: &Tensor, params: &Params) {
        let better = loss.lt_tensor(&self.loss);
        self.loss = loss.where_self(&better, &self.loss);
        let flat = params.flat().where_self(&better.unsqueeze(1), self.params.flat());
        self.params.set(&flat);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gan::rng::double;

    #[test]
    fn each_member_keeps_its_own_best() {
        let net = Mlp::new(&[1, 1], Activation::Tanh);
        let [first, second] = [0, 2].map(|seed| net.init(&mut double(&[seed, seed + 1])));
        let mut best = Best::new(&first);
        best.offer(&Tensor::from_slice(&[1.0f64, 2.0]), &first);
        best.offer(&Tensor::from_slice(&[0.5f64, 3.0]), &second);
        best.offer(&Tensor::from_slice(&[f64::NAN, f64::NAN]), &first);
        let row = |params: &Params, i| params.flat().detach().select(0, i);
        assert!(row(&best.params, 0).equal(&row(&second, 0)));
        assert!(row(&best.params, 1).equal(&row(&first, 1)));
        assert_eq!(gan::device::to_vec(&best.loss), [0.5, 2.0]);
    }
}
