//! What the numbers of runs are.

use lab::Metric;

pub(crate) const METRICS: &[Metric] = &[
    Metric::new("return", "", "sum of rewards of an episode, mean of 50"),
    Metric::new("score", "", "return on a scale where chance is 0 and the expert 1"),
    Metric::new("random_return", "", "return of random commands"),
    Metric::new("expert_return", "", "return of the expert"),
    Metric::new(
        "agreement",
        "",
        "share of states of held-out episodes of the expert in which the policy's most probable command is the expert's",
    ),
    Metric::new(
        "divergence",
        "nats",
        "Jensen-Shannon divergence of the occupancy from the expert's, over six intervals a coordinate",
    ),
    Metric::new(
        "divergence_of_expert",
        "nats",
        "the same of other episodes of the expert: the floor of `divergence`",
    ),
    Metric::new("wobble", "", "standard deviation of `score` over the second half of the looks"),
    Metric::new(
        "by_reward",
        "",
        "score of fresh episodes at the look where the discriminator's reward was largest",
    ),
    Metric::new(
        "by_return",
        "",
        "score of fresh episodes at the look where the return was largest",
    ),
    Metric::new(
        "learnt_reward",
        "",
        "what the method's reward gives a step of the episodes of a look, in the mean",
    ),
];
