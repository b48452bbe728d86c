"""The latent space of a preset, as the instrument has it: its own graphs, and no torch model."""

from __future__ import annotations

import numpy as np
import onnxruntime as ort
import torch
from torch import Tensor

from presets.encoding import Tokens
from presets.preset import Preset
from training.constraints.space import Floats, Space

BLOCK = 64  # points decoded at once: what they need stays in a core's cache


def space_of(preset: Preset, windows: Tokens | None = None) -> Space:
    """What is decoded is the most likely answer, as with variation at 0.

    windows: those of the style [N, T], to know where it lies. σ̄_z is the manifest's; where an older
    preset lacks it, that of its golden windows.
    """
    decoder = opened(preset, "decoder.onnx")
    silence = np.zeros((1, *preset.manifest.noise), np.float32)

    def decode(z: Tensor) -> Tokens:
        return np.concatenate([block(part.numpy()) for part in z.split(BLOCK)])

    def block(z: Floats) -> Tokens:
        point = {"z": z, "noise": np.repeat(silence, len(z), 0)}
        return np.asarray(decoder.run(["tokens"], point)[0])

    sigma = preset.manifest.sigma or np.exp(preset.golden()["log_sigma"]).mean(0)
    posterior = None if windows is None else encoded(preset, windows)
    scale = torch.tensor(np.asarray(sigma, np.float32))
    return Space(preset.encoding, decode, scale, windows, posterior)


def encoded(preset: Preset, windows: Tokens) -> tuple[Floats, Floats]:
    """Windows [N, T] → μ and σ of q(z | x), each [N, Z]."""
    encoder = opened(preset, "encoder.onnx")
    blocks = np.array_split(windows, -(-len(windows) // BLOCK))
    found = [encoder.run(["mu", "log_sigma"], {"tokens": block}) for block in blocks]
    mu, log_sigma = (np.concatenate(part) for part in zip(*found, strict=True))
    return mu, np.exp(log_sigma)


def opened(preset: Preset, path: str) -> ort.InferenceSession:
    """A graph of it, on as many threads as torch has."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    return ort.InferenceSession(preset.graph(path), options, providers=["CPUExecutionProvider"])
