#!/usr/bin/env python3
"""Makes the golden numbers and arrays of `tests/it/score/golden.rs` that awkward rows have (numpy, scipy, prdc,
torch-fidelity, clean-fid, pyarrow).

    python3 scripts/reference/score.py

numpy's Frechet distance of full rank is scipy's root of a matrix; of less, the sum of singular values. Its kernel
distance is torch-fidelity's formula on all pairs (cubic kernel, 1 / columns, unbiased). torch-fidelity and clean-fid take
subsets of equal size for it: they are asked where both sides have as many rows, which is then one subset. With an offset of
1e8 their kernel distances (0 and 3e32) and precision are lost to rounding and not compared.
"""

import json
import pathlib
import sys

# `pytorch.py` and `stats.py` beside this file are no packages.
sys.path.pop(0)

import numpy as np
import pyarrow
import pyarrow.parquet
import scipy.linalg
import scipy.spatial.distance
import torch
from cleanfid import fid as clean_fid
from prdc import compute_prdc
from torch_fidelity import metric_fid, metric_kid, metric_prc

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


def of_torch_fidelity(x, y, has_origin):
    moments = lambda z: {"mu": z.mean(0), "sigma": np.cov(z, rowvar=False)}
    found = {"frechet": metric_fid.fid_statistics_to_metric(moments(x), moments(y), False)["frechet_inception_distance"]}
    if has_origin:
        options = {"prc_neighborhood": 5, "prc_batch_size": 1000, "save_cpu_ram": False, "verbose": False}
        reach = metric_prc.prc_features_to_metric(torch.tensor(y), torch.tensor(x), **options)
        found |= {key: reach[key] for key in ("precision", "recall")}
    if len(x) == len(y):
        found["kid"] = metric_kid.kernel_mmd(x, y)
    return found


def of_clean_fid(x, y):
    found = {"frechet": clean_fid.frechet_distance(x.mean(0), np.cov(x, rowvar=False), y.mean(0), np.cov(y, rowvar=False))}
    if len(x) == len(y):
        found["kid"] = clean_fid.kernel_distance(x, y, num_subsets=1)
    return found


def main():
    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(12, 12)) / 3
    x, y = rng.normal(size=(90, 12)) @ mixing, rng.normal(size=(70, 12)) @ mixing * 1.1 + 0.1
    repeat = lambda z: np.c_[z, z[:, :2], np.full(len(z), 3.0)]
    tails = [rng.standard_t(1.5, size=(n, 3)) for n in (60, 60)]
    cases = {
        "full_rank": (x, y),
        "equal_rows": (x[:70], y),
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
        numpy = {"frechet": frechet(*near), "energy": energy(*near), **compute_prdc(*near, nearest_k=5)}
        if name != "offset":
            numpy["kid"] = kid(a, b)
        packages = {"torch-fidelity": of_torch_fidelity(a, b, name != "offset"), "clean-fid": of_clean_fid(a, b)}
        golden[name] = {"numpy": numpy, **packages}
    np.savez(FOLDER / "score_real.npz", **{name: a for name, (a, _) in cases.items()})
    np.savez(FOLDER / "score_fake.npz", **{name: b for name, (_, b) in cases.items()})
    plain = lambda of: {key: float(value) for key, value in of.items()}
    numbers = {name: {package: plain(of) for package, of in packages.items()} for name, packages in golden.items()}
    (FOLDER / "score.json").write_text(json.dumps(numbers, indent=1) + "\n")
    points = np.load(FOLDER / "points_real.npy")
    table = pyarrow.table({f"x{i}": points[:, i] for i in range(points.shape[1])})
    pyarrow.parquet.write_table(table, FOLDER / "points_real.parquet")


if __name__ == "__main__":
    main()
