//! Which rows of a file are kept, and whether memory holds them.

use anyhow::{Result, bail};
use gan::Rng;

use super::stream::Stream;
use super::{LEAST, Wanted};
use crate::cost::{GIB, gib};
use crate::input::Stored;
use crate::report::say;

/// Copies of the rows that exist at once: as read, in the frame of all, without a part.
const COPIES: f64 = 3.0;
/// Bytes for each row of the file that it takes to draw rows.
const DRAW: f64 = 40.0;
/// Numbers that a network makes of a picture, before it is known.
const OUTPUTS: f64 = 2048.0;
/// Rows that are drawn of a file that memory does not hold: as many as metrics of pairs take.
const DRAWN: usize = 10_000;

pub(super) struct Plan {
    /// Rows of the file.
    pub(super) n: usize,
    pub(super) kept: usize,
    /// The place of each row in a random order, of which the first are kept.
    pub(super) place: Vec<usize>,
    /// Whether moments of all rows are taken as they go by.
    pub(super) streams: bool,
}

/// Returns the plan for an array.
///
/// # Errors
/// If it has too few rows, or more than memory holds.
pub(super) fn of(stored: &Stored, wanted: &Wanted) -> Result<Plan> {
    let shape = &stored.shape;
    let Some((n @ LEAST.., dim)) = stored.sizes() else {
        bail!("has the shape {shape:?}; a comparison needs {LEAST} rows of numbers at least");
    };
    let kept = wanted.limit.map_or(n, |limit| n.min(limit));
    let held = if wanted.network.is_some() { OUTPUTS } else { dim as f64 };
    let bytes = |kept: usize| kept as f64 * held * 8.0 * COPIES + n as f64 * DRAW;
    if bytes(kept) <= wanted.memory {
        return Ok(Plan { n, kept, place: places(n, wanted.seed), streams: false });
    }
    let (needed, most) = (gib(bytes(kept)), wanted.memory / GIB);
    if kept < n || n <= DRAWN || wanted.network.is_some() || bytes(DRAWN) > wanted.memory {
        bail!(
            "needs about {needed} for {kept} rows of {dim} numbers, and --memory allows {most}; take fewer rows with \
             --limit, allow more, or score its moments (--save-moments), which are taken as it streams by"
        );
    }
    let streams =
        !stored.first_fastest && n > dim && bytes(DRAWN) + Stream::bytes(dim) <= wanted.memory;
    say(&format!(
        "{}: {DRAWN} of {n} rows, at random, since all need about {needed} and --memory allows {most}{}",
        wanted.path.display(),
        if streams { "; the Frechet distances are of all" } else { "" }
    ));
    Ok(Plan { n, kept: DRAWN, place: places(n, wanted.seed), streams })
}

/// Returns the place of each row in a random order.
fn places(n: usize, seed: u64) -> Vec<usize> {
    let order = Rng::new(&[seed]).uniform(&[n as i64]).reshape([-1]).argsort(0, false);
    let order = Vec::<i64>::try_from(order).expect("indices convert");
    let mut place = vec![0; n];
    for (at, row) in order.into_iter().enumerate() {
        place[row as usize] = at;
    }
    place
}
