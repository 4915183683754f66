//! Tensors, tables, folders of pictures, and moments.

use std::path::PathBuf;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use safetensors::tensor::{Dtype, TensorView, serialize};
use serde_json::Value;

use super::{Files, by_metric, header, lines, npy, number, one_line, plain, score};
use crate::house::{binary, root};

fn bytes(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|x| x.to_le_bytes()).collect()
}

/// A tensor is read by its name, in double precision and in bfloat16; the files of this repository are read too.
#[test]
fn safetensors() {
    let files = Files::new();
    let [x, y] = plain();
    let (array, fake) = (files.rows("x.npy", 2, &x), files.rows("y.npy", 2, &y));
    let (x_bytes, y_bytes) = (bytes(&x), bytes(&y));
    let halves: Vec<u8> = x.iter().flat_map(|x| half::bf16::from_f64(*x).to_le_bytes()).collect();
    let views = [
        ("x", TensorView::new(Dtype::F64, vec![300, 2], &x_bytes).unwrap()),
        ("y", TensorView::new(Dtype::F64, vec![300, 2], &y_bytes).unwrap()),
        ("halves", TensorView::new(Dtype::BF16, vec![300, 2], &halves).unwrap()),
    ];
    let whole = serialize(views, None).unwrap();
    let tensors = files.bytes("many.safetensors", &whole);
    let energy = |key: &str| {
        let mut command = score(&tensors, &fake);
        command.args(["--metric", "energy", "--format", "json", "--key", key]);
        let output = command.assert().success().get_output().stdout.clone();
        number(&by_metric(&output)["energy"], "value")
    };
    let expected = number(&lines(&array, &fake, &["energy"])["energy"], "value");
    assert!((energy("x") - expected).abs() < 1e-14);
    assert!((energy("halves") - expected).abs() < 0.01);
    assert!(energy("y").abs() < 1e-14);
    let names = contains("halves, x, y").and(contains("--key")).and(one_line());
    score(&tensors, &fake).assert().code(1).stdout("").stderr(names);
    for cut in [4, 40, whole.len() - 9] {
        let short = files.bytes("short.safetensors", &whole[..cut]);
        let mut command = score(&short, &fake);
        command
            .args(["--key", "y"])
            .assert()
            .code(1)
            .stdout("")
            .stderr(contains("short.safetensors").and(one_line()));
    }
    let ours = root().join("results/mog_collapse/samples.safetensors");
    score(&ours, &fake).assert().code(1).stderr(contains("name one with --key"));
}

#[test]
fn tables_of_other_things_are_refused() {
    let files = Files::new();
    let fake = files.rows("fake.npy", 2, &plain()[1]);
    let table = root().join("results/mog_collapse/runs.parquet");
    let says = contains("runs.parquet").and(contains("no numbers")).and(one_line());
    score(&table, &fake).assert().code(1).stdout("").stderr(says);
}

/// Bytes of pictures, `[40, 3, 6, 5]`.
fn pictures(seed: usize) -> Vec<u8> {
    (0..40 * 90).map(|i| ((i * 7919 + seed * 131 + i * i % 97) % 256) as u8).collect()
}

/// Writes pictures, colours first, as files of a folder.
fn folder(files: &Files, name: &str, pictures: &[u8]) -> PathBuf {
    let folder = files.path(name);
    fs_err::create_dir_all(&folder).unwrap();
    for (i, picture) in pictures.chunks(90).enumerate() {
        let image = image::RgbImage::from_fn(5, 6, |x, y| {
            let at = |colour: u32| picture[(colour * 30 + y * 5 + x) as usize];
            image::Rgb([at(0), at(1), at(2)])
        });
        image.save(folder.join(format!("{i:03}.png"))).unwrap();
    }
    folder
}

