"""A rule of one's own: any Python function from a window to a number from 0 to 1.

It is the user's code, run on the user's machine while a constraint is trained, and only then: what
is shipped is what the critic learnt of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import cast

import numpy as np

from presets.attributes import Onsets
from presets.bar import Window
from presets.encoding import Encoding, Tokens
from presets.errors import GlissarError
from presets.rules import Floats, Menu, Rule, Y

KEPT = 100_000  # windows whose scores are remembered: actors come back to the same ones


class UserRule(Rule):
    """Asks every window the same; y has no part of it."""

    def __init__(self, name: str, function: Callable[[Window], float]) -> None:
        self.name, self._function = name, function
        self._known: dict[bytes, float] = {}

    @property
    def menus(self) -> tuple[Menu, ...]:
        return ()

    def score(self, windows: Onsets, y: Y) -> Floats:
        raise NotImplementedError("it hears windows of notes, not onsets")

    def judge(self, tokens: Tokens, encoding: Encoding, y: Y) -> Floats:
        """Raises GlissarError, which names the window, where the function has no score for it."""
        return np.array([self._of(row, encoding) for row in tokens])

    def _of(self, tokens: Tokens, encoding: Encoding) -> float:
        key = tokens.tobytes()
        if key not in self._known:
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[key] = self._ask(encoding.window(tokens.tolist()))
        return self._known[key]

    def _ask(self, window: Window) -> float:
        try:
            score = float(self._function(window))
        except Exception as error:
            raise GlissarError(
                f"{self.name} raises {type(error).__name__} ({error}) on {told(window)}; "
                "it needs a number from 0 to 1 for every window."
            ) from error
        if not (math.isfinite(score) and 0 <= score <= 1):
            raise GlissarError(
                f"{self.name} gives {score:g} on {told(window)}; it needs a number from 0 to 1."
            )
        return score


def told(window: Window) -> str:
    """A window in words: pitch@tick of each note."""
    notes = ", ".join(f"{note.pitch}@{note.onset}" for note in window.notes)
    return f"the window with {notes}" if notes else "a window without a note"


def load(where: str) -> UserRule:
    """`FILE.py:NAME`. Raises GlissarError."""
    file, _, name = where.rpartition(":")
    path = Path(file)
    if not (path.is_file() and path.suffix == ".py" and name.isidentifier()):
        raise GlissarError(
            f"{where} is no rule; name a Python file and a function in it, as in "
            "my_rules.py:no_leaps."
        )
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise GlissarError(
            f"{path} cannot be read as Python: {type(error).__name__} ({error})."
        ) from error
    function = getattr(module, name, None)
    if not callable(function):
        raise GlissarError(f"{path} has no function {name}.")
    return UserRule(name, cast(Callable[[Window], float], function))
