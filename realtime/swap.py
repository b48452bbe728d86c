"""From one preset to another while playing: what of a performance fits the next one.

The change falls on a line at which windows of both begin. Whoever plays longer windows then answers
what was played before it came, so that no window between stays without an answer.
"""

from __future__ import annotations

from msgspec.structs import replace

from presets.bar import Note, Window
from presets.encoding import Grid
from presets.manifest import Manifest
from realtime.state import State, Taken


def shares(line: int, grid: Grid, windows: int, known_from: int) -> bool:
    """Whether a window of `grid` ends at the tick `line`, and the last `windows` are known."""
    return line % grid.length == 0 and line - windows * grid.length >= known_from


def fitted(state: State, manifest: Manifest, name: str) -> State:
    """The state as far as it means something to the preset, which a person calls `name`.

    Knobs are kept by attribute, those across their maps too, and choices by menu and entry. Windows
    that were captured are cut, or loop, to the new length; another preset has another path between
    two of them.
    """
    entries = {menu.name: menu.entries for menu in manifest.menus}
    constraints = {constraint.name for constraint in manifest.constraints}
    last, a, b = (_as_long(taken, manifest.grid.bars) for taken in (state.last, state.a, state.b))
    return replace(
        state,
        preset=name,
        knobs={knob: set_to for knob, set_to in state.knobs.items() if knob in manifest.knobs},
        free={knob: set_to for knob, set_to in state.free.items() if knob in manifest.free},
        choices={m: e for m, e in state.choices.items() if e in entries.get(m, ())},
        amounts={c: amount for c, amount in state.amounts.items() if c in constraints},
        last=last,
        a=a,
        b=b,
        curve=state.curve if (a, b) == (state.a, state.b) and name == state.preset else None,
    )


def _as_long(taken: Taken | None, bars: int) -> Taken | None:
    if taken is None or taken.window.bars == bars:
        return taken
    window = taken.window
    length, wanted = window.length, bars * window.meter.bar_ticks
    starts = range(0, wanted, length)
    notes = [n.moved(s) for s in starts for n in window.notes if _begins(n, s, wanted)]
    gestures = [(s + t, data) for s in starts for t, data in taken.gestures if s + t < wanted]
    return Taken(Window.of(notes, bars, window.meter), tuple(gestures))


def _begins(note: Note, shift: int, end: int) -> bool:
    """Whether it is struck before `end`; what rang before the window does so only at first."""
    return note.onset + shift < end and (note.onset >= 0 or shift == 0)
