//! VAE: encoder and decoder maximise the evidence lower bound.

use tch::Tensor;

use super::mean;
use crate::model::{Learner, Model};

pub(super) fn update(learner: &Learner, model: &mut Model, x: &Tensor) {
    let codes = model.encode(learner, x);
    let reconstructed = model.generator.apply(&codes.z);
    let surprise = model.surprise(&learner.method, x, &reconstructed);
    model.descend(&mean(&(surprise + codes.divergence())));
}
