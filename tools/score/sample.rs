//! Rows of a file or folder, as they are compared.

use std::path::Path;

use anyhow::{Context, Result, bail};
use gan::Rng;
use gan::device::to_vec;
use gan::metric::RowMoments;
use tch::{Kind, Tensor};

use crate::cost::{GIB, gib};
use crate::features::{Cache, Layout, Network, Order, Pictures, Range};
use crate::input::{Element, Stored, hash, with_array};
use crate::report::{Steps, say};
use crate::stream::{self, Stream};

/// Fewer rows leave nothing to leave out.
const LEAST: usize = 20;
/// Numbers of which a sum of squares is a number still.
const LARGEST: f64 = 1e150;
/// Copies of the rows that exist at once: as read, in the frame of all, without a part.
const COPIES: f64 = 3.0;
/// Bytes for each row of the file that it takes to draw rows.
const DRAW: f64 = 40.0;
/// Pictures that a network takes at a time.
const BATCH: usize = 32;
/// Pictures that are kept for what is measured of pictures alone.
const PICTURES: usize = 100;
/// Rows whose moments are taken at a time.
const BLOCK: usize = 2048;
/// Rows that are drawn of a file that memory does not hold: as many as metrics of pairs take.
const DRAWN: usize = 10_000;

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
    pub(crate) ends: (f64, f64),
    pub(crate) pictures: Option<Pictures>,
}

/// Reads the rows of a path in random order, as many as are wanted if there are more; the axes after the first
/// become one, the last the fastest.
pub(crate) fn read(wanted: &Wanted) -> Result<Sample> {
    let hash = hash(wanted.path)?;
    with_array(wanted.path, wanted.key, |stored| {
        let plan = plan(&stored, wanted)?;
        let show = wanted.path.display();
        if stored.surplus > 0 {
            say(&format!("{show}: {} bytes follow the array and are not read", stored.surplus));
        }
        if wanted.limit.is_some() && plan.n > plan.kept {
            let Plan { n, kept, .. } = plan;
            say(&format!("{show}: {kept} of {n} rows, at random; --limit takes more"));
        }
        match wanted.network {
            Some(network) => features(stored, wanted, network, &plan, &hash),
            None => pixels(stored, wanted, &plan, &hash),
        }
    })
}

struct Plan {
    n: usize,
    kept: usize,
    /// The place of each row in a random order, of which the first are kept.
    place: Vec<usize>,
    /// Whether moments of all rows are taken as they go by.
    streams: bool,
}

fn plan(stored: &Stored, wanted: &Wanted) -> Result<Plan> {
    let shape = &stored.shape;
    let Some((n @ LEAST.., dim)) = stored.sizes() else {
        bail!("has the shape {shape:?}; a comparison needs {LEAST} rows of numbers at least");
    };
    let kept = wanted.limit.map_or(n, |limit| n.min(limit));
    let held = if wanted.network.is_some() { 2048.0 } else { dim as f64 };
    let bytes = |kept: usize| kept as f64 * held * 8.0 * COPIES + n as f64 * DRAW;
    if bytes(kept) > wanted.memory {
        let (needed, most) = (gib(bytes(kept)), wanted.memory / GIB);
        let show = wanted.path.display();
        if kept == n && n > DRAWN && wanted.network.is_none() && bytes(DRAWN) <= wanted.memory {
            let streams = !stored.first_fastest
                && n > dim
                && bytes(DRAWN) + Stream::bytes(dim) <= wanted.memory;
            let all = if streams { "; the Frechet distances are of all" } else { "" };
            say(&format!(
                "{show}: {DRAWN} of {n} rows, at random, since all need about {needed} and --memory allows {most}{all}"
            ));
            return Ok(Plan { n, kept: DRAWN, place: places(n, wanted.seed), streams });
        }
        bail!(
            "needs about {needed} for {kept} rows of {dim} numbers, and --memory allows {most}; take fewer rows with \
             --limit, allow more, or score its moments (--save-moments), which are taken as it streams by"
        );
    }
    Ok(Plan { n, kept, place: places(n, wanted.seed), streams: false })
}

