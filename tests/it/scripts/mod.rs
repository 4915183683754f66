//! The scripts and the build from outside: no network is touched.

mod moved;
mod setup;
mod slurm;

use std::path::PathBuf;

use crate::house::root;

/// The libtorch that the set-up script put into the workspace; `None` where tests were built with another one, of
/// which neither script nor run path knows.
fn our_libtorch() -> Option<PathBuf> {
    let ours = root().join(".deps/libtorch").canonicalize().ok()?;
    let built_with = PathBuf::from(std::env::var_os("LIBTORCH")?).canonicalize().ok()?;
    let another = std::env::var_os("LIBTORCH_USE_PYTORCH").is_some();
    (!another && built_with == ours).then_some(ours)
}
