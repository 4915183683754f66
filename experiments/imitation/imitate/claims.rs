//! What is claimed of imitation from one trajectory, by rules with paired seeds.

use lab::{Claim, Region, Results, Row};
use shared::contrast::{Sample, difference, each};
use shared::{Draft, Source, claim};

use super::arms::{adversarial, arm_name, frozen, penalised};
use super::reward::Reward::{Logit, Negative, Positive};
use super::{Config, Method};
use crate::expert::enough;
use crate::learner::Optimisation;
use crate::task::Task;

const GAIL: Source = Source::read("Ho and Ermon 2016 (1606.03476)");
const SCORE: &str = "`score` (0 chance, 1 the expert)";
const TABLE: &str = "table 3, one trajectory";

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    [returns(results), signs_and_measures(results)].concat()
}

/// GAIL against cloning and against a discriminator that never learns, by the score.
fn returns(results: &Results<Config>) -> Vec<Claim> {
    let arm = |task, method| results.arm(&arm_name(task, method, 1));
    let compare = |task, a, b, metric: &str| difference((&arm(task, a), &arm(task, b)), metric);
    let draft = |id: &str, statement: &str, task: Task, quantity: &str| {
        drafted(results, id, statement, task, quantity)
    };
    let mut all = Vec::new();
    for (id, task, reward, number) in [
        ("imi.F12a", Task::Cartpole, Positive, "200 against 72 in return"),
        ("imi.F12b", Task::MountainCar, Negative, "-102 against -137 in return"),
        ("imi.F12c", Task::Acrobot, Negative, "-77 against -131 in return"),
    ] {
        let statement = format!(
            "From one trajectory of {} GAIL does better than behavioural cloning.",
            task.title()
        );
        let quantity = format!("{SCORE} of {}, GAIL minus cloning", task.title());
        let sample = compare(task, adversarial(reward), Method::Cloning, "score");
        all.push(
            draft(id, &statement, task, &quantity)
                .published(GAIL, TABLE, Some(number))
                .mean(Region::Above(0.0), &sample),
        );
    }
    let learnt = compare(Task::Cartpole, adversarial(Positive), frozen(Positive), "score");
    all.push(
        draft(
            "imi.F12d",
            "On Cartpole a discriminator that never learns is as good a reward as one that does.",
            Task::Cartpole,
            &format!("{SCORE} of Cartpole under -log(1 - D), learnt minus frozen discriminator"),
        )
        .mean(Region::Within(-0.05, 0.05), &learnt),
    );
    for (id, task, reward, setting) in [
        ("imi.F12e", Task::FixedLength, Positive, "Where nothing ends an episode early"),
        ("imi.F12f", Task::Preference, Positive, "Where survival alone earns little"),
        ("imi.F12g", Task::MountainCar, Negative, "Where the goal ends an episode"),
        ("imi.F12h", Task::Acrobot, Negative, "Where the goal ends an episode"),
    ] {
        let statement = format!(
            "{setting}, on {}, GAIL does better than a frozen discriminator.",
            task.title()
        );
        let quantity = format!("{SCORE} of {}, learnt minus frozen discriminator", task.title());
        let sample = compare(task, adversarial(reward), frozen(reward), "score");
        all.push(draft(id, &statement, task, &quantity).mean(Region::Above(0.0), &sample));
    }
    all.extend(by_the_sources_optimisation(results));
    all
}

/// The car on its hill again, by trust regions.
fn by_the_sources_optimisation(results: &Results<Config>) -> [Claim; 2] {
    let task = Task::MountainCar;
    let name = |method| arm_name(task, method, 1);
    let by_trust_region = |method| results.arm(&Optimisation::TrustRegion.arm(name(method)));
    let gail = by_trust_region(adversarial(Negative));
    let cloning = results.arm(&name(Method::Cloning));
    let against = |other| difference((&gail, other), "score");
    [
        drafted(
            results,
            "imi.F12p",
            "From one trajectory of MountainCar GAIL by trust region policy optimisation does better than behavioural cloning.",
            task,
            &format!("{SCORE} of MountainCar, GAIL by trust regions minus cloning"),
        )
        .published(GAIL, TABLE, Some("-102 against -137 in return"))
        .mean(Region::Above(0.0), &against(&cloning)),
        drafted(
            results,
            "imi.F12q",
            "By trust region policy optimisation too GAIL does better on MountainCar than a frozen discriminator.",
            task,
            &format!("{SCORE} of MountainCar by trust regions, learnt minus frozen discriminator"),
        )
        .mean(Region::Above(0.0), &against(&by_trust_region(frozen(Negative)))),
    ]
}

