//! The numbers of a file as they are, or pictures in one order and range.

use anyhow::Result;
use gan::metric::RowMoments;
use gan::net::ImageShape;
use tch::Tensor;

use super::plan::Plan;
use super::stream::{self, Stream};
use super::{NO_ENDS, PICTURES, Sample, Wanted, check, check_range, ends, layout, say_layout};
use crate::features::{Layout, Pictures, Range};
use crate::input::Stored;

pub(super) fn read(stored: Stored, wanted: &Wanted, plan: &Plan, hash: String) -> Result<Sample> {
    let (shape, element) = (stored.shape.clone(), stored.element);
    let images = wanted.images || stored.pictures;
    let layout = layout(&stored, wanted.order);
    let layout = if images { Some(layout?) } else { layout.ok() };
    let (values, streamed) = values(stored, plan)?;
    let ends = ends(&values, NO_ENDS);
    let range = match wanted.range {
        Some(range) => Some(range),
        None if images => Some(Range::of(element, ends.0, ends.1)?),
        None => Range::of(element, ends.0, ends.1).ok(),
    };
    let dim = values.len() / plan.kept;
    let bytes = |layout: Layout, range, values: &[f64]| {
        let mut bytes: Vec<f32> = Vec::with_capacity(values.len());
        values.chunks(dim).for_each(|row| layout.append(row, range, &mut bytes));
        Tensor::from_slice(&bytes).reshape([-1, dim as i64])
    };
    let known = layout.zip(range);
    let pictures = known.map(|(layout, range)| {
        let first = &values[..plan.kept.min(PICTURES) * dim];
        Pictures { rows: bytes(layout, range, first), shape: layout.shape }
    });
    let sample = Sample {
        rows: Tensor::new(),
        streamed,
        shape,
        hash,
        range: None,
        order: None,
        ends,
        pictures,
    };
    let Some((layout, range)) = known.filter(|_| images) else {
        let rows = Tensor::from_slice(&values).reshape([-1, dim as i64]);
        return Ok(Sample { rows, ..sample });
    };
    check_range(range, ends)?;
    say_layout(wanted.path, layout, range);
    let ImageShape { channels, height, width } = layout.shape;
    let of_pictures = |group: &RowMoments| stream::of_pictures(group, layout, range);
    Ok(Sample {
        rows: bytes(layout, range, &values).to_kind(tch::Kind::Double),
        streamed: sample.streamed.map(|groups| groups.iter().map(of_pictures).collect()),
        shape: [plan.n as i64, channels, height, width].map(|size| size as usize).to_vec(),
        range: Some(range),
        order: Some(layout.order),
        ends: (range.to_bytes(ends.0), range.to_bytes(ends.1)),
        ..sample
    })
}

/// Returns the numbers of the rows that are kept, in their random order, and the moments of all rows if they are
/// taken.
fn values(stored: Stored, plan: &Plan) -> Result<(Vec<f64>, Option<Vec<RowMoments>>)> {
    let Plan { n, kept, ref place, streams } = *plan;
    let axes = stored.shape[1..].to_vec();
    let dim: usize = axes.iter().product();
    let mut values = vec![0.0; kept * dim];
    if stored.first_fastest {
        let column = columns(&axes);
        let mut index = 0;
        (stored.numbers)(&mut |piece| {
            for x in piece {
                let (row, rest) = (index % n, index / n);
                check(row, &[*x])?;
                if place[row] < kept {
                    values[place[row] * dim + column[rest]] = *x;
                }
                index += 1;
            }
            Ok(())
        })?;
        return Ok((values, None));
    }
    let mut stream = streams.then(|| Stream::new(n, dim));
    stored.each_row(|row, numbers| {
        check(row, numbers)?;
        if let Some(stream) = &mut stream {
            stream.take(place[row], numbers);
        }
        if place[row] < kept {
            values[place[row] * dim..][..dim].copy_from_slice(numbers);
        }
        Ok(())
    })?;
    Ok((values, stream.map(Stream::end)))
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
