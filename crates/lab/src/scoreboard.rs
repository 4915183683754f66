//! Tables of claims in Markdown: the scoreboard of all experiments, and the tables of one README.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::claim::{Basis, Claim, Judged, Seen, Verdict};
use crate::files::{is_same, write_atomically};
use crate::ledger::{Ledger, rule};
use crate::likeness::Likeness;
use crate::manifest::Manifest;
use crate::number::number;
use crate::report::CLAIMS;

/// Writes `<out>/README.md` from the claims of every experiment below `out`. Where `out` is not the reference, each claim
/// stands beside the reference's; where it is, a tally of verdicts goes between the markers of a README beside `out` too.
///
/// # Errors
/// If stored claims are damaged, or the file cannot be written.
pub(crate) fn write(out: &Path, reference: &Path) -> Result<()> {
    let own = is_same(out, reference);
    let (mut sections, mut all) = (String::new(), Vec::new());
    for name in experiments(out)? {
        let claims = read(&out.join(&name))?;
        sections.push_str(&section(out, &name)?);
        let of_reference = if own { None } else { Some(read(&reference.join(&name)).ok()) };
        let figures = format!("{name}/figures/");
        sections.push_str(&match of_reference {
            None => table(&claims, &figures),
            Some(reference) => comparison(&claims, &reference.unwrap_or_default(), &figures),
        });
        all.extend(claims);
    }
    let mut text = String::from("# Scoreboard\n\n");
    if own {
        text.push_str(
            "Every claim that this repository tests, with the source's own number, ours with its 95 % interval over \
             training seeds, and the verdict by a recorded rule (the experiment's README has its date, and how many \
             sweeps it has judged).\n\
             Written by `make report`; do not edit.\n\n",
        );
        let tally = tally(&all);
        text.push_str(&tally);
        update_front(out, &tally)?;
    } else {
        text.push_str(
            "Your reproduction beside the committed reference.\nSeeds are the same, so with the same libtorch and vector \
             instructions runs are equal to the bit.\n",
        );
    }
    text.push_str(&sections);
    write_atomically(&out.join("README.md"), text.as_bytes())
}

/// Rewrites the tally between the markers of the README beside a folder of results, if it has them.
fn update_front(out: &Path, tally: &str) -> Result<()> {
    const TALLY: &str = "tally";
    let readme = fs_err::canonicalize(out)?.with_file_name("README.md");
    match fs_err::read_to_string(&readme) {
        Ok(text) if text.contains(&begin(TALLY)) => {
            write_atomically(&readme, between(&text, TALLY, tally, &readme)?.as_bytes())
        }
        _ => Ok(()),
    }
}

