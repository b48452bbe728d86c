"""The latent space of a preset, as the instrument has it: its own graphs, and no torch model."""

from __future__ import annotations

import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from torch import Tensor

from presets.encoding import Tokens
from presets.preset import Preset
from training.constraints.space import Space

BLOCK = 128  # points decoded at once: what they need stays in a core's cache


def space_of(preset: Preset) -> Space:
    """What is decoded is the most likely answer, as with variation at 0.

    σ̄_z is the manifest's; where an older preset lacks it, that of its golden windows.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    decoder = ort.InferenceSession(
        preset.graph("decoder.onnx"), options, providers=["CPUExecutionProvider"]
    )
    silence = np.zeros((1, *preset.manifest.noise), np.float32)

    def decode(z: Tensor) -> Tokens:
        return np.concatenate([block(part.numpy()) for part in z.split(BLOCK)])

    def block(z: NDArray[np.float32]) -> Tokens:
        point = {"z": z, "noise": np.repeat(silence, len(z), 0)}
        return np.asarray(decoder.run(["tokens"], point)[0])

    sigma = preset.manifest.sigma or np.exp(preset.golden()["log_sigma"]).mean(0)
    return Space(preset.encoding, decode, torch.tensor(np.asarray(sigma, np.float32)))
