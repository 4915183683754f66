//! Moments instead of rows: written once, read often, and all that is held of files larger than memory.

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result, bail};
use gan::device::to_vec;
use gan::metric::RowMoments;
use serde_json::json;
use tch::{Kind, Tensor};
use zip::ZipWriter;
use zip::write::FileOptions;

use crate::args::{Args, Format};
use crate::features::Network;
use crate::input::{array_of, has_moments, hash, holds};
use crate::metrics::of_moments;
use crate::report::{print, say};
use crate::sample::{self, Arrays};

/// Writes the moments of the real rows to an archive, `mu`, `sigma` and the number of `rows`.
pub(crate) fn save(args: &Args, network: Option<&Network>, file: &Path) -> Result<()> {
    if args.limit.is_some() || args.standardise {
        bail!("--save-moments takes all rows as they are; leave out --limit and --standardise");
    }
    if file.canonicalize().is_ok_and(|own| args.real.canonicalize().is_ok_and(|real| real == own)) {
        bail!("{} is what --real names; give the moments a file of their own", file.display());
    }
    // Before the rows, which may take hours.
    let beside = tempfile_beside(file)?;
    let (moments, rows) = of_rows(args, network, &args.real)?;
    let mut archive = ZipWriter::new(beside);
    let covariance = moments.covariance();
    let count = Tensor::from_slice(&[rows as f64]);
    for (name, array) in [("mu", &moments.mean), ("sigma", &covariance), ("rows", &count)] {
        archive.start_file(format!("{name}.npy"), FileOptions::default())?;
        archive.write_all(&npy(array)).context("cannot be written")?;
    }
    let written = archive.finish().with_context(|| file.display().to_string())?;
    written.persist(file).with_context(|| format!("{} cannot be written", file.display()))?;
    say(&format!(
        "{}: moments of {rows} rows of {} columns",
        file.display(),
        moments.mean.size()[0]
    ));
    Ok(())
}

fn tempfile_beside(file: &Path) -> Result<tempfile::NamedTempFile> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o644))
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .with_context(|| format!("{} cannot be written", file.display()))
}

/// The bytes of a .npy file of doubles.
fn npy(array: &Tensor) -> Vec<u8> {
    let sizes: Vec<String> = array.size().iter().map(i64::to_string).collect();
    let sizes = sizes.join(", ") + ",";
    let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({sizes}), }}");
    let padded =
        format!("{header:<width$}\n", width = (header.len() + 11).next_multiple_of(64) - 11);
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((padded.len() as u16).to_le_bytes());
    bytes.extend(padded.bytes());
    bytes.extend(to_vec(&array.to_kind(Kind::Double)).iter().flat_map(|x| x.to_le_bytes()));
    bytes
}

/// Scores moments with moments, or with rows as they stream by: the Frechet distance alone, without an interval.
pub(crate) fn score(args: &Args, network: Option<&Network>) -> Result<bool> {
    let refused = args.metric.iter().filter(|name| *name != "frechet");
    let mut whole = true;
    for name in refused {
        say(&format!("{name}: left out, of moments there is the Frechet distance alone"));
        whole = false;
    }
    if args.train.is_some() || args.against.is_some() || args.standardise {
        bail!("--train, --against and --standardise need rows, and moments have none");
    }
    if !args.metric.is_empty() && !args.metric.iter().any(|name| name == "frechet") {
        return Ok(false);
    }
    let (real, real_rows) = of_path(args, network, &args.real)?;
    let mut lines = Vec::new();
    for (which, path) in args.fake.iter().enumerate() {
        let (fake, rows) = of_path(args, network, path)?;
        if fake.mean.size() != real.mean.size() {
            let [n, m] = [&real, &fake].map(|moments| moments.mean.size()[0]);
            bail!("{} has {n} columns, {} has {m}", args.real.display(), path.display());
        }
        let value = of_moments(&real, &fake);
        if !value.is_finite() {
            bail!("{}: the distance came out as no number", path.display());
        }
        lines.push(json!({
            "fake": which, "metric": "frechet", "value": value, "rows": [real_rows, rows],
            "low": null, "high": null, "biased": true, "floor": null, "p_value": null,
            "note": "of moments, which give no interval and no floor",
        }));
    }
    let sides: Result<Vec<_>> = std::iter::once(&args.real)
        .chain(&args.fake)
        .map(|path| Ok(json!({"path": path.display().to_string(), "blake3": hash(path)?})))
        .collect();
    let sides = sides?;
    let network = network.map(|network| network.protocol().clone());
    let protocol = json!({
        "version": shared::VERSION, "features": args.features, "network": network,
        "real": sides[0], "fake": sides[1..],
    });
    print(&match args.format {
        Format::Json => {
            let report =
                json!({"protocol": protocol, "metrics": lines, "differences": [], "warnings": []});
            serde_json::to_string_pretty(&report)? + "\n"
        }
        Format::Table => {
            let row = |line: &serde_json::Value| {
                let name = args.fake[line["fake"].as_u64().unwrap_or(0) as usize].display();
                format!(
                    "frechet  {:.6}  {name}; of moments, no interval\n",
                    line["value"].as_f64().unwrap_or(0.0)
                )
            };
            lines.iter().map(row).collect()
        }
    })?;
    Ok(whole)
}

/// The moments of a path and how many rows they are of, if that is known.
fn of_path(
    args: &Args,
    network: Option<&Network>,
    path: &Path,
) -> Result<(RowMoments, Option<usize>)> {
    if !has_moments(path) {
        let (moments, rows) = of_rows(args, network, path)?;
        return Ok((moments, Some(rows)));
    }
    let show = path.display();
    let (mean, covariance) = (array_of(path, "mu")?, array_of(path, "sigma")?);
    let size = mean.size();
    if size.len() != 1 || covariance.size() != [size[0], size[0]] {
        bail!(
            "{show}: mu is {size:?} and sigma {:?}, and should be [n] and [n, n]",
            covariance.size()
        );
    }
    let scale = covariance.abs().max().double_value(&[]);
    let skew = (&covariance - covariance.tr()).abs().max().double_value(&[]);
    if skew > 1e-6 * scale {
        bail!("{show}: sigma is not symmetric");
    }
    let least = covariance.linalg_eigvalsh("L").min().double_value(&[]);
    if least < -1e-6 * scale {
        bail!("{show}: sigma has an eigenvalue of {least:.1e}, and a covariance has none below 0");
    }
    let rows = holds(path, &["rows"]).then(|| array_of(path, "rows")).transpose()?;
    let rows = rows.map(|rows| rows.reshape([-1]));
    if rows.as_ref().is_some_and(|rows| rows.numel() != 1) {
        bail!("{show}: rows is of several numbers, and should be of one");
    }
    let rows = rows.map(|rows| rows.double_value(&[0]));
    if let Some(rows) = rows.filter(|rows| *rows < 2.0) {
        bail!("{show}: rows is {rows}, and a covariance needs two or more");
    }
    let moments = RowMoments::given(rows.unwrap_or(f64::from(u32::MAX)), mean, &covariance);
    Ok((moments, rows.map(|rows| rows as usize)))
}

fn of_rows(args: &Args, network: Option<&Network>, path: &Path) -> Result<(RowMoments, usize)> {
    let key = args.key.as_deref().filter(|_| crate::input::has_names(path));
    let arrays = Arrays { images: args.images, order: args.order, range: args.range };
    sample::moments(path, key, network, arrays)
}
