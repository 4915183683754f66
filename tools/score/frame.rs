//! All samples in one frame, in which where they lie and what their unit is play no part.

use std::cell::OnceCell;

use anyhow::{Result, bail};
use gan::device::to_vec;
use gan::metric::RowMoments;
use tch::{Kind, Tensor};

/// Numbers of which the square is more than nothing.
const SMALLEST: f64 = 1e-150;
/// Of the largest value of a column, what may be rounding.
const ROUNDING: f64 = 16.0 * f64::EPSILON;
/// Of the largest singular value of standardised columns, what may be rounding.
const RANK: f64 = 1e-12;

/// Samples around 0, and how they were before.
pub(crate) struct Frame {
    /// The samples less the mean of the real rows, divided by the unit; `[n, dim]`, double precision.
    pub(crate) real: Tensor,
    pub(crate) fakes: Vec<Tensor>,
    pub(crate) train: Option<Tensor>,
    /// What was taken from each column, and what it was divided by then, where that was asked for.
    origin: Tensor,
    spread: Option<Tensor>,
    /// A power of two, so that dividing by it rounds nothing.
    pub(crate) unit: f64,
    /// Columns that change.
    pub(crate) moving: Vec<usize>,
    white: OnceCell<White>,
}

/// The real sample and the fake ones in coordinates of their own.
struct White {
    real: Tensor,
    fakes: Vec<Tensor>,
}

impl Frame {
    /// Returns the samples in a frame of their own. A column that is the same in all, but for rounding, is 0. Where
    /// columns are to be standardised, each is divided by its standard deviation over the real rows first.
    ///
    /// # Errors
    /// If the values are too small for their squares.
    pub(crate) fn of(
        mut real: Tensor,
        mut fakes: Vec<Tensor>,
        mut train: Option<Tensor>,
        standardise: bool,
    ) -> Result<Self> {
        let _guard = tch::no_grad_guard();
        let scored = || std::iter::once(&real).chain(&fakes);
        let ends = |of: &dyn Fn(&Tensor) -> Tensor| scored().map(of).collect::<Vec<Tensor>>();
        let low = Tensor::stack(&ends(&|x| x.amin([0i64].as_slice(), false)), 0)
            .amin([0i64].as_slice(), false);
        let high = Tensor::stack(&ends(&|x| x.amax([0i64].as_slice(), false)), 0)
            .amax([0i64].as_slice(), false);
        let first = real.select(0, 0).copy();
        // The mean of the real rows alone: beside a fake that diverged, the others would lose their digits.
        let beyond = (&real - &first).mean_dim([0i64].as_slice(), false, None::<Kind>);
        let origin = &first + beyond;
        let moves = (&high - &low).gt_tensor(&(high.abs().maximum(&low.abs()) * ROUNDING));
        let moving: Vec<usize> = to_vec(&moves)
            .iter()
            .enumerate()
            .filter_map(|(column, moves)| (*moves > 0.0).then_some(column))
            .collect();
        let still = moves.logical_not();
        let scored_samples = 1 + fakes.len();
        let mut samples: Vec<&mut Tensor> =
            std::iter::once(&mut real).chain(&mut fakes).chain(train.as_mut()).collect();
        for sample in &mut samples {
            **sample -= &origin;
            let _ = sample.masked_fill_(&still, 0.0);
        }
        let spread = standardise.then(|| {
            let spread = samples[0].std_dim([0i64].as_slice(), true, false);
            spread.where_self(&spread.gt(0.0), &spread.ones_like())
        });
        if let Some(spread) = &spread {
            for sample in &mut samples {
                **sample /= spread;
            }
        }
        let size = |sample: &&mut Tensor| sample.abs().max().double_value(&[]);
        // Not of the training rows: they move nothing of what has no part in them.
        let largest = samples[..scored_samples].iter().map(size).fold(0.0, f64::max);
        if largest > 0.0 && largest < SMALLEST {
            bail!(
                "the values of all files differ by {largest:.1e} at most, too little for their squares; multiply all by one number"
            );
        }
        let unit = if largest > 0.0 { largest.log2().floor().exp2() } else { 1.0 };
        for sample in &mut samples {
            **sample /= unit;
        }
        Ok(Self { real, fakes, train, origin, spread, unit, moving, white: OnceCell::new() })
    }

    /// Returns rows as they were in the files, or standardised around 0 where that was asked for.
    pub(crate) fn raw(&self, rows: &Tensor) -> Tensor {
        let rows = rows * self.unit;
        if self.spread.is_some() { rows } else { rows + &self.origin }
    }

    /// Returns whether columns were divided by their spread.
    pub(crate) fn is_standardised(&self) -> bool {
        self.spread.is_some()
    }

    /// Returns moments of rows of the files as those of the same rows in this frame.
    pub(crate) fn of_moments(&self, moments: &RowMoments) -> RowMoments {
        let spread = self.spread.as_ref().map(|spread| spread.reshape([-1]));
        let unit = spread.unwrap_or_else(|| self.origin.ones_like()) * self.unit;
        RowMoments {
            rows: moments.rows,
            mean: (&moments.mean - &self.origin) / &unit,
            scatter: &moments.scatter / unit.outer(&unit),
        }
    }

    pub(crate) fn dim(&self) -> usize {
        self.real.size()[1] as usize
    }

    /// Returns the real and a fake sample in coordinates that are uncorrelated and of variance 1 over all rows, so
    /// that what a ridge holds down is of no unit; columns that others determine are left out.
    ///
    /// # Panics
    /// If no column changes.
    pub(crate) fn white(&self, fake: usize) -> (&Tensor, &Tensor) {
        let White { real, fakes } = self.white.get_or_init(|| self.whitened());
        (real, &fakes[fake])
    }

    fn whitened(&self) -> White {
        let _guard = tch::no_grad_guard();
        let columns: Vec<i64> = self.moving.iter().map(|&column| column as i64).collect();
        let all: Vec<&Tensor> = std::iter::once(&self.real).chain(&self.fakes).collect();
        let x = Tensor::cat(&all, 0).index_select(1, &Tensor::from_slice(&columns));
        // By their largest value first: squares of a column that is tiny against another would vanish.
        let x = &x / x.abs().amax([0i64].as_slice(), true);
        let x = &x / x.square().mean_dim([0i64].as_slice(), true, None::<Kind>).sqrt();
        let (_, triangle) = Tensor::linalg_qr(&x, "r");
        let (_, values, vectors) = triangle.svd(true, true);
        let sizes = to_vec(&values);
        let rank = sizes.iter().filter(|&&size| size > RANK * sizes[0]).count() as i64;
        let scale = values.narrow(0, 0, rank).reciprocal() * (x.size()[0] as f64).sqrt();
        let x = x.matmul(&(vectors.narrow(1, 0, rank) * scale));
        let rows: Vec<i64> = all.iter().map(|sample| sample.size()[0]).collect();
        let mut sides = x.split_with_sizes(rows, 0);
        White { real: sides.remove(0), fakes: sides }
    }
}
