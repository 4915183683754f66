#!/usr/bin/env python3
"""Makes the golden numbers and arrays of `tests/it/score/golden.rs` (numpy, scipy, POT, scikit-learn).

    python3 scripts/reference/distances.py

Two pairs of random arrays, of single numbers and in three dimensions, and what these libraries say of them.
"""

import json
import pathlib

import numpy as np
import ot
import scipy.linalg
import scipy.spatial.distance
import scipy.stats
from sklearn.metrics.pairwise import rbf_kernel

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "tests/it/golden"


def moments(x):
    return x.mean(0), np.atleast_2d(np.cov(x.T))


def frechet(x, y):
    (m, c), (n, d) = moments(x), moments(y)
    root = scipy.linalg.sqrtm(c @ d)
    return ((m - n) ** 2).sum() + np.trace(c + d - 2 * np.real(root))


def median(x, y):
    distances = np.sort(scipy.spatial.distance.pdist(np.concatenate([x, y])))
    return distances[(len(distances) - 1) // 2]


def squared_mmd(x, y, h):
    def mean(a):
        k = rbf_kernel(a, gamma=1 / (2 * h**2))
        return (k.sum() - len(a)) / (len(a) * (len(a) - 1))

    return mean(x) + mean(y) - 2 * rbf_kernel(x, y, gamma=1 / (2 * h**2)).mean()


def energy(x, y):
    cdist = scipy.spatial.distance.cdist
    return 2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean()


def entropic(x, y, epsilon):
    """The optimal plan's cost with `epsilon KL(P | a b^T)`, from POT's plan."""
    a, b = np.full(len(x), 1 / len(x)), np.full(len(y), 1 / len(y))
    cost = ot.dist(x, y)
    plan = ot.sinkhorn(a, b, cost, epsilon, method="sinkhorn_log", stopThr=1e-12, numItermax=100_000)
    relative = np.sum(scipy.special.xlogy(plan, plan / np.outer(a, b)))
    return (plan * cost).sum() + epsilon * relative


def sinkhorn(x, y, epsilon):
    return entropic(x, y, epsilon) - (entropic(x, x, epsilon) + entropic(y, y, epsilon)) / 2


def main():
    rng = np.random.default_rng(0)
    arrays = {
        "numbers": (rng.normal(size=60), rng.normal(0.7, 1.5, size=45)),
        "points": (
            rng.normal(size=(50, 3)).astype(np.float32),
            (rng.normal(size=(64, 3)) * [1, 2, 0.5] + [0.5, 0, 0]).astype(np.float32),
        ),
    }
    golden = {}
    FOLDER.mkdir(exist_ok=True)
    for name, (x, y) in arrays.items():
        np.save(FOLDER / f"{name}_real.npy", x)
        np.save(FOLDER / f"{name}_fake.npy", y)
        x, y = (np.asarray(a, np.float64).reshape(len(a), -1) for a in (x, y))
        h = median(x, y)
        golden[name] = {
            "frechet": frechet(x, y),
            "energy": energy(x, y),
            "squared_mmd": squared_mmd(x, y, h),
            "sinkhorn": sinkhorn(x, y, 0.1 * h**2),
        }
        if x.shape[1] == 1:
            x, y = x.ravel(), y.ravel()
            golden[name] |= {
                "energy_scipy": scipy.stats.energy_distance(x, y) ** 2,
                "wasserstein_1": scipy.stats.wasserstein_distance(x, y),
                "wasserstein_2": ot.wasserstein_1d(x, y, p=2) ** 0.5,
            }
        else:
            directions = ot.sliced.get_random_projections(x.shape[1], 100_000, seed=0)
            sliced = lambda p: ot.sliced_wasserstein_distance(x, y, projections=directions, p=p)
            golden[name] |= {"sliced_wasserstein_1": sliced(1), "sliced_wasserstein_2": sliced(2)}
    (FOLDER / "distances.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
