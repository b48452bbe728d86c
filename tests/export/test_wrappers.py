"""Decoding all beats side by side gives what decoding step by step gives, whatever the music."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from export.verify import open_session
from presets.preset import Preset
from training.checkpoint import Trained


@pytest.mark.parametrize("batch", [1, 2, 32])
@pytest.mark.parametrize("scale", [0.0, 0.3, 1.0, 1000.0])
def test_beats_side_by_side_agree_with_step_by_step(
    preset: Preset, trained: Trained, batch: int, scale: float
) -> None:
    """From no noise to so much that every token is a surprise, also at the end of a beat."""
    draw = np.random.default_rng(batch)
    z = draw.standard_normal((batch, 6)).astype(np.float32)
    noise = (scale * draw.gumbel(size=(batch, 24, 32))).astype(np.float32)
    with torch.inference_mode():
        tokens, logits = trained.model.decode(torch.from_numpy(z), torch.from_numpy(noise))
    session = open_session(preset.graph("decoder.onnx"))
    found, scores = session.run(["tokens", "logits"], {"z": z, "noise": noise})
    assert np.array_equal(found, tokens.numpy())
    np.testing.assert_allclose(np.asarray(scores), logits.numpy(), atol=1e-5)


@pytest.mark.parametrize("surprises", [(), (5,), (11,), (5, 11, 17), (23,)])
def test_a_beat_that_ends_in_a_note_is_heard_by_the_next(
    preset: Preset, trained: Trained, surprises: tuple[int, ...]
) -> None:
    """Everything is a hold but for notes at the ends of beats, where the guess is then wrong."""
    noise = np.zeros((1, 24, 32), np.float32)
    noise[:, :, trained.encoding.vocabulary.hold] = 100
    for step in surprises:
        noise[0, step, 7] = 1000
    z = np.full((1, 6), 0.5, np.float32)
    session = open_session(preset.graph("decoder.onnx"))
    tokens, logits = (np.asarray(a) for a in session.run(None, {"z": z, "noise": noise}))
    with torch.inference_mode():
        expected = trained.model.decode(torch.from_numpy(z), torch.from_numpy(noise))
    assert np.flatnonzero(tokens[0] == 7).tolist() == list(surprises)
    assert np.array_equal(tokens, expected[0].numpy())
    np.testing.assert_allclose(logits, expected[1].numpy(), atol=1e-5)
