//! The rows of each arm.

use gan::flow::Affine;
use lab::{Results, Row};

use crate::config::{Config, Data, Way};
use crate::grid;

pub(crate) type Rows<'a> = Vec<&'a Row<Config>>;

/// Returns the row whose arrays were kept for figures.
pub(crate) fn pictured<'a>(rows: &Rows<'a>) -> Option<&'a Row<Config>> {
    rows.iter().find(|row| row.seed == 0).copied()
}

/// Returns the rows of one way to train a flow of digits.
pub(crate) fn digits(
    results: &Results<Config>,
    way: Way,
    coupling: Affine,
    couplings: usize,
) -> Rows<'_> {
    results.arm(&grid::digits_name(way, coupling, couplings))
}

/// Returns the rows of one way to train the flow of the larger images on so many of them.
pub(crate) fn images(results: &Results<Config>, way: Way, training_images: i64) -> Rows<'_> {
    results.arm(&grid::images_name(way, training_images))
}

/// Returns the rows of one way to train on a target of the plane.
pub(crate) fn plane(results: &Results<Config>, data: Data, way: Way) -> Rows<'_> {
    results.arm(&grid::plane_name(data, way))
}

/// Returns the rows of a race of critics.
pub(crate) fn race(results: &Results<Config>, extra_batch: bool) -> Rows<'_> {
    plane(results, grid::RACED, Way::Race { extra_batch })
}
