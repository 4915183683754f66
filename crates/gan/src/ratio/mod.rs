//! Density-ratio estimation: `r = p / q` from samples of both, without either density.
//!
//! One data set at a time ([`SparseRatio`] alone takes many), so without the member axis: samples are `[n, dim]`, in double precision as a rule.
//! *Numerator* samples are of `p`, *denominator* samples of `q`. A neural ratio is a network trained with
//! [`crate::objective::ScoringRule`] or [`crate::objective::Divergence`].

mod kernel;
mod kliep;
mod lasso;
mod logistic;
mod ulsif;

pub use kernel::{Basis, KernelRatio, median_distance};
pub use kliep::{Kliep, kliep};
pub use lasso::SparseRatio;
pub use logistic::{ClassifierTest, Features, LogisticRatio, classifier_test};
pub use ulsif::{Ulsif, ulsif};
