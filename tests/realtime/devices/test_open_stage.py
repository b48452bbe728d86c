"""The session for Open Stage Control, widget by widget: no Open Stage Control opened it here."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.controls import ROOT
from realtime.devices import open_stage
from realtime.devices.layout import Rect
from realtime.devices.surface import Surface

KINDS = {
    "dial": "knob",
    "count": "knob",
    "menu": "dropdown",
    "switch": "button",
    "button": "button",
}
TYPES = {"dial": "f", "count": "i", "menu": "s", "switch": "i", "button": "i"}


def check(made: Surface) -> dict[str, dict[str, Any]]:
    """All that must hold of any session; its widgets by their ids."""
    session = json.loads(open_stage.write(made))
    assert session["type"] == "session"
    assert session["content"]["type"] == "root"
    widgets = session["content"]["widgets"]
    found = {widget["id"]: widget for widget in widgets}
    assert len(found) == len(widgets)
    rects = [Rect(w["left"], w["top"], w["width"], w["height"]) for w in widgets]
    for one, other in combinations(rects, 2):
        across = one.right <= other.left or other.right <= one.left
        assert across or one.bottom <= other.top or other.bottom <= one.top, (one, other)
    for widget in made.widgets:
        own = found[widget.name]
        assert own["address"] == widget.address
        assert own["target"] == f"127.0.0.1:{made.port}"
        assert (own["type"], own["typeTags"]) == (KINDS[widget.kind], TYPES[widget.kind])
        if own["type"] == "knob":
            assert own["range"] == {"min": widget.low, "max": widget.high}
        if own["type"] == "dropdown":
            assert own["values"] == {key: list(widget.options) for key in ("labels", "values")}
    return found


@settings(max_examples=30)
@given(st.data())
def test_the_session_of_any_preset(
    surfaces: st.SearchStrategy[Surface], data: st.DataObject
) -> None:
    check(data.draw(surfaces))


def test_a_button_asks_for_every_value(whole: Surface) -> None:
    asks = check(whole)["ask"]["onValue"].splitlines()
    assert asks == [
        f'send("127.0.0.1:9010", "{ROOT}/query", "{address}")' for address in whole.asked
    ]


def test_a_knob_goes_back_to_neutral_by_two_taps_and_a_trigger_sends_no_value(
    whole: Surface,
) -> None:
    found = check(whole)
    assert (found["knob density"]["default"], found["knob density"]["doubleTap"]) == (0, True)
    assert found["panic"]["mode"] == "momentary"


def test_what_plays_is_told_where_no_widget_hears_it(whole: Surface) -> None:
    told = {w.get("address") for w in check(whole).values() if w["type"] == "text"}
    assert told >= {f"{ROOT}/preset/name", f"{ROOT}/error", f"{ROOT}/knob/density/value"}


def test_no_text_is_read_as_a_formula(whole: Surface) -> None:
    """What stands in braces after @, # or JS is computed there."""
    for widget in check(whole).values():
        texts = [text for text in widget.values() if isinstance(text, str)]
        assert not any("{" in text for text in texts)
