//! Drills by chance: kills, second interrupts, damages and filled disks, one after the other, then the rest of the sweep.
//! `make drills` runs two hundred tries; the suite a few.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::tempdir;

use super::{NAME, SEVERAL, UNHURT, command, files, run, signal, spawn, text};
use crate::house::{binary, root, tables};

/// Tries of the suite, where `DRILLS` does not say another number.
const TRIES: u64 = 8;

/// Numbers by chance, the same for the same try.
struct Chance(blake3::OutputReader);

impl Chance {
    fn of(attempt: u64) -> Self {
        Self(blake3::Hasher::new().update(&attempt.to_le_bytes()).finalize_xof())
    }

    fn below(&mut self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % end
    }
}

/// What is done to a sweep.
#[derive(Clone, Copy, Debug)]
enum Harm {
    Kill,
    Interrupts,
    Fill,
    Damage,
}

fn hurt(chance: &mut Chance, harm: Harm, out: &Path) {
    let binary = binary(NAME).display().to_string();
    let mut below = |end| chance.below(end);
    match harm {
        Harm::Kill | Harm::Interrupts => {
            let mut child = spawn(out, &SEVERAL);
            std::thread::sleep(Duration::from_millis(100 + below(1500)));
            if let Harm::Kill = harm {
                let _ = child.kill();
            } else {
                signal(&child, "INT");
                std::thread::sleep(Duration::from_millis(below(30)));
                signal(&child, "INT");
            }
            child.wait().unwrap();
        }
        Harm::Fill => {
            let script = format!(
                "trap '' XFSZ; ulimit -f {}; exec '{binary}' run --profile smoke --checkpoint-every 0 --out '{}' {}",
                1 + below(60),
                out.display(),
                SEVERAL.join(" ")
            );
            let mut bash = Command::new("bash");
            bash.current_dir(root()).env("OMP_NUM_THREADS", "1").args(["-c", &script]);
            bash.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        }
        Harm::Damage => {
            let mut all = files(out, "shards", "");
            all.extend(files(out, "checkpoints", ""));
            if all.is_empty() {
                return;
            }
            let path = &all[below(all.len() as u64) as usize];
            let mut bytes = fs_err::read(path).unwrap();
            let place = below(bytes.len().max(1) as u64) as usize;
            match below(3) {
                0 => bytes.truncate(place),
                _ if bytes.is_empty() => {}
                _ => bytes[place] ^= 1 << below(8),
            }
            fs_err::write(path, bytes).unwrap();
        }
    }
}

#[test]
fn hurt_sweeps_end_with_the_tables_of_unhurt_ones() {
    let tries = std::env::var("DRILLS").map_or(TRIES, |tries| tries.parse().expect("a number"));
    let (mut lost, mut wrong) = (0, 0);
    for attempt in 0..tries {
        let mut chance = Chance::of(attempt);
        let out = tempdir().unwrap();
        let kinds = [Harm::Kill, Harm::Interrupts, Harm::Fill, Harm::Damage];
        let harms: Vec<Harm> =
            (0..=chance.below(3)).map(|_| kinds[chance.below(4) as usize]).collect();
        for &harm in &harms {
            hurt(&mut chance, harm, out.path());
        }
        let ended = run(out.path(), &SEVERAL);
        let whole = command("report", out.path()).output().unwrap().status.success();
        if !ended.status.success() || !whole {
            lost += 1;
            eprintln!("try {attempt} {harms:?}: not whole: {}", text(&ended));
        } else if tables(out.path(), NAME) != UNHURT.several {
            wrong += 1;
            eprintln!("try {attempt} {harms:?}: other tables");
        }
    }
    eprintln!("drills: {tries} tries, {} passed, {lost} lost, {wrong} false", tries - lost - wrong);
    assert_eq!((lost, wrong), (0, 0));
}
