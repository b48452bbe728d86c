"""GLSR-VAE as the modules of a preset's graphs. No token is fed back, so an LSTM stays one node."""

from __future__ import annotations

from torch import nn

from training.models.glsr_vae import GlsrVAE


def modules(model: GlsrVAE) -> dict[str, nn.Module]:
    """The modules of a preset's graphs, by path."""
    return {"encoder.onnx": model.encoder.eval(), "decoder.onnx": model.decoder.eval()}