/// Refuses numbers that are none, or have no square.
fn checked(row: usize, values: &[f64]) -> Result<()> {
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

fn ends(values: &[f64], from: (f64, f64)) -> (f64, f64) {
    values.iter().fold(from, |(low, high), x| (low.min(*x), high.max(*x)))
}

const NO_ENDS: (f64, f64) = (f64::INFINITY, f64::NEG_INFINITY);

/// The numbers as they are, or pictures in one order and range.
fn pixels(stored: Stored, wanted: &Wanted, plan: &Plan, hash: &str) -> Result<Sample> {
    let Plan { kept, ref place, streams, .. } = *plan;
    let (shape, element) = (stored.shape.clone(), stored.element);
    let dim: usize = shape[1..].iter().product();
    let mut stream = streams.then(|| Stream::new(shape[0], dim));
    let images = wanted.images || stored.pictures;
    let order = if stored.pictures { Some(Order::Nhwc) } else { wanted.order };
    let layout = Layout::of(&shape, order);
    let layout = if images { Some(layout?) } else { layout.ok() };
    let mut values = vec![0.0; kept * dim];
    if stored.first_fastest {
        let (n, column) = (shape[0], columns(&shape[1..]));
        let mut index = 0;
        (stored.numbers)(&mut |piece| {
            for x in piece {
                let (row, rest) = (index % n, index / n);
                checked(row, &[*x])?;
                if place[row] < kept {
                    values[place[row] * dim + column[rest]] = *x;
                }
                index += 1;
            }
            Ok(())
        })?;
    } else {
        stored.each_row(|row, numbers| {
            checked(row, numbers)?;
            if let Some(stream) = &mut stream {
                stream.take(place[row], numbers);
            }
            if place[row] < kept {
                values[place[row] * dim..][..dim].copy_from_slice(numbers);
            }
            Ok(())
        })?;
    }
    let mut ends = ends(&values, NO_ENDS);
    let range = match wanted.range {
        Some(range) => Some(range),
        None if images => Some(Range::of(element, ends.0, ends.1)?),
        None => Range::of(element, ends.0, ends.1).ok(),
    };
    let first = layout.zip(range).map(|(layout, range)| {
        let mut rows = Vec::new();
        for row in values.chunks(dim).take(PICTURES) {
            layout.append(row, range, &mut rows);
        }
        Pictures { rows: Tensor::from_slice(&rows).reshape([-1, dim as i64]), shape: layout.shape }
    });
    let mut streamed = stream.map(Stream::end);
    if images && let (Some(layout), Some(range)) = (layout, range) {
        if let Some(groups) = &mut streamed {
            for group in groups {
                *group = stream::of_pictures(group, layout, range);
            }
        }
        inside(range, ends)?;
        said(wanted.path, layout, range);
        let mut row = Vec::with_capacity(dim);
        for numbers in values.chunks_mut(dim) {
            row.clear();
            layout.append(numbers, range, &mut row);
            for (number, byte) in numbers.iter_mut().zip(&row) {
                *number = f64::from(*byte);
            }
        }
        ends = (range.to_bytes(ends.0), range.to_bytes(ends.1));
    }
    Ok(Sample {
        rows: Tensor::from_slice(&values).reshape([-1, dim as i64]),
        streamed,
        shape: match layout {
            Some(Layout { shape: image, .. }) if images => {
                let size = |x: i64| x as usize;
                vec![shape[0], size(image.channels), size(image.height), size(image.width)]
            }
            _ => shape,
        },
        hash: hash.to_owned(),
        range: range.filter(|_| images),
        order: layout.map(|layout| layout.order).filter(|_| images),
        ends,
        pictures: first,
    })
}

fn inside(range: Range, (low, high): (f64, f64)) -> Result<()> {
    if range.holds(low) && range.holds(high) {
        return Ok(());
    }
    bail!(
        "has values from {low} to {high}, which do not lie in {}; say another --range",
        range.name()
    )
}

fn said(path: &Path, layout: Layout, range: Range) {
    let gan::net::ImageShape { channels, height, width } = layout.shape;
    let order = if layout.order == Order::Nchw { "first" } else { "last" };
    say(&format!(
        "{}: pictures of {height} x {width}, {channels} colour{}, colours {order}, values {}",
        path.display(),
        if channels == 1 { "" } else { "s" },
        range.name()
    ));
}

/// What a network makes of the pictures, from the cache if it was made before.
fn features(
    stored: Stored,
    wanted: &Wanted,
    network: &Network,
    plan: &Plan,
    hash: &str,
) -> Result<Sample> {
    let Plan { kept, ref place, .. } = *plan;
    let (shape, element) = (stored.shape.clone(), stored.element);
    let order = if stored.pictures { Some(Order::Nhwc) } else { wanted.order };
    let layout = Layout::of(&shape, order)?;
    let protocol = network.protocol();
    let own = crate::features::network_key(protocol);
    let of_rows =
        if kept < shape[0] { format!("{kept} {}", wanted.seed) } else { "all".to_owned() };
    let key = format!(
        "{own} {:?} {:?} {:?} {of_rows} {}",
        wanted.key, layout.order, wanted.range, wanted.seed
    );
    let sample = |rows: Tensor, pictures: Tensor, range| {
        let low_high = (rows.min().double_value(&[]), rows.max().double_value(&[]));
        Sample {
            rows: rows.to_kind(Kind::Double),
            streamed: None,
            shape: vec![shape[0], rows.size()[1] as usize],
            hash: hash.to_owned(),
            range,
            order: Some(layout.order),
            ends: low_high,
            pictures: Some(Pictures { rows: pictures, shape: layout.shape }),
        }
    };
    if let Some(cache) = wanted.cache {
        if let Some((rows, pictures, range)) = cache.get(hash, &key) {
            say(&format!("{}: features from the cache", wanted.path.display()));
            return Ok(sample(rows, pictures, Some(range)));
        }
        if cache.differs(hash, protocol) {
            say(&format!(
                "warning: {}: the features in the cache are of another network or resizing; numbers of theirs and of these do not compare",
                wanted.path.display()
            ));
        }
    }
    let dim: usize = shape[1..].iter().product();
    let steps = Steps::of(&format!("{} through {}", wanted.path.display(), network.name), kept);
    let mut work =
        Work { network, layout, place, rows: None, pictures: vec![0.0; kept.min(PICTURES) * dim] };
    let (mut batch, mut first, mut range, mut seen) =
        (Vec::new(), Vec::new(), wanted.range, NO_ENDS);
    stored.each_row(|row, numbers| {
        if place[row] >= kept {
            return Ok(());
        }
        checked(row, numbers)?;
        seen = ends(numbers, seen);
        batch.extend_from_slice(numbers);
        first.push(row);
        if first.len() == BATCH {
            let range = known(&mut range, element, seen, wanted.path, layout)?;
            work.take(&batch, &first, range, kept)?;
            steps.advance(first.len());
            batch.clear();
            first.clear();
        }
        Ok(())
    })?;
    let range = known(&mut range, element, seen, wanted.path, layout)?;
    inside(range, seen)?;
    if !first.is_empty() {
        work.take(&batch, &first, range, kept)?;
    }
    drop(steps);
    let rows = work.rows.context("has no rows")?;
    let pictures = Tensor::from_slice(&work.pictures).reshape([-1, dim as i64]);
    if rows.isfinite().all().int64_value(&[]) == 0 {
        bail!("{} makes numbers of it that are not finite", network.name);
    }
    if let Some(cache) = wanted.cache {
        cache.put(hash, &key, &rows, &pictures, range);
    }
    Ok(sample(rows, pictures, Some(range)))
}

/// The range of the values, which the first pictures tell.
fn known(
    range: &mut Option<Range>,
    element: Element,
    seen: (f64, f64),
    path: &Path,
    layout: Layout,
) -> Result<Range> {
    if let Some(range) = range {
        return Ok(*range);
    }
    let found = Range::of(element, seen.0, seen.1)?;
    said(path, layout, found);
    *range = Some(found);
    Ok(found)
}

/// Pictures on their way through a network.
struct Work<'a> {
    network: &'a Network,
    layout: Layout,
    place: &'a [usize],
    rows: Option<Tensor>,
    pictures: Vec<f32>,
}

