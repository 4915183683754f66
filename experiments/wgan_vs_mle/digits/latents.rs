//! Where does a flow send real images, and what do their latents mean? (D5)

use lab::figure::{Axis, Title};
use lab::{Claim, Figure, Region, Results, Row};
use shared::chart::{dots, panel};
use shared::claim;
use shared::contrast::difference;

use super::{LEARNT, NICE, nice, rows, updates_learnt};
use crate::chart::{Series, pictures, profile};
use crate::config::Config;
use crate::{DANIHELKA_TOLD, ENOUGH, HYBRID, LIKELIHOOD, UPDATES, WGAN, pictured, updates};

pub(super) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let [wgan, mle] = [WGAN, LIKELIHOOD].map(|way| rows(results, NICE, way));
    vec![
        claim("flow.D5", "The latents of real images are nearer to the prior under maximum likelihood than under a WGAN.")
            .published(DANIHELKA_TOLD, "a reader's notes", None)
            .measured("Kolmogorov-Smirnov distance of the latents of test images to the prior (`latent_kolmogorov_smirnov`), digits, NICE, WGAN-GP minus maximum likelihood")
            .figure("latents.svg")
            .gate(UPDATES, ENOUGH, updates(&[&wgan, &mle]))
            .mean(Region::Above(0.05), &difference((&wgan, &mle), "latent_kolmogorov_smirnov")),
        claim("flow.D5b", "Drawing half of an image's latent afresh ruins the image under a WGAN more than under maximum likelihood.")
            .published(DANIHELKA_TOLD, "a reader's notes", None)
            .measured("Frechet distance to test images of test images with half of the latent redrawn (`redraw_50_frechet`), digits, NICE, WGAN-GP minus maximum likelihood")
            .figure("redrawn.png")
            .gate(LEARNT, ENOUGH, updates_learnt(&[&wgan, &mle]))
            .mean(Region::Above(0.0), &difference((&wgan, &mle), "redraw_50_frechet")),
    ]
}

pub(super) fn figures(results: &Results<Config>) -> Vec<Figure> {
    std::iter::once(latents(results)).chain(redrawn(results)).collect()
}

/// Two coordinates of the latents of test images.
fn latents(results: &Results<Config>) -> Figure {
    let one = |Series { name, colour, rows }: Series| {
        let row = pictured(&rows);
        let latents = row.and_then(|row| row.samples.get("latents"));
        let points = latents.map_or_else(Vec::new, lab::Array::to_points);
        let square = row.and_then(|row| row.value("latent_square")).unwrap_or(f64::NAN);
        let title = format!("{name}: {square:.1} of the prior's variance");
        let [x, y] = ["first coordinate", "second coordinate"]
            .map(|label| Axis::new(label).within(-25.0, 25.0));
        panel(&title, x, y, vec![dots(colour, 2, 0.6, points)])
    };
    Figure {
        name: "latents".into(),
        title: Title::new("Where the flow sends real images").if_reproduced(
            "flow.D5",
            "Real images have codes farther from the prior under a WGAN than under maximum likelihood",
        ),
        caption: format!(
            "{}; 8 x 8 digits, NICE, seed 0: two of the 64 coordinates of the latents of 300 test images. In \
             titles the mean square of all coordinates over that of the logistic prior.",
            profile(results)
        ),
        columns: 3,
        height: 260,
        panels: nice(results).map(one).into(),
    }
}

/// Test images with half of their latent drawn afresh.
fn redrawn(results: &Results<Config>) -> Option<Figure> {
    let row = |way| pictured(&rows(results, NICE, way));
    let (mle, wgan, hybrid) = (row(LIKELIHOOD)?, row(WGAN)?, row(HYBRID)?);
    let kept = |row: &Row<Config>| row.value("redraw_50_label").unwrap_or(f64::NAN) * 100.0;
    let panels = [
        pictures("test images", mle, "data"),
        pictures(&format!("likelihood, {:.0} % keep their class", kept(mle)), mle, "redrawn"),
        pictures(&format!("WGAN-GP, {:.0} %", kept(wgan)), wgan, "redrawn"),
        pictures(&format!("hybrid, {:.0} %", kept(hybrid)), hybrid, "redrawn"),
    ];
    Some(Figure {
        name: "redrawn".into(),
        title: Title::new("Half of the latent drawn afresh").if_reproduced(
            "flow.D5b",
            "Half of the latent drawn afresh ruins the WGAN's image more",
        ),
        caption: format!(
            "{}, seed 0, 8 x 8 digits, NICE: a test image is encoded, half of the coordinates of its latent are \
             drawn from the prior, and the result is decoded.",
            profile(results)
        ),
        columns: 4,
        height: 200,
        panels: panels.into_iter().collect::<Option<_>>()?,
    })
}
