//! Numbers of all pairs of rows, some rows at a time.

use tch::{Kind, Tensor};

/// Pairs whose numbers are in memory at once.
const PAIRS: i64 = 1 << 22;
/// Columns up to which distances are taken one by one, and not through products, which round.
const EXACT: i64 = 64;

/// Returns the ends of `groups` parts of `rows` rows, equal but for one row.
pub fn group_ends(rows: i64, groups: i64) -> Vec<i64> {
    (1..=groups).map(|group| group * rows / groups).collect()
}

/// Returns the Euclidean distances between rows, `[n, m]`.
///
/// # Shapes
/// `x`: `[n, dim]`; `y`: `[m, dim]`.
pub fn distances(x: &Tensor, y: &Tensor) -> Tensor {
    let mode = if x.size()[1] <= EXACT { 2 } else { 1 };
    Tensor::cdist(x, y, 2.0, mode)
}

/// Calls with every block of rows of `x`, its first row, and its numbers with all rows of `y`; a block lies within one
/// part of the rows.
pub(super) fn each_block(
    x: &Tensor,
    y: &Tensor,
    ends: &[i64],
    of: impl Fn(&Tensor, &Tensor) -> Tensor,
    mut each: impl FnMut(usize, i64, &Tensor),
) {
    let _guard = tch::no_grad_guard();
    let most = (PAIRS / y.size()[0]).max(1);
    let mut start = 0;
    for (group, &end) in ends.iter().enumerate() {
        while start < end {
            let rows = most.min(end - start);
            each(group, start, &of(&x.narrow(0, start, rows), y));
            start += rows;
        }
    }
}

/// Returns the sums of a number of two rows over all pairs of a part of `x` and a part of `y`, a list for each part of
/// `x`; `of` maps `[b, dim]` and `[m, dim]` to `[b, m]`.
///
/// From these come the mean over all pairs and, without another pass, the means without a part of the rows.
///
/// # Shapes
/// `x`: `[n, dim]`; `y`: `[m, dim]`; ends as of [`group_ends`].
pub fn group_sums(
    (x, x_ends): (&Tensor, &[i64]),
    (y, y_ends): (&Tensor, &[i64]),
    of: impl Fn(&Tensor, &Tensor) -> Tensor,
) -> Vec<Vec<f64>> {
    let mut sums = vec![vec![0.0; y_ends.len()]; x_ends.len()];
    each_block(x, y, x_ends, of, |group, _, numbers| {
        let columns = numbers.sum_dim_intlist([0i64].as_slice(), false, Kind::Double);
        let mut start = 0;
        for (sum, &end) in sums[group].iter_mut().zip(y_ends) {
            *sum += columns.narrow(0, start, end - start).sum(Kind::Double).double_value(&[]);
            start = end;
        }
    });
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::double;
    use approx::assert_relative_eq;

    /// Sums of parts are sums over their pairs.
    #[test]
    fn sums_of_parts() {
        let (x, y) = (double(&[0]).normal(&[23, 3]), double(&[1]).normal(&[17, 3]));
        let (x, y) = (x.squeeze_dim(0), y.squeeze_dim(0));
        let (x_ends, y_ends) = (group_ends(23, 4), group_ends(17, 3));
        assert_eq!((&x_ends[..], &y_ends[..]), (&[5, 11, 17, 23][..], &[5, 11, 17][..]));
        let sums = group_sums((&x, &x_ends), (&y, &y_ends), distances);
        let all = distances(&x, &y);
        let part = all.narrow(0, 5, 6).narrow(1, 11, 6).sum(Kind::Double).double_value(&[]);
        assert_relative_eq!(sums[1][2], part, max_relative = 1e-12);
        let whole: f64 = sums.iter().flatten().sum();
        assert_relative_eq!(whole, all.sum(Kind::Double).double_value(&[]), max_relative = 1e-12);
    }
}
