//! The extragradient method over any rule.

use garde::Validate;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::Optimizer;
use crate::Params;

/// A rule that is used twice for one move: the first step goes to where the rule leads, the second goes from where the
/// first began, by the gradient that was found there (Korpelevich 1976). Over Adam it is `ExtraAdam`, whose moments run
/// through both steps (Gidel et al. 2019, 1802.10551, algorithm 4).
///
/// All players take their first step before any takes its second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(transparent)]
#[garde(transparent)]
pub struct Extragradient<O: Validate<Context = ()>>(#[garde(dive)] pub O);

/// What a rule remembers, and where a move that is half done began.
#[derive(Debug)]
pub struct ExtragradientState<S> {
    /// The rule's own state.
    pub rule: S,
    /// The parameters before the first step, `[members, total]`; none between two moves.
    pub base: Option<Tensor>,
}

impl<O: Optimizer + Validate<Context = ()>> Optimizer for Extragradient<O> {
    type State = ExtragradientState<O::State>;

    fn init(&self, params: &Params) -> Self::State {
        ExtragradientState { rule: self.0.init(params), base: None }
    }

    fn update(
        &self,
        params: &Tensor,
        gradient: &Tensor,
        state: &Self::State,
    ) -> (Tensor, Self::State) {
        let from = state.base.as_ref().unwrap_or(params);
        let (moved, rule) = self.0.update(from, gradient, &state.rule);
        let base = state.base.is_none().then(|| params.shallow_clone());
        (moved, ExtragradientState { rule, base })
    }

    fn step(&self, params: &mut Params, gradient: &Tensor, state: &mut Self::State) {
        match state.base.take() {
            Some(base) => params.set(&base),
            None => state.base = Some(params.flat().detach().copy()),
        }
        self.0.step(params, gradient, &mut state.rule);
    }
}
