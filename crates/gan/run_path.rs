// Shared by the build scripts of the packages whose programs link libtorch.

use std::path::Path;

/// Has programs look for libtorch where it was found at build time, and before that, if it is the one that the set-up
/// put into the workspace (`root`), from their own place: a clone that was moved or renamed still runs.
pub(crate) fn say(root: &str) {
    let Ok(folder) = std::env::var("DEP_TCH_LIBTORCH_LIB") else { return };
    let ours = ".deps/libtorch/lib";
    let same =
        |a: &Path, b: &Path| a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b));
    if same(Path::new(&folder), &Path::new(root).join(ours)) {
        // From `target/release`, and from `deps` and `examples` below it.
        for up in ["../..", "../../.."] {
            println!("cargo:rustc-link-arg=-Wl,-rpath,$ORIGIN/{up}/{ours}");
        }
    }
    println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}");
}
