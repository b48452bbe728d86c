"""What surfaces see of a window: where it stands, and its attributes in a musician's units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from presets import attributes
from presets.bar import Bar, Window
from presets.encoding import Encoded, Encoding
from realtime.controls import ROOT
from realtime.events import Echo


def captured(encoded: Encoded, tick: int, encoding: Encoding) -> Iterator[Echo]:
    """A window whose answer will sound from `tick` on."""
    for name, value in (
        ("bar", Bar.at(tick, encoding.grid.meter).number),
        ("offgrid", round(encoded.off_grid, 4)),
        ("folded", encoded.folded),
    ):
        yield Echo(f"{ROOT}/state/{name}", (value,))


def heard(window: Window, encoding: Encoding, knobs: Sequence[str]) -> Iterator[Echo]:
    grid, line = encoding.grid, [encoding.listen(window)]
    values = attributes.measure_heard(line, grid, knobs)[0]
    for knob, value in zip(knobs, values.tolist(), strict=True):
        told = attributes.ATTRIBUTES[knob].in_units(value, grid)
        yield Echo(f"{ROOT}/knob/{knob}/value", (round(told, 4),))
    yield Echo(f"{ROOT}/state/notes", (len(window.notes),))
