//! Tables of claims in Markdown: the scoreboard of all experiments, and the table of one README.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::claim::{Claim, Judged, Region};
use crate::files::write_atomically;
use crate::manifest::Manifest;
use crate::report::CLAIMS;

/// Where a README's claim table starts and ends.
const BEGIN: &str = "<!-- claims: begin, written by `report` -->";
const END: &str = "<!-- claims: end -->";

/// Writes `<out>/README.md` from the claims of every experiment below `out`. Where `out` is not the
/// reference, each claim stands beside the reference's.
///
/// # Errors
/// If stored claims are damaged, or the file cannot be written.
pub(crate) fn write(out: &Path, reference: &Path) -> Result<()> {
    let own = out.canonicalize().ok() == reference.canonicalize().ok();
    let mut text = String::from("# Scoreboard\n\n");
    text.push_str(if own {
        "Every claim that this repository tests, with the source's own number, ours with its 95 % \
         interval over training seeds, and the verdict by the rule that the experiment's README fixed \
         before the sweep.\nWritten by `make report`; do not edit.\n"
    } else {
        "Your reproduction beside the committed reference.\n\"Agree\" means that verdicts are the same \
         and intervals overlap; seeds are the same, so on the same kind of processor they are equal.\n"
    });
    let mut names = Vec::new();
    for entry in fs_err::read_dir(out)? {
        let entry = entry?;
        if entry.path().join(CLAIMS).exists() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    for name in names {
        let folder = out.join(&name);
        let claims = read(&folder)?;
        let Some(manifest) = Manifest::read(&folder)? else {
            bail!("{} has claims but no manifest", folder.display());
        };
        let runs: usize = manifest.runs.values().sum();
        let diverged = manifest.runs.get("diverged").unwrap_or(&0);
        let profile = manifest.profile.name();
        write!(
            text,
            "\n## {name}\n\nProfile `{profile}`, {runs} runs of which {diverged} diverged, on {} ({}, {}).\n\
             Command: `make run EXP={name} PROFILE={profile}`.\n",
            manifest.origins_by(|origin| &origin.cpu),
            manifest.origins_by(|origin| &origin.backend),
            manifest.origins_by(|origin| &origin.device)
        )?;
        let (done, planned) = manifest.cells;
        if done < planned {
            writeln!(text, "**Incomplete: {done} of {planned} planned cells.**")?;
        }
        text.push('\n');
        let reference = if own { None } else { read(&reference.join(&name)).ok() };
        text.push_str(&table(&claims, reference.as_deref(), &format!("{name}/figures/"), own));
    }
    write_atomically(&out.join("README.md"), text.as_bytes())
}

/// Rewrites the claim table between the markers of an experiment's README.
///
/// # Errors
/// If the README lacks the markers or cannot be written.
pub(crate) fn update_readme(readme: &Path, name: &str, claims: &[Judged]) -> Result<()> {
    let text = fs_err::read_to_string(readme)?;
    let parts = text
        .split_once(BEGIN)
        .and_then(|(head, rest)| rest.split_once(END).map(|(_, tail)| (head, tail)));
    let (head, tail) = parts
        .with_context(|| format!("{} lacks the lines `{BEGIN}` and `{END}`", readme.display()))?;
    let figures = format!("../../results/{name}/figures/");
    let body = table(claims, None, &figures, true);
    write_atomically(readme, format!("{head}{BEGIN}\n{body}{END}{tail}").as_bytes())
}

/// Reads the judged claims of one experiment's folder.
pub(crate) fn read(folder: &Path) -> Result<Vec<Judged>> {
    let path = folder.join(CLAIMS);
    let claims = serde_json::from_slice(&fs_err::read(&path)?);
    claims.with_context(|| format!("{} is damaged", path.display()))
}

fn table(claims: &[Judged], reference: Option<&[Judged]>, figures: &str, own: bool) -> String {
    let mut text = String::from(
        "| | claim | source | source's number | measured | claimed | ours [95 %] | seeds | diverged | verdict |",
    );
    if !own {
        text.push_str(" reference [95 %] | its verdict | agree |");
    }
    let columns = if own { 10 } else { 13 };
    text.push('\n');
    text.push_str(&"|---".repeat(columns));
    text.push_str("|\n");
    for judged in claims {
        let claim = &judged.claim;
        let _ = write!(
            text,
            "| [{}]({figures}{}) | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            claim.id,
            claim.figure,
            claim.statement,
            claim.source,
            claim.published,
            claim.quantity,
            region(claim.region),
            estimate(claim),
            claim.seeds,
            claim.diverged,
            judged.verdict.word()
        );
        if !own {
            let other = reference
                .and_then(|reference| reference.iter().find(|other| other.claim.id == claim.id));
            let _ = match other {
                None => write!(text, " none | none | - |"),
                Some(other) => write!(
                    text,
                    " {} | {} | {} |",
                    estimate(&other.claim),
                    other.verdict.word(),
                    if agree(judged, other) { "yes" } else { "**no**" }
                ),
            };
        }
        text.push('\n');
    }
    text
}

fn agree(a: &Judged, b: &Judged) -> bool {
    let overlap = match (a.claim.estimate, b.claim.estimate) {
        (Some(a), Some(b)) => a.low <= b.high && b.low <= a.high,
        (a, b) => a.is_none() && b.is_none(),
    };
    overlap && a.verdict == b.verdict
}

fn region(region: Region) -> String {
    match region {
        Region::Above(x) => format!("> {}", number(x)),
        Region::Below(x) => format!("< {}", number(x)),
        Region::Within(a, b) => format!("{} to {}", number(a), number(b)),
    }
}

/// Returns an estimate with its interval.
pub(crate) fn estimate(claim: &Claim) -> String {
    match claim.estimate {
        None => "no data".to_owned(),
        Some(e) => format!("{} [{}, {}]", number(e.value), number(e.low), number(e.high)),
    }
}

/// Returns three significant digits, without an exponent where that is short.
fn number(x: f64) -> String {
    let x = if x.abs() < 1e-12 { 0.0 } else { x };
    let digits = if x == 0.0 { 0 } else { (2 - x.abs().log10().floor() as i64).clamp(0, 6) };
    if x.abs() >= 1e6 || (x != 0.0 && x.abs() < 1e-4) {
        return format!("{x:.2e}");
    }
    let text = format!("{x:.*}", digits as usize);
    let trimmed = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    };
    trimmed.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown: Vec<String> =
            [0.0, 1.0, -0.5, 0.98889, 12345.6, 1e-7, 2e9, 0.001_23].map(number).into();
        assert_eq!(
            shown,
            ["0", "1", "\u{2212}0.5", "0.989", "12346", "1.00e-7", "2.00e9", "0.00123"]
        );
    }

    #[test]
    fn a_readme_without_markers_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let readme = folder.path().join("README.md");
        fs_err::write(&readme, "# No markers\n").unwrap();
        let message = update_readme(&readme, "x", &[]).unwrap_err().to_string();
        assert!(message.contains("README.md lacks the lines"), "{message}");
        fs_err::write(&readme, format!("head\n{BEGIN}\nold\n{END}\ntail\n")).unwrap();
        update_readme(&readme, "x", &[]).unwrap();
        let text = fs_err::read_to_string(&readme).unwrap();
        assert!(text.starts_with("head\n") && text.ends_with("\ntail\n") && !text.contains("old"));
    }
}
