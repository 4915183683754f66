//! Four classic tasks of control in double precision: constants and equations of Gymnasium, against which
//! `scripts/reference/environments.py` checks them.

mod copies;

pub(crate) use copies::{Copies, Step};

use std::f64::consts::{PI, TAU};

/// The state of one copy: of a pendulum and of a car the last two numbers are zero.
pub(crate) type State = [f64; 4];

/// A physical system with a few commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Environment {
    /// A pole on a cart (Barto, Sutton and Anderson 1983): place, speed, angle, its speed.
    Cartpole,
    /// A car too weak for its hill (Moore 1990): place, speed.
    MountainCar,
    /// Two links, a motor between them (Sutton 1996): two angles, their speeds.
    Acrobot,
    /// A pendulum with a weak motor: angle from the top, its speed.
    Pendulum,
}

/// What one step of a system gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Outcome {
    /// The state after it.
    pub(crate) state: State,
    /// The reward of Gymnasium.
    pub(crate) reward: f64,
    /// Whether the task ends in this state; a time limit is no end.
    pub(crate) ends: bool,
}

/// Half the track and the largest angle of a standing pole.
pub(crate) const TRACK: f64 = 2.4;
pub(crate) const LEAN: f64 = 12.0 * TAU / 360.0;

impl Environment {
    /// Returns the commands between which a policy chooses: newtons, signs of the motor, or newton-metres.
    pub(crate) fn commands(self) -> &'static [f64] {
        match self {
            Self::Cartpole => &[-10.0, 10.0],
            Self::MountainCar | Self::Acrobot => &[-1.0, 0.0, 1.0],
            Self::Pendulum => &[-2.0, -1.0, 0.0, 1.0, 2.0],
        }
    }

    /// Returns a start for four uniform numbers of (0, 1).
    pub(crate) fn start(self, uniform: State) -> State {
        let [a, b, ..] = uniform;
        match self {
            Self::Cartpole => uniform.map(|u| 0.1 * u - 0.05),
            Self::MountainCar => [0.2 * a - 0.6, 0.0, 0.0, 0.0],
            Self::Acrobot => uniform.map(|u| 0.2 * u - 0.1),
            Self::Pendulum => [TAU * a - PI, 2.0 * b - 1.0, 0.0, 0.0],
        }
    }

    /// Returns one step under a command.
    pub(crate) fn advance(self, state: State, command: f64) -> Outcome {
        match self {
            Self::Cartpole => cartpole(state, command),
            Self::MountainCar => mountain_car(state, command),
            Self::Acrobot => acrobot(state, command),
            Self::Pendulum => pendulum(state, command),
        }
    }

    /// Returns the numbers that tell states apart, angles in one turn.
    pub(crate) fn coordinates(self, state: State) -> Vec<f64> {
        match self {
            Self::Cartpole | Self::Acrobot => state.to_vec(),
            Self::MountainCar => state[..2].to_vec(),
            Self::Pendulum => vec![turn(state[0]), state[1]],
        }
    }

    /// Returns what networks read of a state: about one in size, and five at most.
    pub(crate) fn features(self, [a, b, c, d]: State) -> Vec<f32> {
        let features = match self {
            Self::Cartpole => vec![a / TRACK, b / 2.0, c / LEAN, d / 2.0],
            Self::MountainCar => vec![(a + 0.3) / 0.9, b / 0.07],
            Self::Acrobot => vec![a.cos(), a.sin(), b.cos(), b.sin(), c / 4.0, d / 9.0],
            Self::Pendulum => vec![a.cos(), a.sin(), b / 8.0],
        };
        features.into_iter().map(|x| x.clamp(-5.0, 5.0) as f32).collect()
    }

    /// Returns how many numbers [`Environment::features`] has.
    pub(crate) fn width(self) -> i64 {
        self.features([0.0; 4]).len() as i64
    }
}

