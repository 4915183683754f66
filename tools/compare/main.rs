//! `score` under its first name.

use std::process::ExitCode;

fn main() -> ExitCode {
    score::main("compare")
}
