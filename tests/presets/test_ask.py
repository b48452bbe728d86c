"""Values asked of what is heard; the tiny preset counts and bends exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presets import edit, preset
from presets.attributes import measure_heard
from presets.bar import Note, Window
from presets.encoding import Encoding
from realtime.events import Decoded, Work
from realtime.model import Model

BEAT = 960
LINE = (60, 64, 67, 65)  # a note a beat
UNITS = {"density": 24, "contour": 26}


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


def played(pitches: tuple[int, ...] = LINE) -> Window:
    """A bar of quarter notes, struck a little late."""
    return Window.of(Note(i * BEAT + 7, p, BEAT - 60, 90) for i, p in enumerate(pitches))


def asked(model: Model, window: Window, values: dict[str, float], full: bool = False) -> Decoded:
    tokens = tuple(model.preset.encoding.listen(window).tokens.tolist())
    knobs = {name: ("value", value) for name, value in values.items()}
    return model.answer(Work(tokens, knobs, window=window, full=full))


def heard(model: Model, window: Window, decided: Decoded) -> Window:
    encoding = model.preset.encoding
    seen = encoding.listen(window)
    if decided.full:
        return edit.full(window, seen, decided.after, encoding)
    return edit.residual(window, seen, decided.before, decided.after, encoding)


def value(encoding: Encoding, window: Window, name: str) -> float:
    found = measure_heard([encoding.listen(window)], encoding.grid, [name])
    return float(found[0, 0]) * UNITS[name]


@pytest.mark.parametrize("notes", range(1, 13))
def test_as_many_notes_are_heard_as_are_asked_for(model: Model, notes: int) -> None:
    window = played()
    found = heard(model, window, asked(model, window, {"density": notes}))
    assert value(model.preset.encoding, found, "density") == notes


@pytest.mark.parametrize("semitones", [-5, -1, 0, 3, 11])
def test_the_line_ends_as_far_off_as_is_asked_for(model: Model, semitones: int) -> None:
    window = played()
    found = heard(model, window, asked(model, window, {"contour": semitones}))
    assert value(model.preset.encoding, found, "contour") == semitones


def test_a_window_that_has_it_is_left_alone(model: Model) -> None:
    window = played()
    for wish in ({"density": 4.0}, {"contour": 5.0}, {"density": 4.0, "contour": 5.0}):
        decided = asked(model, window, wish)
        assert decided.before == decided.after
        assert heard(model, window, decided) == window


def test_the_least_change_is_taken(model: Model) -> None:
    """One note more is one note more: the others stay as they were played."""
    window = played()
    found = heard(model, window, asked(model, window, {"density": 5}))
    assert len(found.notes) == 5
    assert {(n.onset, n.pitch, n.velocity) for n in window.notes} < {
        (n.onset, n.pitch, n.velocity) for n in found.notes
    }


def test_two_knobs_may_ask_at_once(model: Model) -> None:
    window = played()
    found = heard(model, window, asked(model, window, {"density": 7, "contour": -4}))
    assert value(model.preset.encoding, found, "density") == 7
    assert value(model.preset.encoding, found, "contour") == -4


def test_other_knobs_move_first(model: Model) -> None:
    window = played()
    tokens = tuple(model.preset.encoding.listen(window).tokens.tolist())
    knobs = {"density": ("value", 4.0), "contour": ("offset", 0.5)}
    found = heard(model, window, model.answer(Work(tokens, knobs, window=window)))
    assert value(model.preset.encoding, found, "density") == 4
    assert value(model.preset.encoding, found, "contour") > 5


def test_what_nothing_reaches_is_approached(model: Model) -> None:
    window = played()
    counts = [
        value(model.preset.encoding, heard(model, window, asked(model, window, wish)), "density")
        for wish in ({"density": 20.0}, {"density": 99.0}, {"density": -99.0})
    ]
    assert counts == [20, 24, 0]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 23), st.integers(40, 90)), max_size=10),
    st.sampled_from(["density", "contour"]),
    st.integers(-30, 30),
    st.booleans(),
)
def test_whatever_is_asked_a_window_is_valid(
    model: Model, struck: list[tuple[int, int]], name: str, number: int, full: bool
) -> None:
    ticks = model.preset.encoding.grid.ticks
    window = Window.of(Note(ticks[step], pitch, 120) for step, pitch in struck)
    decided = asked(model, window, {name: number}, full)
    found = heard(model, window, decided)
    assert all(0 <= n.pitch <= 127 and n.duration > 0 for n in found.notes)
    assert all(n.onset < model.preset.encoding.grid.length for n in found.notes)
    again = asked(model, window, {name: number}, full)
    assert again == decided


def test_the_wish_is_for_the_pitches_that_are_heard(model: Model) -> None:
    """An octave above the vocabulary, where the model sees the bar folded."""
    window = played(tuple(pitch + 24 for pitch in LINE))
    found = heard(model, window, asked(model, window, {"contour": -7}))
    assert value(model.preset.encoding, found, "contour") == -7
    assert np.mean([n.pitch for n in found.notes]) > 80
