//! What a network makes of pictures, from the cache if it was made before.

use anyhow::{Context, Result, bail};
use tch::{Device, Kind, Tensor};

use super::blocks::Blocks;
use super::plan::Plan;
use super::{PICTURES, Sample, Wanted, layout};
use crate::features::{Layout, Network, Pictures, Range, network_key};
use crate::input::Stored;
use crate::report::{Steps, say};

/// Pictures that a network takes at a time.
pub(super) const BATCH: usize = 32;

pub(super) fn read(
    stored: Stored,
    wanted: &Wanted,
    network: &Network,
    plan: &Plan,
    hash: String,
) -> Result<Sample> {
    let shape = stored.shape.clone();
    let layout = layout(&stored, wanted.order)?;
    let key = key(wanted, network, plan, layout);
    let show = wanted.path.display();
    let cached = wanted.cache.and_then(|cache| cache.get(&hash, &key));
    let (rows, pictures, range) = if let Some(found) = cached {
        say(&format!("{show}: features from the cache"));
        found
    } else {
        if wanted.cache.is_some_and(|cache| cache.differs(&hash, network.protocol())) {
            say(&format!(
                "warning: {show}: the features in the cache are of another network or resizing; numbers of theirs and of these do not compare"
            ));
        }
        let made = of_pictures(stored, wanted, network, plan, layout)?;
        if let Some(cache) = wanted.cache {
            cache.put(&hash, &key, &made.0, &made.1, made.2);
        }
        made
    };
    Ok(Sample {
        streamed: None,
        shape: vec![shape[0], rows.size()[1] as usize],
        hash,
        range: Some(range),
        order: Some(layout.order),
        ends: (rows.min().double_value(&[]), rows.max().double_value(&[])),
        pictures: Some(Pictures { rows: pictures, shape: layout.shape }),
        rows: rows.to_kind(Kind::Double),
    })
}

/// Returns all that the rows depend on beside the content of the file.
fn key(wanted: &Wanted, network: &Network, plan: &Plan, layout: Layout) -> String {
    let own = network_key(network.protocol());
    let of_rows = if plan.kept < plan.n {
        format!("{} {}", plan.kept, wanted.seed)
    } else {
        "all".to_owned()
    };
    format!(
        "{own} {:?} {:?} {:?} {of_rows} {}",
        wanted.key, layout.order, wanted.range, wanted.seed
    )
}

/// Returns the network's outputs, `[kept, numbers]`, the first pictures, and the range of the file's values.
fn of_pictures(
    stored: Stored,
    wanted: &Wanted,
    network: &Network,
    Plan { kept, place, .. }: &Plan,
    layout: Layout,
) -> Result<(Tensor, Tensor, Range)> {
    let dim: usize = stored.shape[1..].iter().product();
    let steps = Steps::of(&format!("{} through {}", wanted.path.display(), network.name), *kept);
    let count = (*kept).min(PICTURES) as i64;
    let first = Tensor::zeros([count, dim as i64], (Kind::Float, Device::Cpu));
    let mut all: Option<Tensor> = None;
    let blocks =
        Blocks { path: wanted.path, layout: Some(layout), range: wanted.range, size: BATCH };
    let keep = |row: usize| place[row] < *kept;
    let range = blocks.each(stored, keep, |rows, pictures| {
        let outputs = network.outputs(&layout.maps(pictures))?;
        let all = all.get_or_insert_with(|| {
            Tensor::zeros([*kept as i64, outputs.size()[1]], (Kind::Float, outputs.device()))
        });
        if all.size()[1] != outputs.size()[1] {
            bail!("{} makes rows of different lengths", network.name);
        }
        let places: Vec<i64> = rows.iter().map(|row| place[*row] as i64).collect();
        let _ = all.index_copy_(0, &Tensor::from_slice(&places), &outputs);
        for (at, place) in places.into_iter().enumerate().filter(|(_, place)| *place < count) {
            first.get(place).copy_(&pictures.get(at as i64));
        }
        steps.advance(rows.len());
        Ok(())
    })?;
    let (all, range) = all.zip(range).context("has no rows")?;
    if all.isfinite().all().int64_value(&[]) == 0 {
        bail!("{} makes numbers of it that are not finite", network.name);
    }
    Ok((all, first, range))
}
