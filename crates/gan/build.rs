//! Lets test binaries find libtorch at run time.

mod run_path;

fn main() {
    // Not whenever a file here changes: everything would be built again.
    println!("cargo:rerun-if-changed=build.rs");
    run_path::say("../..");
}
