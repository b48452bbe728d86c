"""The device for Max and Live: widgets that send what is turned, and show what is told.

What is turned goes through a gate that opens when all is loaded, so that a device which comes into
a set turns nothing: it asks the service for every value, and shows what it says. What is told is
`set`, which a widget shows without sending it again. No box has a name that others could share.
"""

from __future__ import annotations

from typing import Any

from realtime.controls import ROOT
from realtime.devices.layout import Rect, columns
from realtime.devices.max_meeting import meet
from realtime.devices.max_patch import Patch
from realtime.devices.meeting import AWAY, HERE
from realtime.devices.surface import Surface, Widget

HEIGHT = 169  # pixels; Live shows no more
TOP, BOTTOM, GAP, EDGE = 20, 167, 3, 6
LABEL = 13  # pixels of a line of text
SIZES = {  # of a widget with its label
    "dial": (60, 47),
    "count": (60, 47),
    "menu": (92, LABEL + 16),
    "switch": (92, 16),
    "button": (92, 16),
}
TITLE, STATUS = Rect(EDGE, 2, 130, 16), Rect(EDGE, TOP, 130, 28)
FLOAT, INT, ENUM = 0, 1, 2  # Live's types of parameters
MOST_INT = 255  # of a parameter of type INT
AS_INT, AS_FLOAT, CUSTOM = 0, 1, 9  # its styles of units


def patcher(surface: Surface) -> dict[str, Any]:
    """The patcher of an `.amxd`, and of a `.maxpat` as it is."""
    patch = Patch()
    patch.chain(patch.object("midiin", outlets=["int"]), patch.object("midiout", outlets=[]))
    patch.comment(f"glissar {surface.preset}", TITLE)
    status = patch.comment(AWAY, STATUS)
    patch.next_row()
    send, gate = patch.object(f"udpsend {HERE} {surface.port}", outlets=[]), patch.object("gate", 2)
    patch.chain(gate, send)
    hear = meet(patch, surface, send, gate, status)
    routes = _routes(patch, surface, hear, status)
    right = _readings(patch, surface, routes)
    for title, widgets in surface.groups.items():
        sizes = [SIZES[widget.kind] for widget in widgets]
        places = list(columns(sizes, right + 2 * GAP, TOP, BOTTOM, GAP))
        right = max(place.right for place in places)
        patch.comment(title, Rect(places[0].left, 2, right - places[0].left, 16))
        for widget, place in zip(widgets, places, strict=True):
            _draw(patch, widget, place, gate, routes)
    banks = [(title, [w.name for w in widgets]) for title, widgets in surface.groups.items()]
    return patch.json(right + EDGE, HEIGHT, banks)


# --- what is told ---------------------------------------------------------------------------------


def _routes(patch: Patch, surface: Surface, hear: str, status: str) -> dict[str, tuple[str, int]]:
    """For each address that is told here the outlet where its value comes out."""
    told = [*surface.asked, *(reading.address for reading in surface.readings), f"{ROOT}/error"]
    patch.next_row()
    count = len(told) + 1  # the last outlet is for all others
    route = patch.object(f"route {' '.join(told)}", count, [""] * count)
    patch.chain(hear, route)
    sentence = patch.message("set $2")
    patch.join(route, sentence, len(told) - 1)
    patch.chain(sentence, status)
    return {address: (route, outlet) for outlet, address in enumerate(told)}


def _readings(patch: Patch, surface: Surface, routes: dict[str, tuple[str, int]]) -> int:
    """Draws what is only told; where its last column ends."""
    sizes = [(TITLE.width, LABEL)] * len(surface.readings)
    places = list(columns(sizes, EDGE, STATUS.bottom + GAP, BOTTOM, 0))
    for reading, place in zip(surface.readings, places, strict=True):
        patch.next_row()
        label = Rect(place.left, place.top, place.width - 40, place.height)
        patch.comment(reading.label, label, annotation=reading.says)
        number = patch.comment("–", Rect(label.right, place.top, 40, place.height))
        shown = patch.object("prepend set")
        patch.join(routes[reading.address][0], shown, routes[reading.address][1])
        patch.chain(shown, number)
    return max((place.right for place in places), default=STATUS.right)


# --- what is turned -------------------------------------------------------------------------------


def _draw(
    patch: Patch, widget: Widget, place: Rect, gate: str, routes: dict[str, tuple[str, int]]
) -> None:
    patch.next_row()
    match widget.kind:
        case "dial" | "count":
            box = patch.parameter(
                "live.dial", ["", "float"], place, _range(widget), **_info(widget)
            )
            sent, shown = [patch.object(f"prepend {widget.address}")], patch.message("set $1")
        case "menu":
            box, sent = _menu(patch, widget, place)
            shown = patch.object("prepend setsymbol")
        case "switch":
            box = _text(patch, widget, place, toggles=1)
            sent, shown = [patch.object(f"prepend {widget.address}")], patch.message("set $1")
        case "button":
            box = _text(patch, widget, place, toggles=0)
            sent, shown = [patch.message(widget.address)], ""
    patch.join(box, sent[0], 1 if widget.kind == "menu" else 0)
    patch.chain(*sent)
    patch.join(sent[-1], gate, inlet=1)
    if shown:
        route, outlet = routes[widget.told]
        patch.join(route, shown, outlet)
        patch.chain(shown, box)


def _menu(patch: Patch, widget: Widget, place: Rect) -> tuple[str, list[str]]:
    """Its second outlet says the entry's text, which is one word to the service, spaces or not."""
    patch.comment(widget.name, Rect(place.left, place.top, place.width, LABEL))
    below = Rect(place.left, place.top + LABEL, place.width, place.height - LABEL)
    box = patch.parameter("live.menu", ["", "", "float"], below, _range(widget), **_info(widget))
    text, word = patch.object("route symbol", 2, ["", ""]), patch.object("tosymbol")
    patch.join(text, word, 1)
    return box, [text, word, patch.object(f"prepend {widget.address}")]


def _text(patch: Patch, widget: Widget, place: Rect, toggles: int) -> str:
    words: dict[str, Any] = {"text": widget.name, "texton": widget.name, "mode": toggles}
    return patch.parameter("live.text", ["", ""], place, _range(widget), **words, **_info(widget))


def _info(widget: Widget) -> dict[str, str]:
    """What Live's Info View says."""
    return {"annotation_name": widget.name, "annotation": widget.says}


def _range(widget: Widget) -> dict[str, Any]:
    options = list(widget.options)
    if widget.kind in ("switch", "button"):
        options = ["off", "on"]
    value: dict[str, Any] = {
        "parameter_longname": widget.name,
        "parameter_shortname": widget.short,
        "parameter_type": _type(widget),
        "parameter_mmin": widget.low,
        "parameter_mmax": widget.high,
        "parameter_initial_enable": 1,
        "parameter_initial": [widget.neutral],
    }
    if options:
        return value | {"parameter_enum": options}
    whole = widget.kind == "count"
    style = CUSTOM if widget.unit else AS_INT if whole else AS_FLOAT
    units = {"parameter_units": f"%{'d' if whole else '.1f'} {widget.unit}"} if widget.unit else {}
    return value | {"parameter_unitstyle": style, **units}


def _type(widget: Widget) -> int:
    if widget.kind in ("menu", "switch", "button"):
        return ENUM
    small = widget.kind == "count" and widget.low >= 0 and widget.high <= MOST_INT
    return INT if small else FLOAT
