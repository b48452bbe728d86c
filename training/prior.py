"""Windows drawn from the prior: can they be played, do they differ, were they learnt by heart?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from presets.attributes import measure, onsets_of
from presets.encoding import Tokens
from training import latent
from training.bars import form
from training.checkpoint import Trained
from training.dataset import Dataset, Windows


def drawn(trained: Trained, sample: int, seed: int) -> Tokens:
    """The most likely tokens [sample, T] of z ~ N(0, I)."""
    normal = np.random.default_rng(seed).standard_normal
    return latent.decode(trained.model, normal((sample, trained.model.config.z), np.float32))


def judged(windows: Tokens, trained: Trained, data: Dataset) -> dict[str, Any]:
    """Shares of windows [N, T] that the model made up.

    silent: no note is struck. beyond: an attribute lies outside all training windows. unusable:
    either. distinct: different forms (keys do not count) over windows. known: of those that sound,
    the share whose form is in a work that the model learnt from or was chosen by; "known by
    chance" is that share of the bars of unseen works, as they are written.
    """
    silent = onsets_of(windows, trained.encoding).count == 0
    beyond = ~silent & _beyond(windows, data.splits["train"], trained)
    forms = [form(tokens) for tokens in windows]
    seen = _forms(data.splits["train"]) | _forms(data.splits["validation"])
    known = [f in seen for f, empty in zip(forms, silent, strict=True) if not empty]
    return {
        "windows": len(windows),
        "silent": float(silent.mean()),
        "beyond": float(beyond.mean()),
        "unusable": float((silent | beyond).mean()),
        "distinct": len(set(forms)) / len(windows),
        "known": float(np.mean(known)) if known else 0.0,
        "known by chance": _chance(data.card["splits"]["test"]),
    }


def _beyond(windows: Tokens, learnt: Windows, trained: Trained) -> NDArray[np.bool_]:
    known, values = (
        measure(tokens, trained.encoding, trained.dimensions) for tokens in (learnt.tokens, windows)
    )
    return ((values < known.min(0) - 1e-9) | (values > known.max(0) + 1e-9)).any(1)


def _forms(windows: Windows) -> set[bytes]:
    """One key of every bar is enough."""
    _, first = np.unique(windows.bar, return_index=True)
    return {form(tokens) for tokens in windows.tokens[first]}


def _chance(count: dict[str, int]) -> float:
    """The test bars that were dropped since their form is known, over all of them."""
    return 1 - count["bars kept"] / count["bars"] if count["bars"] else 0.0
