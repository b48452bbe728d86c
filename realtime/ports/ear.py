"""A listener to a glissar that plays: asks by OSC, and hears what is told."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator

from presets.errors import GlissarError
from realtime.ports.osc import GARBAGE, HERE, MAX_DATAGRAM, Arguments, Setting, encode, parse
from realtime.states import ROOT


class Ear:
    """On a free UDP port of its own, and connected, so that a glissar that is gone is noticed where
    the system tells."""

    def __init__(self, host: str, port: int) -> None:
        """Raises GlissarError where `host` is no address."""
        self.gone = False  # nobody was there when it spoke last
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.connect((HERE if host == "0.0.0.0" else host, port))
        except OSError as error:
            self._socket.close()
            raise GlissarError(
                f"there is no way to {host} ({error.strerror}); set osc.host to an address of "
                "this machine, such as 127.0.0.1."
            ) from error

    def listen(self) -> None:
        """Hear what is told in the next minute."""
        self._say("listen", self._socket.getsockname())

    def ask(self, address: str) -> None:
        """What is known of an address, and of all beneath it."""
        self._say("query", (address,))

    def heard(self, until: float) -> Iterator[Setting]:
        """What is told until the monotonic clock reaches `until`; garbage is passed over."""
        while (left := until - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                told = parse(self._socket.recv(MAX_DATAGRAM), 0.0)
            except ConnectionError:
                self.gone = True
            except (TimeoutError, *GARBAGE):
                pass
            else:
                self.gone = False
                for group in told:
                    yield from group.settings

    def close(self) -> None:
        self._say("unlisten", self._socket.getsockname())
        self._socket.close()

    def _say(self, name: str, args: Arguments) -> None:
        with contextlib.suppress(ConnectionError):  # of what was said before: told when we hear
            self._socket.send(encode(f"{ROOT}/{name}", args))
