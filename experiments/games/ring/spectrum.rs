//! The poles of the game at the end of training, before and after regularisation at the same point.

use gan::data::Target;
use gan::optim::{Optimizer, consensus_jacobian, field, jacobian};
use gan::{Graph, Params, Penalty, Rng};
use lab::figure::{Axis, Colour, Layer, Scale, Title};
use lab::{Array, Figure, Results};
use shared::Resumable;
use shared::chart::{Group, dots, panel, ranking};
use shared::contrast::values;
use tch::{Kind, Tensor};

use super::{Config, LATENT, Method, State, WEIGHT, arm_name, losses, target};
use crate::poles::{Pole, eigenvalues};

/// Poles at one point, of the field and of the field under consensus.
pub(super) struct Spectrum {
    pub(super) before: Vec<Pole>,
    pub(super) after: Vec<Pole>,
}

/// Samples that the Jacobian is a mean over, and the size below which a pole counts as zero.
const JACOBIAN_SAMPLES: i64 = 2_048;
const TINY: f64 = 1e-4;

impl Spectrum {
    /// The share of poles that rotate, ten times more than they come near or go off, among those that are not tiny.
    fn turning(poles: &[Pole]) -> f64 {
        let sized: Vec<&Pole> = poles.iter().filter(|[re, im]| re.hypot(*im) > TINY).collect();
        let turning = sized.iter().filter(|[re, im]| im.abs() > 10.0 * re.abs()).count();
        turning as f64 / sized.len().max(1) as f64
    }

    pub(super) fn numbers(&self) -> Vec<(&'static str, f64)> {
        let most = |poles: &[Pole]| poles.iter().map(|pole| pole[0]).fold(f64::MIN, f64::max);
        vec![
            ("turning", Self::turning(&self.before)),
            ("turning_after", Self::turning(&self.after)),
            ("most_real", most(&self.before)),
            ("most_real_after", most(&self.after)),
        ]
    }
}

/// The poles of the first members.
pub(super) fn of<O: Optimizer<State: Resumable>>(
    state: &State<O>,
    members: usize,
    root: &Rng,
) -> Vec<Spectrum> {
    let first = |x: &Tensor| x.narrow(0, 0, x.size()[0].min(members as i64));
    let few = |params: &Params| params.with_flat(first(params.flat())).snapshot();
    let mut fresh = root.fork("jacobian");
    let real = first(&target().sample(&mut fresh, JACOBIAN_SAMPLES));
    let z = first(&fresh.normal(&[JACOBIAN_SAMPLES, LATENT]));
    let players = [few(&state.generator.params), few(&state.critic.params)];
    let players = [&players[0], &players[1]];
    let nets = [&state.generator.net, &state.critic.net];
    let [of_generator, of_critic] = losses(nets, players, Penalty::None, &real, &z);
    let field = field([&of_generator, &of_critic], players, Graph::Keep);
    let jacobian = jacobian(&field, players).to_kind(Kind::Double);
    let before = eigenvalues(&jacobian);
    let after = eigenvalues(&consensus_jacobian(&jacobian, WEIGHT));
    before.into_iter().zip(after).map(|(before, after)| Spectrum { before, after }).collect()
}

/// Returns poles as they are kept.
pub(super) fn array(poles: &[Pole]) -> Array {
    let values: Vec<f32> = poles.iter().flatten().map(|x| *x as f32).collect();
    Array::of_f32(&[poles.len(), 2], &values)
}

/// The poles of one seed before and after regularisation.
pub(super) fn figure(results: &Results<Config>) -> Figure {
    let rows = results.arm(&arm_name(Method::Consensus));
    let cloud = |sample: &str, title: &str, colour| {
        let poles = rows.iter().find_map(|row| row.samples.get(sample));
        let poles = poles.map(Array::to_points).unwrap_or_default();
        let x = Axis::new("real part").scaled(Scale::SymLog(1e-4)).within(-1e4, 1e2);
        let y = Axis::new("imaginary part").scaled(Scale::SymLog(1e-4)).within(-10.0, 10.0);
        let layers: Vec<Layer> =
            vec![dots(colour, 2, 0.5, poles), Layer::Vertical { label: String::new(), x: 0.0 }];
        panel(title, x, y, layers)
    };
    let share = |(number, label): (&str, &str), colour| -> Group {
        (label.to_owned(), colour, values(&rows, number))
    };
    let groups = [
        share(("turning", "the game's field"), Colour::Vermillion),
        share(("turning_after", "under consensus"), Colour::Blue),
    ];
    Figure {
        name: "spectrum".into(),
        title: Title::new("Poles at the end of consensus training, before and after regularisation at the same point").if_reproduced("games.F13d4", "Regularisation at the same point makes fewer poles rotate").if_contradicted("games.F13d4", "Regularisation at the same point makes more poles rotate"),
        caption: "J: the Jacobian of the game's field, whose poles its eigenvalues are. Left and middle: one seed; axes are logarithmic \
                  beyond 1e-4. Right: each dot a seed; bars: medians with 95 % intervals."
            .into(),
        columns: 3,
        height: 220,
        panels: vec![
            cloud("poles", "poles of J", Colour::Vermillion),
            cloud("regularised_poles", "poles of J - 10 J'J", Colour::Blue),
            ranking("", Axis::new("share of poles that rotate"), &groups, &[]),
        ],
    }
}
