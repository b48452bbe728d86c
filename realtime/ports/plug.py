"""One end of the ports: a client of the MIDI system, and the port that is wanted of it.

A port that is lost is opened again on the same client, so that whoever comes and goes for hours
leaves no client behind.
"""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from presets.errors import GlissarError
from realtime.ports.systems import OWN, Client, RtMidiError, quiet

PATIENCE = 1.0  # s for a driver to close a port: some never do
SETTLE = 0.02  # s in which a callback under way is over, and a new connection carries

Heard = Callable[[float, bytes], None]


class PortLost(Exception):
    """What cannot be taken up in this process; its text is a sentence."""


@dataclass(slots=True)
class Plug:
    """`there` tells whether it is open on a port that is there; of one that is lost, `name` is the
    last it had."""

    client: Client
    what: str  # "input" or "output"
    wanted: str  # see `pick`; empty: a virtual port
    heard: Heard | None = None  # of an input
    name: str = ""
    there: bool = False

    def open(self, other: Client, taken: Sequence[str] = ()) -> None:
        """Open it the first time, on none of the ports `taken`; a client for the other direction
        tells how a virtual port is listed. Raises GlissarError where it is not there, or not one,
        and RtMidiError."""
        if self.wanted:
            names = self.client.get_ports()
            self._open(names, pick(self.wanted, names, self.what, taken))
        else:
            short = self._short
            self.name = open_virtual(self.client, short, f"{OWN}-{short}", self.what, other)
            self.there = True
        self.listen()

    def listen(self) -> None:
        if self.heard is None:
            return
        heard = self.heard
        self.client.ignore_types(sysex=True, timing=False, active_sense=True)

        def callback(event: tuple[list[int], float], _: Any) -> None:
            heard(time.monotonic(), bytes(event[0]))

        self.client.set_callback(callback)

    def look(self, names: list[str], carries: bool) -> bool | None:
        """True where it has just come back, False where it was just lost, None where nothing
        changed. `names` are the ports that there are; `carries` is false where it is known to be
        cut off from its own. Raises PortLost where another process must try."""
        if self.there and self.name in names and carries:
            return None
        if not self.wanted:
            raise PortLost(f"The MIDI {self.what} {self.name} is gone.")
        if self.there:
            self.there = False
            return False
        try:
            place = pick(self.wanted, names, self.what)
        except GlissarError:
            return None
        self._open_again(names, place)
        return True

    def _open_again(self, names: list[str], place: int) -> None:
        """A callback that waits for the interpreter while the driver waits for the callback would
        be the end: it is taken off first, and what hangs nevertheless is left to itself."""
        try:
            with quiet():
                if self.heard:
                    self.client.cancel_callback()
                    time.sleep(SETTLE)
                if not within(PATIENCE, self.client.close_port):
                    raise PortLost(f"The MIDI {self.what} {self.name} does not close.")
                self._open(names, place)
                self.listen()
        except RtMidiError as error:
            raise PortLost(f"The MIDI {self.what} {names[place]} does not open.") from error

    def _open(self, names: list[str], place: int) -> None:
        self.client.open_port(place, self._short)
        self.name, self.there = names[place], True

    @property
    def _short(self) -> str:
        return "in" if self.what == "input" else "out"


def open_virtual(client: Client, short: str, alone: str, what: str, other: Client) -> str:
    """Open a virtual port `short`, named `alone` where no client's name goes before it; the name
    under which `other`, a client of the other direction, sees it. Raises GlissarError."""
    if sys.platform == "win32":
        raise GlissarError(
            f"Windows has no virtual MIDI ports: install loopMIDI and name one of its ports as the "
            f"{what}."
        )
    before = other.get_ports()
    # JACK and ALSA show "client:port"; CoreMIDI shows the port's name alone.
    client.open_virtual_port(short if sys.platform != "darwin" else alone)
    new = [name for name in other.get_ports() if name not in before]
    if not new:
        raise GlissarError(f"The virtual MIDI {what} does not show up in the list of ports.")
    return new[0]


def pick(wanted: str, there: list[str], what: str, taken: Sequence[str] = ()) -> int:
    """The place in `there` of the port called `wanted`, or of the only one that it fits.

    It fits a name that has it inside, upper and lower case alike; with * (anything) or ? (one
    character) in it, it fits whole names. The numbers that ALSA puts behind a name, which change
    with each time that a device is plugged in, are no part of it. Ports of our own are never taken,
    nor those `taken`, which would sound twice. Raises GlissarError.
    """
    others = [name for name in there if not name.startswith(OWN)]
    found = [name for name in others if _fits(_bare(wanted).lower(), _bare(name).lower())]
    found = [wanted] if wanted in others else found
    if len(found) == 1 and found[0] in taken:
        raise GlissarError(f"The MIDI {what} {found[0]} is named twice; name it once.")
    if len(found) == 1:
        return there.index(found[0])
    known = ", ".join(found or others) or "none"
    many = "several MIDI" if found else "no MIDI"
    raise GlissarError(
        f"There is {many} {what} called {wanted!r}; name one of these exactly: {known}."
        if others
        else f"There is no MIDI {what} at all, so none called {wanted!r}; see `glissar ports`."
    )


def _fits(wanted: str, name: str) -> bool:
    if "*" in wanted or "?" in wanted:
        return fnmatchcase(name, wanted.replace("[", "[[]"))
    return wanted in name


def _bare(name: str) -> str:
    """Without ALSA's " 24:0"."""
    return re.sub(r" \d+:\d+$", "", name)


def within(seconds: float, act: Callable[[], Any]) -> bool:
    """Whether it was done in time; if not, it is left behind in a thread of its own."""
    doing = threading.Thread(target=act, daemon=True)
    doing.start()
    doing.join(seconds)
    return not doing.is_alive()
