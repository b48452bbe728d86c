"""How long a window takes: the preset's graphs against the torch model that they come from.

Both run on one thread in the same process, taking turns in short blocks, so that whatever else the
machine does falls on both.
"""

from __future__ import annotations

import gc
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray

from export.verify import open_session
from presets.preset import Preset
from training.models.latent_model import LatentModel

BLOCK = 20  # calls before the next one's turn
WARM_UP = 50

OURS = "preset on ONNX Runtime"
ANSWER = "preset, a whole answer: encode 1, decode 2"
EAGER = "torch eager, inference mode"
TRAINING = "torch eager, autograd on"

Call = Callable[[NDArray[np.int64]], object]


@dataclass(frozen=True)
class Row:
    """One contender's times of a window, in milliseconds."""

    name: str
    p50: float
    p99: float
    p999: float


def compare(preset: Preset, model: LatentModel, calls: int) -> list[Row]:
    """Encode and decode one window, `calls` times each contender; the windows are the golden ones.

    The whole answer decodes two points, as a moved knob does. torch is set to one thread. The model
    may be another one than the preset's, of the same windows.
    """
    torch.set_num_threads(1)
    contenders = _contenders(preset, model)
    windows = preset.golden()["tokens"].astype(np.int64)
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for call in contenders.values():
        _block(call, windows, 0, WARM_UP)
    gc.collect()
    gc.disable()
    try:
        for start in range(0, calls, BLOCK):
            for name, call in contenders.items():
                times[name] += _block(call, windows, start, min(BLOCK, calls - start))
    finally:
        gc.enable()
    return [Row(name, *np.percentile(t, (50, 99, 99.9)).tolist()) for name, t in times.items()]


def machine() -> str:
    """Where the figures come from, in one line."""
    cpu = platform.processor() or platform.machine()
    known = Path("/proc/cpuinfo")
    if known.is_file():
        names = [line for line in known.read_text().splitlines() if line.startswith("model name")]
        cpu = names[0].partition(":")[2].strip() if names else cpu
    load = f"load {os.getloadavg()[0]:.1f}, " if hasattr(os, "getloadavg") else ""
    return (
        f"{cpu}, {os.cpu_count()} cores, {load}{platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, onnxruntime {ort.__version__}, "
        f"torch {torch.__version__}"
    )


def _contenders(preset: Preset, model: LatentModel) -> dict[str, Call]:
    encoder = open_session(preset.graph("encoder.onnx"))
    decoder = open_session(preset.graph("decoder.onnx"))
    silence = np.zeros((2, *preset.manifest.noise), np.float32)
    quiet = torch.zeros(1, *model.noise_shape)
    step = np.zeros((2, preset.manifest.z), np.float32)
    step[1, 0] = 0.5  # what a knob does to z

    def ours(tokens: NDArray[np.int64]) -> object:
        mu = encoder.run(["mu"], {"tokens": tokens})[0]
        return decoder.run(["tokens"], {"z": mu, "noise": silence[:1]})

    def answer(tokens: NDArray[np.int64]) -> object:
        mu = np.asarray(encoder.run(["mu"], {"tokens": tokens})[0])
        return decoder.run(["tokens"], {"z": mu + step, "noise": silence})

    def training(tokens: NDArray[np.int64]) -> object:
        mu, _ = model.encode(torch.from_numpy(tokens))
        return model.decode(mu, quiet)

    return {OURS: ours, ANSWER: answer, EAGER: torch.inference_mode()(training), TRAINING: training}


def _block(call: Call, windows: NDArray[np.int64], start: int, count: int) -> list[float]:
    """Milliseconds of `count` calls, each with another window."""
    times: list[float] = []
    for i in range(start, start + count):
        window = windows[i % len(windows)][None]
        began = time.perf_counter_ns()
        call(window)
        times.append((time.perf_counter_ns() - began) / 1e6)
    return times
