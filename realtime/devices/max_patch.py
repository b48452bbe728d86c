"""A Max patcher as it is written in JSON: boxes, the cords between them, and Live's parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from realtime.devices.layout import Rect

BANK = 8  # parameters that Push shows at once
EMPTY = "-"  # a place in a bank without one
VERSION = {"major": 8, "minor": 6, "revision": 0, "architecture": "x64", "modernui": 1}
LINE, WIDE = 28, 240  # pixels between boxes, in the patching view
Bank = tuple[str, Sequence[str]]  # its name, and its parameters'


class Patch:
    """Boxes are added in rows of the patching view; `next_row` begins one."""

    def __init__(self) -> None:
        self._boxes: list[dict[str, Any]] = []
        self._lines: list[dict[str, Any]] = []
        self._parameters: dict[str, list[Any]] = {}
        self._row, self._across = 0, 0

    def next_row(self) -> None:
        self._row, self._across = self._row + 1, 0

    def object(self, text: str, inlets: int = 1, outlets: Sequence[str] = ("",)) -> str:
        """Its id, as all of these do; `outlets` are the types that come out of each."""
        return self._box("newobj", inlets, outlets, text=text)

    def message(self, text: str) -> str:
        return self._box("message", 2, [""], text=text)

    def comment(self, text: str, place: Rect, **more: Any) -> str:
        """Text on the device, which a `set` message changes."""
        return self._box("comment", 1, [], text=text, fontsize=9.0, **_shown(place), **more)

    def parameter(
        self,
        maxclass: str,
        outlets: Sequence[str],
        place: Rect,
        value: Mapping[str, Any],
        **more: Any,
    ) -> str:
        """One of Live's own widgets, which Live stores and automates; `value` is what it can be."""
        name, short = value["parameter_longname"], value["parameter_shortname"]
        box = self._box(
            maxclass,
            1,
            outlets,
            varname=name,
            parameter_enable=1,
            saved_attribute_attributes={"valueof": dict(value)},
            **_shown(place),
            **more,
        )
        self._parameters[box] = [name, short, 0]
        return box

    def join(self, source: str, destination: str, outlet: int = 0, inlet: int = 0) -> None:
        cord = {"source": [source, outlet], "destination": [destination, inlet]}
        self._lines.append({"patchline": cord})

    def chain(self, *boxes: str) -> None:
        """Each one's first outlet into the next one's first inlet."""
        for source, destination in pairwise(boxes):
            self.join(source, destination)

    def json(self, width: int, height: int, banks: Sequence[Bank]) -> dict[str, Any]:
        """The patcher, as large as it is in presentation, with named banks for Push."""
        return {
            "fileversion": 1,
            "appversion": VERSION,
            "classnamespace": "box",
            "rect": [84.0, 144.0, 1000.0, 700.0],
            "openrect": [0.0, 0.0, float(width), float(height)],
            "openinpresentation": 1,
            "boxes": self._boxes,
            "lines": self._lines,
            "parameters": {
                **self._parameters,
                "parameterbanks": _banks(banks),
                "inherited_shortname": 1,
            },
            "dependency_cache": [],
            "latency": 0,
            "autosave": 0,
        }

    def _box(self, maxclass: str, inlets: int, outlets: Sequence[str], **more: Any) -> str:
        box: dict[str, Any] = {
            "id": f"obj-{len(self._boxes) + 1}",
            "maxclass": maxclass,
            "numinlets": inlets,
            "numoutlets": len(outlets),
            "patching_rect": [20.0 + WIDE * self._across, 20.0 + LINE * self._row, 220.0, 22.0],
        }
        if outlets:
            box["outlettype"] = list(outlets)
        self._boxes.append({"box": box | more})
        self._across += 1
        return str(box["id"])


def _shown(place: Rect) -> dict[str, Any]:
    return {"presentation": 1, "presentation_rect": [float(number) for number in place]}


def _banks(banks: Sequence[Bank]) -> dict[str, Any]:
    """Of eight each: a longer one goes on in the next, under the same name."""
    parts = [
        (name, list(names[start : start + BANK]))
        for name, names in banks
        for start in range(0, len(names), BANK)
    ]
    return {
        str(index): {
            "index": index,
            "name": name,
            "parameters": names + [EMPTY] * (BANK - len(names)),
        }
        for index, (name, names) in enumerate(parts)
    }
