"""What the widgets of a Pure Data patch are joined to: OSC both ways, and meeting the service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from realtime.controls import ROOT
from realtime.devices import meeting
from realtime.devices.pd_patch import READ, STATUS, Canvas, out, shown, symbol
from realtime.devices.surface import Surface, Widget, is_number

Source = tuple[int, int]  # an object and its outlet


def osc(inside: Canvas, surface: Surface) -> None:
    sends, connects = _sender(inside, surface)
    hears = inside.object("netreceive -u -b")
    parsed, words = inside.object("oscparse"), inside.object("list trim")
    inside.chain(hears, parsed, words)
    _meet(inside, surface, hears, sends, connects)
    targets: dict[str, list[int]] = {}
    for widget in surface.widgets:
        inside.next_row()
        _send(inside, widget, sends)
        if widget.kind != "button":
            inside.next_row()
            targets.setdefault(widget.told, []).append(_tell(inside, widget))
    for k, reading in enumerate(surface.readings):
        targets.setdefault(reading.address, []).append(inside.object(f"s $0-{READ}-{k}"))
    sentence = inside.message("symbol $1")
    inside.chain(sentence, inside.object(f"s $0-{STATUS}"))
    targets[f"{ROOT}/error"] = [sentence]
    _route(inside, (words, 0), _tree(targets))


def _sender(inside: Canvas, surface: Surface) -> tuple[int, int]:
    """Lists of bytes go to the first returned; a bang to the second connects, if nothing is."""
    listed, trimmed = inside.object("list prepend send"), inside.object("list trim")
    net = inside.object("netsend -u -b")
    inside.chain(listed, trimmed, net)
    inside.next_row()
    alone, may = inside.object("== 0"), inside.object("spigot 1")
    connect = inside.message(f"connect {meeting.HERE} {surface.port}")
    inside.chain(net, alone)
    inside.join(alone, may, inlet=1)
    inside.chain(may, connect, net)
    return listed, may


def _meet(inside: Canvas, surface: Surface, hears: int, sends: int, connects: int) -> None:
    draw, keep = _port(inside, hears, sends)
    inside.next_row()
    heard, silence = inside.object("t b b"), inside.object(f"delay {meeting.SILENCE}")
    first, once = inside.object("spigot 1"), inside.object("t b b b")
    asks = inside.message(" \\, ".join(f"symbol {address}" for address in surface.asked))
    query = inside.object(_format(meeting.QUERY))
    inside.chain(hears, heard, first, once, asks, query, sends)
    inside.join(heard, silence, 1)
    shut, status = inside.message("0"), inside.object(f"s $0-{STATUS}")
    met, away = (inside.message(f"symbol {symbol(text)}") for text in (meeting.MET, meeting.AWAY))
    inside.join(once, shut, 2)
    inside.join(shut, first, inlet=1)
    inside.join(once, met, 1)
    inside.chain(met, status)
    inside.next_row()
    gone, anew = inside.object("t b b b b"), inside.message("1")
    inside.chain(silence, gone, silence)
    inside.join(gone, draw, 1)
    inside.join(gone, anew, 2)
    inside.join(anew, first, inlet=1)
    inside.join(gone, away, 3)
    inside.chain(away, status)
    _begin(inside, (draw, silence, keep), connects, query)


def _port(inside: Canvas, hears: int, sends: int) -> tuple[int, int]:
    """A bang to the first draws a port, hears there and says so; to the second, says it anew."""
    inside.next_row()
    draw = inside.object(f"random {meeting.PORTS[1] - meeting.PORTS[0]}")
    above, both = inside.object(f"+ {meeting.PORTS[0]}"), inside.object("t f f")
    keep, here = inside.object("f"), inside.message(f"list {meeting.HERE} $1")
    inside.chain(draw, above, both, keep, here, inside.object(_format(meeting.LISTEN, "si")), sends)
    inside.next_row()
    listen = inside.message("listen $1")
    inside.join(both, listen, 1)
    inside.chain(listen, hears)
    return draw, keep


def _begin(inside: Canvas, begun: tuple[int, int, int], connects: int, query: int) -> None:
    draw, silence, keep = begun
    inside.next_row()
    loaded, steps = inside.object("loadbang"), inside.object("t b b b b")
    on, away = inside.message("1"), inside.message(f"symbol {symbol(meeting.AWAY)}")
    inside.chain(loaded, steps, on)
    inside.chain(away, inside.object(f"s $0-{STATUS}"))
    for outlet, then in ((3, connects), (2, draw), (1, silence), (1, away)):
        inside.join(steps, then, outlet)
    inside.next_row()
    again, beat = inside.object(f"metro {meeting.AGAIN}"), inside.object(f"metro {meeting.BEAT}")
    both, proof = inside.object("t b b"), inside.message(f"symbol {meeting.PROOF}")
    inside.chain(on, again, keep)
    inside.chain(on, beat, both, proof, query)
    inside.join(both, connects, 1)


def _format(address: str, types: str = "") -> str:
    flag = f"-f {types} " if types else ""
    return f"oscformat {flag}{address.removeprefix('/').replace('/', ' ')}"


# --- a widget's two ways --------------------------------------------------------------------------


def _send(inside: Canvas, widget: Widget, sends: int) -> None:
    turned = inside.object(f"r {out(widget.name)}")
    made = inside.object(_format(widget.address))
    inside.chain(made, sends)
    if widget.kind == "menu":
        count = range(len(widget.options))
        which = inside.object(f"select {' '.join(map(str, count))}")
        inside.chain(turned, which)
        for k, entry in enumerate(widget.options):
            said = inside.message(entry if is_number(entry) else f"symbol {symbol(entry)}")
            inside.join(which, said, k)
            inside.chain(said, made)
    elif widget.kind in ("dial", "count"):  # a slider and a number, which show the same
        both, same = inside.object("t f f"), inside.message("set $1")
        inside.chain(turned, both, made)
        inside.join(both, same, 1)
        inside.chain(same, inside.object(f"s {shown(widget.name)}"))
    else:
        inside.chain(turned, made)


def _tell(inside: Canvas, widget: Widget) -> int:
    """An object that takes what is told of the widget, and shows it."""
    end = inside.object(f"s {shown(widget.name)}")
    if widget.kind != "menu":
        value = inside.message("set $1")
        inside.chain(value, end)
        return value
    text, read = inside.object("fudiformat"), inside.object("fudiparse")  # "4", told as text: 4
    inside.chain(text, read)
    source: Source = (read, 0)
    for numbers in (False, True):
        some = [(k, e) for k, e in enumerate(widget.options) if is_number(e) == numbers]
        if some:
            source = _choose(inside, source, some, end)
    return text


def _choose(inside: Canvas, source: Source, entries: list[tuple[int, str]], end: int) -> Source:
    """Show the entry that comes; where what is none of these comes out."""
    route = inside.object(f"route {' '.join(symbol(entry) for _, entry in entries)}")
    inside.join(source[0], route, source[1])
    for outlet, (index, _) in enumerate(entries):
        at = inside.message(f"set {index}")
        inside.join(route, at, outlet)
        inside.chain(at, end)
    return route, len(entries)


# --- addresses, part by part ----------------------------------------------------------------------

Tree = dict[str, "Tree | list[int]"]
VALUE = ""  # the branch of what has no more parts


def _tree(targets: Mapping[str, list[int]]) -> Tree:
    root: Tree = {}
    for address, objects in targets.items():
        node = root
        for part in address.removeprefix("/").split("/"):
            below = node.setdefault(part, {})
            assert isinstance(below, dict)
            node = below
        node[VALUE] = objects
    return root


def _route(inside: Canvas, source: Source, tree: Tree) -> None:
    """Cords from `source`, where an address comes out as words, to everything in `tree`."""
    parts = [part for part in tree if part != VALUE]
    if parts:
        inside.next_row()
        route = inside.object(f"route {' '.join(parts)}")
        inside.join(source[0], route, source[1])
        for outlet, branch in enumerate(_branches(tree, parts)):
            _route(inside, (route, outlet), branch)
        source = (route, len(parts))
    values = tree.get(VALUE, [])
    assert isinstance(values, list)
    for target in values:
        inside.join(source[0], target, source[1])


def _branches(tree: Tree, parts: list[str]) -> Iterator[Tree]:
    for part in parts:
        branch = tree[part]
        assert isinstance(branch, dict)
        yield branch
