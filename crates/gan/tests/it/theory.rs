//! Theorems and independent derivations.

use approx::assert_abs_diff_eq;
use gan::check::log_abs_det_jacobian;
use gan::data::{GaussianMixture, Target};
use gan::device::to_vec;
use gan::flow::{
    ActNorm, Affine, Base, Bijector, Coupling, Flow, Front, LogitPixels, Mask, MaskedCoupling,
    Permute, Scale, bits_per_dim, dequantise,
};
use gan::net::ImageShape;
use gan::optim::Player;
use gan::rng::double;
use gan::{Adam, Net, Objective};
use tch::{Kind, Tensor};

/// A flow with every bijector; its parameters are moved away from the identity that they start as.
fn flow(kind: Affine, dim: i64, tail: Option<f64>) -> Flow {
    let coupling = |first| Box::new(Coupling::new(kind, dim, first, &[16])) as Box<dyn Bijector>;
    let mut chain = vec![coupling(true), coupling(false), coupling(true)];
    chain.push(Box::new(Scale { dim }));
    chain.push(Box::new(Permute::even_odd(dim)));
    chain.extend(tail.map(|alpha| Box::new(LogitPixels { alpha }) as Box<dyn Bijector>));
    Flow { base: Base::Logistic, dim, chain }
}

/// A multi-scale flow of 2 x 4 x 4 images with every piece of Real NVP.
fn image_flow(kind: Affine) -> Flow {
    let shape = ImageShape { channels: 2, height: 4, width: 4 };
    let squeezed = ImageShape { channels: 8, height: 2, width: 2 };
    let half = ImageShape { channels: 4, ..squeezed };
    let coupling = |shape, mask, flipped| -> Box<dyn Bijector> {
        Box::new(MaskedCoupling::new(kind, shape, mask, flipped, 3, 1))
    };
    let inner: Vec<Box<dyn Bijector>> = vec![
        coupling(half, Mask::Checkerboard, true),
        Box::new(ActNorm { shape: half }),
        coupling(half, Mask::Checkerboard, false),
    ];
    let chain: Vec<Box<dyn Bijector>> = vec![
        Box::new(Front { dim: half.dim(), chain: inner }),
        coupling(squeezed, Mask::Channels, true),
        Box::new(ActNorm { shape: squeezed }),
        coupling(squeezed, Mask::Channels, false),
        Box::new(Permute::squeeze(shape)),
        coupling(shape, Mask::Checkerboard, false),
        Box::new(LogitPixels { alpha: 0.05 }),
    ];
    Flow { base: Base::Normal, dim: shape.dim(), chain }
}

#[test]
fn log_determinants_of_image_flows_equal_the_jacobians() {
    for kind in [Affine::Additive, Affine::Affine] {
        let flow = image_flow(kind);
        let params = stirred(&flow);
        let z = flow.latent(&mut double(&[10]), 1);
        let (x, log_det) = flow.forward_and_log_det(&params, &z);
        let jacobian = log_abs_det_jacobian(|z| flow.apply(&params, z), &z);
        assert_abs_diff_eq!(to_vec(&log_det)[0], jacobian, epsilon = 1e-8);
        let (back, inverse_log_det) = flow.inverse_and_log_det(&params, &x);
        assert_abs_diff_eq!(to_vec(&inverse_log_det)[0], -jacobian, epsilon = 1e-7);
        assert!(back.allclose(&z, 1e-8, 1e-8, false));
    }
}

/// With its couplings at the identity a multi-scale flow is a permutation between a logistic prior and a
/// sigmoid: 0 nats for any image, but for alpha.
#[test]
fn the_identity_image_flow_scores_zero_nats() {
    for kind in [Affine::Additive, Affine::Affine] {
        let mut flow = Flow { base: Base::Logistic, ..image_flow(kind) };
        *flow.chain.last_mut().unwrap() = Box::new(LogitPixels { alpha: 0.0 });
        let mut params = flow.init(&mut double(&[0, 1]));
        params.set(&params.flat().zeros_like());
        let x = double(&[3, 4]).uniform(&[20, flow.dim]);
        assert!(to_vec(&flow.log_prob(&params, &x)).iter().all(|nats| nats.abs() < 1e-9));
    }
}

