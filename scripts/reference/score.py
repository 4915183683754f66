#!/usr/bin/env python3
"""Makes the golden numbers and arrays of `tests/it/score/golden.rs` that awkward rows have (numpy, scipy, prdc, pyarrow).

    python3 scripts/reference/score.py

The Frechet distance of full rank is scipy's root of a matrix; of less, the sum of numpy's singular values. The kernel
distance is torch-fidelity's formula on all pairs (cubic kernel, 1 / columns, unbiased).
"""

import json
import pathlib

import numpy as np
import pyarrow
import pyarrow.parquet
import scipy.linalg
import scipy.spatial.distance
from prdc import compute_prdc

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "tests/it/golden"


def frechet(x, y):
    offset = ((x.mean(0) - y.mean(0)) ** 2).sum()
    a, b = ((z - z.mean(0)) / np.sqrt(len(z) - 1) for z in (x, y))
    c, d = a.T @ a, b.T @ b
    if min(np.linalg.matrix_rank(c), np.linalg.matrix_rank(d)) == len(c):
        cross = np.trace(np.real(scipy.linalg.sqrtm(c @ d)))
    else:
        cross = np.linalg.svd(a @ b.T, compute_uv=False).sum()
    return offset + np.trace(c) + np.trace(d) - 2 * cross


def kid(x, y):
    k = lambda a, b: (a @ b.T / a.shape[1] + 1) ** 3
    within = lambda a: (k(a, a).sum() - np.trace(k(a, a))) / (len(a) * (len(a) - 1))
    return within(x) + within(y) - 2 * k(x, y).mean()


def energy(x, y):
    cdist = scipy.spatial.distance.cdist
    return 2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean()


def main():
    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(12, 12)) / 3
    x, y = rng.normal(size=(90, 12)) @ mixing, rng.normal(size=(70, 12)) @ mixing * 1.1 + 0.1
    repeat = lambda z: np.c_[z, z[:, :2], np.full(len(z), 3.0)]
    tails = [rng.standard_t(1.5, size=(n, 3)) for n in (60, 60)]
    cases = {
        "full_rank": (x, y),
        "few_rows": (rng.normal(size=(25, 40)), rng.normal(size=(30, 40)) + 0.2),
        "repeated_columns": (repeat(x), repeat(y)),
        "repeated_rows": (np.r_[x, x[:30]], np.r_[y, y[:5]]),
        "offset": (x + 1e8, y + 1e8),
        "heavy_tails": tuple(tails),
    }
    golden = {}
    for name, (a, b) in cases.items():
        # What has no origin is computed near it, where numpy's own rounding is small; the kernel distance has one.
        near = (a - 1e8, b - 1e8) if name == "offset" else (a, b)
        golden[name] = {"frechet": frechet(*near), "energy": energy(*near), **compute_prdc(*near, nearest_k=5)}
        if name != "offset":
            golden[name]["kid"] = kid(a, b)
    np.savez(FOLDER / "score_real.npz", **{name: a for name, (a, _) in cases.items()})
    np.savez(FOLDER / "score_fake.npz", **{name: b for name, (_, b) in cases.items()})
    numbers = {name: {key: float(value) for key, value in of.items()} for name, of in golden.items()}
    (FOLDER / "score.json").write_text(json.dumps(numbers, indent=1) + "\n")
    points = np.load(FOLDER / "points_real.npy")
    table = pyarrow.table({f"x{i}": points[:, i] for i in range(points.shape[1])})
    pyarrow.parquet.write_table(table, FOLDER / "points_real.parquet")


if __name__ == "__main__":
    main()
