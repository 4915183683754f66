//! What models are measured by: functions of samples, densities and Jacobians that need tensors.

mod annealed;
mod critic;
mod energy;
mod jacobian;
mod kernel;
mod kernel_density;
mod moments;
mod neighbours;
mod pairs;
mod scores;
mod ssim;

pub use annealed::{Annealing, annealed_log_likelihood};
pub use critic::{CriticFit, critic_means, independent_critic};
pub use energy::energy_distance;
pub use jacobian::singular_values;
pub use kernel::kernel_distance;
pub use kernel_density::kernel_log_density;
pub use moments::{FrechetDistance, RowMoments, frechet_of_few, joined};
pub use neighbours::{Reach, nearest_distances, reach};
pub use pairs::{distances, group_ends, group_sums};
pub use scores::{Moments, class_scores};
pub use ssim::{mean_pairwise_similarity, multi_scale_similarity};
