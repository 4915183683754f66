//! What is measured of pictures alone.

use anyhow::{Result, bail};
use gan::metric::{class_scores, mean_pairwise_similarity};
use tch::{Kind, Tensor};

use crate::estimate::{Context, Estimate, GROUPS, Pair, without};

/// Pictures that a classifier takes at a time.
const BATCH: i64 = 64;

pub(super) fn ssim_misfit(context: &Context, _: usize) -> Option<String> {
    context.pictures.is_none().then(|| {
        "the rows are not known to be pictures; give arrays of four axes, or folders".to_owned()
    })
}

/// How alike pairs of fake pictures are; that of the real ones stands in the note.
pub(super) fn similarity(pair: &Pair, context: &Context) -> Result<Estimate> {
    let (Some((real, fakes)), Some(which)) = (&context.pictures, pair.which) else {
        bail!("there are no pictures")
    };
    let of = |rows: &Tensor, shape| mean_pairwise_similarity(rows, shape);
    let fake = fakes[which];
    let whole = of(&fake.rows, fake.shape);
    let part = |group| of(&without(&fake.rows, group, GROUPS), fake.shape);
    let parts = (0..pair.groups).map(part).collect();
    let count = fake.rows.size()[0];
    let note = format!("of {count} pictures; of the real ones {:.4}", of(&real.rows, real.shape));
    Ok(Estimate { parts, note: Some(note), ..Estimate::from(whole) })
}

pub(super) fn class_misfit(context: &Context, _: usize) -> Option<String> {
    let Some(((real, _), _)) = context.pictures.as_ref().zip(context.classifier) else {
        return Some(
            "it needs pictures and a classifier (--classifier FILE.pt --trust-code)".to_owned(),
        );
    };
    // Of a network's features, or of standardised columns, the pictures are not there any more.
    let as_they_are =
        real.rows.size()[1] == context.frame.dim() as i64 && !context.frame.is_standardised();
    (!as_they_are)
        .then(|| "it needs the pictures as they are; leave --features and --standardise out".into())
}

/// `exp(E KL(p(y|x) | p(y)))` of the fake pictures by the classifier's logits; that of the real ones in the note.
pub(super) fn class_score(pair: &Pair, context: &Context) -> Result<Estimate> {
    let (Some((real, _)), Some(network)) = (&context.pictures, context.classifier) else {
        bail!("there is no classifier")
    };
    let shape = real.shape;
    let probabilities = |rows: &Tensor| -> Result<Tensor> {
        let raw = context.frame.raw(rows);
        let maps = raw.reshape([-1, shape.channels, shape.height, shape.width]);
        let logits: Result<Vec<Tensor>> =
            maps.split(BATCH, 0).iter().map(|some| network.outputs(some)).collect();
        Ok(Tensor::cat(&logits?, 0).softmax(1, Kind::Double))
    };
    let score = |p: &Tensor| {
        let marginal = p.mean_dim([0i64].as_slice(), false, None::<Kind>);
        class_scores(&p.unsqueeze(0), &marginal)[0].double_value(&[0])
    };
    let (of_real, of_fake) = (probabilities(pair.real)?, probabilities(pair.fake)?);
    let part = |group| score(&without(&of_fake, group, GROUPS));
    let parts = (0..pair.groups).map(part).collect();
    let note = format!("by {}; of the real ones {:.4}", network.name, score(&of_real));
    Ok(Estimate { parts, note: Some(note), ..Estimate::from(score(&of_fake)) })
}
