#!/usr/bin/env python3
"""Writes trajectories of Gymnasium for the tests of experiments/imitation/environment (needs gymnasium).

    python3 scripts/reference/environments.py > experiments/imitation/environment/golden.json
"""

import json
import random

import gymnasium
import numpy as np

# Gymnasium's name, actions and the commands that they stand for, and starts.
SYSTEMS = {
    "cartpole": ("CartPole-v1", [0, 1], [-10.0, 10.0], 4),
    "mountain_car": ("MountainCar-v0", [0, 1, 2], [-1.0, 0.0, 1.0], 2),
    "acrobot": ("Acrobot-v1", [0, 1, 2], [-1.0, 0.0, 1.0], 4),
    "pendulum": ("Pendulum-v1", None, [-2.0, -1.3, 0.0, 0.7, 2.0], 2),
}


def choose(name, state, rng, commands):
    """Returns the index of a command: by chance on one third of the steps, else one that gets somewhere."""
    if rng.random() < 1 / 3:
        return rng.randrange(len(commands))
    last = len(commands) - 1
    if name == "cartpole":
        return last if state[2] + 0.5 * state[3] > 0 else 0
    if name == "mountain_car":
        return last if state[1] >= 0 else 0
    if name == "acrobot":
        return last if state[3] >= 0 else 0
    return last if state[1] >= 0 else 0


def trajectory(name, seed):
    identity, actions, commands, size = SYSTEMS[name]
    rng = random.Random(seed)
    env = gymnasium.make(identity, disable_env_checker=True)
    env.reset(seed=seed)
    system = env.unwrapped
    start = [float(x) for x in np.asarray(system.state, dtype=np.float64)]
    # In double precision from the start.
    system.state = np.array(start, dtype=np.float64)
    out = {"start": start, "commands": [], "states": [], "rewards": [], "ends": []}
    for _ in range(200):
        choice = choose(name, system.state, rng, commands)
        action = np.array([commands[choice]]) if actions is None else actions[choice]
        _, reward, ends, _, _ = system.step(action)
        out["commands"].append(commands[choice])
        out["states"].append([float(x) for x in system.state])
        out["rewards"].append(float(reward))
        out["ends"].append(bool(ends))
        if ends:
            break
    return out


print(json.dumps({name: [trajectory(name, seed) for seed in range(1, 3)] for name in SYSTEMS}))
