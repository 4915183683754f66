//! The program `score`.

use std::process::ExitCode;

fn main() -> ExitCode {
    score::main("score")
}