/// Returns the experiments with claims below a folder, sorted.
pub(crate) fn experiments(out: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs_err::read_dir(out)? {
        let entry = entry?;
        if entry.path().join(CLAIMS).exists() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Heading of an experiment: how many runs of which profile, where they ran, and whether they are those of the reference.
fn section(out: &Path, name: &str) -> Result<String> {
    let folder = out.join(name);
    let Some(manifest) = Manifest::read(&folder)? else {
        bail!("{} has claims but no manifest", folder.display());
    };
    let runs: usize = manifest.runs.values().sum();
    let diverged = manifest.runs.get("diverged").unwrap_or(&0);
    let profile = manifest.profile.name();
    let mut text = format!(
        "\n## {name}\n\nProfile `{profile}`, {runs} runs of which {diverged} diverged, on {} ({}, {}).\n\
         Command: `make run EXP={name} PROFILE={profile}`.\n",
        manifest.origins_by(|origin| &origin.cpu),
        manifest.origins_by(|origin| &origin.backend),
        manifest.origins_by(|origin| &origin.device)
    );
    let (done, planned) = manifest.cells;
    if done < planned {
        writeln!(text, "**Incomplete: {done} of {planned} planned cells.**")?;
    }
    if let Some(likeness) = Likeness::read(&folder) {
        writeln!(text, "Runs: {likeness}.")?;
    }
    text.push('\n');
    Ok(text)
}

/// Rewrites the table of rules, with what their seeds can see, and that of results between the markers of an experiment's README.
///
/// # Errors
/// If the README lacks the markers or cannot be written.
pub(crate) fn update_readme(
    readme: &Path,
    name: &str,
    claims: &[Judged],
    ledger: &Ledger,
    power: &str,
) -> Result<()> {
    let text = fs_err::read_to_string(readme)?;
    let mut rules = head(&["", "rule", "since", "sweeps"]);
    for claim in claims.iter().map(|judged| &judged.claim) {
        let since = ledger.since(&claim.id).unwrap_or("not recorded");
        let looks = ledger.looks(&claim.id).to_string();
        rules.push_str(&row(&[&claim.id, &rule(claim), since, &looks]));
    }
    write!(rules, "\n{power}")?;
    let results = table(claims, &format!("../../results/{name}/figures/"));
    let text = between(&text, "rules", &rules, readme)?;
    write_atomically(readme, between(&text, "claims", &results, readme)?.as_bytes())
}

/// The line before a table that `report` writes.
fn begin(table: &str) -> String {
    format!("<!-- {table}: begin, written by `report` -->")
}

/// Returns a text with another body between the two markers of a table.
fn between(text: &str, table: &str, body: &str, readme: &Path) -> Result<String> {
    let begin = begin(table);
    let end = format!("<!-- {table}: end -->");
    let parts = text
        .split_once(&begin)
        .and_then(|(head, rest)| rest.split_once(&end).map(|(_, tail)| (head, tail)));
    let (head, tail) = parts
        .with_context(|| format!("{} lacks the lines `{begin}` and `{end}`", readme.display()))?;
    Ok(format!("{head}{begin}\n{body}{end}{tail}"))
}

/// Reads the judged claims of one experiment's folder.
pub(crate) fn read(folder: &Path) -> Result<Vec<Judged>> {
    let path = folder.join(CLAIMS);
    let claims = serde_json::from_slice(&fs_err::read(&path)?);
    claims.with_context(|| format!("{} is damaged", path.display()))
}

/// Counts verdicts by who makes the claims.
fn tally(claims: &[Judged]) -> String {
    let mut counts: BTreeMap<(&str, Verdict), usize> = BTreeMap::new();
    for judged in claims {
        if let Some(verdict) = judged.verdict {
            *counts.entry((kind(&judged.claim.basis), verdict)).or_default() += 1;
        }
    }
    let heads = [&["claims"], &Verdict::ALL.map(Verdict::words)[..]].concat();
    let mut text = head(&heads);
    for kind in ["published", "derived", "ours"] {
        let count = |verdict| counts.get(&(kind, verdict)).copied().unwrap_or(0).to_string();
        let counts = Verdict::ALL.map(count);
        let cells: Vec<&str> =
            [kind].into_iter().chain(counts.iter().map(String::as_str)).collect();
        text.push_str(&row(&cells));
    }
    text
}

/// The first two lines of a table.
fn head(names: &[&str]) -> String {
    format!("{}{}|\n", row(names), "|---".repeat(names.len()))
}

/// A line of a table; a bar in a cell would end it.
fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// A claim's id, which leads to its figure once there is something to draw.
fn link(claim: &Claim, figures: &str) -> String {
    if claim.estimate.is_none() {
        return claim.id.clone();
    }
    format!("[{}]({figures}{})", claim.id, claim.figure)
}

/// The claims of results that stand alone.
fn table(claims: &[Judged], figures: &str) -> String {
    let mut text = head(&[
        "",
        "claim",
        "kind and source",
        "source's number",
        "measured",
        "claimed",
        "ours [95 %]",
        "seeds",
        "diverged",
        "verdict",
    ]);
    for judged in claims {
        let claim = &judged.claim;
        let (source, number) = source(&claim.basis);
        text.push_str(&row(&[
            &link(claim, figures),
            &claim.statement,
            &source,
            &number,
            &claim.quantity,
            &claim.region.to_string(),
            &estimate(claim),
            &claim.seeds.to_string(),
            &claim.diverged.to_string(),
            &verdict(judged),
        ]));
    }
    text
}

/// The claims of results beside those of the reference.
fn comparison(claims: &[Judged], reference: &[Judged], figures: &str) -> String {
    let mut text = head(&[
        "",
        "claim",
        "measured",
        "claimed",
        "yours [95 %]",
        "seeds",
        "your verdict",
        "reference [95 %]",
        "its verdict",
        "agree",
    ]);
    for judged in claims {
        let claim = &judged.claim;
        let other = reference.iter().find(|other| other.claim.id == claim.id);
        let [its_estimate, its_verdict, agree] = other
            .map_or(["none", "none", "-"].map(str::to_owned), |other| {
                [estimate(&other.claim), verdict(other), agree(judged, other).to_owned()]
            });
        text.push_str(&row(&[
            &link(claim, figures),
            &claim.statement,
            &claim.quantity,
            &claim.region.to_string(),
            &estimate(claim),
            &claim.seeds.to_string(),
            &verdict(judged),
            &its_estimate,
            &its_verdict,
            &agree,
        ]));
    }
    text
}

/// Whether two results of a claim agree: verdicts where both have one, directions where not.
fn agree(a: &Judged, b: &Judged) -> &'static str {
    let (Some(own), Some(its)) = (a.claim.estimate, b.claim.estimate) else {
        return if a.claim.estimate == b.claim.estimate { "yes" } else { "-" };
    };
    let same = match (a.verdict, b.verdict) {
        (Some(a), Some(b)) => a == b && own.low <= its.high && its.low <= own.high,
        _ => a.claim.region.contains(own.value) == b.claim.region.contains(its.value),
    };
    if same { "yes" } else { "**no**" }
}

/// Who makes a claim, in a word.
pub(crate) fn kind(basis: &Basis) -> &'static str {
    match basis {
        Basis::Published { .. } => "published",
        Basis::Derived { .. } => "derived",
        Basis::Ours { .. } => "ours",
    }
}

