//! stub
use crate::config::Config;
use lab::{Animation, Figure, Results};
pub(crate) fn figures(_: &Results<Config>) -> Vec<Figure> {
    Vec::new()
}
pub(crate) fn animations(_: &Results<Config>) -> Vec<Animation> {
    Vec::new()
}