/// An angle in -pi to pi.
fn turn(angle: f64) -> f64 {
    (angle + PI).rem_euclid(TAU) - PI
}

/// Euler's steps of 0.02 s; cart 1 kg, pole 0.1 kg and 1 m.
fn cartpole([x, speed, angle, spin]: State, force: f64) -> Outcome {
    const GRAVITY: f64 = 9.8;
    const POLE: f64 = 0.1;
    const TOTAL: f64 = 1.0 + POLE;
    const HALF_LENGTH: f64 = 0.5;
    const TIME: f64 = 0.02;
    let (sin, cos) = angle.sin_cos();
    let push = (force + POLE * HALF_LENGTH * spin * spin * sin) / TOTAL;
    let inertia = HALF_LENGTH * (4.0 / 3.0 - POLE * cos * cos / TOTAL);
    let twist = (GRAVITY * sin - cos * push) / inertia;
    let pull = push - POLE * HALF_LENGTH * twist * cos / TOTAL;
    let state = [x + TIME * speed, speed + TIME * pull, angle + TIME * spin, spin + TIME * twist];
    Outcome { state, reward: 1.0, ends: !stands(state) }
}

/// Returns whether a cart is on its track and its pole up.
pub(crate) fn stands([x, _, angle, _]: State) -> bool {
    x.abs() <= TRACK && angle.abs() <= LEAN
}

fn mountain_car([place, speed, ..]: State, motor: f64) -> Outcome {
    let speed = (speed + motor * 0.001 - 0.0025 * (3.0 * place).cos()).clamp(-0.07, 0.07);
    let place = (place + speed).clamp(-1.2, 0.6);
    let speed = if place <= -1.2 && speed < 0.0 { 0.0 } else { speed };
    let ends = place >= 0.5 && speed >= 0.0;
    Outcome { state: [place, speed, 0.0, 0.0], reward: -1.0, ends }
}

/// Returns the car's mechanical energy: minus one at rest in the valley, one at rest on a hilltop.
pub(crate) fn energy_of_car([place, speed, ..]: State) -> f64 {
    (3.0 * place).sin() + speed * speed * 0.5 * 3.0 / 0.0025
}

/// One step of Runge and Kutta's fourth order of 0.2 s; links of 1 kg and 1 m, inertia 1.
fn acrobot(state: State, torque: f64) -> Outcome {
    const TIME: f64 = 0.2;
    let along =
        |slope: State, time: f64| -> State { std::array::from_fn(|i| state[i] + time * slope[i]) };
    let k1 = acrobot_slope(state, torque);
    let k2 = acrobot_slope(along(k1, TIME / 2.0), torque);
    let k3 = acrobot_slope(along(k2, TIME / 2.0), torque);
    let k4 = acrobot_slope(along(k3, TIME), torque);
    let moved: State = std::array::from_fn(|i| {
        state[i] + TIME / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i])
    });
    let state = [
        turn(moved[0]),
        turn(moved[1]),
        moved[2].clamp(-4.0 * PI, 4.0 * PI),
        moved[3].clamp(-9.0 * PI, 9.0 * PI),
    ];
    let ends = -state[0].cos() - (state[0] + state[1]).cos() > 1.0;
    Outcome { state, reward: if ends { 0.0 } else { -1.0 }, ends }
}

/// The book's equations of motion (Sutton and Barto 1998, section 11.3), centres of mass at half of the links.
fn acrobot_slope([first, second, spin1, spin2]: State, torque: f64) -> State {
    const GRAVITY: f64 = 9.8;
    const CENTRE: f64 = 0.5;
    const INERTIA: f64 = 1.0;
    let (sin, cos) = second.sin_cos();
    let d1 = CENTRE * CENTRE + (1.0 + CENTRE * CENTRE + 2.0 * CENTRE * cos) + 2.0 * INERTIA;
    let d2 = CENTRE * CENTRE + CENTRE * cos + INERTIA;
    let phi2 = CENTRE * GRAVITY * (first + second - PI / 2.0).cos();
    let phi1 = -CENTRE * spin2 * spin2 * sin - 2.0 * CENTRE * spin2 * spin1 * sin
        + (CENTRE + 1.0) * GRAVITY * (first - PI / 2.0).cos()
        + phi2;
    let twist2 = (torque + d2 / d1 * phi1 - CENTRE * spin1 * spin1 * sin - phi2)
        / (CENTRE * CENTRE + INERTIA - d2 * d2 / d1);
    let twist1 = -(d2 * twist2 + phi1) / d1;
    [spin1, spin2, twist1, twist2]
}

