"""How a Max device meets the service, in boxes and cords: see `meeting`."""

from __future__ import annotations

from realtime.devices import meeting
from realtime.devices.max_patch import Patch
from realtime.devices.surface import Surface


def meet(patch: Patch, surface: Surface, send: str, gate: str, status: str) -> str:
    """What comes from the service comes out of the box returned."""
    hear = patch.object(f"udpreceive {meeting.PORTS[0]}")
    draw, keep = _port(patch, send, hear)
    patch.next_row()
    heard = patch.object("t b b", outlets=["bang", "bang"])
    silence = patch.object(f"delay {meeting.SILENCE}", 2, ["bang"])
    first = patch.object("onebang 1", 2, ["bang", "bang"])
    patch.chain(hear, heard, first)
    patch.join(heard, silence, 1)
    patch.next_row()
    met, away = patch.message(f"set {meeting.MET}"), patch.message(f"set {meeting.AWAY}")
    asks = patch.message(", ".join(f"{meeting.QUERY} {address}" for address in surface.asked))
    patch.chain(first, met, status)
    patch.chain(first, asks, send)
    gone = patch.object("t b b b b", outlets=["bang"] * 4)
    patch.chain(silence, gone, silence)
    patch.join(gone, draw, 1)
    patch.join(gone, first, 2, inlet=1)
    patch.join(gone, away, 3)
    patch.chain(away, status)
    _begin(patch, (draw, silence, gate, keep), send)
    return hear


def _port(patch: Patch, send: str, hear: str) -> tuple[str, str]:
    """A bang to the first draws a port, hears there and says so; to the second, says it anew."""
    patch.next_row()
    draw = patch.object(f"random {meeting.PORTS[1] - meeting.PORTS[0]}", 2, ["int"])
    above = patch.object(f"+ {meeting.PORTS[0]}", 2, ["int"])
    both = patch.object("t i i", outlets=["int", "int"])
    keep = patch.object("int", 2, ["int"])
    patch.chain(
        draw, above, both, keep, patch.object(f"prepend {meeting.LISTEN} {meeting.HERE}"), send
    )
    patch.next_row()
    port = patch.object("prepend port")
    patch.join(both, port, 1)
    patch.chain(port, hear)
    return draw, keep


def _begin(patch: Patch, begun: tuple[str, str, str, str], send: str) -> None:
    """When all is loaded: first a port, then the wait for a word, then what is turned may go."""
    draw, silence, gate, keep = begun
    patch.next_row()
    loaded = patch.object("live.thisdevice", outlets=["bang", "int", "int"])
    steps = patch.object("t b b b", outlets=["bang"] * 3)
    on = patch.message("1")
    patch.chain(loaded, steps, on, gate)
    patch.join(steps, silence, 1)
    patch.join(steps, draw, 2)
    patch.next_row()
    again, beat = (
        patch.object(f"metro {every}", 2, ["bang"]) for every in (meeting.AGAIN, meeting.BEAT)
    )
    patch.chain(on, again, keep)
    patch.chain(on, beat, patch.message(f"{meeting.QUERY} {meeting.PROOF}"), send)
