#!/usr/bin/env python3
"""Times `score` beside its peers on the same arrays, in one run, and prints ratios and both values.

    python3 scripts/reference/bench_score.py [ROWS COLUMNS]
    python3 scripts/reference/bench_score.py pictures [COUNT]

The default is 10,000 rows of 2,048 columns, beside numpy, scipy, torch-fidelity, clean-fid, prdc and POT, those that are
installed. numpy's Frechet distance is its own eigenvalue route: two covariances and the eigenvalues of their product.
`pictures` sends COUNT (1,000) pictures of 32 x 32 of each side through Inception, beside PyTorch with the same TorchScript,
resizing and cores.
"""

import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCORE = ROOT / "target/release/score"


def moments(x):
    return x.mean(0), np.cov(x, rowvar=False)


def frechet_numpy(x, y):
    (m, c), (n, d) = moments(x), moments(y)
    cross = np.sqrt(np.maximum(np.linalg.eigvals(c @ d).real, 0)).sum()
    return ((m - n) ** 2).sum() + np.trace(c) + np.trace(d) - 2 * cross


def frechet_scipy(x, y):
    import scipy.linalg

    (m, c), (n, d) = moments(x), moments(y)
    cross = np.trace(np.real(scipy.linalg.sqrtm(c @ d)))
    return ((m - n) ** 2).sum() + np.trace(c) + np.trace(d) - 2 * cross


def frechet_torch_fidelity(x, y):
    from torch_fidelity import metric_fid

    sides = [dict(zip(("mu", "sigma"), moments(z))) for z in (x, y)]
    return metric_fid.fid_statistics_to_metric(*sides, False)["frechet_inception_distance"]


def frechet_clean_fid(x, y):
    from cleanfid import fid

    return fid.frechet_distance(*moments(x), *moments(y))


def kernel_torch_fidelity(x, y):
    import torch
    from torch_fidelity import metric_kid

    found = metric_kid.kid_features_to_metric(torch.tensor(x), torch.tensor(y), kid_subset_size=1000, verbose=False)
    return found["kernel_inception_distance_mean"]


def kernel_clean_fid(x, y):
    from cleanfid import fid

    return fid.kernel_distance(x, y)


def coverage_prdc(x, y):
    from prdc import compute_prdc

    return compute_prdc(x, y, nearest_k=5)["coverage"]


def precision_torch_fidelity(x, y):
    import torch
    from torch_fidelity import metric_prc

    options = {"prc_neighborhood": 5, "prc_batch_size": 10_000, "save_cpu_ram": False, "verbose": False}
    return metric_prc.prc_features_to_metric(torch.tensor(y), torch.tensor(x), **options)["precision"]


def energy_scipy(x, y):
    from scipy.spatial.distance import cdist

    return 2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean()


def sliced_pot(x, y):
    import ot

    return ot.sliced_wasserstein_distance(x, y, n_projections=200, seed=0)


PEERS = {
    "frechet": [
        ("numpy", frechet_numpy),
        ("scipy", frechet_scipy),
        ("torch-fidelity", frechet_torch_fidelity),
        ("clean-fid", frechet_clean_fid),
    ],
    "kid_subsets": [("torch-fidelity", kernel_torch_fidelity), ("clean-fid", kernel_clean_fid)],
    "coverage": [("prdc", coverage_prdc)],
    "precision": [("torch-fidelity", precision_torch_fidelity)],
    "energy": [("scipy", energy_scipy)],
    "sliced_wasserstein_2": [("POT", sliced_pot)],
}


def timed(work):
    start = time.perf_counter()
    value = work()
    return value, time.perf_counter() - start


def ours(folder, metric, more):
    command = [SCORE, "--real", folder / "real.npy", "--fake", folder / "fake.npy", "--metric", metric]
    command += ["--format", "json", *more]
    output, seconds = timed(lambda: subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return json.loads(output)["metrics"][0]["value"], seconds


def arrays(rows=10_000, columns=2_048):
    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(columns, columns)) / columns**0.5
    x = (rng.normal(size=(rows, columns)) @ mixing).astype(np.float32)
    y = (rng.normal(size=(rows, columns)) @ mixing * 1.05 + 0.02).astype(np.float32)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        np.save(folder / "real.npy", x)
        np.save(folder / "fake.npy", y)
        print(f"{rows} rows of {columns} columns; seconds, and ours over theirs (below 1: ours is faster)")
        for metric, peers in PEERS.items():
            with_interval, seconds = ours(folder, metric, [])
            value, alone = ours(folder, metric, ["--no-intervals"])
            assert np.isclose(with_interval, value, rtol=1e-9), (with_interval, value)
            print(f"{metric}: {value:.6g} in {alone:.1f}, with interval and floor in {seconds:.1f}", flush=True)
            for peer, work in peers:
                try:
                    theirs, their_seconds = timed(lambda: work(x.astype(np.float64), y.astype(np.float64)))
                except ImportError as error:
                    print(f"    {peer} is not here ({error})")
                    continue
                ratios = f"{alone / their_seconds:.2f}, {seconds / their_seconds:.2f}"
                print(f"    {peer}: {theirs:.6g} in {their_seconds:.1f}; ratios {ratios}", flush=True)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        print(f"most memory of score: {peak:.2f} GiB")


def pictures(count=1_000):
    import torch

    rng = np.random.default_rng(0)
    sides = [rng.integers(0, 256, (count, 3, 32, 32), dtype=np.uint8) for _ in range(2)]
    network = torch.jit.load(ROOT / ".deps/inception/inception.pt").eval()

    def features(images):
        found = []
        with torch.no_grad():
            for batch in torch.from_numpy(images).split(50):
                resized = torch.nn.functional.interpolate(
                    batch.float(), size=(299, 299), mode="bilinear", antialias=True
                )
                found.append(network(resized / 127.5 - 1))
        return torch.cat(found).double().numpy()

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for side, images in zip(("real", "fake"), sides):
            np.save(folder / f"{side}.npy", images)
        value, seconds = ours(folder, "kid", ["--features", "inception", "--no-cache", "--no-intervals"])
        kernel = lambda a, b: (a @ b.T / a.shape[1] + 1) ** 3
        within = lambda a: (kernel(a, a).sum() - np.trace(kernel(a, a))) / (len(a) * (len(a) - 1))

        def peer():
            x, y = (features(images) for images in sides)
            return within(x) + within(y) - 2 * kernel(x, y).mean()

        theirs, their_seconds = timed(peer)
    rates = [2 * count / seconds, 2 * count / their_seconds]
    print(f"kid of {count} pictures of each side: {value:.6g}, PyTorch: {theirs:.6g}")
    print(f"pictures per second: {rates[0]:.1f}, PyTorch {rates[1]:.1f}; ours over theirs {rates[0] / rates[1]:.2f}")


if __name__ == "__main__":
    words = sys.argv[1:]
    if words[:1] == ["pictures"]:
        pictures(*map(int, words[1:2]))
    else:
        arrays(*map(int, words[:2]))
