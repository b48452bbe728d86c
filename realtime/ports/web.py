"""The web server as the engine sees it: bound at once, served on a thread, never waited for.

The server's libraries are loaded on that thread, when the engine is up: no start waits for them.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from presets.errors import GlissarError
from presets.preset import Preset
from realtime.controls import Address
from realtime.events import Trouble
from realtime.household import Begin
from realtime.ports import web_invite
from realtime.ports.osc import Heard
from realtime.settings import Settings, WebSettings
from realtime.surfaces import Arguments, Shown

BACKLOG = 32  # connections that wait to be taken
SEND_BUFFER = 65_536  # bytes in the system: a slow client gets the latest values, not a long queue
PATIENCE = 1.0  # seconds for the server to end, which takes a tenth of it


class Clients(Protocol):
    """The server's side, on its own thread."""

    def tell(self, addresses: list[str], changed: bool) -> None: ...


@dataclass(slots=True)
class Counts:
    clients: int = 0  # that are there
    rejected: int = 0  # requests and messages that were refused
    dropped: int = 0  # clients that did not read


class WebPort:
    """`put` is called on the server's thread, and must not wait."""

    def __init__(
        self,
        settings: Settings,
        table: Mapping[str, Address],
        put: Callable[[Heard | Trouble], None],
        preset: Preset | None = None,
    ) -> None:
        """Bind. Raises GlissarError when the address is taken or foreign."""
        self.settings, self.put = settings, put
        self.board, self.preset = Shown(table), preset
        self.counts = Counts()
        self.socket = _bind(settings.web)
        self._call: Callable[[Callable[[], None]], object] | None = None  # on the server's thread
        self._clients: Clients | None = None
        self.closed = False
        self._stop: Callable[[], None] | None = None  # once there is a server
        self._news: dict[str, None] = {}  # addresses told, since the server's thread looked
        self._changed = False  # the tree, since then
        self._awake = False  # it is going to look
        self._thread = threading.Thread(target=self._serve, daemon=True, name="web")

    @property
    def panel(self) -> str:
        """Where a browser finds the panel; with a token it has been shown already."""
        web = self.settings.web
        return "" if web.token else f"http://{web.host}:{web.port}/panel"

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self.closed = True
        if self._stop:
            self._stop()
        if self._thread.is_alive():
            self._thread.join(PATIENCE)
        self.socket.close()

    def echo(self, address: str, args: Arguments) -> None:
        """Tell every client that listens."""
        self.board.tell(address, args)
        if self.counts.clients:
            self._news[address] = None
            self._wake()

    def show(self, table: Mapping[str, Address], preset: Preset | None = None) -> None:
        """Another preset plays."""
        self.preset = preset
        self.board.show(table)
        self._changed = True
        self._wake()

    def _wake(self) -> None:
        if self._call and not self._awake:
            self._awake = True
            with contextlib.suppress(RuntimeError):  # the server has just ended
                self._call(self._hand_out)

    # --- on the server's thread -------------------------------------------------------------------

    def _serve(self) -> None:
        from realtime.ports import web_server

        gc.freeze()  # the server's modules, as all that came before them
        web_server.run(self)

    def attend(
        self,
        call: Callable[[Callable[[], None]], object],
        clients: Clients,
        stop: Callable[[], None],
    ) -> None:
        """The server runs. `call` has something called on its thread."""
        self._clients, self._stop, self._call = clients, stop, call

    def _hand_out(self) -> None:
        """Each step on what the engine's thread writes is a single one."""
        self._awake = False
        changed, self._changed = self._changed, False
        addresses: list[str] = []
        while self._news:
            addresses.append(self._news.popitem()[0])
        if self._clients:
            self._clients.tell(addresses[::-1], changed)


def _bind(settings: WebSettings) -> socket.socket:
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":  # an engine that is started again takes over at once; elsewhere: a theft
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    try:
        server.bind((settings.host, settings.port))
        server.listen(BACKLOG)
    except OSError as error:
        server.close()
        if error.errno == errno.EADDRINUSE:
            raise GlissarError(
                f"TCP port {settings.port} is taken, perhaps by another glissar; stop that one, or "
                "choose another with --web-port. The music goes on without panel and OSCQuery."
            ) from error
        raise GlissarError(
            f"the web server cannot listen on {settings.host} ({error.strerror}); set web.host to "
            "an address of this machine. The music goes on without panel and OSCQuery."
        ) from error
    return server


def open_web(
    begin: Begin,
    table: Mapping[str, Address],
    put: Callable[[Any], None],
    preset: Preset | None = None,
) -> WebPort | None:
    """None where it is not wanted, or cannot be had: then that is put as a `Trouble`."""
    settings = begin.settings
    if not settings.web.on:
        return None
    try:
        port = WebPort(settings, table, put, preset)
    except GlissarError as error:
        put(Trouble("web", str(error)))
        return None
    if settings.web.token and not begin.again:
        web_invite.show(settings.web)
    return port
