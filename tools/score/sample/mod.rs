//! Rows of a file or folder, as they are compared.

mod blocks;
mod moments;
mod outputs;
mod pixels;
mod plan;
mod stream;

pub(crate) use moments::{Arrays, moments};

use std::path::Path;

use anyhow::{Result, bail};
use gan::metric::RowMoments;
use tch::Tensor;

use crate::features::{Cache, Layout, Network, Order, Pictures, Range};
use crate::input::{Stored, hash, with_array};
use crate::report::say;

/// Fewer rows leave nothing to leave out.
const LEAST: usize = 20;
/// Numbers of which a sum of squares is a number still.
const LARGEST: f64 = 1e150;
/// Pictures that are kept for what is measured of pictures alone.
const PICTURES: usize = 100;

/// What is read of a path, and how.
pub(crate) struct Wanted<'a> {
    pub(crate) path: &'a Path,
    /// The name of the array in a file of several.
    pub(crate) key: Option<&'a str>,
    /// Rows at most.
    pub(crate) limit: Option<usize>,
    pub(crate) seed: u64,
    /// Bytes at most.
    pub(crate) memory: f64,
    pub(crate) network: Option<&'a Network>,
    /// Whether arrays are brought into one order of axes and one range.
    pub(crate) images: bool,
    pub(crate) order: Option<Order>,
    pub(crate) range: Option<Range>,
    pub(crate) cache: Option<&'a Cache>,
}

/// Rows, and what is known of the array that they are of.
pub(crate) struct Sample {
    /// `[rows, dim]`, double precision, in random order.
    pub(crate) rows: Tensor,
    /// Moments of each group of all rows of the file, where these are a draw for lack of memory.
    pub(crate) streamed: Option<Vec<RowMoments>>,
    pub(crate) shape: Vec<usize>,
    /// BLAKE3 of the content.
    pub(crate) hash: String,
    /// The range that values were taken to lie in.
    pub(crate) range: Option<Range>,
    pub(crate) order: Option<Order>,
    /// The least and the largest value of the rows that are compared.
    pub(crate) ends: Ends,
    pub(crate) pictures: Option<Pictures>,
}

/// Reads the rows of a path in random order, as many as are wanted if there are more; the axes after the first
/// become one, the last the fastest.
pub(crate) fn read(wanted: &Wanted) -> Result<Sample> {
    let hash = hash(wanted.path)?;
    with_array(wanted.path, wanted.key, |stored| {
        let plan = plan::of(&stored, wanted)?;
        let show = wanted.path.display();
        if stored.surplus > 0 {
            say(&format!("{show}: {} bytes follow the array and are not read", stored.surplus));
        }
        if wanted.limit.is_some() && plan.n > plan.kept {
            say(&format!(
                "{show}: {} of {} rows, at random; --limit takes more",
                plan.kept, plan.n
            ));
        }
        match wanted.network {
            Some(network) => outputs::read(stored, wanted, network, &plan, hash),
            None => pixels::read(stored, wanted, &plan, hash),
        }
    })
}

/// Returns how an array's pictures lie in it; those of a folder have their colours last.
fn layout(stored: &Stored, order: Option<Order>) -> Result<Layout> {
    Layout::of(&stored.shape, if stored.pictures { Some(Order::Nhwc) } else { order })
}

/// The least and the largest of some values.
pub(crate) type Ends = (f64, f64);

const NO_ENDS: Ends = (f64::INFINITY, f64::NEG_INFINITY);

fn ends(values: &[f64], from: Ends) -> Ends {
    values.iter().fold(from, |(low, high), x| (low.min(*x), high.max(*x)))
}

/// Refuses numbers that are none, or have no square.
fn check(row: usize, values: &[f64]) -> Result<()> {
    for x in values {
        if !x.is_finite() {
            bail!("row {row} has a value that is not finite; leave such rows out");
        }
        if x.abs() > LARGEST {
            bail!(
                "row {row} has a value of {x:.1e}, too large for its square; divide both files by one number"
            );
        }
    }
    Ok(())
}

fn check_range(range: Range, (low, high): Ends) -> Result<()> {
    if range.holds(low) && range.holds(high) {
        return Ok(());
    }
    bail!(
        "has values from {low} to {high}, which do not lie in {}; say another --range",
        range.name()
    )
}

/// Tells the user what an array of pictures was taken for.
fn say_layout(path: &Path, layout: Layout, range: Range) {
    let gan::net::ImageShape { channels, height, width } = layout.shape;
    let order = if layout.order == Order::Nchw { "first" } else { "last" };
    say(&format!(
        "{}: pictures of {height} x {width}, {channels} colour{}, colours {order}, values {}",
        path.display(),
        if channels == 1 { "" } else { "s" },
        range.name()
    ));
}
