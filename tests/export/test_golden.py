"""Golden windows: enough of them, clear enough for any machine, and nobody's music."""

from __future__ import annotations

import io
import zipfile

import numpy as np

from export import golden
from presets.preset import Preset, read_arrays, to_npz
from training.checkpoint import Trained


def test_there_are_32_of_everything(preset: Preset) -> None:
    arrays = preset.golden()
    assert set(arrays) == {"tokens", "mu", "log_sigma", "z", "noise", "decoded", "logits"}
    assert {len(array) for array in arrays.values()} == {golden.WINDOWS}
    quiet = ~arrays["noise"].any(axis=(1, 2))
    assert 8 <= quiet.sum() <= 24


def test_every_choice_is_clear(preset: Preset) -> None:
    arrays = preset.golden()
    scores = np.sort(arrays["logits"] + arrays["noise"], axis=-1)
    assert (scores[..., -1] - scores[..., -2]).min() >= golden.CLEAR
    assert np.array_equal((arrays["logits"] + arrays["noise"]).argmax(-1), arrays["decoded"])


def test_some_windows_are_ones_that_no_model_would_play(preset: Preset) -> None:
    words, odd = preset.encoding.vocabulary, preset.golden()["tokens"][-golden.ODD :]
    assert odd[0].tolist() == [words.rest] + [words.hold] * 23
    assert odd[1].tolist() == [words.hold] * 24
    assert odd[2].tolist() == list(range(24))


def test_the_bars_are_the_models_own(preset: Preset) -> None:
    arrays = preset.golden()
    own = len(arrays["tokens"]) - golden.ODD
    assert np.array_equal(arrays["tokens"][:own], arrays["decoded"][:own])


def test_the_same_model_gives_the_same_windows(trained: Trained) -> None:
    first, second = (golden.windows(trained.model, trained.encoding) for _ in range(2))
    assert to_npz(first) == to_npz(second)


def test_nothing_is_pickled(trained: Trained) -> None:
    content = to_npz(golden.windows(trained.model, trained.encoding))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert all(name.endswith(".npy") for name in archive.namelist())
    assert (
        read_arrays(content, "golden.npz").keys()
        == golden.windows(trained.model, trained.encoding).keys()
    )
