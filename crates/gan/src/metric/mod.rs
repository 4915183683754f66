//! What models are measured by: functions of samples, densities and Jacobians that need tensors.

mod annealed;
mod critic;
mod jacobian;
mod kernel_density;
mod scores;

pub use annealed::{Annealing, annealed_log_likelihood};
pub use critic::{CriticFit, critic_means, independent_critic};
pub use jacobian::singular_values;
pub use kernel_density::kernel_log_density;
pub use scores::{Moments, class_scores};
