"""The training loop: one screen. Lightning Fabric knows devices, precision and processes.

Every epoch is seeded by its own number, so that a run that was interrupted and goes on ends with
the very weights of one that was not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor

from presets.attributes import measure
from presets.encoding import Tokens
from training import checkpoint
from training.checkpoint import Progress
from training.config import RunConfig
from training.dataset import Dataset
from training.models import ar_vae
from training.models.measure_vae import MeasureVAE

Watch = Callable[[Iterable[Tensor], int, int], Iterable[Tensor]]  # batches, how many, epoch


def train(
    config: RunConfig, data: Dataset, run: Path, about: dict[str, Any], fabric: Fabric, watch: Watch
) -> Progress:
    """Train, or go on where `run` stands, until the config's last epoch."""
    torch.manual_seed(config.seed)
    raw = checkpoint.build(config, data.encoding)
    optimizer = torch.optim.Adam(raw.parameters(), config.lr)
    progress = _resume(run, config, raw, optimizer)
    model, optimizer = fabric.setup(raw, optimizer)

    tokens = data.splits["train"].tokens
    tokens = np.unique(tokens, axis=0) if config.distinct else tokens
    attributes = measure(tokens, data.encoding, config.attributes)
    x = torch.as_tensor(tokens, device=fabric.device)  # [N, T]
    a = torch.as_tensor(attributes, dtype=torch.float32, device=fabric.device)  # [N, A]
    unseen = torch.as_tensor(data.splits["validation"].tokens, device=fabric.device)
    per_epoch = len(x) // config.batch

    for epoch in range(progress.epoch, config.epochs):
        model.train()
        torch.manual_seed(_seed(config.seed, epoch, fabric.global_rank))
        draw = np.random.default_rng([config.seed, epoch])  # the same on every process
        order = draw.permutation(len(x))[: per_epoch * config.batch].reshape(per_epoch, -1)
        coins = draw.random(per_epoch) < config.forced
        sums: dict[str, Tensor] = {}
        for step, rows in enumerate(watch(_mine(order, fabric), per_epoch, epoch)):
            share = schedule(config, epoch * per_epoch + step, config.epochs * per_epoch)
            for group in optimizer.param_groups:
                group["lr"] = config.lr * share
            out = model(x[rows], forced=bool(coins[step]))
            losses = ar_vae.losses(out, x[rows], a[rows], config.delta)
            weighted = [getattr(config.weights, name) * loss for name, loss in losses.items()]
            optimizer.zero_grad()
            fabric.backward(torch.stack(weighted).sum())
            if config.clip:
                fabric.clip_gradients(model, optimizer, max_norm=config.clip)
            optimizer.step()
            sums = {name: sums.get(name, 0) + loss.detach() for name, loss in losses.items()}
        figures = {name: float(value) / per_epoch for name, value in sums.items()}
        figures |= {"epoch": epoch + 1, **validate(raw, unseen, data.encoding.vocabulary.hold)}
        if fabric.is_global_zero:
            progress = _keep(run, about, progress, figures, raw, optimizer)
        fabric.barrier()
    return progress


def schedule(config: RunConfig, step: int, steps: int) -> float:
    """The share of the learning rate at a step: a straight rise, then a cosine to `final_lr`."""
    if step < config.warmup:
        return (step + 1) / config.warmup
    done = (step - config.warmup) / max(1, steps - config.warmup)
    return config.final_lr + (1 - config.final_lr) * 0.5 * (1 + math.cos(math.pi * done))


@torch.no_grad()
def validate(model: MeasureVAE, tokens: Tensor, hold: int) -> dict[str, float]:
    """Most likely decodings of the encoder's means, held against their originals [N, T]."""
    model.eval()
    if not len(tokens):
        return {"accuracy": 0.0, "onsets": 0.0, "windows": 0.0}
    mu, _ = model.encode(tokens)
    decoded, _ = model.decode(mu, mu.new_zeros(1, *model.noise_shape))
    right, struck = decoded == tokens, tokens < hold
    return {
        "accuracy": float(right.float().mean()),
        "onsets": float(right[struck].float().mean()),
        "windows": float(right.all(1).float().mean()),
    }


def _mine(order: Tokens, fabric: Fabric) -> Iterator[Tensor]:
    """The batches' rows, this process's share of each."""
    for rows in order:
        yield torch.as_tensor(rows[fabric.global_rank :: fabric.world_size], device=fabric.device)


def _seed(*numbers: int) -> int:
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def _resume(
    run: Path, config: RunConfig, model: MeasureVAE, optimizer: torch.optim.Optimizer
) -> Progress:
    state = checkpoint.read_resume(run, config)
    if state is None:
        return Progress()
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return msgspec.convert(state["progress"], Progress)


def _keep(
    run: Path,
    about: dict[str, Any],
    before: Progress,
    figures: dict[str, float],
    model: MeasureVAE,
    optimizer: Any,
) -> Progress:
    """Write the epoch; the weights too if they are the best so far on the validation windows."""
    best = max(before.best, figures["accuracy"])
    progress = Progress(before.epoch + 1, best, (*before.history, figures))
    if figures["accuracy"] > before.best:
        checkpoint.write_model(run, model)
    checkpoint.write_run(run, about, progress)
    checkpoint.write_resume(run, model.state_dict(), optimizer.state_dict(), progress)
    return progress
