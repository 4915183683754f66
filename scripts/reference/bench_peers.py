#!/usr/bin/env python3
"""Training steps in this repository and in what a user would pick instead, in one run.

    make build && python3 scripts/reference/bench_peers.py [--runs 3] [--only large]

Needs Python with torch and jax, and for `control` gymnasium, stable-baselines3 and imitation. Prints member-steps per second (medians) and ratios, for the plain GAN on
the ring of 8
  small: 64 units, latent 16, batch 128, 16 seeds;
  large: the paper's 256-128-128 generator with batch 512, 16 seeds.
All ways use the same nets, losses, Adam and data law, and single precision:
  ours           stacks of 8, one stack per core at a time (`tools/throughput/examples/throughput.rs`);
  pytorch        eager, as users write it: one seed after the other, torch's own threads;
  pytorch x N    eager, one single-threaded process per core, seeds shared out;
  jax            jit and scan over 100 steps, vmap over the 16 seeds, XLA's own threads;
for the synthetic sweep of `js_failure` (GAN-GP on a line in 8 dimensions, critic 32-32, batch 64, 5 critic
updates with the penalty for one of the generator), in updates of the generator per second and in cells of ten
seeds with 3000 updates each per minute, 20 seeds, ours in stacks of 10 (`line_throughput.rs`);
and for NICE on 784 pixels, batch 100, maximum likelihood and WGAN-GP (five critic updates), in updates of the
flow per second, against PyTorch alone:
  quick: couplings of 128-128, critic 128-128;  full: couplings of five layers of 1000, critic 1024-1024;
and for the image games of `penalty_ablation`, 28 x 28, DCGAN's manner, batch 64, NS-GAN and GAN-GP, in updates of the
generator per second, against PyTorch alone (`image_throughput.rs`):
  images-16, images-32: so many maps at the image's side of the nets, twice as many behind;
for the VAE and alpha-GAN of `vae_gan` (`hybrids`), 28 x 28, batch 64, in updates of the generator per second against
PyTorch alone, ours four seeds, the time of a run of 500 updates less that of one of 100;
and for `imitation` (`control`): steps of Cartpole, MountainCar, Acrobot and Pendulum per second with commands at random,
against Gymnasium as users write it, one environment in a loop, and its fastest vector environment, on every core; and
improvements per second of PPO on Cartpole (16 copies of 128 steps, 8 full batches, nets of 32-32) and of GAIL, against
Stable-Baselines3 and the package `imitation`. Ours are 20 seeds in stacks of 10, the time of a run of 120 improvements
less that of one of 20, looks included;
and for `games` (`consensus`): turns per second of consensus optimisation on the ring of its reference (both nets 4 x 16
units, latent 16, batch 512, weight 10, RMSProp), 20 seeds, ours in stacks of 10, the time of a run of 600 turns less that
of one of 100, against PyTorch with `create_graph` and JAX.
"""

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CORES = len(os.sched_getaffinity(0))
# name: width, latent, batch, stack of ours, steps per seed: ours, pytorch, jax
SIZES = {
    "small": (64, 16, 128, 8, 1500, 300, 500),
    "large": (128, 256, 512, 2, 100, 60, 100),
}
# name: width, layers, critic, updates per seed: maximum likelihood, WGAN
FLOWS = {"quick": (128, 2, 128, 200, 40), "full": (1000, 5, 1024, 6, 3)}
# Width, dimension, critic steps, batch, stack of ours, steps per seed: ours, pytorch, jax
LINE = (32, 8, 5, 64, 10, 400, 100, 200)
LINE_SEEDS = 20
# Updates of the generator in a cell of the sweep.
CELL = 10 * 3000
FLOW_BATCH = 100
# name: maps, updates per seed
IMAGES = {"images-16": (16, 60), "images-32": (32, 30)}
IMAGE_BATCH = 64
# Tasks of `imitation` and Gymnasium's names of them; copies that move together.
ENVIRONMENTS = {"cartpole": "CartPole-v0", "mountain_car": "MountainCar-v0", "acrobot": "Acrobot-v1", "pendulum": "Pendulum-v1"}
CONTROL_COPIES = 256
# Numbers of a code and units of dense layers of `vae_gan`'s nets of images.
HYBRID = (32, 128)
# Width, latent, batch, weight of consensus.
CONSENSUS = (16, 16, 512, 10.0)
CONSENSUS_SEEDS = 20
SEEDS = 16
CONTROL_PROGRAM = ROOT / "target/release/examples/imitation_throughput"
PROGRAM = ROOT / "target/release/examples/throughput"
LINE_PROGRAM = ROOT / "target/release/examples/line_throughput"
FLOW_PROGRAM = ROOT / "target/release/examples/flow_throughput"
IMAGE_PROGRAM = ROOT / "target/release/examples/image_throughput"


