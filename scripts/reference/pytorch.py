#!/usr/bin/env python3
"""Makes the golden numbers of `crates/gan/tests/it/pytorch.rs` (needs torch)."""

import torch

torch.set_default_dtype(torch.float64)

point = torch.tensor([-1.5, 2.0], requires_grad=True)
adam = torch.optim.Adam([point], lr=0.05, betas=(0.5, 0.9))
for _ in range(100):
    adam.zero_grad()
    x, y = point
    ((1 - x) ** 2 + 100 * (y - x**2) ** 2).backward()
    adam.step()
print("adam on rosenbrock:", point.tolist())

# The share that our generator draws for seed 0: the test asserts it.
share = 0.11573642492294312
w1 = torch.tensor([[0.5, -1.0], [2.0, 0.25]])
w2 = torch.tensor([[1.5], [-0.5]])
between = (share * torch.tensor([[1.0, 2.0]])).requires_grad_()
slopes = torch.autograd.grad((torch.tanh(between @ w1) @ w2).sum(), between)[0]
print("gradient penalty:", 10 * ((slopes.norm(dim=1) - 1) ** 2).mean().item())