/// Steps of 0.05 s with the new speed; 1 kg, 1 m, gravity 10.
fn pendulum([angle, spin, ..]: State, torque: f64) -> Outcome {
    const TIME: f64 = 0.05;
    let torque = torque.clamp(-2.0, 2.0);
    let cost = turn(angle).powi(2) + 0.1 * spin * spin + 0.001 * torque * torque;
    let spin = (spin + (15.0 * angle.sin() + 3.0 * torque) * TIME).clamp(-8.0, 8.0);
    Outcome { state: [angle + spin * TIME, spin, 0.0, 0.0], reward: -cost, ends: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
    use serde_json::Value;

    fn numbers(value: &Value) -> Vec<f64> {
        value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
    }

    /// Trajectories of Gymnasium under the same commands (`scripts/reference/environments.py`): states, rewards and ends.
    #[test]
    fn trajectories_are_those_of_gymnasium() {
        let golden: Value = serde_json::from_str(include_str!("golden.json")).unwrap();
        for (environment, name) in [
            (Environment::Cartpole, "cartpole"),
            (Environment::MountainCar, "mountain_car"),
            (Environment::Acrobot, "acrobot"),
            (Environment::Pendulum, "pendulum"),
        ] {
            let (mut steps, mut ends) = (0, 0);
            for trajectory in golden[name].as_array().unwrap() {
                let mut state = [0.0; 4];
                for (x, y) in state.iter_mut().zip(numbers(&trajectory["start"])) {
                    *x = y;
                }
                let rewards = numbers(&trajectory["rewards"]);
                for (t, command) in numbers(&trajectory["commands"]).into_iter().enumerate() {
                    let outcome = environment.advance(state, command);
                    state = outcome.state;
                    let expected = numbers(&trajectory["states"][t]);
                    for (x, y) in state.iter().zip(&expected) {
                        assert_abs_diff_eq!(*x, *y, epsilon = 1e-8);
                    }
                    assert_abs_diff_eq!(outcome.reward, rewards[t], epsilon = 1e-8);
                    assert_eq!(
                        outcome.ends,
                        trajectory["ends"][t].as_bool().unwrap(),
                        "{name} {t}"
                    );
                    (steps, ends) = (steps + 1, ends + usize::from(outcome.ends));
                }
            }
            assert!(steps >= 150, "{name}: {steps} steps");
            assert_eq!(ends > 0, environment != Environment::Pendulum, "{name}: {ends} ends");
        }
    }

    /// Without torque the energy of the two links stays, up to the error of the fourth order.
    #[test]
    fn a_free_acrobot_keeps_its_energy() {
        let energy = |[first, second, spin1, spin2]: State| {
            let both = spin1 + spin2;
            let square = spin1 * spin1 + 0.25 * both * both + spin1 * both * second.cos();
            let kinetic = 0.5 * (0.25 * spin1 * spin1 + square + spin1 * spin1 + both * both);
            kinetic - 9.8 * (1.5 * first.cos() + 0.5 * (first + second).cos())
        };
        let mut state = [0.3, -0.2, 0.1, 0.2];
        let start = energy(state);
        for _ in 0..10 {
            state = acrobot(state, 0.0).state;
        }
        assert_abs_diff_eq!(energy(state), start, epsilon = 0.02);
    }
}
