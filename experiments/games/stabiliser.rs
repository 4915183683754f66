//! Stabilisers of actor-critic methods and of GANs, which a GAN (`actor_critic`) and an actor-critic method (`regulator`)
//! exchange (F14).

use gan::Params;
use lab::figure::{Axis, Panel};
use lab::{Arm, Claim, Region, Results};
use serde::{Deserialize, Serialize};
use shared::chart::{Group, ranking};
use shared::colour::SERIES;
use shared::contrast::{log_ratio, values};
use shared::{claim, name};
use stats::robust;
use tch::{Kind, Tensor};

/// What should steady a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stabiliser {
    /// Nothing.
    Nothing,
    /// A moving average of the critic tells a GAN's generator where to go, and a regulator's critic what comes after.
    TargetCritic,
    /// Half of what the critic sees of the actor is old.
    Replay,
    /// The actor is paid for the spread of its actions.
    Entropy,
    /// The critic's targets are softened.
    LabelSmoothing,
    /// The critic moves at every second turn.
    FrozenCritic,
    /// The critic sees mean and deviation of the batch beside each row.
    MinibatchFeatures,
}

impl Stabiliser {
    /// Returns the stabiliser's name in figures.
    pub(crate) fn label(self) -> String {
        name(&self).replace('-', " ")
    }

    /// Returns whether the critic moves in a turn.
    pub(crate) fn moves_critic(self, turn: u64) -> bool {
        self != Self::FrozenCritic || turn.is_multiple_of(2)
    }

    /// Returns how many numbers a critic of rows of so many numbers reads.
    pub(crate) fn inputs(self, columns: i64) -> i64 {
        if self == Self::MinibatchFeatures { 3 * columns } else { columns }
    }

    /// Returns what a critic reads of rows, `[members, batch, columns]`.
    pub(crate) fn read(self, x: Tensor) -> Tensor {
        if self != Self::MinibatchFeatures {
            return x;
        }
        let (variance, mean) = x.var_mean_dim([1i64].as_slice(), false, true);
        let deviation = (variance + 1e-6).sqrt();
        Tensor::cat(&[&x, &mean.expand_as(&x), &deviation.expand_as(&x)], 2)
    }

    /// Returns the critic that is learned from: the present one, or its average.
    pub(crate) fn teacher<'a>(self, present: &'a Params, average: &'a Params) -> &'a Params {
        if self == Self::TargetCritic { average } else { present }
    }
}

/// Weight of the present critic in its moving average.
const PRESENT: f64 = 0.01;

/// Takes the present critic into its moving average.
pub(crate) fn follow(average: &mut Params, present: &Params) {
    average.lerp(present, PRESENT);
}

/// Returns the mean over batch and columns, `[members]`.
pub(crate) fn mean(x: &Tensor) -> Tensor {
    x.mean_dim([1i64, 2].as_slice(), false, None::<Kind>)
}

/// One training under each of some stabilisers: a part of the experiment.
pub(crate) struct Exchange {
    /// The part, as its arms' names begin.
    pub(crate) part: &'static str,
    pub(crate) stabilisers: &'static [Stabiliser],
    /// What `oscillation` is there, in the words of a claim.
    pub(crate) oscillation: &'static str,
    /// What the training without a stabiliser must have learnt: in words, a metric's name, and where its mean must lie.
    pub(crate) gate: (&'static str, &'static str, Region),
    pub(crate) figure: &'static str,
}

impl Exchange {
    fn arm_name(&self, stabiliser: Stabiliser) -> String {
        format!("{}/{}", self.part, name(&stabiliser))
    }

    /// Returns a check that a stabiliser is one of these.
    pub(crate) fn check(&self) -> impl FnOnce(&Stabiliser, &()) -> garde::Result {
        |stabiliser, ()| {
            if self.stabilisers.contains(stabiliser) {
                return Ok(());
            }
            let all: Vec<String> = self.stabilisers.iter().map(name).collect();
            Err(garde::Error::new(format!("{} has none but {}", self.part, all.join(", "))))
        }
    }

    /// Returns the arms with so many seeds, some of them in `quick`.
    pub(crate) fn arms<C>(
        &self,
        seeds: u64,
        quick: &[Stabiliser],
        config: impl Fn(Stabiliser) -> C,
    ) -> Vec<Arm<C>> {
        const STACK: u64 = 10;
        let arm = |stabiliser: &Stabiliser| {
            let arm = Arm::new(self.arm_name(*stabiliser), config(*stabiliser));
            let arm = arm.with_seeds(seeds, STACK.min(seeds));
            if quick.contains(stabiliser) { arm.with_quick_seeds(STACK) } else { arm }
        };
        self.stabilisers.iter().map(arm).collect()
    }

    /// Returns an arm's runs.
    pub(crate) fn rows<'a, C>(
        &self,
        results: &'a Results<C>,
        stabiliser: Stabiliser,
    ) -> Vec<&'a lab::Row<C>> {
        results.arm(&self.arm_name(stabiliser))
    }

    /// Returns a claim for each stabiliser: that the training oscillates less with it than without.
    pub(crate) fn claims<C>(
        &self,
        results: &Results<C>,
        claimed: &[(&str, &str, Stabiliser)],
    ) -> Vec<Claim> {
        let nothing = self.rows(results, Stabiliser::Nothing);
        let (words, metric, region) = self.gate;
        let learnt = values(&nothing, metric);
        let learnt = (!learnt.is_empty()).then(|| robust::mean(&learnt));
        let steadies = |(id, statement, stabiliser): &(&str, &str, Stabiliser)| {
            let rows = self.rows(results, *stabiliser);
            claim(id, statement)
                .ours_after("Pfau and Vinyals 2016 (1610.01945), which proposes the exchange and tests nothing")
                .measured(&format!(
                    "ln `oscillation` ({}), `{}` minus `{}`, paired by seed",
                    self.oscillation,
                    self.arm_name(*stabiliser),
                    self.arm_name(Stabiliser::Nothing)
                ))
                .gate(words, region, learnt)
                .figure(self.figure)
                .mean(Region::Below(0.0), &log_ratio((&rows, &nothing), "oscillation"))
        };
        claimed.iter().map(steadies).collect()
    }

    /// Returns a panel of a metric under each stabiliser.
    pub(crate) fn compared<C>(&self, results: &Results<C>, metric: &str, x: Axis) -> Panel {
        let group = |(stabiliser, colour): (&Stabiliser, _)| -> Group {
            (stabiliser.label(), colour, values(&self.rows(results, *stabiliser), metric))
        };
        let groups: Vec<Group> = self.stabilisers.iter().zip(SERIES).map(group).collect();
        ranking("", x, &groups, &[])
    }
}
