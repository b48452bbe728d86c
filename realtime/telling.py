"""What surfaces see: what is set, where a window stands, its attributes in a musician's units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from presets import attributes
from presets.bar import Bar, Window
from presets.constraint import REALISM
from presets.encoding import Encoded, Encoding
from realtime.controls import GUARD, OFF, ROOT
from realtime.events import Echo
from realtime.state import NEUTRAL, State


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


def settings(
    state: State,
    preset: str,
    knobs: Sequence[str],
    menus: Sequence[str],
    constraints: Sequence[str],
    free: Sequence[str] = (),
) -> dict[str, float | str]:
    """What is set, by address after the root."""
    known: dict[str, float | str] = {
        "preset/name": preset,
        "mode": state.mode,
        "edit": state.edit,
        "delay": state.delay,
        "variation": state.variation,
        "every": state.every,
        "morph": state.morph,
        "thru": int(state.thru),
        "transport/source": state.source,
    }
    for group, names, set_to in (("knob", knobs, state.knobs), ("free", free, state.free)):
        for name in names:
            reading, number = set_to.get(name, NEUTRAL)
            known[f"{group}/{name}" + ("" if reading == "offset" else f"/{reading}")] = number
    if constraints:
        known["way"] = state.way
    for menu in (menu for menu in menus if menu != REALISM):  # whose address is the guard
        known[f"constrain/{menu}"] = state.choices.get(menu, OFF)
    for name in (name for name in constraints if name != REALISM):
        known[f"constrain/{name}/amount"] = state.amounts.get(name, 1.0)
    if REALISM in constraints:
        on = REALISM in state.choices
        known[GUARD] = state.amounts.get(REALISM, 1.0) if on else 0.0
    return known
