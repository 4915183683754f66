//! What is claimed of imitation.
use lab::{Claim, Results};
use super::Config;
pub(crate) fn claims(_: &Results<Config>) -> Vec<Claim> { vec![] }
