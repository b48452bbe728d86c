"""The patcher of the device, box by box: no Max or Live opened it here."""

from __future__ import annotations

from collections import Counter, deque
from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.controls import ROOT
from realtime.devices.max_device import HEIGHT, patcher
from realtime.devices.surface import Surface

OBJECTS = {  # inlets and outlets, as Max has them; of `route` one each for every word, and one more
    "midiin": (1, 1),
    "midiout": (1, 0),
    "udpsend": (1, 0),
    "udpreceive": (1, 1),
    "gate": (2, 1),
    "random": (2, 1),
    "+": (2, 1),
    "int": (2, 1),
    "prepend": (1, 1),
    "delay": (2, 1),
    "metro": (2, 1),
    "onebang": (2, 2),
    "live.thisdevice": (1, 3),
    "tosymbol": (1, 1),
}
WIDGETS = {
    "live.dial": (1, 2),
    "live.menu": (1, 3),
    "live.text": (1, 2),
    "comment": (1, 0),
    "message": (2, 1),
}
Box = dict[str, Any]


def boxes(device: dict[str, Any]) -> dict[str, Box]:
    return {box["box"]["id"]: box["box"] for box in device["boxes"]}


def cords(device: dict[str, Any]) -> list[tuple[str, int, str, int]]:
    lines = [line["patchline"] for line in device["lines"]]
    return [(*line["source"], *line["destination"]) for line in lines]


def parameters(device: dict[str, Any]) -> dict[str, Box]:
    """By long name, what each parameter can be, with its box under `box`."""
    found = [box for box in boxes(device).values() if box.get("parameter_enable")]
    values = [(box["saved_attribute_attributes"]["valueof"], box) for box in found]
    return {value["parameter_longname"]: value | {"box": box} for value, box in values}


def size(box: Box) -> tuple[int, int]:
    if box["maxclass"] != "newobj":
        return WIDGETS[box["maxclass"]]
    name, *words = box["text"].split()
    if name == "route":
        return len(words) + 1, len(words) + 1
    if name == "t":
        return 1, len(words)
    return OBJECTS[name]


def after(device: dict[str, Any], box: str, outlet: int = 0) -> list[str]:
    """Every box that what comes out of there reaches, itself not counted."""
    seen: list[str] = []
    ahead = deque(to for of, out, to, _ in cords(device) if (of, out) == (box, outlet))
    while ahead:
        here = ahead.popleft()
        if here not in seen:
            seen.append(here)
            ahead += [to for of, _, to, _ in cords(device) if of == here]
    return seen


def by_text(device: dict[str, Any], text: str) -> str:
    [found] = [id for id, box in boxes(device).items() if box.get("text", "").startswith(text)]
    return found


def check(made: Surface, device: dict[str, Any]) -> None:
    """All that must hold of any device."""
    all_ = boxes(device)
    assert len(all_) == len(device["boxes"])
    for box in all_.values():
        assert (box["numinlets"], box["numoutlets"]) == size(box), box
        assert len(box.get("outlettype", [])) == box["numoutlets"]
    assert not [cord for cord, count in Counter(cords(device)).items() if count > 1]
    for source, outlet, destination, inlet in cords(device):
        assert 0 <= outlet < all_[source]["numoutlets"]
        assert 0 <= inlet < all_[destination]["numinlets"]
    check_places(device)
    check_parameters(made, device)
    check_ways(made, device)


def check_places(device: dict[str, Any]) -> None:
    shown = [box["presentation_rect"] for box in boxes(device).values() if "presentation" in box]
    _, _, width, height = device["openrect"]
    assert height == HEIGHT
    for left, top, wide, high in shown:
        assert left >= 0
        assert top >= 0
        assert left + wide <= width
        assert top + high <= HEIGHT
    for one, other in combinations(shown, 2):
        apart = (
            one[k] + one[k + 2] <= other[k] or other[k] + other[k + 2] <= one[k] for k in (0, 1)
        )
        assert any(apart), (one, other)


