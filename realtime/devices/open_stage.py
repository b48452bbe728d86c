"""A session for Open Stage Control (`--load`), which browsers and tablets show.

It hears where the service tells everyone anyway. A script of its own may send only when somebody
touches something: a button asks for all values.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from realtime.controls import ROOT
from realtime.devices.layout import Rect, columns
from realtime.devices.meeting import HERE, QUERY
from realtime.devices.surface import Surface, Widget

VERSION = "1.25.0"  # whose properties these are; older ones are converted, newer ones read
HEIGHT, TOP, GAP = 720, 40, 8  # pixels; a tablet's
LABEL = 20
SIZES = {
    "dial": (100, 110),
    "count": (100, 110),
    "menu": (150, LABEL + 40),
    "switch": (150, 40),
    "button": (150, 40),
}
READING = (220, 30)


def write(surface: Surface) -> bytes:
    root = {
        "type": "root",
        "id": "root",
        "widgets": [_button(surface), *_readings(surface), *_widgets(surface)],
    }
    session = {
        "createdWith": "glissar",
        "version": VERSION,
        "type": "session",
        "content": root,
    }
    return json.dumps(session, indent=1).encode()


def _button(surface: Surface) -> dict[str, Any]:
    asks = "\n".join(
        f"send({json.dumps(_target(surface))}, {json.dumps(QUERY)}, {json.dumps(address)})"
        for address in surface.asked
    )
    place = Rect(GAP, GAP, READING[0], LABEL + GAP)
    own = {"label": f"glissar {surface.preset}: ask again", "mode": "momentary", "bypass": True}
    return _at(place) | {"type": "button", "id": "ask", **own, "onValue": asks}


def _readings(surface: Surface) -> Iterator[dict[str, Any]]:
    """A line for each value that is only told, and one for errors."""
    told = _told(surface)
    places = columns([READING] * len(told), GAP, TOP, HEIGHT, 0)
    for (address, label, says), place in zip(told, places, strict=True):
        half = place.width // 2 if label else 0
        if label:
            yield _label(label, Rect(place.left, place.top, half, place.height), f"{address} label")
        number = Rect(place.left + half, place.top, place.width - half, place.height)
        yield _at(number) | {"type": "text", "id": address, "address": address, "comments": says}


def _told(surface: Surface) -> list[tuple[str, str, str]]:
    """Address, label and meaning, also of what a widget cannot show: it hears where it sends."""
    elsewhere = [w for w in surface.widgets if w.told != w.address]
    return [
        *((widget.told, widget.name, widget.says) for widget in elsewhere),
        *((reading.address, reading.label, reading.says) for reading in surface.readings),
        (f"{ROOT}/error", "", "What went wrong."),
    ]


def _widgets(surface: Surface) -> Iterator[dict[str, Any]]:
    lines = [READING] * len(_told(surface))
    right = max(place.right for place in columns(lines, GAP, TOP, HEIGHT, 0))
    for title, widgets in surface.groups.items():
        sizes = [SIZES[widget.kind] for widget in widgets]
        places = list(columns(sizes, right + 3 * GAP, TOP, HEIGHT, GAP))
        right = max(place.right for place in places)
        head = Rect(places[0].left, GAP, right - places[0].left, LABEL + GAP)
        yield _label(title, head, f"group {title}")
        for widget, place in zip(widgets, places, strict=True):
            yield from _widget(surface, widget, place)


def _widget(surface: Surface, widget: Widget, place: Rect) -> Iterator[dict[str, Any]]:
    common = {
        "id": widget.name,
        "address": widget.address,
        "target": _target(surface),
        "ignoreDefaults": True,
        "comments": widget.says,
    }
    if widget.kind in ("switch", "button"):
        mode = "toggle" if widget.kind == "switch" else "momentary"
        start = {"default": int(widget.neutral)} if widget.kind == "switch" else {}
        own = {"type": "button", "label": widget.name, "mode": mode, "typeTags": "i", **start}
        yield _at(place) | common | own
        return
    yield _label(
        widget.name, Rect(place.left, place.top, place.width, LABEL), f"{widget.name} label"
    )
    below = Rect(place.left, place.top + LABEL, place.width, place.height - LABEL)
    yield _at(below) | common | (_menu(widget) if widget.kind == "menu" else _knob(widget))


def _menu(widget: Widget) -> dict[str, Any]:
    options = list(widget.options)
    values = {"labels": options, "values": options}
    return {"type": "dropdown", "values": values, "default": options[0], "typeTags": "s"}


def _knob(widget: Widget) -> dict[str, Any]:
    whole = widget.kind == "count"
    return {
        "type": "knob",
        "range": {"min": widget.low, "max": widget.high},
        "default": widget.neutral,
        "origin": widget.neutral,
        "doubleTap": True,
        "decimals": 0 if whole else 3,
        "typeTags": "i" if whole else "f",
    }


def _label(text: str, place: Rect, name: str) -> dict[str, Any]:
    own = {"type": "text", "id": name, "default": text, "align": "left", "bypass": True}
    return _at(place) | own


def _at(place: Rect) -> dict[str, Any]:
    return {"left": place.left, "top": place.top, "width": place.width, "height": place.height}


def _target(surface: Surface) -> str:
    return f"{HERE}:{surface.port}"
