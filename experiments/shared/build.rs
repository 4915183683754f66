//! Lets programs and tests find libtorch at run time, and fixes the commit that they are built from.

#[path = "../../crates/gan/run_path.rs"]
mod run_path;

use std::path::Path;
use std::process::Command;

/// Folder of the workspace, seen from here: relative, so that a clone that was moved is not built again.
const ROOT: &str = "../..";
/// Git's patterns of what programs are made of: the same for what is watched and for what counts as a difference, so
/// that neither is stale. READMEs, results and tests change no program, and would have all of them built again.
const SOURCES: [&str; 8] = [
    ".cargo",
    "Cargo.lock",
    "*Cargo.toml",
    "*.rs",
    "*.ttf",
    ":!*/tests/*",
    ":!*/benches/*",
    ":!*/examples/*",
];

fn main() {
    // Not whenever a file here changes, a README among them: everything would be built again.
    println!("cargo:rerun-if-changed=build.rs");
    run_path::say(ROOT);
    let (commit, dirty) = origin().unwrap_or_else(|| ("unknown".to_owned(), true));
    println!("cargo:rustc-env=PROGRAM_COMMIT={commit}");
    println!("cargo:rustc-env=PROGRAM_DIRTY={dirty}");
}

/// Returns the commit and whether a source differs from it, and has both watched; `None` outside of a repository, or
/// in one that is not ours.
fn origin() -> Option<(String, bool)> {
    git(&["ls-files", "--error-unmatch", "Cargo.lock"])?;
    let commit = git(&["rev-parse", "HEAD"])?.trim().to_owned();
    let changes = git(&[&["status", "--porcelain", "-uno", "--"], &SOURCES[..]].concat())?;
    let sources = git(&[&["ls-files", "-z", "--"], &SOURCES[..]].concat())?;
    // The log grows with each commit, of any branch that is checked out.
    let heads = git(&["rev-parse", "--git-path", "HEAD", "--git-path", "logs/HEAD"])?;
    // What is missing would have everything built again each time; a source that was deleted is a difference by then.
    for path in sources.split('\0').chain(heads.lines()).filter(|path| !path.is_empty()) {
        let path = Path::new(ROOT).join(path);
        if path.exists() {
            println!("cargo:rerun-if-changed={}", path.display());
        }
    }
    Some((commit, !changes.is_empty()))
}

/// Returns what git prints, or `None` where there is no git or it fails.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).current_dir(ROOT).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
