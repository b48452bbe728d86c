"""How fast a config trains here, and where a step's time goes: the loop itself, cut short."""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import torch
from lightning_fabric import Fabric
from torch import Tensor
from torch.autograd.profiler_util import FunctionEvent
from torch.profiler import ProfilerActivity

from presets.errors import GlissarError
from training import loop
from training.config import Run, RunConfig
from training.data.dataset import Dataset

REFERENCE = 256 / 0.355  # windows/s: AR-VAE's published code, one core of the same processor
WARM, LOOKED = 3, 4  # steps before the clock runs, and after it, under the profiler
FEWEST = 2  # steps that are timed: one says nothing of the next
SILENT = ("KINETO_LOG_LEVEL", "6")  # torch's profiler tells stderr when it starts and stops

# By torch's name for an operation; the first that it begins with counts.
KINDS = {
    "matrix products": ("aten::mm", "aten::addmm", "aten::bmm", "aten::baddbmm"),
    "dropout": ("aten::bernoulli", "aten::native_dropout", "aten::dropout", "aten::div_"),
    "copies and joins": ("aten::copy_", "aten::cat", "aten::clone", "aten::fill_", "aten::zero_"),
    "between processes": ("gloo:", "c10d::", "nccl:"),
    "data": ("aten::index", "aten::lift_fresh"),
    "sums and gates": ("aten::",),
}
OPTIMISER, OVERHEAD = "optimiser", "autograd, Python, waiting"


class Profile(NamedTuple):
    batch: int  # windows a step, of all processes
    processes: int
    threads: int  # of each
    step: float  # seconds, the mean over the steps
    shares: dict[str, float]  # of the first process's time, by what took it; they sum to 1

    @property
    def rate(self) -> float:
        """Windows a second."""
        return self.batch / self.step


class _Enough(Exception):
    pass


class _Stopwatch:
    """Sees the loop's batches go by: first times them, then looks closer, then ends the loop."""

    def __init__(self, steps: int, device: torch.device) -> None:
        self.steps, self.device = steps, device
        self.seconds = self.looked = 0.0
        os.environ.setdefault(*SILENT)  # read when the first profiler starts
        self.profiler = torch.profiler.profile(activities=[ProfilerActivity.CPU])

    def __call__(self, batches: Iterable[Tensor], count: int, epoch: int) -> Iterator[Tensor]:
        self.steps = min(self.steps, count - WARM - LOOKED)
        if self.steps < FEWEST:
            raise GlissarError(
                f"an epoch has {count} batches, and a profile takes {WARM + FEWEST + LOOKED} or "
                "more; give a config of more data or smaller batches."
            )
        begun = 0.0
        for done, batch in enumerate(batches):
            if done == WARM:
                begun = self._now()
            if done == WARM + self.steps:
                self.seconds = self._now() - begun
                self.profiler.start()
                begun = self._now()
            if done == WARM + self.steps + LOOKED:
                break
            yield batch
        self.looked = self._now() - begun
        self.profiler.stop()
        raise _Enough

    def _now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return perf_counter()


def profile(config: Run, data: Dataset, fabric: Fabric, steps: int) -> Profile:
    """Train for some steps, fewer if the epoch has no more, and keep nothing. Raises GlissarError.

    On a GPU the shares are those of the time that its work takes to launch.
    """
    if steps < FEWEST:
        raise GlissarError(
            f"how long a step takes cannot be told from {steps}; give --steps {FEWEST} or more, "
            "and some 32 where the figure should hold."
        )
    watch = _Stopwatch(steps, fabric.device)
    with tempfile.TemporaryDirectory() as nowhere, suppress(_Enough):
        loop.train(config, data, Path(nowhere), {}, fabric, watch)
    spent: defaultdict[str, float] = defaultdict(float)
    for event in watch.profiler.events() or ():
        spent[_kind(event)] += event.self_cpu_time_total / 1e6
    spent[OVERHEAD] += max(0.0, watch.looked - sum(spent.values()))
    whole, ranked = sum(spent.values()), sorted(spent, key=spent.__getitem__, reverse=True)
    shares = {kind: spent[kind] / whole for kind in ranked}
    threads = torch.get_num_threads()
    return Profile(config.batch, fabric.world_size, threads, watch.seconds / watch.steps, shares)


def _kind(event: FunctionEvent) -> str:
    above = event
    while above is not None:
        if above.name.startswith("Optimizer.step"):
            return OPTIMISER
        above = above.cpu_parent
    kinds = (kind for kind, names in KINDS.items() if event.name.startswith(names))
    return next(kinds, OVERHEAD)


def lines(found: Profile, config: Run) -> Iterator[str]:
    """What to print."""
    times = f"{found.rate / REFERENCE:.2f} times AR-VAE's published code on one core"
    yield f"{found.rate:.0f} windows/s" + (f", {times}" if isinstance(config, RunConfig) else "")
    yield (
        f"{found.step * 1e3:.0f} ms a step of {found.batch} windows "
        f"(processes: {found.processes}, threads of each: {found.threads}), of which"
    )
    for kind, share in found.shares.items():
        yield f"{share * found.step * 1e3:8.1f} ms {share:5.0%}  {kind}"
