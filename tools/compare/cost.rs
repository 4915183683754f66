//! What a metric takes, before it is estimated.

use stats::distance::Points;

pub(crate) const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
/// Sums and products a second on one core: an old one, so that a refusal is too early rather than too late.
const SPEED: f64 = 5e8;

/// What one estimate takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Bytes that it holds at once.
    pub(crate) bytes: f64,
    /// Sums and products.
    pub(crate) operations: f64,
}

impl Cost {
    /// Returns the minutes of `estimates`, one after the other.
    pub(crate) fn minutes(self, estimates: usize) -> f64 {
        self.operations * estimates as f64 / SPEED / 60.0
    }
}

/// What may be taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    pub(crate) bytes: f64,
    pub(crate) minutes: f64,
}

impl Budget {
    /// Returns why `estimates` of a cost may not be taken, if they may not.
    pub(crate) fn refusal(self, cost: Cost, estimates: usize) -> Option<String> {
        let minutes = cost.minutes(estimates);
        if cost.bytes > self.bytes {
            let (needs, most) = (gib(cost.bytes), self.bytes / GIB);
            return Some(format!(
                "it needs about {needs} and --memory allows {most}; take fewer rows with --limit, or allow more"
            ));
        }
        (minutes > self.minutes).then(|| {
            let most = self.minutes;
            format!(
                "it may take {minutes:.0} minutes and --minutes allows {most}; take fewer rows with --limit, or allow more"
            )
        })
    }

    /// Returns how many estimates fit at the same time, one at least.
    pub(crate) fn at_once(self, cost: Cost) -> usize {
        ((self.bytes / cost.bytes.max(1.0)) as usize).max(1)
    }
}

/// Returns a number of bytes in words.
pub(crate) fn gib(bytes: f64) -> String {
    format!("{:.1} GiB", bytes / GIB)
}

/// The sizes of samples, as numbers to multiply.
fn sizes(x: &Points, y: &Points) -> (f64, f64) {
    ((x.len() + y.len()) as f64, x.dim() as f64)
}

/// Returns the cost of something for each pair of points: `bytes` each, and `passes` over them.
fn of_pairs(x: &Points, y: &Points, bytes: f64, passes: f64) -> Cost {
    let (rows, dim) = sizes(x, y);
    Cost { bytes: rows * rows * bytes, operations: rows * rows * (dim + passes) }
}

/// Returns the cost of moments and the singular values of their product.
pub(crate) fn moments(x: &Points, y: &Points) -> Cost {
    let (rows, dim) = sizes(x, y);
    let least = dim.min(rows);
    Cost {
        bytes: 8.0 * dim * rows * 4.0,
        operations: 4.0 * rows * dim * least + 20.0 * least.powi(3),
    }
}

/// Returns the cost of distances between all pairs, some rows at a time.
pub(crate) fn distances(x: &Points, y: &Points) -> Cost {
    let (rows, dim) = sizes(x, y);
    Cost { bytes: 8.0 * rows * dim * 2.0, ..of_pairs(x, y, 0.0, 2.0) }
}

/// Returns the cost of a kernel of all pairs.
pub(crate) fn kernels(x: &Points, y: &Points) -> Cost {
    of_pairs(x, y, 8.0, 10.0)
}

/// Returns the cost of relabelling a kernel of all pairs.
pub(crate) fn permutations(x: &Points, y: &Points) -> Cost {
    of_pairs(x, y, 8.0, 500.0)
}

/// Returns the cost of transport between all pairs: of some hundred iterations, half of them on each side.
pub(crate) fn transport(x: &Points, y: &Points) -> Cost {
    let rows = x.len().max(y.len()) as f64;
    let (_, dim) = sizes(x, y);
    Cost { bytes: 16.0 * rows * rows, operations: 3.0 * rows * rows * (dim + 1500.0) }
}

/// Returns the cost of sorting the rows along `directions`.
pub(crate) fn sorting(x: &Points, y: &Points, directions: usize) -> Cost {
    let (rows, dim) = sizes(x, y);
    let all = rows * directions as f64;
    Cost { bytes: 8.0 * rows * 4.0, operations: all * (dim + 4.0 * rows.log2()) }
}

/// Returns the cost of kernels around some rows.
pub(crate) fn centres(x: &Points, y: &Points, centres: usize, passes: f64) -> Cost {
    let (rows, dim) = sizes(x, y);
    let all = rows * centres as f64;
    Cost { bytes: 8.0 * all * 6.0, operations: all * (4.0 * dim + passes) }
}

/// Returns the cost of Newton's method for so many weights.
pub(crate) fn regression(x: &Points, y: &Points, weights: usize) -> Cost {
    let (rows, weights) = (sizes(x, y).0, weights as f64);
    Cost { bytes: 8.0 * rows * weights * 4.0, operations: 20.0 * rows * weights * weights }
}
