//! What the numbers of runs are.

use lab::Metric;

pub(crate) const METRICS: &[Metric] = &[
    Metric::new("distance", "", "distance of all parameters from the equilibrium"),
    Metric::new(
        "rate",
        "nats",
        "change of the logarithm of `distance` a turn, by least squares over the second half of the path",
    ),
    Metric::new("predicted_rate", "nats", "logarithm of the spectral radius of one turn"),
    Metric::new("last_error", "", "distance of the last place from the mean of the data"),
    Metric::new("mean_error", "", "distance of the mean place from the mean of the data"),
    Metric::new(
        "pole_error",
        "",
        "distance between the poles by differentiation and those in closed form",
    ),
    Metric::new("modes", "", "modes that hold 1 % of 2,500 samples within reach"),
    Metric::new("near", "", "share of samples within reach of a mode"),
    Metric::new(
        "oscillation",
        "",
        "standard deviation over the last 20 of 40 looks: of each mode's mass, the mean of all modes, or of the regulator's cost",
    ),
    Metric::new(
        "turning",
        "",
        "share of poles above 1e-4 whose imaginary part is ten times the real one, of the game's Jacobian",
    ),
    Metric::new("turning_after", "", "the same at the same point, of the Jacobian with consensus"),
    Metric::new("most_real", "", "the largest real part of a pole"),
    Metric::new("excess", "", "discounted cost over the best policy's, minus one"),
];
