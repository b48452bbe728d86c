"""`.pd`: a patch for Pure Data, of its own objects alone (0.50 and newer).

The window shows widgets, which send and hear by names; what they are joined to is inside `pd osc`.
"""

from __future__ import annotations

from realtime.devices import pd_patch
from realtime.devices.layout import Rect, columns
from realtime.devices.pd_osc import osc
from realtime.devices.pd_patch import READ, STATUS, Canvas
from realtime.devices.surface import Surface, Widget

HEIGHT, TOP, GAP = 640, 60, 10  # pixels
WIDTH, LINE, CELL = 220, 20, 15
SLIDER, DIGITS = 128, 7


def write(surface: Surface) -> bytes:
    window, inside = Canvas(), Canvas()
    window.text(f"glissar {surface.preset}", 10, 10)
    window.atom("symbolatom", 60, STATUS, 10, 30)
    right = _readings(window, surface)
    for title, widgets in surface.groups.items():
        sizes = [(WIDTH, _height(widget)) for widget in widgets]
        places = list(columns(sizes, right + 2 * GAP, TOP, HEIGHT, GAP))
        right = max(place.right for place in places)
        window.text(title, places[0].left, TOP - LINE)
        for widget, place in zip(widgets, places, strict=True):
            _show(window, widget, place)
    osc(inside, surface)
    window.inside(inside, "osc", 200, 10)
    return pd_patch.file(window, right + GAP, HEIGHT + GAP)


# --- the window -----------------------------------------------------------------------------------


def _height(widget: Widget) -> int:
    if widget.kind == "menu":
        return LINE + CELL * len(widget.options)
    return LINE if widget.kind in ("switch", "button") else 2 * LINE


def _readings(window: Canvas, surface: Surface) -> int:
    """Draws what is only told; where its last column ends."""
    places = list(columns([(WIDTH, LINE)] * len(surface.readings), 10, TOP, HEIGHT, 0))
    for k, (reading, place) in enumerate(zip(surface.readings, places, strict=True)):
        window.atom("floatatom", DIGITS, f"{READ}-{k}", place.left, place.top)
        window.text(reading.label, place.left + 65, place.top)
    return max((place.right for place in places), default=WIDTH)


def _show(window: Canvas, widget: Widget, place: Rect) -> None:
    left, top, name = place.left, place.top, widget.name
    low, high, at = widget.low, widget.high, widget.neutral
    match widget.kind:
        case "dial" | "count":
            window.text(name, left, top)
            window.object(pd_patch.slider(SLIDER, low, high, at, name), left, top + LINE)
            digits = pd_patch.number(DIGITS, low, high, at, name)
            window.object(digits, left + SLIDER + GAP, top + LINE)
        case "menu":
            window.text(name, left, top)
            window.object(pd_patch.choice(len(widget.options), at, name), left, top + LINE)
            for k, entry in enumerate(widget.options):
                window.text(entry, left + LINE, top + LINE + CELL * k - 2)
        case "switch":
            window.object(pd_patch.switch(at, name), left, top)
            window.text(name, left + LINE, top)
        case "button":
            window.object(pd_patch.button(name), left, top)
            window.text(name, left + LINE, top)
