//! What a person sees of images.

use lab::figure::{Axis, Scale};
use lab::{Array, Figure, Results};
use shared::chart::{Group, ranking, seeds_of, sheet};
use shared::contrast::values;
use shared::pictures::Pictures;

use super::{Config, SETS, arm_name, methods};

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    // The short runs of `quick` are pictures alone.
    let short = results.rows.iter().all(|row| row.arm.ends_with("/short"));
    let mut figures = if short { Vec::new() } else { vec![scores(results), codes(results)] };
    figures.extend(sheets(results));
    figures
}

/// Scores of every run, with that of real images.
fn scores(results: &Results<Config>) -> Figure {
    let columns = [
        ("frechet", logarithmic("Frechet distance"), "real_frechet"),
        ("precision", Axis::new("precision").high_is_better(), "real_precision"),
        ("class_score", Axis::new("class score").high_is_better(), "real_class_score"),
        ("ms_ssim", Axis::new("MS-SSIM of pairs"), "real_ms_ssim"),
        ("independent_critic", Axis::new("independent critic").low_is_better(), ""),
        ("modes_held", Axis::new("share of 1000 modes held").high_is_better(), "real_modes_held"),
    ];
    grid(results, "image_scores", "Images, scored in six ways", &columns, |_| true)
}

/// An axis of decades whose lower end is the better one.
fn logarithmic(label: &str) -> Axis {
    Axis::new(label).low_is_better().scaled(Scale::Log)
}

/// Codes and reconstructions of the methods that encode.
fn codes(results: &Results<Config>) -> Figure {
    let columns = [
        ("code_energy", logarithmic("codes' energy distance from the prior"), ""),
        ("code_kl_bound", Axis::new("KL of all codes, at least (nats)").low_is_better(), ""),
        ("reconstruction", logarithmic("squared error of a pixel"), ""),
        ("reconstruction_of_features", logarithmic("the same in features"), ""),
        ("precision_of_rare", Axis::new("precision, rare codes").high_is_better(), ""),
        ("precision_of_frequent", Axis::new("precision, frequent codes").high_is_better(), ""),
    ];
    grid(results, "image_codes", "Codes and reconstructions of test images", &columns, |is_gan| {
        !is_gan
    })
}

fn grid(
    results: &Results<Config>,
    name: &str,
    title: &str,
    columns: &[(&str, Axis, &str)],
    keeps: impl Fn(bool) -> bool,
) -> Figure {
    let mut panels = Vec::new();
    let mut tallest = 0;
    for pictures in SETS {
        let chosen: Vec<_> =
            methods(pictures).into_iter().filter(|(_, method)| keeps(method.is_gan())).collect();
        tallest = tallest.max(chosen.len() as u32);
        for (i, (metric, axis, real)) in columns.iter().enumerate() {
            let group = |(name, method): &crate::method::Named| -> Group {
                let found = values(&results.arm(&arm_name(pictures, name)), metric);
                let found = found.into_iter().filter(|x| axis.scale == Scale::Linear || *x > 0.0);
                (name.replace("alpha-GAN-", ""), method.colour(), found.collect())
            };
            let groups: Vec<Group> = chosen.iter().map(group).collect();
            let first = chosen.first().map(|(name, _)| results.arm(&arm_name(pictures, name)));
            let marks = values(&first.unwrap_or_default(), real);
            let marks: Vec<f64> = marks.first().copied().into_iter().collect();
            let heading = if i == 0 { set_name(pictures) } else { String::new() };
            panels.push(ranking(&heading, axis.clone(), &groups, &marks));
        }
    }
    Figure {
        name: name.into(),
        title: title.into(),
        caption: format!(
            "{}: each a dot; bars: medians with 95 % bootstrap intervals. Dashed: real test images.",
            seeds_of(results)
        ),
        columns: 3,
        height: 70 + 18 * tallest,
        panels,
    }
}

fn set_name(pictures: Pictures) -> String {
    format!("{}{}", if pictures.stacked { "stacked " } else { "" }, pictures.set.folder())
}

/// Pictures of the first seed: samples, reconstructions and paths, rare and frequent codes; none where no run has kept some.
fn sheets(results: &Results<Config>) -> Vec<Figure> {
    // The short runs of `quick` stand for their methods where there are no others.
    let kept = |pictures, method: &str, array: &str| -> Option<Array> {
        let name = arm_name(pictures, method);
        [name.clone(), format!("{name}/short")].iter().find_map(|name| {
            results.arm(name).iter().find_map(|row| row.samples.get(array)).cloned()
        })
    };
    let of_method = |pictures, method: &str, label: &str, (arrays, across): (&[&str], usize)| {
        let found: Option<Vec<Array>> =
            arrays.iter().map(|array| kept(pictures, method, array)).collect();
        let title = format!("{}: {label}", set_name(pictures));
        found.map(|found| {
            let bytes: Vec<u8> = found.iter().flat_map(|array| array.bytes.clone()).collect();
            sheet(&title, [1, 2, 3].map(|axis| found[0].shape[axis]), &bytes, across)
        })
    };
    let figure = |(name, title, caption): (&str, &str, &str), arrays: &[&str], across, columns| {
        let mut panels = Vec::new();
        for pictures in SETS {
            let all = methods(pictures);
            if arrays == ["samples"] {
                for (array, label) in [("real", "real"), ("gaussian", "one Gaussian in pixels")] {
                    panels.extend(all.iter().find_map(|(method, _)| {
                        of_method(pictures, method, label, (&[array], across))
                    }));
                }
            }
            panels.extend(
                all.iter().filter_map(|(method, _)| {
                    of_method(pictures, method, method, (arrays, across))
                }),
            );
        }
        (!panels.is_empty()).then(|| Figure {
            name: name.into(),
            title: title.into(),
            caption: caption.into(),
            columns,
            height: SHEET_HEIGHT,
            panels,
        })
    };
    let all = [
        figure(
            (
                "image_samples",
                "Samples at the last update",
                "The first seed, not chosen; means of decoders. First of each set: real images and the trivial generator.",
            ),
            &["samples"],
            6,
            4,
        ),
        figure(
            (
                "image_reconstructions",
                "Test images, what comes back of them, and paths between the codes of test images",
                "The first seed and the first test images drawn. First row: real; second: reconstructed; below: from one code to another.",
            ),
            &["originals", "reconstructed", "between"],
            8,
            3,
        ),
        figure(
            (
                "image_rare",
                "Prior codes that the encoder uses most, above, and least, below",
                "The first seed: of 10,000 codes of the prior the sixteen with the largest and with the least ratio of the codes' density to the prior's.",
            ),
            &["frequent", "rare"],
            8,
            3,
        ),
    ];
    all.into_iter().flatten().collect()
}

/// Pixels of a panel of images.
const SHEET_HEIGHT: u32 = 200;
