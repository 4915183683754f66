#!/usr/bin/env python3
"""Makes the golden numbers of `crates/stats/src/bootstrap.rs` with scipy (needs numpy and scipy)."""

import numpy as np
import scipy.stats

x = [1.2, 0.4, 3.1, 2.2, 0.9, 5.6, 1.1, 0.3, 2.8, 1.7]
interval = scipy.stats.bootstrap(
    (x,), np.mean, method="BCa", n_resamples=200_000, random_state=0
).confidence_interval
print(f"BCa interval of the mean: {interval.low:.2f} {interval.high:.2f}")