def pytorch(width, latent, batch, steps, seeds):
    """Trains seeds one after the other; returns the seconds of all but a warm-up."""
    import torch
    from torch import nn

    def train(seed, steps):
        torch.manual_seed(seed)
        g = nn.Sequential(nn.Linear(latent, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 2))
        d = nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, 1))
        adam_g = torch.optim.Adam(g.parameters(), lr=1e-4, betas=(0.5, 0.999))
        adam_d = torch.optim.Adam(d.parameters(), lr=1e-4, betas=(0.5, 0.999))
        bce = nn.BCEWithLogitsLoss()
        ones, zeros = torch.ones(batch, 1), torch.zeros(batch, 1)
        angles = torch.arange(8) * (2 * torch.pi / 8)
        centres = 2 * torch.stack([angles.cos(), angles.sin()], 1)
        for _ in range(steps):
            real = centres[torch.randint(8, (batch,))] + 0.02 * torch.randn(batch, 2)
            fake = g(torch.randn(batch, latent))
            adam_d.zero_grad()
            (bce(d(real), ones) + bce(d(fake.detach()), zeros)).backward()
            adam_d.step()
            adam_g.zero_grad()
            (-bce(d(fake), zeros)).backward()
            adam_g.step()

    train(0, 10)
    start = time.perf_counter()
    for seed in range(seeds):
        train(seed, steps)
    return time.perf_counter() - start


def pytorch_line(width, dim, critic_steps, batch, steps, seeds):
    """Trains GAN-GP on a line, one seed after the other; returns the seconds of all but a warm-up."""
    import torch
    from torch import nn
    from torch.nn.functional import softplus

    def train(seed, steps):
        torch.manual_seed(seed)
        e = torch.randn(1, dim)
        e *= dim**0.5 / e.norm()
        g = nn.Linear(1, dim)
        d = nn.Sequential(nn.Linear(dim, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1))
        adam_g = torch.optim.Adam(g.parameters(), lr=1e-3, betas=(0.5, 0.999))
        adam_d = torch.optim.Adam(d.parameters(), lr=1e-3, betas=(0.5, 0.999))
        for _ in range(steps):
            for _ in range(critic_steps):
                real = torch.randn(batch, 1) * e
                with torch.no_grad():
                    fake = g(torch.randn(batch, 1))
                share = torch.rand(batch, 1)
                between = (share * real + (1 - share) * fake).requires_grad_()
                slopes = torch.autograd.grad(d(between).sum(), between, create_graph=True)[0]
                penalty = ((slopes.norm(dim=1) - 1) ** 2).mean()
                adam_d.zero_grad()
                (softplus(-d(real)).mean() + softplus(d(fake)).mean() + penalty).backward()
                adam_d.step()
            adam_g.zero_grad()
            softplus(-d(g(torch.randn(batch, 1)))).mean().backward()
            adam_g.step()

    train(0, 5)
    start = time.perf_counter()
    for seed in range(seeds):
        train(seed, steps)
    return time.perf_counter() - start


def pytorch_flow(adversarial, width, layers, critic_width, steps):
    """Trains NICE on random pixels; returns the seconds of all but a warm-up."""
    import torch
    from torch import nn
    from torch.nn.functional import softplus

    half, alpha = 392, 1e-6

    def mlp(widths, activation):
        pairs = zip(widths[:-1], widths[1:])
        stack = [layer for n, m in pairs for layer in (nn.Linear(n, m), activation())]
        return nn.Sequential(*stack[:-1])

    nets = nn.ModuleList(mlp([half, *[width] * layers, half], nn.ReLU) for _ in range(4))
    log_scale = nn.Parameter(torch.zeros(2 * half))
    order = torch.cat([torch.arange(0, 784, 2), torch.arange(1, 784, 2)])
    back = torch.argsort(order)
    adam = torch.optim.Adam([*nets.parameters(), log_scale], lr=1e-4, betas=(0.5, 0.9))

    def log_prob(x):
        y = torch.logit(alpha + (1 - 2 * alpha) * x)
        log_det = (softplus(y) + softplus(-y)).sum(1)
        a, b = y[:, order].chunk(2, 1)
        for i in (3, 2, 1, 0):
            a, b = (a, b - nets[i](a)) if i % 2 == 0 else (a - nets[i](b), b)
        z = torch.cat([a, b], 1) * torch.exp(-log_scale)
        return (-z - 2 * softplus(-z)).sum(1) + log_det - log_scale.sum()

    def generate(batch):
        a, b = (torch.logit(torch.rand(batch, 784)) * torch.exp(log_scale)).chunk(2, 1)
        for i in range(4):
            a, b = (a, b + nets[i](a)) if i % 2 == 0 else (a + nets[i](b), b)
        return (torch.sigmoid(torch.cat([a, b], 1)[:, back]) - alpha) / (1 - 2 * alpha)

    critic = mlp([784, critic_width, critic_width, 1], lambda: nn.LeakyReLU(0.2))
    adam_critic = torch.optim.Adam(critic.parameters(), lr=1e-4, betas=(0.5, 0.9))

    def likelihood_step():
        adam.zero_grad()
        (-log_prob(torch.rand(FLOW_BATCH, 784)).mean()).backward()
        adam.step()

    def wasserstein_step():
        for _ in range(5):
            real = torch.rand(FLOW_BATCH, 784)
            with torch.no_grad():
                fake = generate(FLOW_BATCH)
            share = torch.rand(FLOW_BATCH, 1)
            between = (share * real + (1 - share) * fake).requires_grad_()
            slopes = torch.autograd.grad(critic(between).sum(), between, create_graph=True)[0]
            penalty = 10 * ((slopes.norm(dim=1) - 1) ** 2).mean()
            adam_critic.zero_grad()
            (critic(fake).mean() - critic(real).mean() + penalty).backward()
            adam_critic.step()
        adam.zero_grad()
        (-critic(generate(FLOW_BATCH)).mean()).backward()
        adam.step()

    step = wasserstein_step if adversarial else likelihood_step
    for _ in range(2):
        step()
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return time.perf_counter() - start


