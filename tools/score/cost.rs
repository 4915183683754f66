//! What a metric takes, before it is estimated.

pub(crate) const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
/// Sums and products a second on one core: an old one, so that a refusal is too early rather than too late.
const SPEED: f64 = 5e8;
/// How many times as many there are a second in products of matrices.
const PRODUCTS: f64 = 32.0;

/// Rows of both samples and their columns, as numbers to multiply.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) real: f64,
    pub(crate) fake: f64,
    pub(crate) dim: f64,
}

impl Sizes {
    fn rows(self) -> f64 {
        self.real + self.fake
    }
}

/// What one estimate takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Bytes that it holds at once.
    pub(crate) bytes: f64,
    /// Sums and products.
    pub(crate) operations: f64,
    /// Whether each group that is left out takes as much again.
    pub(crate) again: bool,
}

impl Cost {
    /// Returns the minutes of the value, its interval and its floor.
    pub(crate) fn minutes(self, estimates: usize) -> f64 {
        let estimates = if self.again { estimates as f64 } else { 1.0 };
        self.operations * estimates / SPEED / 60.0
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
}

/// Returns a number of bytes in words.
pub(crate) fn gib(bytes: f64) -> String {
    format!("{:.1} GiB", bytes / GIB)
}

/// Returns the cost of moments and their distances.
pub(crate) fn moments(sizes: Sizes) -> Cost {
    let Sizes { real, fake, dim } = sizes;
    if real.min(fake) <= dim {
        let products = real * fake * dim + 20.0 * real.min(fake).powi(3);
        let bytes = 8.0 * (sizes.rows() * dim + 3.0 * real * fake);
        return Cost { bytes, operations: 4.0 * products / PRODUCTS, again: true };
    }
    let groups = 2.0 * crate::estimate::GROUPS as f64;
    Cost {
        bytes: 8.0 * dim * dim * (groups + 10.0),
        operations: (4.0 * sizes.rows() * dim * dim + 60.0 * dim.powi(3)) / PRODUCTS,
        again: false,
    }
}

/// Returns the cost of a number for each pair of rows, some rows at a time.
pub(crate) fn blocks(sizes: Sizes) -> Cost {
    let pairs = sizes.rows().powi(2);
    Cost { bytes: 3e8, operations: pairs * (6.0 + sizes.dim / PRODUCTS), again: false }
}

/// Returns the cost of neighbours, which are sought among each part of the rows.
pub(crate) fn neighbours(sizes: Sizes) -> Cost {
    let pairs = sizes.rows().powi(2);
    Cost { bytes: 5e8, operations: pairs * (20.0 + sizes.dim / PRODUCTS), again: false }
}

/// Returns the cost of relabelling a kernel of all pairs.
pub(crate) fn permutations(sizes: Sizes) -> Cost {
    let pairs = sizes.rows().powi(2);
    Cost { bytes: 16.0 * pairs, operations: pairs * (500.0 + sizes.dim), again: false }
}

/// Returns the cost of transport between all pairs, of some hundred iterations: half of them within a sample.
pub(crate) fn transport(sizes: Sizes) -> Cost {
    let pairs = sizes.real.max(sizes.fake).powi(2);
    Cost { bytes: 80.0 * pairs, operations: 3.0 * pairs * 1500.0, again: true }
}

/// Returns the cost of sorting the rows along `directions`.
pub(crate) fn sorting(sizes: Sizes, directions: usize) -> Cost {
    let all = sizes.rows() * directions as f64;
    Cost {
        bytes: 8.0 * all + 60.0 * sizes.rows(),
        operations: all * (sizes.dim / PRODUCTS + 40.0 + 4.0 * sizes.rows().log2()),
        again: false,
    }
}

/// Returns the cost of kernels around some rows.
pub(crate) fn centres(sizes: Sizes, centres: usize, passes: f64) -> Cost {
    let all = sizes.rows() * centres as f64;
    Cost { bytes: 48.0 * all, operations: all * (4.0 * sizes.dim + passes), again: true }
}

/// Returns the cost of Newton's method for so many weights.
pub(crate) fn regression(sizes: Sizes, weights: usize) -> Cost {
    let (rows, weights) = (sizes.rows(), weights as f64);
    let operations = 20.0 * rows * weights * weights / PRODUCTS;
    Cost { bytes: 32.0 * rows * weights, operations, again: true }
}

/// Returns the cost of fitting a critic for so many steps.
pub(crate) fn critic(sizes: Sizes, steps: f64) -> Cost {
    let operations = steps * 128.0 * (sizes.dim + 64.0) * 64.0 * 20.0 / PRODUCTS;
    Cost { bytes: 8.0 * sizes.rows() * sizes.dim, operations: 2.0 * operations, again: false }
}
