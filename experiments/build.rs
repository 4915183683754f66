//! Lets test binaries find libtorch at run time, wherever it was found at build time.
fn main() {
    // Not whenever a file here changes, a README among them: everything would be built again.
    println!("cargo:rerun-if-changed=build.rs");
    if let Ok(folder) = std::env::var("DEP_TCH_LIBTORCH_LIB") {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}");
    }
}
