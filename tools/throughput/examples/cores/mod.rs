//! What the throughput programs share: jobs over all cores, and the number that they print.

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Runs `jobs` jobs, one a core at a time, and prints `updates` over the seconds that all of them took.
pub(crate) fn print_rate(jobs: usize, updates: i64, train: impl Fn(usize) + Sync) -> ExitCode {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                gan::prepare_thread();
                loop {
                    let job = next.fetch_add(1, Ordering::SeqCst);
                    if job >= jobs {
                        break;
                    }
                    train(job);
                }
            });
        }
    });
    let rate = updates as f64 / start.elapsed().as_secs_f64();
    #[expect(clippy::print_stdout, reason = "the number is the output")]
    {
        println!("{rate:.3}");
    }
    ExitCode::SUCCESS
}
