"""The training loop: one screen. Lightning Fabric knows devices, precision and processes.

Every epoch is seeded by its own number, so that a run that was interrupted and goes on ends with
the very weights of one that was not. Several processes share each batch evenly.
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
from presets.errors import GlissarError
from training import checkpoint, methods
from training.checkpoint import Progress
from training.config import Run
from training.data.dataset import Dataset
from training.models.latent_model import LatentModel
from training.objective import Batch

BLOCK = 1024  # validation windows at a time

Watch = Callable[[Iterable[Tensor], int, int], Iterable[Tensor]]  # batches, how many, epoch


def train(
    config: Run, data: Dataset, run: Path, about: dict[str, Any], fabric: Fabric, watch: Watch
) -> Progress:
    """Train, or go on where `run` stands, until the config's last epoch. Raises GlissarError."""
    if config.batch % fabric.world_size:
        raise GlissarError(
            f"{fabric.world_size} processes cannot share batches of {config.batch} evenly; "
            "change the config's batch."
        )
    learnt = data.splits["train"].tokens
    tokens = np.unique(learnt, axis=0) if config.distinct else learnt
    torch.manual_seed(config.seed)
    raw = methods.build(config, data.encoding, tokens)
    optimizer = torch.optim.Adam(raw.parameters(), config.lr)
    progress = _resume(run, config, data, raw, optimizer)
    model, optimizer = fabric.setup(raw, optimizer)

    attributes = measure(tokens, data.encoding, config.attributes)
    style = measure(learnt, data.encoding, config.attributes)
    objective = methods.objective(config, data.encoding, style)
    x = torch.as_tensor(tokens, device=fabric.device)  # [N, T]
    a = torch.as_tensor(attributes, dtype=torch.float32, device=fabric.device)  # [N, A]
    unseen = torch.as_tensor(data.splits["validation"].tokens, device=fabric.device)
    per_epoch = len(x) // config.batch

    for epoch in range(progress.epoch, config.epochs):
        if objective.finished(progress.history):
            break
        model.train()
        torch.manual_seed(_seed(config.seed, epoch, fabric.global_rank))
        draw = np.random.default_rng([config.seed, epoch])  # the same on every process
        order = draw.permutation(len(x))[: per_epoch * config.batch].reshape(per_epoch, -1)
        coins = draw.random(per_epoch)
        sums: dict[str, Tensor] = {}
        for step, rows in enumerate(watch(_mine(order, fabric), per_epoch, epoch)):
            share = schedule(config, epoch * per_epoch + step, config.epochs * per_epoch)
            for group in optimizer.param_groups:
                group["lr"] = config.lr * share
            batch = Batch(x[rows], a[rows], float(coins[step]), epoch + step / per_epoch)
            losses = objective.losses(model, batch)
            optimizer.zero_grad()
            fabric.backward(losses.total)
            if config.clip:
                fabric.clip_gradients(model, optimizer, max_norm=config.clip)
            optimizer.step()
            sums = {n: sums.get(n, 0) + term.detach() for n, term in losses.terms.items()}
        means: Any = fabric.all_reduce(sums, reduce_op="mean")  # over processes
        figures = {name: float(value) / per_epoch for name, value in means.items()}
        figures |= {"epoch": epoch + 1, **validate(raw, unseen, data.encoding.vocabulary.hold)}
        figures |= objective.watched(raw, unseen)
        if fabric.is_global_zero:
            score = objective.score(figures)
            progress = _keep(run, about, progress, figures, score, raw, optimizer)
        progress = fabric.broadcast(progress)
    return progress


def schedule(config: Run, step: int, steps: int) -> float:
    """The share of the learning rate at a step: a straight rise, then a cosine to `final_lr`."""
    if step < config.warmup:
        return (step + 1) / config.warmup
    done = (step - config.warmup) / max(1, steps - config.warmup)
    return config.final_lr + (1 - config.final_lr) * 0.5 * (1 + math.cos(math.pi * done))


@torch.no_grad()
def validate(model: LatentModel, tokens: Tensor, hold: int) -> dict[str, float]:
    """Most likely decodings of the encoder's means, held against their originals [N, T]."""
    model.eval()
    if not len(tokens):
        return {"accuracy": 0.0, "onsets": 0.0, "windows": 0.0}
    decoded = torch.cat([_most_likely(model, block) for block in tokens.split(BLOCK)])
    right, struck = decoded == tokens, tokens < hold
    return {
        "accuracy": float(right.float().mean()),
        "onsets": float(right[struck].float().mean()),
        "windows": float(right.all(1).float().mean()),
    }


def _most_likely(model: LatentModel, tokens: Tensor) -> Tensor:
    mu, _ = model.encode(tokens)
    return model.decode(mu, mu.new_zeros(1, *model.noise_shape))[0]


def _mine(order: Tokens, fabric: Fabric) -> Iterator[Tensor]:
    """The batches' rows, this process's share of each."""
    for rows in order:
        yield torch.as_tensor(rows[fabric.global_rank :: fabric.world_size], device=fabric.device)


def _seed(*numbers: int) -> int:
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def _resume(
    run: Path, config: Run, data: Dataset, model: LatentModel, optimizer: torch.optim.Optimizer
) -> Progress:
    state = checkpoint.read_resume(run, config, data.encoding)
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
    score: float,
    model: LatentModel,
    optimizer: Any,
) -> Progress:
    """Write the epoch; the weights too if they are the best so far on the validation windows."""
    progress = Progress(before.epoch + 1, max(before.best, score), (*before.history, figures))
    if score > before.best:
        checkpoint.write_model(run, model)
    checkpoint.write_run(run, about, progress)
    checkpoint.write_resume(run, model.state_dict(), optimizer.state_dict(), progress)
    return progress