/// A folder is the array of its pictures, whichever order of axes and range that is stored in.
#[test]
fn folders_of_pictures() {
    let files = Files::new();
    let (x, y) = (pictures(0), pictures(5));
    let of = |name: &str, descr: &str, shape: &str, bytes: &[u8]| {
        files.bytes(name, &npy(&header(descr, "False", shape), bytes))
    };
    let first = of("first.npy", "|u1", "(40, 3, 6, 5)", &x);
    let last: Vec<u8> = x
        .chunks(90)
        .flat_map(|p| (0..90).map(|i| p[(i % 3) * 30 + i / 3]).collect::<Vec<u8>>())
        .collect();
    let last = of("last.npy", "|u1", "(40, 6, 5, 3)", &last);
    let unit: Vec<u8> =
        x.iter().flat_map(|byte| (f32::from(*byte) / 255.0).to_le_bytes()).collect();
    let unit = of("unit.npy", "<f4", "(40, 3, 6, 5)", &unit);
    let (real, fake) = (folder(&files, "real", &x), folder(&files, "fake", &y));
    let energy = |real: &PathBuf| {
        let mut command = score(real, &fake);
        command.args(["--metric", "energy", "--metric", "ms_ssim", "--format", "json"]);
        let output = command.assert().success().stderr(contains("pictures of 6 x 5, 3 colours"));
        let found = by_metric(&output.get_output().stdout);
        assert!((0.0..1.0).contains(&number(&found["ms_ssim"], "value")));
        number(&found["energy"], "value")
    };
    let expected = energy(&real);
    assert!(expected > 0.0);
    for array in [&first, &last, &unit] {
        assert!((energy(array) - expected).abs() < 1e-3 * expected, "{}", array.display());
    }
    image::GrayImage::new(4, 4).save(real.join("zzz.png")).unwrap();
    let says = contains("zzz.png is 4 x 4 pixels").and(contains("resize"));
    score(&real, &fake).assert().code(1).stdout("").stderr(says);
    fs_err::write(real.join("zzz.png"), b"no picture").unwrap();
    score(&real, &fake).assert().code(1).stdout("").stderr(contains("zzz.png"));
}

/// Moments that were written stand in the place of their rows.
#[test]
fn moments_out_and_in() {
    let files = Files::new();
    let [x, y] = plain();
    let (real, fake) = (files.rows("x.npy", 2, &x), files.rows("y.npy", 2, &y));
    let expected = number(&lines(&real, &fake, &["frechet"])["frechet"], "value");
    let moments = files.path("moments.npz");
    let mut save = score(&real, &fake);
    save.args(["--save-moments"]).arg(&moments).assert().code(2);
    let mut save = assert_cmd::Command::new(crate::house::binary("score"));
    save.arg("--real").arg(&real).arg("--save-moments").arg(&moments).assert().success();
    let mut command = score(&moments, &fake);
    let output = command.args(["--format", "json"]).assert().success();
    let found = by_metric(&output.get_output().stdout);
    assert!((number(&found["frechet"], "value") - expected).abs() < 1e-9);
    score(&moments, &moments).args(["--metric", "energy"]).assert().code(1).stdout("");
}

/// The lines of Python in the README, run as they stand there, print the numbers of `--format json`.
#[test]
fn the_lines_of_python() {
    let files = Files::new();
    let [x, y] = plain();
    let (real, fake) = (files.rows("data.npy", 2, &x), files.rows("samples.npy", 2, &y));
    let expected = &lines(&real, &fake, &["frechet"])["frechet"];
    let readme = fs_err::read_to_string(root().join("tools/score/README.md")).unwrap();
    let code = readme.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    fs_err::create_dir_all(files.path("target/release")).unwrap();
    let there = files.path("target/release/score");
    std::os::unix::fs::symlink(binary("score"), there).unwrap();
    let mut python = Command::new("python3");
    python.args(["-c", code]).current_dir(files.path(".")).env("OMP_NUM_THREADS", "1");
    let printed = python.assert().success();
    let printed = String::from_utf8_lossy(&printed.get_output().stdout).into_owned();
    let numbers: Vec<f64> =
        printed.split_whitespace().take(3).map(|word| word.parse().unwrap()).collect();
    assert_eq!(numbers, ["value", "low", "high"].map(|name| number(expected, name)));
}

/// Numbers of unlike protocols are not set against each other; those of one are.
#[test]
fn protocols_must_be_alike() {
    let files = Files::new();
    let [x, y] = plain();
    let (real, fake) = (files.rows("x.npy", 2, &x), files.rows("y.npy", 2, &y));
    let run = |more: &[&str]| {
        let mut command = score(&real, &fake);
        command.args(["--metric", "energy", "--format", "json"]).args(more);
        command.assert()
    };
    let first = run(&[]).success().get_output().stdout.clone();
    let report: Value = serde_json::from_slice(&first).unwrap();
    assert_eq!(report["protocol"]["real"]["shape"], serde_json::json!([300, 2]));
    let earlier = files.bytes("earlier.json", &first);
    let against = ["--against", earlier.to_str().unwrap()];
    let same = run(&against).success().get_output().stdout.clone();
    let same: Value = serde_json::from_slice(&same).unwrap();
    assert_eq!(same["changes"][0]["before"], same["changes"][0]["now"]);
    let refused = |more: &[&str], field: &str| {
        let says = contains("another protocol").and(contains(field));
        run(&[&against[..], more].concat()).code(1).stdout("").stderr(says);
    };
    refused(&["--seed", "3"], "seed");
    refused(&["--standardise"], "standardised");
    refused(&["--limit", "100"], "limit");
    files.rows("x.npy", 2, &y);
    refused(&[], "real.blake3");
}

