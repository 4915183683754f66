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
    Metric::new(
        "excess",
        "",
        "discounted cost over the best policy's, minus one; of a run the mean of its last 20 of 40 looks",
    ),
    Metric::new("most_real_after", "", "`most_real` of the Jacobian with consensus"),
    Metric::new("theta", "", "place of the generator's number"),
    Metric::new("psi", "", "place of the critic's number"),
    Metric::new("first", "", "first coordinate of the generator's place"),
    Metric::new("second", "", "second coordinate of the generator's place"),
    Metric::new("first_real", "", "real part of the first pole in closed form"),
    Metric::new("first_imaginary", "", "imaginary part of the first pole in closed form"),
    Metric::new("second_real", "", "real part of the second pole in closed form"),
    Metric::new(
        "trace_error",
        "",
        "distance of the poles' sum from the trace in closed form, over its size where that is above 1",
    ),
    Metric::new("mean_distance", "", "distance of the mean of all places from the equilibrium"),
    Metric::new("escaped", "", "1 if the path went out of reach before its end, else 0"),
];
