#!/usr/bin/env python3
"""Times `score` beside numpy, prdc and POT on the same arrays, in one run, and prints ratios and both values.

    python3 scripts/reference/bench_score.py [ROWS COLUMNS]

The default is 10,000 rows of 2,048 columns. numpy's Frechet distance is its own eigenvalue route: two covariances and
the eigenvalues of their product; its kernel distance is torch-fidelity's formula.
"""

import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np

SCORE = pathlib.Path(__file__).resolve().parents[2] / "target/release/score"


def frechet(x, y):
    c, d = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    cross = np.sqrt(np.maximum(np.linalg.eigvals(c @ d).real, 0)).sum()
    return ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(c) + np.trace(d) - 2 * cross


def reach(x, y):
    from prdc import compute_prdc

    return compute_prdc(x, y, nearest_k=5)["coverage"]


def sliced(x, y):
    import ot

    return ot.sliced_wasserstein_distance(x, y, n_projections=200, seed=0)


def kernel(x, y):
    """The mean over 100 subsets of 1,000 rows, as torch-fidelity has it."""
    rng, k = np.random.default_rng(0), lambda a, b: (a @ b.T / a.shape[1] + 1) ** 3
    size, values = min(1000, len(x) // 2), []
    for _ in range(100):
        a, b = (z[rng.choice(len(z), size, replace=False)] for z in (x, y))
        within = sum(k(z, z).sum() - np.trace(k(z, z)) for z in (a, b)) / (size * (size - 1))
        values.append(within - 2 * k(a, b).mean())
    return np.mean(values)


def timed(work):
    start = time.perf_counter()
    value = work()
    return value, time.perf_counter() - start


def ours(folder, metric, more):
    command = [SCORE, "--real", folder / "real.npy", "--fake", folder / "fake.npy", "--metric", metric]
    command += ["--format", "json", *more]
    output, seconds = timed(lambda: subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return json.loads(output)["metrics"][0]["value"], seconds


def main(rows=10_000, columns=2_048):
    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(columns, columns)) / columns**0.5
    x = (rng.normal(size=(rows, columns)) @ mixing).astype(np.float32)
    y = (rng.normal(size=(rows, columns)) @ mixing * 1.05 + 0.02).astype(np.float32)
    peers = [("frechet", frechet, "numpy"), ("coverage", reach, "prdc"), ("sliced_wasserstein_2", sliced, "POT")]
    peers += [("kid_subsets", kernel, "numpy")]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        np.save(folder / "real.npy", x)
        np.save(folder / "fake.npy", y)
        print(f"{rows} rows of {columns} columns; seconds, and ours over theirs (below 1: ours is faster)")
        for metric, peer, name in peers:
            with_interval, seconds = ours(folder, metric, [])
            value, alone = ours(folder, metric, ["--no-intervals"])
            line = f"{metric}: {value:.6g} in {alone:.1f}, with interval and floor in {seconds:.1f}"
            try:
                theirs, their_seconds = timed(lambda: peer(x.astype(np.float64), y.astype(np.float64)))
            except ImportError as error:
                print(f"{line}; {name} is not here ({error})")
                continue
            ratios = f"{alone / their_seconds:.2f}, {seconds / their_seconds:.2f}"
            print(f"{line}; {name}: {theirs:.6g} in {their_seconds:.1f}; ratios {ratios}", flush=True)
            assert with_interval == value
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        print(f"most memory of score: {peak:.2f} GiB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