impl Work<'_> {
    fn take(&mut self, batch: &[f64], rows: &[usize], range: Range, kept: usize) -> Result<()> {
        let dim = batch.len() / rows.len();
        let mut bytes = Vec::with_capacity(batch.len());
        for row in batch.chunks(dim) {
            self.layout.append(row, range, &mut bytes);
        }
        for (row, picture) in rows.iter().zip(bytes.chunks(dim)) {
            let start = self.place[*row].saturating_mul(dim);
            if let Some(slot) = self.pictures.get_mut(start..start.saturating_add(dim)) {
                slot.copy_from_slice(picture);
            }
        }
        let gan::net::ImageShape { channels, height, width } = self.layout.shape;
        let maps = Tensor::from_slice(&bytes).reshape([-1, channels, height, width]);
        let found = self.network.outputs(&maps)?;
        let all = self.rows.get_or_insert_with(|| {
            Tensor::zeros([kept as i64, found.size()[1]], (Kind::Float, found.device()))
        });
        if all.size()[1] != found.size()[1] {
            bail!("{} makes rows of different lengths", self.network.name);
        }
        let index: Vec<i64> = rows.iter().map(|row| self.place[*row] as i64).collect();
        let _ = all.index_copy_(0, &Tensor::from_slice(&index), &found);
        Ok(())
    }
}

