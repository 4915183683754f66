//! Features of networks: whose code runs, what they take, and what was computed before.

use predicates::prelude::*;
use predicates::str::contains;
use tch::{CModule, Device, Kind, Tensor};

use super::{Files, by_metric, header, npy, number, one_line, score};

/// A network that averages each colour, as TorchScript.
fn network(files: &Files) -> std::path::PathBuf {
    let example = Tensor::zeros([1, 3, 8, 8], (Kind::Float, Device::Cpu));
    let mut averages = |x: &[Tensor]| vec![x[0].mean_dim([2i64, 3].as_slice(), false, Kind::Float)];
    let module = CModule::create_by_tracing("network", "forward", &[example], &mut averages);
    let path = files.path("network.pt");
    module.unwrap().save(&path).unwrap();
    path
}

#[test]
fn features_of_a_network() {
    let files = Files::new();
    let network = network(&files);
    let bytes = |seed: usize| -> Vec<u8> {
        (0..50 * 192).map(|i| ((i * 7919 + seed * i * 31 + i / 192 * 13) % 256) as u8).collect()
    };
    let array = |name: &str, bytes: &[u8]| {
        files.bytes(name, &npy(&header("|u1", "False", "(50, 3, 8, 8)"), bytes))
    };
    let (x, y) = (bytes(1), bytes(2));
    let (real, fake) = (array("real.npy", &x), array("fake.npy", &y));
    let run = || {
        let mut command = score(&real, &fake);
        command.arg("--features").arg(&network).arg("--cache").arg(files.path("cache"));
        command.args(["--metric", "energy", "--format", "json"]);
        command
    };
    let untrusted = contains("is a program").and(contains("--trust-code")).and(one_line());
    run().assert().code(1).stdout("").stderr(untrusted);
    let first = run().arg("--trust-code").assert().success();
    let found = number(&by_metric(&first.get_output().stdout)["energy"], "value");
    // The same by hand: the mean of each colour, in -1 to 1.
    let means = |bytes: &[u8]| -> Vec<f64> {
        let mean = |map: &[u8]| map.iter().map(|x| f64::from(*x)).sum::<f64>() / 64.0;
        bytes.chunks(64).map(|map| mean(map) / 127.5 - 1.0).collect()
    };
    let (a, b) = (files.rows("a.npy", 3, &means(&x)), files.rows("b.npy", 3, &means(&y)));
    let expected = number(&super::lines(&a, &b, &["energy"])["energy"], "value");
    assert!((found - expected).abs() < 1e-5 * expected.abs() + 1e-7, "{found} for {expected}");
    let again = run().arg("--trust-code").assert().success().stderr(contains("from the cache"));
    assert_eq!(again.get_output().stdout, first.get_output().stdout);
    let other = run().args(["--trust-code", "--resize", "4"]).assert().success();
    other.stderr(contains("of another network or resizing"));
}

/// The class score is that of the classifier's probabilities by hand; of features instead of pictures there is none.
#[test]
fn the_score_of_a_classifier() {
    let files = Files::new();
    let classifier = network(&files);
    let (rows, pixels) = (40, 16);
    let bytes: Vec<u8> = (0..rows * 3 * pixels).map(|i| (i * 7919 % 251) as u8).collect();
    let bright: Vec<u8> = (0..rows * 3 * pixels)
        .map(|i| if i / pixels % 3 == i / (3 * pixels) % 3 { 255 } else { 0 })
        .collect();
    let array = |name: &str, bytes: &[u8]| {
        files.bytes(name, &npy(&header("|u1", "False", &format!("({rows}, 3, 4, 4)")), bytes))
    };
    let (real, fake) = (array("real.npy", &bytes), array("fake.npy", &bright));
    let run = |more: &[&str]| {
        let mut command = score(&real, &fake);
        command.arg("--classifier").arg(&classifier).arg("--trust-code").args(more);
        command.args(["--metric", "class_score", "--format", "json", "--no-cache"]);
        command
    };
    let found = run(&[]).assert().success();
    let found = number(&by_metric(&found.get_output().stdout)["class_score"], "value");
    let probabilities: Vec<Vec<f64>> = bright
        .chunks(3 * pixels)
        .map(|picture| {
            let mean = |map: &[u8]| map.iter().map(|x| f64::from(*x)).sum::<f64>() / pixels as f64;
            let weights: Vec<f64> =
                picture.chunks(pixels).map(|map| (mean(map) / 127.5 - 1.0).exp()).collect();
            let sum: f64 = weights.iter().sum();
            weights.iter().map(|weight| weight / sum).collect()
        })
        .collect();
    let marginal = |class: usize| probabilities.iter().map(|p| p[class]).sum::<f64>() / rows as f64;
    let divergence = |p: &Vec<f64>| {
        p.iter().enumerate().map(|(class, p)| p * (p / marginal(class)).ln()).sum::<f64>()
    };
    let expected = (probabilities.iter().map(divergence).sum::<f64>() / rows as f64).exp();
    assert!((found / expected - 1.0).abs() < 1e-5 && expected > 1.1, "{found} for {expected}");
    let says = contains("leave --features and --standardise out");
    run(&["--standardise"]).assert().code(1).stderr(says.clone());
    let network = classifier.to_str().unwrap();
    run(&["--features", network]).assert().code(1).stderr(says);
}

/// A file under the pinned network's name is loaded only if it is that network.
#[test]
fn only_the_pinned_network_is_run() {
    let files = Files::new();
    let pictures = npy(&header("|u1", "False", "(20, 3, 2, 2)"), &[7; 240]);
    let pictures = files.bytes("pictures.npy", &pictures);
    let place = files.path(".deps/inception");
    fs_err::create_dir_all(&place).unwrap();
    fs_err::copy(network(&files), place.join("inception.pt")).unwrap();
    let mut command = score(&pictures, &pictures);
    command.current_dir(files.path(".")).args(["--features", "inception"]);
    let says = contains("is not loaded").and(contains("setup.py inception")).and(one_line());
    command.assert().code(1).stdout("").stderr(says);
}

#[test]
fn what_is_no_network() {
    let files = Files::new();
    let text = files.bytes("text.pt", b"no network");
    let rows = files.rows("rows.npy", 2, &super::plain()[0]);
    let mut command = score(&rows, &rows);
    command.arg("--features").arg(&text).arg("--trust-code");
    command.assert().code(1).stderr(contains("text.pt: is no TorchScript").and(one_line()));
    let mut command = score(&rows, &rows);
    command.args(["--features", "nonsense"]).assert().code(1).stderr(contains("nonsense"));
    // Rows of numbers are no pictures.
    let mut command = score(&rows, &rows);
    command.arg("--features").arg(network(&files)).args(["--trust-code", "--no-cache"]);
    command.assert().code(1).stderr(contains("pictures are").and(one_line()));
}