def pytorch_images(penalised, maps, steps):
    """Trains a DCGAN on random pixels; returns the seconds of all but a warm-up."""
    import torch
    from torch import nn
    from torch.nn.functional import softplus

    latent = 32
    g = nn.Sequential(
        nn.Linear(latent, 2 * maps * 7 * 7), nn.Unflatten(1, (2 * maps, 7, 7)), nn.BatchNorm2d(2 * maps), nn.ReLU(),
        nn.ConvTranspose2d(2 * maps, maps, 5, 2, 2, 1), nn.BatchNorm2d(maps), nn.ReLU(),
        nn.ConvTranspose2d(maps, 1, 5, 2, 2, 1), nn.Tanh(),
    )
    d = nn.Sequential(
        nn.Conv2d(1, maps, 5, 2, 2), nn.LeakyReLU(0.2), nn.Conv2d(maps, 2 * maps, 5, 2, 2), nn.LeakyReLU(0.2),
        nn.Flatten(), nn.Linear(2 * maps * 7 * 7, 1),
    )
    adam_g = torch.optim.Adam(g.parameters(), lr=2e-4, betas=(0.5, 0.9))
    adam_d = torch.optim.Adam(d.parameters(), lr=2e-4, betas=(0.5, 0.9))

    def step():
        real = torch.rand(IMAGE_BATCH, 1, 28, 28) * 2 - 1
        with torch.no_grad():
            fake = g(torch.randn(IMAGE_BATCH, latent))
        loss = softplus(-d(real)).mean() + softplus(d(fake)).mean()
        if penalised:
            share = torch.rand(IMAGE_BATCH, 1, 1, 1)
            between = (share * real + (1 - share) * fake).requires_grad_()
            slopes = torch.autograd.grad(d(between).sum(), between, create_graph=True)[0]
            loss = loss + 10 * ((slopes.flatten(1).norm(dim=1) - 1) ** 2).mean()
        adam_d.zero_grad()
        loss.backward()
        adam_d.step()
        adam_g.zero_grad()
        softplus(-d(g(torch.randn(IMAGE_BATCH, latent)))).mean().backward()
        adam_g.step()

    for _ in range(2):
        step()
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return time.perf_counter() - start


def pytorch_hybrid(adversarial, steps):
    """Trains a VAE or an alpha-GAN on random pixels; returns the seconds of all but a warm-up."""
    import torch
    from torch import nn
    from torch.nn.functional import softplus

    latent, width = HYBRID

    def reader(outputs):
        return nn.Sequential(
            nn.Conv2d(1, 16, 5, 2, 2), nn.LeakyReLU(0.2), nn.Conv2d(16, 32, 5, 2, 2), nn.LeakyReLU(0.2),
            nn.Flatten(), nn.Linear(32 * 7 * 7, width), nn.LeakyReLU(0.2),
            nn.Linear(width, width), nn.LeakyReLU(0.2), nn.Linear(width, outputs),
        )

    decoder = nn.Sequential(
        nn.Linear(latent, 32 * 7 * 7), nn.Unflatten(1, (32, 7, 7)), nn.BatchNorm2d(32), nn.ReLU(),
        nn.ConvTranspose2d(32, 16, 5, 2, 2, 1), nn.BatchNorm2d(16), nn.ReLU(),
        nn.ConvTranspose2d(16, 1, 5, 2, 2, 1), nn.Tanh(),
    )
    encoder, critic = reader(latent if adversarial else 2 * latent), reader(1)
    of_codes = nn.Sequential(
        nn.Linear(latent, width), nn.LeakyReLU(0.2), nn.Linear(width, width), nn.LeakyReLU(0.2), nn.Linear(width, 1)
    )
    log_sigma = nn.Parameter(torch.zeros(()))
    adam = lambda parameters: torch.optim.Adam(parameters, lr=5e-4, betas=(0.5, 0.9))
    down = adam([*encoder.parameters(), *decoder.parameters(), log_sigma])
    down_encoder, down_decoder = adam(encoder.parameters()), adam(decoder.parameters())
    down_critic, down_of_codes = adam(critic.parameters()), adam(of_codes.parameters())

    def vae_step():
        x = torch.rand(IMAGE_BATCH, 1, 28, 28) * 2 - 1
        mean, log_deviation = encoder(x).chunk(2, 1)
        z = mean + log_deviation.exp() * torch.randn(IMAGE_BATCH, latent)
        divergence = 0.5 * (mean**2 + (2 * log_deviation).exp() - 2 * log_deviation - 1).sum(1)
        surprise = (((x - decoder(z)) / log_sigma.exp()) ** 2 / 2 + log_sigma).flatten(1).sum(1)
        down.zero_grad()
        (divergence + surprise).mean().backward()
        down.step()

    def alpha_step():
        x, prior = torch.rand(IMAGE_BATCH, 1, 28, 28) * 2 - 1, torch.randn(IMAGE_BATCH, latent)
        codes = encoder(x)
        back, samples = decoder(codes), decoder(prior)
        error = 10 * (x - back).abs().mean()
        down_encoder.zero_grad()
        (error - of_codes(codes).mean()).backward(retain_graph=True, inputs=list(encoder.parameters()))
        down_decoder.zero_grad()
        (error - critic(back).mean() - critic(samples).mean()).backward(inputs=list(decoder.parameters()))
        down_encoder.step()
        down_decoder.step()
        down_critic.zero_grad()
        fakes = softplus(critic(back.detach())).mean() + softplus(critic(samples.detach())).mean()
        (2 * softplus(-critic(x)).mean() + fakes).backward()
        down_critic.step()
        down_of_codes.zero_grad()
        (softplus(-of_codes(prior)).mean() + softplus(of_codes(codes.detach())).mean()).backward()
        down_of_codes.step()

    step = alpha_step if adversarial else vae_step
    for _ in range(2):
        step()
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return time.perf_counter() - start