def check_parameters(made: Surface, device: dict[str, Any]) -> None:
    """As many as widgets, with their ranges, names that no two share, and banks of eight."""
    values = parameters(device)
    assert sorted(values) == sorted(w.name for w in made.widgets)
    for widget in made.widgets:
        value, box = values[widget.name], values[widget.name]["box"]
        assert (value["parameter_mmin"], value["parameter_mmax"]) == (widget.low, widget.high)
        assert value["parameter_initial"] == [widget.neutral]
        assert box["varname"] == widget.name
        assert (box["annotation_name"], box["annotation"]) == (widget.name, widget.says)
        if widget.kind == "menu":
            assert value["parameter_enum"] == list(widget.options)
        if value["parameter_type"] == 1:  # Live keeps these in a byte
            assert 0 <= value["parameter_mmin"] <= value["parameter_mmax"] <= 255
    table = {id: row for id, row in device["parameters"].items() if id.startswith("obj-")}
    assert {row[0]: id for id, row in table.items()} == {
        n: v["box"]["id"] for n, v in values.items()
    }
    banks = [bank["parameters"] for bank in device["parameters"]["parameterbanks"].values()]
    assert all(len(bank) == 8 for bank in banks)
    assert [name for bank in banks for name in bank if name != "-"] == [
        w.name for w in made.widgets
    ]


def check_ways(made: Surface, device: dict[str, Any]) -> None:
    """What is turned goes to the service and nowhere else; what is told is shown and not sent."""
    send, gate = by_text(device, "udpsend"), by_text(device, "gate")
    route = by_text(device, f"route {ROOT}")
    words = boxes(device)[route]["text"].split()[1:]
    ways = {word: after(device, route, outlet) for outlet, word in enumerate(words)}
    for widget in made.widgets:
        box = parameters(device)[widget.name]["box"]["id"]
        way = after(device, box, 1 if widget.kind == "menu" else 0)
        assert way[-2:] == [gate, send]
        texts = [boxes(device)[id]["text"] for id in way]
        sends = widget.address if widget.kind == "button" else f"prepend {widget.address}"
        assert sends in texts
        if widget.kind != "button":
            told = ways[widget.told]
            setter = boxes(device)[told[0]]["text"]
            assert setter == ("prepend setsymbol" if widget.kind == "menu" else "set $1")
            assert (told[0], 0, box, 0) in cords(device)


def test_the_device_of_a_preset_with_everything(whole: Surface) -> None:
    check(whole, patcher(whole))


@settings(max_examples=30)
@given(st.data())
def test_the_device_of_any_preset(
    surfaces: st.SearchStrategy[Surface], data: st.DataObject
) -> None:
    made = data.draw(surfaces)
    check(made, patcher(made))


def test_midi_passes_untouched(whole: Surface) -> None:
    device = patcher(whole)
    midi_in, midi_out = by_text(device, "midiin"), by_text(device, "midiout")
    touching = [cord for cord in cords(device) if {midi_in, midi_out} & {cord[0], cord[2]}]
    assert touching == [(midi_in, 0, midi_out, 0)]


def test_a_device_that_is_loaded_asks_before_it_may_turn_anything(whole: Surface) -> None:
    device = patcher(whole)
    gate = by_text(device, "gate")
    openers = [of for of, _, to, inlet in cords(device) if (to, inlet) == (gate, 0)]
    assert [boxes(device)[id]["text"] for id in openers] == ["1"]
    loaded = by_text(device, "live.thisdevice")
    assert gate in after(device, loaded)
    asks = boxes(device)[by_text(device, f"{ROOT}/query {ROOT}/knob")]["text"]
    assert [ask.split()[1] for ask in asks.split(", ")] == whole.asked


def test_another_port_is_drawn_while_nobody_answers(whole: Surface) -> None:
    device = patcher(whole)
    silent = after(device, by_text(device, "delay"))
    texts = [boxes(device)[id].get("text", "") for id in silent]
    assert {"random 16384", "+ 49152", "prepend port", f"prepend {ROOT}/listen 127.0.0.1"} <= {
        *texts
    }
    assert by_text(device, "udpreceive") in silent
    assert any(text.startswith("set No answer") for text in texts)


def test_no_box_has_a_name_that_another_device_could_share(whole: Surface) -> None:
    names = {box["text"].split()[0] for box in boxes(patcher(whole)).values() if "text" in box}
    assert not names & {"s", "r", "send", "receive", "value", "v", "pv", "coll", "dict", "buffer~"}


def test_tempo_and_windows_have_their_units(whole: Surface) -> None:
    values = parameters(patcher(whole))
    assert values["transport tempo"]["parameter_units"] == "%.1f BPM"
    assert values["delay"]["parameter_units"] == "%d windows"
    assert values["knob density"]["parameter_unitstyle"] == 1
