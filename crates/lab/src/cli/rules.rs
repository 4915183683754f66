//! `rules`: by what claims are judged, and whether it is what was recorded.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use super::args::Format;
use super::{DIFFERENT, OK, print, table};
use crate::claim::Claim;
use crate::experiment::{Experiment, Profile, arms_of};
use crate::ledger::{Ledger, Stamp};
use crate::{ledger, power, report, say};

/// Prints the rules of the claims; compares them with those of the ledger beside a README, or records them there.
pub(super) fn rules<E: Experiment>(
    profile: Profile,
    readme: Option<&Path>,
    why: Option<&str>,
    format: Format,
) -> Result<u8> {
    let claims = report::rules::<E>(profile);
    let rules = claims.iter().map(|claim| (claim.id.as_str(), ledger::rule(claim)));
    print(&match format {
        Format::Json => serde_json::to_string_pretty(&rules.collect::<BTreeMap<_, _>>())? + "\n",
        Format::Table => table(None, rules.map(|(id, rule)| vec![id.to_owned(), rule])),
    })?;
    say(power::<E>(profile, &claims));
    let Some(readme) = readme else { return Ok(OK) };
    let mut ledger = Ledger::beside(readme)?;
    if let Some(why) = why {
        ledger.record(&claims, why, &Stamp::today(E::backend().commit));
        ledger.write()?;
    }
    let drift = ledger.drift(&claims);
    for line in &drift {
        say(format!("{}: {line}", E::NAME));
    }
    Ok(if drift.is_empty() { OK } else { DIFFERENT })
}

/// What the seeds of a profile's arms can see of claims that rest on a test.
pub(super) fn power<E: Experiment>(profile: Profile, claims: &[Claim]) -> String {
    let seeds = arms_of::<E>(profile).iter().map(|arm| arm.seeds).collect();
    power::table(&seeds, claims.iter().filter(|claim| claim.is_tested()).count())
}
