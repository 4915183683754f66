//! Moments of all rows of a file.

use std::path::Path;

use anyhow::{Context, Result, bail};
use gan::metric::RowMoments;

use super::blocks::Blocks;
use super::outputs::BATCH;
use super::stream::add;
use super::{LEAST, layout};
use crate::features::{Network, Order, Range};
use crate::input::with_array;
use crate::report::Steps;

/// Rows whose moments are taken at a time.
const BLOCK: usize = 2048;

/// What is said of arrays of pictures.
#[derive(Clone, Copy)]
pub(crate) struct Arrays {
    pub(crate) images: bool,
    pub(crate) order: Option<Order>,
    pub(crate) range: Option<Range>,
}

/// Returns the moments of all rows of a path, of what a network makes of them if there is one, and their number.
pub(crate) fn moments(
    path: &Path,
    key: Option<&str>,
    network: Option<&Network>,
    Arrays { images, order, range }: Arrays,
) -> Result<(RowMoments, usize)> {
    with_array(path, key, |stored| {
        let Some((n @ LEAST.., _)) = stored.sizes() else {
            bail!(
                "has the shape {:?}; moments need {LEAST} rows of numbers at least",
                stored.shape
            );
        };
        let pictures = network.is_some() || stored.pictures || images;
        let layout = if pictures { Some(layout(&stored, order)?) } else { None };
        let size = if network.is_some() { BATCH } else { BLOCK };
        let steps = Steps::of(&format!("moments of {}", path.display()), n);
        let mut all: Option<RowMoments> = None;
        Blocks { path, layout, range, size }.each(
            stored,
            |_| true,
            |rows, numbers| {
                match network.zip(layout) {
                    Some((network, layout)) => {
                        add(&mut all, &network.outputs(&layout.maps(numbers))?);
                    }
                    None => add(&mut all, numbers),
                }
                steps.advance(rows.len());
                Ok(())
            },
        )?;
        let all = all.context("has no rows")?;
        if all.mean.isfinite().all().int64_value(&[]) == 0 {
            bail!("moments of it came out as no numbers");
        }
        Ok((all, n))
    })
}
