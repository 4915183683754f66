//! `completions` and `man`: the command line for shells and for `man`.

use std::path::Path;

use anyhow::{Context, Result};
use clap::Command;
use clap_complete::Shell;

use super::{OK, print};

/// Prints what a shell has to read to complete the program's command line.
pub(super) fn completions(mut command: Command, name: &str, shell: Shell) -> Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    print(&String::from_utf8(script)?)?;
    Ok(OK)
}

/// Writes the manual pages of the program and of its verbs into a folder.
pub(super) fn man(command: Command, folder: &Path) -> Result<u8> {
    fs_err::create_dir_all(folder)?;
    let failed = || format!("cannot write manual pages into {}", folder.display());
    clap_mangen::generate_to(command, folder).with_context(failed)?;
    Ok(OK)
}
