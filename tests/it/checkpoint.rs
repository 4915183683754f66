//! Kills in the middle: what was done is kept, and what goes on goes on to the bit.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::tempdir;

use crate::house::{FEW, binary, root, shards, smoke, tables};

fn spawn(name: &str, out: &Path, more: &[&str]) -> Child {
    spawn_under(&[], name, out, more)
}

fn spawn_under(environment: &[(&str, &str)], name: &str, out: &Path, more: &[&str]) -> Child {
    Command::new(binary(name))
        .current_dir(root())
        .env("OMP_NUM_THREADS", "1")
        .envs(environment.iter().copied())
        .args(["run", "--profile", "smoke", "--jobs", "1", "--out"])
        .arg(out)
        .args(more)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits until `there` or the child's end.
fn wait_for(child: &mut Child, there: impl Fn() -> bool) {
    let start = Instant::now();
    while !there() && child.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < Duration::from_mins(2), "nothing happened");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_sweep_that_was_killed_resumes_to_the_same_bytes() {
    let (killed, whole) = (tempdir().unwrap(), tempdir().unwrap());
    let mut child = spawn("mog_collapse", killed.path(), &FEW);
    wait_for(&mut child, || shards(killed.path(), "mog_collapse").len() >= 12);
    child.kill().unwrap(); // SIGKILL: nothing can be tidied up.
    child.wait().unwrap();
    let kept = shards(killed.path(), "mog_collapse").len();
    assert!(kept >= 10, "only {kept} shards");
    smoke("mog_collapse", killed.path(), &FEW).assert().success();
    smoke("mog_collapse", whole.path(), &FEW).assert().success();
    assert_eq!(tables(killed.path(), "mog_collapse"), tables(whole.path(), "mog_collapse"));
}

/// Checkpoints at every chance, a kill between them, and the rest: equal to an unbroken run.
fn resumes_to_the_bit(name: &str, arm: &[&str]) {
    begun_under(&[], name, arm);
}

/// The same where the run that is killed has this in its environment, and the others have not.
fn begun_under(environment: &[(&str, &str)], name: &str, arm: &[&str]) {
    let (killed, whole) = (tempdir().unwrap(), tempdir().unwrap());
    let checkpoints = killed.path().join(name).join("checkpoints");
    let more = [arm, &["--checkpoint-every", "0"]].concat();
    let mut child = spawn_under(environment, name, killed.path(), &more);
    let saved = || fs_err::read_dir(&checkpoints).is_ok_and(|mut files| files.next().is_some());
    wait_for(&mut child, saved);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(saved(), "the run ended before it could be killed");
    smoke(name, killed.path(), arm).assert().success();
    smoke(name, whole.path(), arm).assert().success();
    assert_eq!(tables(killed.path(), name), tables(whole.path(), name));
    assert!(!saved(), "the checkpoint of a finished cell was left behind");
}

/// Last bits depend on the vector instructions, so that what others have begun begins anew.
#[test]
fn a_checkpoint_of_other_instructions_counts_for_nothing() {
    let arm =
        ["--only", "target=ring", "--only", "method.vae.samples=means", "--set", "steps=3000"];
    begun_under(&[("ATEN_CPU_CAPABILITY", "default")], "mog_collapse", &arm);
}

#[test]
fn a_gan_resumes_to_the_bit() {
    let arm = ["--only", "target=grid", "--only", "method.gan.look_ahead=5", "--set", "steps=3000"];
    resumes_to_the_bit("mog_collapse", &arm);
}

#[test]
fn a_vae_resumes_to_the_bit() {
    let arm =
        ["--only", "target=ring", "--only", "method.vae.samples=means", "--set", "steps=3000"];
    resumes_to_the_bit("mog_collapse", &arm);
}

#[test]
fn every_way_to_train_a_flow_resumes_to_the_bit() {
    for arm in [
        ["data=digits", "training=maximum_likelihood", "steps=400"],
        ["data=digits", "training.wasserstein.likelihood_weight=1.0", "steps=200"],
        ["data=moons", "training.wasserstein.critic.steps=5", "steps=200"],
        ["data=eight_gaussians", "training.race.extra_batch=true", "steps=500"],
    ] {
        let arm = ["--only", arm[0], "--only", arm[1], "--set", arm[2]];
        resumes_to_the_bit("wgan_vs_mle", &arm);
    }
}

#[test]
fn games_on_lines_resume_to_the_bit() {
    for arm in [
        ["task.game.world=segments", "penalty.gradient.weight=1.0", "steps=400"],
        ["task.frozen.dim=16", "penalty.gradient.weight=1.0", "steps=600"],
    ] {
        let arm = ["--only", arm[0], "--only", arm[1], "--set", arm[2]];
        resumes_to_the_bit("js_failure", &arm);
    }
}

#[test]
fn games_under_every_penalty_resume_to_the_bit() {
    for arm in [
        ["task.plane.target=grid", "penalty.gradient.weight=1.0", "steps=400"],
        ["rates=drawn", "penalty.gradient.weight=1.0", "steps=200"],
        ["task.images.pictures.stacked=true", "objective=wasserstein", "steps=80"],
    ] {
        let arm = ["--only", arm[0], "--only", arm[1], "--set", arm[2]];
        resumes_to_the_bit("penalty_ablation", &arm);
    }
}

#[test]
fn every_way_to_teach_a_generator_resumes_to_the_bit() {
    for arm in [
        ["task.fit.divergence=pearson", "task.fit.game=bound", "task.fit.steps=1500"],
        ["task.race.loss=minimax", "task.race.critic_steps=1", "task.race.rounds=400"],
        ["task.ring.batch=8", "task.ring.discrepancy.sinkhorn.epsilon=2.0", "task.ring.steps=400"],
        ["task.images.set=digits", "task.images.kernel=codes", "task.images.steps=200"],
        ["task.images.set=digits", "task.images.kernel=learned", "task.images.steps=100"],
    ] {
        let arm = ["--only", arm[0], "--only", arm[1], "--set", arm[2]];
        resumes_to_the_bit("learn_generator", &arm);
    }
}

#[test]
fn auto_encoders_and_hybrids_resume_to_the_bit() {
    for arm in [
        ["--arm", "ring/AVB-AC", "--set", "task.points.learner.steps=300"],
        ["--arm", "ring/alpha-GAN", "--set", "task.points.learner.steps=600"],
        ["--arm", "images/mnist/VAE-GAN", "--set", "task.images.learner.steps=60"],
    ] {
        resumes_to_the_bit("vae_gan", &arm);
    }
}

#[test]
fn games_of_networks_and_of_actors_resume_to_the_bit() {
    for (name, set) in [
        ("ring/extragradient", "task.ring.steps=600"),
        ("actor-critic/replay", "task.actor_critic.steps=1500"),
        ("regulator/target-critic", "task.regulator.steps=1500"),
    ] {
        resumes_to_the_bit("games", &["--arm", name, "--set", set]);
    }
}

#[test]
fn experts_and_those_who_imitate_them_resume_to_the_bit() {
    for (name, set) in [
        ("expert/pendulum", "task.expert.iterations=150"),
        ("imitate/acrobot/adversarial-negative-penalised-1", "task.imitate.iterations=150"),
        ("imitate/mountain-car/frozen-negative-1/trust-region", "task.imitate.iterations=40"),
        ("imitate/mountain-car/cloning-1", "task.imitate.iterations=5000"),
    ] {
        resumes_to_the_bit("imitation", &["--arm", name, "--set", set]);
    }
}

#[test]
fn an_interrupt_stops_cleanly_with_code_130_and_keeps_what_was_done() {
    let (stopped, whole) = (tempdir().unwrap(), tempdir().unwrap());
    let arm = ["--only", "target=grid", "--set", "steps=3000"];
    let mut child = spawn("mog_collapse", stopped.path(), &arm);
    wait_for(&mut child, || shards(stopped.path(), "mog_collapse").len() >= 5);
    let interrupt = format!("kill -INT {}", child.id());
    assert!(Command::new("bash").args(["-c", &interrupt]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(shards(stopped.path(), "mog_collapse").len() >= 5);
    smoke("mog_collapse", stopped.path(), &arm).assert().success();
    smoke("mog_collapse", whole.path(), &arm).assert().success();
    assert_eq!(tables(stopped.path(), "mog_collapse"), tables(whole.path(), "mog_collapse"));
}