def jax_nets(learning_rate):
    """Initial layers, the forward pass and an Adam step with betas 0.5 and 0.999."""
    import jax
    import jax.numpy as jnp

    def layers(key, widths):
        keys = jax.random.split(key, len(widths) - 1)
        bound = [n**-0.5 for n in widths[:-1]]
        return [
            (jax.random.uniform(k, (n, m), minval=-b, maxval=b), jnp.zeros(m))
            for k, n, m, b in zip(keys, widths[:-1], widths[1:], bound)
        ]

    def apply(params, x):
        for w, b in params[:-1]:
            x = jax.nn.relu(x @ w + b)
        w, b = params[-1]
        return x @ w + b

    def adam(params, grads, state):
        mean, square, t = state
        t = t + 1
        mean = jax.tree.map(lambda m, g: 0.5 * m + 0.5 * g, mean, grads)
        square = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, square, grads)
        rate = learning_rate * jnp.sqrt(1 - 0.999**t) / (1 - 0.5**t)
        params = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-8), params, mean, square)
        return params, (mean, square, t)

    def fresh(params):
        zeros = lambda: jax.tree.map(jnp.zeros_like, params)
        return zeros(), zeros(), 0.0

    return layers, apply, adam, fresh


def jax_seconds(step, init, seeds, steps):
    """Trains all seeds under vmap, 100 steps a call; returns the seconds of all but compilation."""
    import jax
    import jax.numpy as jnp

    chunk = jax.jit(jax.vmap(lambda carry: jax.lax.scan(step, carry, None, length=100)[0]))
    carry = jax.block_until_ready(chunk(jax.vmap(init)(jnp.arange(seeds))))
    start = time.perf_counter()
    for _ in range(steps // 100):
        carry = chunk(carry)
    jax.block_until_ready(carry)
    return time.perf_counter() - start


def jax_vmap(width, latent, batch, steps):
    import jax
    import jax.numpy as jnp

    layers, apply, adam, fresh = jax_nets(1e-4)
    angles = jnp.arange(8) * (2 * jnp.pi / 8)
    centres = 2 * jnp.stack([jnp.cos(angles), jnp.sin(angles)], 1)

    def step(carry, _):
        g, d, sg, sd, key = carry
        key, k1, k2, k3 = jax.random.split(key, 4)
        real = centres[jax.random.randint(k1, (batch,), 0, 8)] + 0.02 * jax.random.normal(k2, (batch, 2))
        z = jax.random.normal(k3, (batch, latent))

        def loss_d(d):
            fake = apply(d, apply(g, z))
            return jnp.mean(jax.nn.softplus(-apply(d, real))) + jnp.mean(jax.nn.softplus(fake))

        def loss_g(g):
            return -jnp.mean(jax.nn.softplus(apply(d, apply(g, z))))

        grad_d, grad_g = jax.grad(loss_d)(d), jax.grad(loss_g)(g)
        d, sd = adam(d, grad_d, sd)
        g, sg = adam(g, grad_g, sg)
        return (g, d, sg, sd, key), None

    def init(seed):
        a, b, c = jax.random.split(jax.random.PRNGKey(seed), 3)
        g, d = layers(a, [latent, width, width, 2]), layers(b, [2, width, 1])
        return g, d, fresh(g), fresh(d), c

    return jax_seconds(step, init, SEEDS, steps)


def jax_line(width, dim, critic_steps, batch, steps):
    import jax
    import jax.numpy as jnp

    layers, apply, adam, fresh = jax_nets(1e-3)

    def critic_step(carry, _):
        g, d, sd, e, key = carry
        key, k1, k2, k3 = jax.random.split(key, 4)
        real = jax.random.normal(k1, (batch, 1)) * e
        fake = apply(g, jax.random.normal(k2, (batch, 1)))
        share = jax.random.uniform(k3, (batch, 1))
        between = share * real + (1 - share) * fake

        def loss(d):
            slopes = jax.grad(lambda x: apply(d, x).sum())(between)
            penalty = jnp.mean((jnp.sqrt((slopes**2).sum(1) + 1e-12) - 1) ** 2)
            return jnp.mean(jax.nn.softplus(-apply(d, real))) + jnp.mean(jax.nn.softplus(apply(d, fake))) + penalty

        d, sd = adam(d, jax.grad(loss)(d), sd)
        return (g, d, sd, e, key), None

    def step(carry, _):
        g, d, sg, sd, e, key = carry
        (g, d, sd, e, key), _ = jax.lax.scan(critic_step, (g, d, sd, e, key), None, length=critic_steps)
        key, k = jax.random.split(key)
        z = jax.random.normal(k, (batch, 1))
        grads = jax.grad(lambda g: jnp.mean(jax.nn.softplus(-apply(d, apply(g, z)))))(g)
        g, sg = adam(g, grads, sg)
        return (g, d, sg, sd, e, key), None

    def init(seed):
        a, b, c, k = jax.random.split(jax.random.PRNGKey(seed), 4)
        g, d = layers(a, [1, dim]), layers(b, [dim, width, width, 1])
        e = jax.random.normal(c, (1, dim))
        return g, d, fresh(g), fresh(d), e * dim**0.5 / jnp.linalg.norm(e), k

    return jax_seconds(step, init, LINE_SEEDS, steps)


def pytorch_consensus(steps, seeds):
    """Consensus optimisation on the ring, one seed after the other; returns the seconds of all but a warm-up."""
    import torch
    from torch import nn

    width, latent, batch, weight = CONSENSUS

    def net(*widths):
        layers = [layer for n, m in zip(widths, widths[1:]) for layer in (nn.Linear(n, m), nn.ReLU())]
        return nn.Sequential(*layers[:-1])

    def train(seed, steps):
        torch.manual_seed(seed)
        g, d = net(latent, *[width] * 4, 2), net(2, *[width] * 4, 1)
        players = [list(g.parameters()), list(d.parameters())]
        everything = players[0] + players[1]
        rule = torch.optim.RMSprop(everything, lr=1e-4, alpha=0.9)
        softplus = nn.functional.softplus
        angles = torch.arange(8) * (2 * torch.pi / 8)
        centres = torch.stack([angles.cos(), angles.sin()], 1)
        for _ in range(steps):
            real = centres[torch.randint(8, (batch,))] + 0.01 * torch.randn(batch, 2)
            on_fake = d(g(torch.randn(batch, latent)))
            of_g, of_d = softplus(-on_fake).mean(), softplus(-d(real)).mean() + softplus(on_fake).mean()
            field = [*torch.autograd.grad(of_g, players[0], create_graph=True), *torch.autograd.grad(of_d, players[1], create_graph=True)]
            length = sum((part**2).sum() for part in field) / 2
            extra = torch.autograd.grad(length, everything, allow_unused=True)
            for parameter, part, more in zip(everything, field, extra):
                parameter.grad = part.detach() if more is None else part.detach() + weight * more
            rule.step()

    train(0, 5)
    start = time.perf_counter()
    for seed in range(seeds):
        train(seed, steps)
    return time.perf_counter() - start


def jax_consensus(steps):
    import jax
    import jax.numpy as jnp

    width, latent, batch, weight = CONSENSUS
    layers, apply, _, _ = jax_nets(1e-4)
    angles = jnp.arange(8) * (2 * jnp.pi / 8)
    centres = jnp.stack([jnp.cos(angles), jnp.sin(angles)], 1)
    softplus = jax.nn.softplus

    def step(carry, _):
        players, square, key = carry
        key, k1, k2, k3 = jax.random.split(key, 4)
        real = centres[jax.random.randint(k1, (batch,), 0, 8)] + 0.01 * jax.random.normal(k2, (batch, 2))
        z = jax.random.normal(k3, (batch, latent))

        def field(players):
            g, d = players
            of_g = lambda g: jnp.mean(softplus(-apply(d, apply(g, z))))
            of_d = lambda d: jnp.mean(softplus(-apply(d, real))) + jnp.mean(softplus(apply(d, apply(g, z))))
            return jax.grad(of_g)(g), jax.grad(of_d)(d)

        length = lambda players: sum(jnp.sum(part**2) for part in jax.tree.leaves(field(players))) / 2
        grads = jax.tree.map(lambda part, more: part + weight * more, field(players), jax.grad(length)(players))
        square = jax.tree.map(lambda v, g: 0.9 * v + 0.1 * g * g, square, grads)
        players = jax.tree.map(lambda p, g, v: p - 1e-4 * g / (jnp.sqrt(v) + 1e-8), players, grads, square)
        return (players, square, key), None

    def init(seed):
        a, b, c = jax.random.split(jax.random.PRNGKey(seed), 3)
        players = layers(a, [latent, *[width] * 4, 2]), layers(b, [2, *[width] * 4, 1])
        return players, jax.tree.map(jnp.zeros_like, players), c

    return jax_seconds(step, init, CONSENSUS_SEEDS, steps)


def worker(arguments, threads):
    """Runs this script for one way in a process of its own; returns the process."""
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), JAX_PLATFORMS="cpu")
    command = [sys.executable, __file__, "--worker", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def number(process):
    """The number that a worker prints at its end; what it says besides is shown if there is none."""
    printed, said = process.communicate()
    if process.returncode != 0:
        sys.exit(f"bench_peers: {' '.join(process.args[2:])} failed:\n{said}")
    return float(printed.splitlines()[-1])


def seconds(processes):
    """The slowest of the processes' own timings."""
    return max(number(process) for process in processes)


def measure(size):
    width, latent, batch, stack, ours_steps, torch_steps, jax_steps = SIZES[size]
    words = map(str, (width, latent, batch, SEEDS, stack, ours_steps))
    environment = dict(os.environ, OMP_NUM_THREADS="1")
    ours = float(subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=True, env=environment).stdout)
    # A quarter of the seeds is enough: they run one after the other.
    few = max(SEEDS // 4, CORES)
    eager = few * torch_steps / seconds([worker(["pytorch", width, latent, batch, torch_steps, few], CORES)])
    share = few // CORES
    processes = [worker(["pytorch", width, latent, batch, torch_steps, share], 1) for _ in range(CORES)]
    parallel = share * CORES * torch_steps / seconds(processes)
    vmapped = SEEDS * jax_steps / seconds([worker(["jax", width, latent, batch, jax_steps], CORES)])
    return {"ours": ours, "pytorch": eager, f"pytorch x {CORES}": parallel, "jax": vmapped}


def measure_flow(size, adversarial):
    width, layers, critic, likely_steps, game_steps = FLOWS[size]
    steps = game_steps if adversarial else likely_steps
    environment = dict(os.environ, OMP_NUM_THREADS="1")
    words = ["wgan" if adversarial else "mle", *map(str, (width, layers, critic, FLOW_BATCH, 2 * CORES, steps))]
    ours = float(subprocess.run([FLOW_PROGRAM, *words], capture_output=True, text=True, check=True, env=environment).stdout)
    arguments = ["flow", int(adversarial), width, layers, critic, steps]
    eager = steps / seconds([worker(arguments, CORES)])
    parallel = CORES * steps / seconds([worker(arguments, 1) for _ in range(CORES)])
    return {"ours": ours, "pytorch": eager, f"pytorch x {CORES}": parallel}


def measure_images(size, penalised):
    maps, steps = IMAGES[size]
    environment = dict(os.environ, OMP_NUM_THREADS="1")
    words = ["penalised" if penalised else "plain", *map(str, (maps, IMAGE_BATCH, 2 * CORES, steps))]
    ours = float(subprocess.run([IMAGE_PROGRAM, *words], capture_output=True, text=True, check=True, env=environment).stdout)
    arguments = ["images", int(penalised), maps, steps]
    eager = steps / seconds([worker(arguments, CORES)])
    parallel = CORES * steps / seconds([worker(arguments, 1) for _ in range(CORES)])
    return {"ours": ours, "pytorch": eager, f"pytorch x {CORES}": parallel}


def measure_hybrid(adversarial):
    arm, field, seeds = f"images/mnist/{'alpha-GAN' if adversarial else 'VAE'}", "task.images.learner.steps", 4
    long, short = (run_seconds("vae_gan", arm, f"{field}={steps}", seeds) for steps in (500, 100))
    few = 40
    eager = few / seconds([worker(["hybrid", int(adversarial), few], CORES)])
    parallel = CORES * few / seconds([worker(["hybrid", int(adversarial), few], 1) for _ in range(CORES)])
    return {"ours": seeds * 400 / (long - short), "pytorch": eager, f"pytorch x {CORES}": parallel}


def measure_line():
    width, dim, critic_steps, batch, stack, ours_steps, torch_steps, jax_steps = LINE
    game = [width, dim, critic_steps, batch]
    environment = dict(os.environ, OMP_NUM_THREADS="1")
    words = map(str, [*game, LINE_SEEDS, stack, ours_steps])
    ours = float(subprocess.run([LINE_PROGRAM, *words], capture_output=True, text=True, check=True, env=environment).stdout)
    few = 2 * CORES
    eager = few * torch_steps / seconds([worker(["line", *game, torch_steps, few], CORES)])
    share = few // CORES
    parallel = few * torch_steps / seconds([worker(["line", *game, torch_steps, share], 1) for _ in range(CORES)])
    vmapped = LINE_SEEDS * jax_steps / seconds([worker(["jax-line", *game, jax_steps], CORES)])
    return {"ours": ours, "pytorch": eager, f"pytorch x {CORES}": parallel, "jax": vmapped}


def gymnasium_steps(task, vector, steps):
    """Steps of one core per second; environments of a vector count each."""
    import gymnasium
    import numpy

    # Gymnasium 0.29, which the package `imitation` asks for, is older than numpy 2.
    numpy.float_ = numpy.float64
    name = ENVIRONMENTS[task]
    rng = numpy.random.default_rng(0)
    if vector:
        # Gymnasium has a vector environment of its own for Cartpole; of the others it steps one after the other.
        environment = gymnasium.vector.SyncVectorEnv([lambda: gymnasium.make(name)] * CONTROL_COPIES)
        if task == "cartpole":
            from gymnasium.envs.classic_control.cartpole import CartPoleVectorEnv

            environment = CartPoleVectorEnv(num_envs=CONTROL_COPIES, max_episode_steps=200)
    else:
        environment = gymnasium.make(name)
    environment.reset(seed=0)
    space = environment.action_space
    discrete = hasattr(environment, "single_action_space") and hasattr(environment.single_action_space, "n")
    start = time.perf_counter()
    for _ in range(steps):
        if vector and discrete:
            action = rng.integers(environment.single_action_space.n, size=CONTROL_COPIES)
        else:
            action = space.sample()
        _, _, ended, cut, _ = environment.step(action)
        if not vector and (ended or cut):
            environment.reset()
    return steps * (CONTROL_COPIES if vector else 1) / (time.perf_counter() - start)


def baselines(adversarial, improvements):
    """Seconds of improvements by Stable-Baselines3's PPO, or by the package `imitation`'s GAIL over it."""
    import warnings

    warnings.filterwarnings("ignore")
    import numpy
    import torch
    from stable_baselines3 import PPO
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.logger import configure

    torch.manual_seed(0)

    def learner(environment):
        nets = {"net_arch": [32, 32]}
        return PPO("MlpPolicy", environment, n_steps=128, batch_size=2048, n_epochs=8, policy_kwargs=nets, seed=0, device="cpu")

    if not adversarial:
        model = learner(make_vec_env(ENVIRONMENTS["cartpole"], n_envs=16, seed=0))
        model.set_logger(configure(None, []))
        model.learn(2048)
        start = time.perf_counter()
        model.learn(2048 * improvements)
        return time.perf_counter() - start
    from imitation.algorithms.adversarial.gail import GAIL
    from imitation.data import rollout
    from imitation.data.wrappers import RolloutInfoWrapper
    from imitation.rewards.reward_nets import BasicRewardNet

    wrapper = lambda environment: RolloutInfoWrapper(environment)
    environment = make_vec_env(ENVIRONMENTS["cartpole"], n_envs=16, seed=0, wrapper_class=wrapper)
    model = learner(environment)
    enough = rollout.make_sample_until(min_timesteps=4096)
    known = rollout.rollout(model, environment, enough, rng=numpy.random.default_rng(0))
    reward = BasicRewardNet(environment.observation_space, environment.action_space)
    trainer = GAIL(
        demonstrations=known, demo_batch_size=2048, gen_replay_buffer_capacity=2048, n_disc_updates_per_round=2,
        gen_train_timesteps=2048, venv=environment, gen_algo=model, reward_net=reward, allow_variable_horizon=True,
    )
    trainer.logger.default_logger.output_formats.clear()
    trainer.train(2048)
    start = time.perf_counter()
    trainer.train(2048 * improvements)
    return time.perf_counter() - start


def measure_steps(task):
    environment = dict(os.environ, OMP_NUM_THREADS="1")
    words = [task, str(CONTROL_COPIES), "20000"]
    ours = float(subprocess.run([CONTROL_PROGRAM, *words], capture_output=True, text=True, check=True, env=environment).stdout)

    def of(vector, steps):
        processes = [worker(["gymnasium", task, vector, steps], 1) for _ in range(CORES)]
        return sum(number(process) for process in processes)

    return {"ours": ours, f"gymnasium x {CORES}": of(0, 20_000), f"its vector x {CORES}": of(1, 1_000)}


def run_seconds(program, arm, setting, seeds):
    """Seconds of a run of one of our experiments, that of its start included."""
    environment = dict(os.environ, OMP_NUM_THREADS="1")
    with tempfile.TemporaryDirectory() as folder:
        words = ["run", "--profile", "reference", "--arm", arm, "--set", setting, "--seeds", f"100..{100 + seeds}"]
        start = time.perf_counter()
        command = [ROOT / "target/release" / program, *words, "--out", folder, "--no-report"]
        subprocess.run(command, capture_output=True, check=True, env=environment)
        return time.perf_counter() - start


def measure_consensus():
    arm, seeds = "ring/consensus", CONSENSUS_SEEDS
    ours = seeds * 500 / (run_seconds("games", arm, "task.ring.steps=600", seeds) - run_seconds("games", arm, "task.ring.steps=100", seeds))
    few = 60
    eager = CORES * few / seconds([worker(["consensus", few, CORES], CORES)])
    parallel = CORES * few / seconds([worker(["consensus", few, 1], 1) for _ in range(CORES)])
    vmapped = seeds * 200 / seconds([worker(["jax-consensus", 200], CORES)])
    return {"ours": ours, "pytorch": eager, f"pytorch x {CORES}": parallel, "jax": vmapped}


def measure_improvements(adversarial):
    arm = "imitate/cartpole/adversarial-positive-1" if adversarial else "expert/cartpole"

    field = f"task.{arm.split('/')[0]}.iterations"
    rate = 20 * 100 / (run_seconds("imitation", arm, f"{field}=120", 20) - run_seconds("imitation", arm, f"{field}=20", 20))
    few = 10
    eager = few / seconds([worker(["baselines", int(adversarial), few], CORES)])
    parallel = CORES * few / seconds([worker(["baselines", int(adversarial), few], 1) for _ in range(CORES)])
    return {"ours": rate, "python": eager, f"python x {CORES}": parallel}


def show(name, runs, digits=0):
    median = {way: statistics.median(run[way] for run in runs) for way in runs[0]}
    cells = [f"{way} {rate:,.{digits}f} ({median['ours'] / rate:.2f}x)" for way, rate in median.items()]
    print(f"{name}: " + ", ".join(cells), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=[*SIZES, "line", *FLOWS, *IMAGES, "hybrids", "consensus", "control"], help="one size alone")
    parser.add_argument("--worker", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        way, *numbers = options.worker
        numbers = [int(word) if word.isdigit() else word for word in numbers]
        ways = {"gymnasium": gymnasium_steps, "baselines": baselines, "hybrid": pytorch_hybrid, "consensus": pytorch_consensus, "jax-consensus": jax_consensus, "pytorch": pytorch, "line": pytorch_line, "flow": pytorch_flow, "images": pytorch_images, "jax": jax_vmap, "jax-line": jax_line}
        print(ways[way](*numbers))
        return
    control = options.only in (None, "control")
    needed = {"torch": "torch"}
    if options.only in (None, *SIZES, "line", "consensus"):
        needed |= {"jax": "jax"}
    if control:
        needed |= {"gymnasium": "gymnasium", "stable_baselines3": "stable-baselines3", "imitation": "imitation"}
    missing = [package for name, package in needed.items() if importlib.util.find_spec(name) is None]
    built = all(program.exists() for program in (PROGRAM, LINE_PROGRAM, FLOW_PROGRAM, IMAGE_PROGRAM, CONTROL_PROGRAM))
    if missing or not built:
        needs = [f"Python's {name} (pip install {name})" for name in missing]
        needs += [] if built else ["our own program (make build)"]
        sys.exit("bench_peers: missing " + " and ".join(needs))
    print(f"Member-steps per second on {CORES} cores, medians of {options.runs} runs; ours over each in brackets.\n")
    wanted = lambda sizes: [size for size in sizes if options.only in (None, size)]
    for size in wanted(SIZES):
        show(size, [measure(size) for _ in range(options.runs)])
    if options.only in (None, "line"):
        print("\nGAN-GP on a line: updates of the generator per second, and cells of the sweep per minute:\n")
        runs = [measure_line() for _ in range(options.runs)]
        show("updates/s", runs)
        show("cells/min", [{way: 60 * rate / CELL for way, rate in run.items()} for run in runs], digits=2)
    if options.only in (None, *FLOWS):
        print("\nUpdates of NICE per second, all seeds together:\n")
    for size in wanted(FLOWS):
        for adversarial in (False, True):
            runs = [measure_flow(size, adversarial) for _ in range(options.runs)]
            show(f"{size} {'WGAN-GP' if adversarial else 'maximum likelihood'}", runs, digits=2)
    if options.only in (None, *IMAGES):
        print("\nUpdates of the generator of 28 x 28 images per second, all seeds together:\n")
    for size in wanted(IMAGES):
        for penalised in (False, True):
            runs = [measure_images(size, penalised) for _ in range(options.runs)]
            show(f"{size} {'GAN-GP' if penalised else 'NS-GAN'}", runs, digits=2)
    if options.only in (None, "hybrids"):
        print("\nUpdates of the generator of hybrids of 28 x 28 images per second, all seeds together:\n")
        for adversarial in (False, True):
            runs = [measure_hybrid(adversarial) for _ in range(options.runs)]
            show("alpha-GAN" if adversarial else "VAE", runs)
    if options.only in (None, "consensus"):
        print("\nTurns of consensus optimisation per second, all seeds together:\n")
        show("consensus", [measure_consensus() for _ in range(options.runs)])
    if control:
        print("\nSteps of environments per second:\n")
        for task in ENVIRONMENTS:
            show(task, [measure_steps(task) for _ in range(options.runs)])
        print("\nImprovements of a policy on Cartpole per second, all seeds together:\n")
        for adversarial in (False, True):
            runs = [measure_improvements(adversarial) for _ in range(options.runs)]
            show("GAIL" if adversarial else "PPO", runs, digits=2)


if __name__ == "__main__":
    main()
