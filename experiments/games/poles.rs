//! Poles of linear systems: eigenvalues of a game's Jacobian, and what a way to move makes of them.

use gan::finite::of_finite;
use gan::optim::consensus_jacobian;
use tch::Tensor;

use crate::play::Dynamics;

/// A complex number, real part first.
pub(crate) type Pole = [f64; 2];

/// Returns the eigenvalues of real square matrices, `[.., n, n]`, one list a matrix of the flattened stack.
pub(crate) fn eigenvalues(matrices: &Tensor) -> Vec<Vec<Pole>> {
    let values = of_finite(&matrices.detach(), Tensor::linalg_eigvals);
    let n = *matrices.size().last().expect("a matrix has axes") as usize;
    let parts = [values.real(), values.imag()].map(|part| gan::device::to_vec(&part.contiguous()));
    let poles: Vec<Pole> = parts[0].iter().zip(&parts[1]).map(|(re, im)| [*re, *im]).collect();
    poles.chunks_exact(n).map(<[Pole]>::to_vec).collect()
}

/// Returns the eigenvalues of a real 2 x 2 matrix from its trace and determinant.
pub(crate) fn of_plane(trace: f64, determinant: f64) -> [Pole; 2] {
    let half = trace / 2.0;
    let discriminant = half * half - determinant;
    let root = discriminant.abs().sqrt();
    if discriminant < 0.0 {
        return [[half, root], [half, -root]];
    }
    // The larger root first; the smaller one from the product, which does not cancel.
    let large = if half < 0.0 { half - root } else { half + root };
    let small = if large == 0.0 { 0.0 } else { determinant / large };
    [[large, 0.0], [small, 0.0]]
}

/// Returns the factor by which a simultaneous step of size `rate` scales the slowest direction: `max |1 + rate pole|`.
pub(crate) fn factor(poles: [Pole; 2], rate: f64) -> f64 {
    poles.into_iter().map(|[re, im]| (1.0 + rate * re).hypot(rate * im)).fold(0.0, f64::max)
}

/// Returns the spectral radius of one turn about an equilibrium: the factor by which a way to move scales the distance.
///
/// # Shapes
/// `jacobian`: `[2, 2]` of the field of generator and critic, without consensus.
pub(crate) fn radius(jacobian: &Tensor, dynamics: Dynamics, rate: f64) -> f64 {
    let one = Tensor::eye(2, (jacobian.kind(), jacobian.device()));
    let step = jacobian * rate;
    // The generator answers the critic's new move: that entry of the Jacobian stands on the other side.
    let answer = step.triu(1);
    let in_turn = || (&one - &answer).inverse();
    let with_memory = |now: Tensor, before: Tensor| {
        let past = Tensor::cat(&[&one, &one.zeros_like()], 1);
        Tensor::cat(&[Tensor::cat(&[now, before], 1), past], 0)
    };
    let turn = match dynamics {
        Dynamics::Simultaneous => &one + &step,
        Dynamics::Consensus(weight) => {
            &one + consensus_jacobian(&jacobian.unsqueeze(0), weight).squeeze_dim(0) * rate
        }
        Dynamics::Extragradient => &one + &step + step.matmul(&step),
        Dynamics::Optimistic => with_memory(&one + &step * 2.0, -&step),
        Dynamics::Momentum(momentum) => {
            with_memory(&one * (1.0 + momentum) + &step, &one * -momentum)
        }
        Dynamics::Alternating => in_turn().matmul(&(&one + &step - &answer)),
        Dynamics::AlternatingMomentum(momentum) => with_memory(
            in_turn().matmul(&(&one * (1.0 + momentum) + &step - &answer)),
            in_turn() * -momentum,
        ),
    };
    let poles = eigenvalues(&turn).concat();
    poles.into_iter().map(|[re, im]| re.hypot(im)).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[test]
    fn poles_of_planes() {
        for (trace, determinant, expected) in [
            (0.0, 0.25, [[0.0, 0.5], [0.0, -0.5]]),
            (-1.0, 0.25, [[-0.5, 0.0], [-0.5, 0.0]]),
            (-3.0, 2.0, [[-2.0, 0.0], [-1.0, 0.0]]),
            (0.0, 0.0, [[0.0, 0.0], [0.0, 0.0]]),
        ] {
            assert_eq!(of_plane(trace, determinant), expected);
        }
        // Of [[0, -1], [1, 0]] under negative momentum in turn: (m - 1)^2 (m - b)^2 + h^2 m^3 = 0 (Gidel et al. 2019).
        let rotation = Tensor::from_slice(&[0.0f64, -1.0, 1.0, 0.0]).reshape([2, 2]);
        let found = radius(&rotation, Dynamics::AlternatingMomentum(-0.5), 0.1);
        assert!(found < 1.0 && radius(&rotation, Dynamics::Momentum(-0.5), 0.1) > 1.0);
        let squared = radius(&rotation, Dynamics::Simultaneous, 0.1).powi(2);
        assert_abs_diff_eq!(squared, 1.01, epsilon = 1e-12);
        assert_abs_diff_eq!(radius(&rotation, Dynamics::Alternating, 0.1), 1.0, epsilon = 1e-12);
        let damped = radius(&rotation, Dynamics::Consensus(1.0), 0.1).powi(2);
        assert_abs_diff_eq!(damped, 0.82, epsilon = 1e-12);
    }
}
