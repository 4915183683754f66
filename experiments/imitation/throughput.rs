//! Steps of environments per second on all cores, for `scripts/reference/bench_peers.py`.
//!
//! `imitation_throughput TASK COPIES STEPS` moves COPIES copies of a task (`cartpole`, `mountain_car`, `acrobot` or
//! `pendulum`) by STEPS steps on every core, with commands at random, and prints one number: steps of a copy per second.

#[path = "../../tools/throughput/examples/cores/mod.rs"]
mod cores;
#[expect(dead_code, unused_imports, reason = "what policies read of states is not timed")]
mod environment;
#[expect(dead_code, reason = "what experts and figures need is not timed")]
mod task;

use std::process::ExitCode;

use cores::print_rate;
use environment::Copies;
use gan::Rng;
use task::Task;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let task = words.first().and_then(|word| serde_json::from_value(word.as_str().into()).ok());
    let numbers: Vec<usize> = words.iter().skip(1).filter_map(|word| word.parse().ok()).collect();
    let (Some(task), &[copies, steps]) = (task, numbers.as_slice()) else {
        eprintln!("usage: imitation_throughput TASK COPIES STEPS");
        return ExitCode::from(2);
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    print_rate(cores, (cores * copies * steps) as i64, |core| {
        roll(task, core as u64, copies, steps);
    })
}

/// Steps between two draws of starts and commands.
const HORIZON: usize = 128;

fn roll(task: Task, seed: u64, count: usize, steps: usize) {
    let root = Rng::new(&[seed]);
    let commands = task.environment().commands().len() as i64;
    let mut copies = Copies::new(task.environment(), root.fork("starts"), count);
    let mut draws = root.fork("draws");
    for _ in 0..steps.div_ceil(HORIZON) {
        let starts = copies.starts(HORIZON);
        let chosen = draws.index(commands, (HORIZON * count) as i64);
        let chosen: Vec<i64> =
            chosen.flatten(0, -1).try_into().expect("commands are whole numbers");
        for (starts, chosen) in starts.iter().zip(chosen.chunks(count)) {
            let chosen = chosen.iter().map(|action| (*action as usize, 0.0));
            std::hint::black_box(copies.step(task, chosen, starts));
        }
    }
}
