#!/usr/bin/env python3
"""Stores one expert a task for experiments/imitation: of the seeds that were trained, that with the highest return.

    target/release/imitation run --profile reference --arm expert --seeds 100..110 --out local/experts
    python3 scripts/reference/experts.py local/experts/imitation experiments/imitation/experts

Needs safetensors and numpy. The files are the nets' parameters in their order, 32-bit floats, least byte first.
"""

import json
import pathlib
import sys

from safetensors.numpy import load_file

source, target = map(pathlib.Path, sys.argv[1:])
best = {}
for path in sorted((source / "shards").glob("*.json")):
    record = json.loads(path.read_text())["content"]
    part, task = record["arm"].split("/")[:2]
    if part != "expert" or record["outcome"]["status"] != "finished":
        continue
    found = record["outcome"]["summary"]["return"]
    if task not in best or found > best[task][0]:
        best[task] = (found, record["seed"], path.with_suffix(".safetensors"))
for task, (found, seed, path) in sorted(best.items()):
    (target / f"{task}.f32").write_bytes(load_file(path)["policy"].astype("<f4").tobytes())
    print(f"{task}: seed {seed}, return {found:.1f}")