/// After it has seen a batch, the flow sends that batch to latents whose every normalised channel has mean
/// 0 and variance 1; with couplings at the identity these are the coordinates themselves.
#[test]
fn actnorm_starts_from_data() {
    let shape = ImageShape { channels: 3, height: 2, width: 2 };
    let norm: Vec<Box<dyn Bijector>> = vec![Box::new(ActNorm { shape })];
    let flow = Flow { base: Base::Normal, dim: shape.dim(), chain: norm };
    let params = flow.init(&mut double(&[0, 1]));
    let x = double(&[2, 3]).normal(&[50, 12]) * 3.0 + 7.0;
    flow.start_from_data(&params, &x);
    let z = flow.inverse_and_log_det(&params, &x).0.reshape([2, 50, 3, 4]);
    let (variance, mean) = z.var_mean_dim([1i64, 3].as_slice(), true, false);
    assert!(to_vec(&mean).iter().all(|m| m.abs() < 1e-10));
    assert!(to_vec(&variance).iter().all(|v| (v - 1.0).abs() < 1e-8));
}

fn stirred(flow: &Flow) -> gan::Params {
    let mut params = flow.init(&mut double(&[0]));
    let noise = double(&[1]).normal(&[params.count()]) * 0.3;
    let moved = params.flat() + noise;
    params.set(&moved);
    params
}

#[test]
fn log_determinants_equal_the_jacobians() {
    for kind in [Affine::Additive, Affine::Affine] {
        for tail in [None, Some(0.05)] {
            let flow = flow(kind, 6, tail);
            let params = stirred(&flow);
            for seed in 0..4 {
                let z = flow.latent(&mut double(&[10 + seed]), 1);
                let (x, log_det) = flow.forward_and_log_det(&params, &z);
                let jacobian = log_abs_det_jacobian(|z| flow.apply(&params, z), &z);
                assert_abs_diff_eq!(to_vec(&log_det)[0], jacobian, epsilon = 1e-9);
                let (back, inverse_log_det) = flow.inverse_and_log_det(&params, &x);
                let inverse = log_abs_det_jacobian(|x| flow.inverse_and_log_det(&params, x).0, &x);
                assert_abs_diff_eq!(to_vec(&inverse_log_det)[0], inverse, epsilon = 1e-7);
                assert!(back.allclose(&z, 1e-9, 1e-9, false));
            }
        }
    }
}

/// The density of a stirred two-dimensional flow on the plane, summed over a lattice.
#[test]
fn densities_integrate_to_one() {
    for base in [Base::Normal, Base::Logistic] {
        let flow = Flow { base, ..flow(Affine::Affine, 2, None) };
        let params = stirred(&flow);
        let ticks = Tensor::linspace(-60.0, 60.0, 1201, (Kind::Double, tch::Device::Cpu));
        let plane = Tensor::cartesian_prod(&[&ticks, &ticks]).unsqueeze(0);
        let total = flow.log_prob(&params, &plane).exp().sum(Kind::Double).double_value(&[]);
        // Logistic tails beyond 60 scales of order one hold less than 1e-6.
        assert_abs_diff_eq!(total * 0.1 * 0.1, 1.0, epsilon = 1e-3);
    }
}

/// A logistic latent seen through a sigmoid is uniform: couplings that start as the identity score
/// exactly 0 nats and 8 bits per dimension, whatever the data.
#[test]
fn the_identity_flow_scores_zero_nats() {
    let dim = 784;
    let coupling = |first| {
        let coupling = Coupling::new(Affine::Affine, dim, first, &[8]);
        Box::new(coupling) as Box<dyn Bijector>
    };
    let flow = Flow {
        base: Base::Logistic,
        dim,
        chain: vec![
            coupling(true),
            coupling(false),
            Box::new(Scale { dim }),
            Box::new(Permute::even_odd(dim)),
            Box::new(LogitPixels { alpha: 0.0 }),
        ],
    };
    let mut params = flow.init(&mut double(&[0]));
    let zero = params.flat() * 0.0;
    params.set(&zero);
    let pixels = double(&[3]).index(256, 5 * dim).reshape([1, 5, dim]);
    let x = dequantise(&pixels, 256, &mut double(&[4]));
    for nats in to_vec(&flow.log_prob(&params, &x)) {
        assert_abs_diff_eq!(nats, 0.0, epsilon = 1e-9);
        assert_abs_diff_eq!(bits_per_dim(nats, dim, 256), 8.0, epsilon = 1e-12);
    }
}

