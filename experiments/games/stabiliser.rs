//! What stabilisers are on a GAN as on an actor-critic method.

use tch::{Kind, Tensor};

/// Weight of the present critic in a moving average.
pub(crate) const PRESENT: f64 = 0.01;

/// Who proposes the exchange.
pub(crate) const PFAU: &str =
    "Pfau and Vinyals 2016 (1610.01945), which proposes the exchange and tests nothing";

/// Returns what a critic reads `[members, batch, features]` with mean and deviation of the batch beside each row.
pub(crate) fn with_batch_features(x: &Tensor) -> Tensor {
    let (variance, mean) = x.var_mean_dim([1i64].as_slice(), false, true);
    let deviation = (variance + 1e-6).sqrt();
    Tensor::cat(&[x, &mean.expand_as(x), &deviation.expand_as(x)], 2)
}

/// Returns the mean over batch and features, `[members]`.
pub(crate) fn mean(x: &Tensor) -> Tensor {
    x.mean_dim([1i64, 2].as_slice(), false, None::<Kind>)
}