/// How pictures were read is of the protocol: numbers of 0 to 1 and of 0 to 255 do not compare.
#[test]
fn protocols_know_how_pictures_were_read() {
    let files = Files::new();
    let [real, fake] = [0, 5].map(|seed| {
        let unit =
            pictures(seed).into_iter().flat_map(|byte| (f32::from(byte) / 255.0).to_le_bytes());
        let array = npy(&header("<f4", "False", "(40, 3, 6, 5)"), &unit.collect::<Vec<u8>>());
        files.bytes(&format!("{seed}.npy"), &array)
    });
    let mut first = score(&real, &fake);
    first.args(["--metric", "energy", "--format", "json"]);
    let earlier = files.bytes("earlier.json", &first.assert().success().get_output().stdout);
    let mut again = score(&real, &fake);
    again.args(["--metric", "energy", "--images", "--against"]).arg(&earlier);
    again.assert().code(1).stdout("").stderr(contains("real.range"));
}

/// Grey pictures are grey with an alpha channel too; what is see-through lies on black.
#[test]
fn grey_pictures_with_alpha() {
    let files = Files::new();
    let folder = |name: &str, seed: usize, with_alpha: bool| {
        let folder = files.path(name);
        fs_err::create_dir_all(&folder).unwrap();
        for (i, picture) in pictures(seed).chunks(30).take(40).enumerate() {
            let file = folder.join(format!("{i:03}.png"));
            let at = |x, y| picture[(y * 5 + x) as usize];
            if with_alpha && i % 2 == 1 {
                let pixel = |x, y| image::LumaA([at(x, y), if x == 0 { 0 } else { 255 }]);
                image::GrayAlphaImage::from_fn(5, 6, pixel).save(file).unwrap();
            } else {
                let on_black = |x, y| if i % 2 == 1 && x == 0 { 0 } else { at(x, y) };
                image::GrayImage::from_fn(5, 6, |x, y| image::Luma([on_black(x, y)]))
                    .save(file)
                    .unwrap();
            }
        }
        folder
    };
    let fake = folder("fake", 5, false);
    let of = |real: &PathBuf| number(&lines(real, &fake, &["energy"])["energy"], "value");
    let expected = of(&folder("plain", 0, false));
    assert!(expected > 0.0);
    assert!((of(&folder("alpha", 0, true)) - expected).abs() < 1e-12);
}

/// Moments are of all rows as they are: flags that would say otherwise are refused, and so is a range that only the
/// first block of rows has.
#[test]
fn moments_refuse_what_they_would_not_do() {
    let files = Files::new();
    let save = |array: &PathBuf, more: &[&str]| {
        let mut save = assert_cmd::Command::new(binary("score"));
        save.arg("--real").arg(array).arg("--save-moments").arg(files.path("moments.npz"));
        save.args(more).assert()
    };
    let rows = files.rows("x.npy", 2, &plain()[0]);
    for more in [&["--limit", "100"][..], &["--standardise"]] {
        save(&rows, more).code(1).stdout("").stderr(contains(more[0]));
    }
    let before = fs_err::read(&rows).unwrap();
    let mut onto = assert_cmd::Command::new(binary("score"));
    onto.arg("--real").arg(&rows).arg("--save-moments").arg(&rows);
    onto.assert().code(1).stdout("").stderr(contains("x.npy is what --real names"));
    assert_eq!(fs_err::read(&rows).unwrap(), before);
    let late: Vec<u8> = (0..3_000 * 4)
        .flat_map(|i: i32| (if i < 11_000 { 0.5_f32 } else { -0.5 }).to_le_bytes())
        .collect();
    let shape = header("<f4", "False", "(3000, 1, 2, 2)");
    let pictures = files.bytes("pictures.npy", &npy(&shape, &late));
    save(&pictures, &["--images"]).code(1).stdout("").stderr(contains("--range"));
    save(&pictures, &["--images", "--range", "symmetric"]).success();
}
