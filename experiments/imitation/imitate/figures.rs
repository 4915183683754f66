//! Figures.
use lab::{Animation, Figure, Results};
use super::Config;
pub(crate) fn figures(_: &Results<Config>) -> Vec<Figure> { vec![] }
pub(crate) fn animations(_: &Results<Config>) -> Vec<Animation> { vec![] }