/// The sign of the reward, what a return does not see, rules for stopping, and a penalty.
fn signs_and_measures(results: &Results<Config>) -> Vec<Claim> {
    let arm = |task, method| results.arm(&arm_name(task, method, 1));
    let compare = |task, a, b, metric: &str| difference((&arm(task, a), &arm(task, b)), metric);
    let draft = |id: &str, statement: &str, task: Task, quantity: &str| {
        drafted(results, id, statement, task, quantity)
    };
    let signs = |task, a, b| compare(task, a, b, "score");
    vec![
        draft(
            "imi.F12i",
            "The sign of the reward alone, under a frozen discriminator, solves or ruins Cartpole.",
            Task::Cartpole,
            &format!("{SCORE} of Cartpole under a frozen discriminator, -log(1 - D) minus log D"),
        )
        .mean(Region::Above(0.5), &signs(Task::Cartpole, frozen(Positive), frozen(Negative))),
        draft(
            "imi.F12j",
            "A learnt discriminator does not make up for the wrong sign of the reward on Cartpole.",
            Task::Cartpole,
            &format!("{SCORE} of Cartpole by GAIL, -log(1 - D) minus log D"),
        )
        .mean(Region::Above(0.5), &signs(Task::Cartpole, adversarial(Positive), adversarial(Negative))),
        draft(
            "imi.F12k",
            "On MountainCar a reward below zero is better than one above zero.",
            Task::MountainCar,
            &format!("{SCORE} of MountainCar by GAIL, log D minus -log(1 - D)"),
        )
        .mean(Region::Above(0.0), &signs(Task::MountainCar, adversarial(Negative), adversarial(Positive))),
        draft(
            "imi.F12l",
            "What a return does not see on Cartpole, agreement does: GAIL chooses as the expert more often than a policy under a frozen discriminator.",
            Task::Cartpole,
            "`agreement` with the expert's most probable command in held-out states of Cartpole, learnt minus frozen",
        )
        .mean(Region::Above(0.0), &compare(Task::Cartpole, adversarial(Positive), frozen(Positive), "agreement")),
        draft(
            "imi.F12m",
            "What a return does not see on Cartpole, occupancy does: GAIL's is nearer to the expert's than that of a policy under a frozen discriminator.",
            Task::Cartpole,
            "`divergence` of occupancy from the expert's in nats on Cartpole, learnt minus frozen",
        )
        .mean(Region::Below(0.0), &compare(Task::Cartpole, adversarial(Positive), frozen(Positive), "divergence")),
        draft(
            "imi.F12n",
            "As a rule for stopping, the discriminator's reward is not better than the return by more than a twentieth of the scale.",
            Task::Preference,
            "`score` of Cartpole near +1 at the look with the highest learnt reward, minus at that with the highest return up to the expert's",
        )
        .mean(Region::Below(0.05), &stopping(&arm(Task::Preference, adversarial(Positive)))),
        draft(
            "imi.F12o",
            "A gradient penalty on the discriminator steadies GAIL with the logit as its reward.",
            Task::Cartpole,
            "`wobble`: deviation of `score` over the second half of the looks on Cartpole, with the penalty minus without",
        )
        .mean(Region::Below(0.0), &compare(Task::Cartpole, penalised(Logit), adversarial(Logit), "wobble")),
    ]
}

fn stopping(rows: &[&Row<Config>]) -> Sample {
    each(rows, |row| Some(row.value("by_reward")? - row.value("by_return")?))
}

/// A claim of imitation needs an expert that can do the task.
fn drafted(
    results: &Results<Config>,
    id: &str,
    statement: &str,
    task: Task,
    quantity: &str,
) -> Draft {
    let rows = results.arm(&arm_name(task, Method::Cloning, 1));
    let least = rows.iter().filter_map(|row| row.value("expert_return")).reduce(f64::min);
    let gate = format!("least `expert_return` of {}", task.title());
    let draft = claim(id, statement).gate(&gate, Region::Above(enough(task)), least);
    draft.measured(quantity).figure("methods.svg")
}