#[test]
fn units_of_published_likelihoods() {
    // Flow-GAN (1705.08868), table 1: -3334.56 nats of negative log-likelihood on MNIST.
    assert_abs_diff_eq!(bits_per_dim(3334.56, 784, 256), 1.864, epsilon = 5e-4);
    assert_abs_diff_eq!(bits_per_dim(-26350.30, 784, 256), 56.49, epsilon = 5e-3);
}

/// A flow trained by maximum likelihood reaches the entropy of its target: a normal of standard
/// deviations (2, 0.5) has ln(2 pi e) + ln(2 * 0.5) = 2.8379 nats.
#[test]
fn maximum_likelihood_reaches_the_entropy() {
    let flow = Flow { base: Base::Normal, dim: 2, chain: vec![Box::new(Scale { dim: 2 })] };
    let mut player = Player::new(flow, Adam::new(0.05, 0.9, 0.999), &mut double(&[0]));
    let mut rng = double(&[1]);
    let scales = Tensor::from_slice(&[2.0f64, 0.5]);
    for _ in 0..300 {
        let x = rng.normal(&[256, 2]) * &scales;
        let loss = -player.net.log_prob(&player.params, &x).mean_dim(
            [1i64].as_slice(),
            false,
            None::<Kind>,
        );
        player.descend(&loss);
    }
    let x = double(&[2]).normal(&[20_000, 2]) * &scales;
    let nll = -player.net.log_prob(&player.params, &x).mean(Kind::Double).double_value(&[]);
    assert_abs_diff_eq!(nll, 2.8379, epsilon = 0.05);
}

/// At the optimal critic `ln p/q` the minimax value `-critic loss` is `-ln 4 + 2 JS(p, q)`
/// (Goodfellow et al. 2014, theorem 1). For disjoint supports JS = ln 2, so the value is 0; for two
/// rings that overlap, JS is computed here by the same samples in its own form.
#[test]
fn minimax_value_at_the_optimal_critic() {
    let (p, q) = (GaussianMixture::ring(8, 2.0, 0.3), GaussianMixture::ring(8, 1.8, 0.4));
    let n = 50_000;
    let (x, y) = (p.sample(&mut double(&[0]), n), q.sample(&mut double(&[1]), n));
    let log_ratio = |x: &Tensor| (p.log_prob(x) - q.log_prob(x)).unsqueeze(2);
    let loss = Objective::Minimax.critic_loss(&log_ratio(&x), &log_ratio(&y));
    let mean = |t: Tensor| t.mean(Kind::Double).double_value(&[]);
    let mixture = |x: &Tensor| p.log_prob(x).logaddexp(&q.log_prob(x)) - std::f64::consts::LN_2;
    let js = 0.5 * mean(p.log_prob(&x) - mixture(&x)) + 0.5 * mean(q.log_prob(&y) - mixture(&y));
    assert!(js > 0.05 && js < 0.6, "{js}");
    assert_abs_diff_eq!(-to_vec(&loss)[0], -4f64.ln() + 2.0 * js, epsilon = 1e-9);
}

/// For a linear Gaussian model the evidence has a closed form; the bound never exceeds it.
#[test]
fn the_evidence_lower_bound_is_below_the_evidence() {
    use gan::vae::{DecoderSigma, Vae};
    // No hidden layer: x = W z + b + sigma e, so that x ~ N(b, W W' + sigma^2 I).
    let vae = Vae::new(2, 2, &[], DecoderSigma::Fixed(0.7));
    let params = vae.init(&mut double(&[3]));
    let (w, b) = (params.views()[2].select(0, 0), params.views()[3].select(0, 0));
    let covariance =
        w.transpose(0, 1).matmul(&w) + Tensor::eye(2, (Kind::Double, tch::Device::Cpu)) * 0.49;
    let x = double(&[4]).normal(&[400, 2]);
    let centred = (&x - b).select(0, 0);
    let solved = centred.matmul(&covariance.inverse());
    let (_, log_det) = Tensor::linalg_slogdet(&covariance);
    let evidence = ((solved * &centred).sum_dim_intlist([1i64].as_slice(), false, None::<Kind>)
        + log_det
        + 2.0 * std::f64::consts::TAU.ln())
        * -0.5;
    let evidence = evidence.mean(Kind::Double).double_value(&[]);
    let bound = to_vec(&vae.evidence_lower_bound(&params, &x, &mut double(&[5])))[0];
    assert!(bound < evidence, "bound {bound}, evidence {evidence}");
}