/// What is said of arrays of pictures.
#[derive(Clone, Copy)]
pub(crate) struct Arrays {
    pub(crate) images: bool,
    pub(crate) order: Option<Order>,
    pub(crate) range: Option<Range>,
}

/// Returns the moments of all rows of a path, some rows in memory at a time.
pub(crate) fn moments(
    path: &Path,
    key: Option<&str>,
    network: Option<&Network>,
    Arrays { images, order, range }: Arrays,
) -> Result<(RowMoments, usize)> {
    with_array(path, key, |stored| {
        let Some((n @ LEAST.., dim)) = stored.sizes() else {
            bail!(
                "has the shape {:?}; moments need {LEAST} rows of numbers at least",
                stored.shape
            );
        };
        let (element, pictures) = (stored.element, stored.pictures);
        let order = if pictures { Some(Order::Nhwc) } else { order };
        let layout = match network {
            Some(_) => Some(Layout::of(&stored.shape, order)?),
            None if pictures || images => Some(Layout::of(&stored.shape, order)?),
            None => None,
        };
        let steps = Steps::of(&format!("moments of {}", path.display()), n);
        let (mut held, mut rows, mut range, mut seen) = (Vec::new(), 0, range, NO_ENDS);
        let mut all: Option<RowMoments> = None;
        let block = if network.is_some() { BATCH } else { BLOCK };
        let mut take = |held: &[f64], rows: usize| -> Result<()> {
            let numbers = match layout {
                None => Tensor::from_slice(held).reshape([rows as i64, -1]),
                Some(layout) => {
                    seen = ends(held, seen);
                    let range = known(&mut range, element, seen, path, layout)?;
                    inside(range, seen)?;
                    let mut bytes = Vec::new();
                    held.chunks(dim).for_each(|row| layout.append(row, range, &mut bytes));
                    let gan::net::ImageShape { channels, height, width } = layout.shape;
                    let maps = Tensor::from_slice(&bytes);
                    match network {
                        Some(network) => {
                            network.outputs(&maps.reshape([-1, channels, height, width]))?
                        }
                        None => maps.reshape([rows as i64, -1]),
                    }
                }
            };
            let block = RowMoments::of(&numbers);
            all = Some(match all.take() {
                Some(all) => all.with(&block),
                None => block,
            });
            steps.advance(rows);
            Ok(())
        };
        stored.each_row(|row, numbers| {
            checked(row, numbers)?;
            held.extend_from_slice(numbers);
            rows += 1;
            if rows == block {
                take(&held, rows)?;
                held.clear();
                rows = 0;
            }
            Ok(())
        })?;
        if rows > 0 {
            take(&held, rows)?;
        }
        let all = all.context("has no rows")?;
        if all.mean.isfinite().all().int64_value(&[]) == 0 {
            bail!("moments of it came out as no numbers");
        }
        Ok((all, n))
    })
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

/// Returns the column of each number of a row in the order in which they are stored, the first axis the fastest.
fn columns(axes: &[usize]) -> Vec<usize> {
    let column = |mut rest: usize| {
        axes.iter().fold(0, |column, size| {
            let at = rest % size;
            rest /= size;
            column * size + at
        })
    };
    (0..axes.iter().product()).map(column).collect()
}

/// Returns how many rows repeat one before them.
pub(crate) fn repeated(rows: &Tensor) -> usize {
    let mut seen = std::collections::HashSet::new();
    let count = rows.size()[0];
    (0..count)
        .filter(|&row| {
            let bytes: Vec<u8> =
                to_vec(&rows.select(0, row)).iter().flat_map(|x| x.to_le_bytes()).collect();
            !seen.insert(blake3::hash(&bytes))
        })
        .count()
}