/// Kind and source in words, and the source's number. A number that nobody here could read is not shown as one.
fn source(basis: &Basis) -> (String, String) {
    let or_none = |number: &Option<String>| number.clone().unwrap_or_else(|| "none".to_owned());
    match basis {
        Basis::Published { source, locator, seen, number } => {
            let seen = match seen {
                Seen::Read => "read",
                Seen::SecondHand => "second-hand",
                Seen::Remembered => "from memory",
            };
            (format!("published: {source}, {locator} ({seen})"), or_none(number))
        }
        Basis::Derived { from, number } => (format!("derived: {from}"), or_none(number)),
        Basis::Ours { after: Some(after) } => (format!("ours, after {after}"), "none".to_owned()),
        Basis::Ours { after: None } => ("ours".to_owned(), "none".to_owned()),
    }
}

/// Returns a verdict in words, with the number of a gate that was missed; without a verdict the direction.
pub(crate) fn verdict(judged: &Judged) -> String {
    let claim = &judged.claim;
    let Some(verdict) = judged.verdict else {
        return match claim.estimate {
            None => "no data".to_owned(),
            Some(estimate) if claim.region.contains(estimate.value) => "as claimed".to_owned(),
            Some(_) => "not as claimed".to_owned(),
        };
    };
    let words = match verdict {
        Verdict::Contradicted => format!("**{}**", verdict.words()),
        other => other.words().to_owned(),
    };
    match &claim.gate {
        Some(gate) if verdict == Verdict::NotTested && claim.estimate.is_some() => {
            let value = gate.value.map_or_else(|| "not measured".to_owned(), number);
            format!("{words} ({}: {value}, needed {})", gate.quantity, gate.region)
        }
        _ => words,
    }
}

/// Returns an estimate with its interval, and the parts of a pooled one.
pub(crate) fn estimate(claim: &Claim) -> String {
    let mut text = match claim.estimate {
        None => return "no data".to_owned(),
        Some(e) if e.p_value.is_none() && e.low >= e.high => number(e.value),
        Some(e) => format!("{} [{}, {}]", number(e.value), number(e.low), number(e.high)),
    };
    if let Some(parts) = &claim.parts {
        let means: Vec<String> =
            parts.means.iter().map(|(name, mean)| format!("{name} {}", number(*mean))).collect();
        let _ = write!(text, "; {}; heterogeneity p = {}", means.join(", "), number(parts.p_value));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_readme_without_markers_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let readme = folder.path().join("README.md");
        let ledger = Ledger::beside(&readme).unwrap();
        fs_err::write(&readme, "# No markers\n").unwrap();
        let message = update_readme(&readme, "x", &[], &ledger, "").unwrap_err().to_string();
        assert!(message.contains("README.md lacks the lines"), "{message}");
        let tables = ["rules", "claims"]
            .map(|table| format!("{}\nold\n<!-- {table}: end -->\n", begin(table)));
        fs_err::write(&readme, format!("head\n{}tail\n", tables.concat())).unwrap();
        update_readme(&readme, "x", &[], &ledger, "").unwrap();
        let text = fs_err::read_to_string(&readme).unwrap();
        assert!(text.starts_with("head\n") && text.ends_with("\ntail\n") && !text.contains("old"));
    }
}
