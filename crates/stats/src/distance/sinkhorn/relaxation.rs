//! How far an iteration goes beyond a plain one.

/// Plain iterations that tell a rate, the second half of them.
const PLAIN: usize = 20;
/// Relaxed iterations after them, over what a weight lacks of 2: their error is a small part then.
const TURNS: f64 = 8.0;
/// Growth of a residual that shows a weight to be of no use.
const WORSE: f64 = 1000.0;

/// How far updates go beyond a plain one: for a plain rate `r`, `2 / (1 + sqrt(1 - r))` makes of `1 / (1 - r)`
/// iterations their root (Young 1954; Thibault et al. 2021). Plain iterations tell the rate, relaxed ones use it, and
/// then plain ones tell it again, because slow errors hide behind fast ones at first.
pub(super) struct Relaxation {
    pub(super) weight: f64,
    /// Plain iterations of a turn.
    plain: usize,
    /// Of this turn.
    residuals: Vec<f64>,
}

impl Relaxation {
    pub(super) fn new() -> Self {
        Self { weight: 1.0, plain: PLAIN, residuals: Vec::new() }
    }

    /// Takes a residual and sets the next weight.
    pub(super) fn look(&mut self, residual: f64) {
        self.residuals.push(residual);
        let (count, plain) = (self.residuals.len(), self.plain);
        if count == plain {
            let rate = (residual / self.residuals[plain / 2 - 1]).powf(2.0 / plain as f64);
            self.weight = 2.0 / (1.0 + (1.0 - rate.min(1.0)).sqrt()).max(1.005);
        }
        if count > plain {
            let worse = residual > WORSE * self.residuals[plain - 1];
            let turns = (TURNS / (2.0 - self.weight)) as usize;
            if worse || count >= plain + turns {
                let plain = if worse { 2 * plain } else { plain };
                *self = Self { plain, ..Self::new() };
            }
        }
    }
}
