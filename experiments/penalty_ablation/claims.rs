//! stub
use crate::config::Config;
use lab::{Claim, Results};
pub(crate) fn claims(_: &Results<Config>) -> Vec<Claim> {
    Vec::new()
}
