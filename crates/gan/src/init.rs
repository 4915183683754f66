//! How parameters start.

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use crate::Rng;

/// An initial distribution. Matrices are stored `[inputs, outputs]`; where a weight has other axes, as in convolutions,
/// its layer says the fan-in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Init {
    /// All zeros.
    Zeros,
    /// Normal with mean 0 and this standard deviation.
    Normal(f64),
    /// Uniform on `+-1 / sqrt(fan_in)`: what `torch.nn.Linear` does, for a weight with this many
    /// inputs or the bias beside it. (tch's own default is wider by a factor of `sqrt(6)`.)
    PyTorchDefault {
        /// Number of inputs of the layer.
        fan_in: i64,
    },
    /// Uniform on `+-sqrt(6 / (fan_in + fan_out))`: TensorFlow's default (Glorot and Bengio 2010).
    Glorot,
    /// A random matrix with orthonormal rows or columns, times this gain (Saxe et al. 2013).
    Orthogonal(f64),
}

impl Init {
    /// Returns one draw per member.
    ///
    /// # Shapes
    /// `[members, shape..]`.
    ///
    /// # Panics
    /// If a matrix initialisation meets a shape that is not a matrix.
    pub fn draw(self, shape: &[i64], rng: &mut Rng) -> Tensor {
        match self {
            Self::Zeros => {
                let full: Vec<i64> = [&[rng.members()], shape].concat();
                Tensor::zeros(full, rng.options())
            }
            Self::Normal(deviation) => rng.normal(shape) * deviation,
            Self::PyTorchDefault { fan_in } => symmetric(shape, (fan_in as f64).powf(-0.5), rng),
            Self::Glorot => {
                let (inputs, outputs) = matrix(shape);
                symmetric(shape, (6.0 / (inputs + outputs) as f64).sqrt(), rng)
            }
            Self::Orthogonal(gain) => orthogonal(shape, gain, rng),
        }
    }
}

fn matrix(shape: &[i64]) -> (i64, i64) {
    match shape {
        [inputs, outputs] => (*inputs, *outputs),
        _ => panic!("expected the shape of a matrix, got {shape:?}"),
    }
}

fn symmetric(shape: &[i64], bound: f64, rng: &mut Rng) -> Tensor {
    (rng.uniform(shape) * 2.0 - 1.0) * bound
}

/// The Q of a normal matrix's QR decomposition is uniform over orthogonal matrices once its columns'
/// signs are fixed by R's diagonal (Mezzadri 2007).
fn orthogonal(shape: &[i64], gain: f64, rng: &mut Rng) -> Tensor {
    let (rows, columns) = matrix(shape);
    let (tall, wide) = (rows.max(columns), rows.min(columns));
    let normal = rng.normal(&[tall, wide]).to_kind(Kind::Double);
    let (q, r) = Tensor::linalg_qr(&normal, "reduced");
    let q = q * r.diagonal(0, -2, -1).sign().unsqueeze(-2);
    let q = if rows < columns { q.transpose(-2, -1) } else { q };
    (q * gain).to_kind(rng.options().0).contiguous()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::rng::double;
    use approx::assert_abs_diff_eq;

    /// torch.nn.Linear(100, 50) draws weights and biases from U(-0.1, 0.1).
    #[test]
    fn pytorch_range() {
        let w = Init::PyTorchDefault { fan_in: 100 }.draw(&[100, 50], &mut Rng::new(&[0]));
        let largest = w.abs().max().double_value(&[]);
        assert!((0.0995..=0.1).contains(&largest), "{largest}");
    }

    #[test]
    fn orthogonal_rows_or_columns() {
        for shape in [[6, 3], [3, 6], [4, 4]] {
            let w = Init::Orthogonal(0.8).draw(&shape, &mut double(&[0, 1])) / 0.8;
            let gram = if shape[0] < shape[1] {
                w.matmul(&w.transpose(1, 2))
            } else {
                w.transpose(1, 2).matmul(&w)
            };
            let error =
                gram - Tensor::eye(shape[0].min(shape[1]), (Kind::Double, tch::Device::Cpu));
            assert!(to_vec(&error).iter().all(|e| e.abs() < 1e-12));
        }
    }

    #[test]
    fn glorot_variance() {
        let w = Init::Glorot.draw(&[200, 100], &mut double(&[3]));
        // Var U(-b, b) = b^2 / 3 = 2 / (fan_in + fan_out); 20,000 draws leave 1 %.
        assert_abs_diff_eq!(
            w.pow_tensor_scalar(2.0).mean(Kind::Double).double_value(&[]),
            2.0 / 300.0,
            epsilon = 3e-4
        );
    }
}
