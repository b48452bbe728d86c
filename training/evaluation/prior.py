"""Windows drawn from the prior: can they be played, do they differ, were they learnt by heart?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from presets.attributes import ATTRIBUTES, measure, onsets_of
from presets.encoding import Encoding, Tokens
from training import latent
from training.checkpoint import Trained
from training.data.dataset import Dataset, Windows
from training.data.split import SPLITS


def drawn(trained: Trained, sample: int, seed: int) -> Tokens:
    """The most likely tokens [sample, T] of z ~ N(0, I)."""
    normal = np.random.default_rng(seed).standard_normal
    return latent.decode(trained.model, normal((sample, trained.model.config.z), np.float32))


def judged(windows: Tokens, trained: Trained, data: Dataset) -> dict[str, Any]:
    """Shares of windows [N, T] that the model made up.

    silent: no note is struck. beyond: an attribute, of those that the model follows or else of all,
    lies outside all training windows. unusable: either. distinct: different forms (keys do not
    count) over windows. known: of those that sound, the share whose form is in a work that the
    model learnt from or was chosen by; "known by chance" is that share of the bars of unseen works,
    as they are written.
    """
    silent = onsets_of(windows, trained.encoding).count == 0
    beyond = ~silent & _beyond(windows, data.splits["train"], trained)
    made = forms(windows, trained.encoding)
    train, validation, test = (_once(data.splits[split], trained.encoding) for split in SPLITS)
    seen = {*train, *validation}
    known = [form in seen for form, empty in zip(made, silent, strict=True) if not empty]
    return {
        "windows": len(windows),
        "silent": float(silent.mean()),
        "beyond": float(beyond.mean()),
        "unusable": float((silent | beyond).mean()),
        "distinct": len(set(made)) / len(windows),
        "known": float(np.mean(known)) if known else 0.0,
        "known by chance": _chance(test, seen, data.card["splits"]["test"]["bars"]),
    }


def _beyond(windows: Tokens, learnt: Windows, trained: Trained) -> NDArray[np.bool_]:
    names = trained.dimensions or tuple(ATTRIBUTES)
    known, values = (
        measure(tokens, trained.encoding, names) for tokens in (learnt.tokens, windows)
    )
    return ((values < known.min(0) - 1e-9) | (values > known.max(0) + 1e-9)).any(1)


def forms(tokens: Tokens, encoding: Encoding) -> list[bytes]:
    """Windows [N, T] without their key: each pitch above the window's lowest, holds and rests."""
    found = onsets_of(tokens, encoding)
    low = np.where(found.struck, found.pitch, np.inf).min(1, keepdims=True)
    other = np.where(tokens == encoding.vocabulary.hold, -1, -2)
    return [row.tobytes() for row in np.where(found.struck, found.pitch - low, other)]


def _once(windows: Windows, encoding: Encoding) -> list[bytes]:
    """The form of every bar, from one of its keys."""
    _, first = np.unique(windows.bar, return_index=True)
    return forms(windows.tokens[first], encoding)


def _chance(test: list[bytes], seen: set[bytes], bars: int) -> float:
    """Of all bars of the test works: those left out as known, and those left that are known."""
    left_out = bars - len(test)
    return (left_out + sum(form in seen for form in test)) / bars if bars else 0.0
