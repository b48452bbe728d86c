"""Clients of the WebSocket: what each listens to, what it sets, and what it is told.

A client is told the latest value of each address, at most `RATE` times a second; what waits for it
is a set of addresses, which cannot grow beyond the table.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator

import msgspec
from pythonosc.osc_message_builder import BuildError
from starlette.websockets import WebSocket, WebSocketDisconnect

from realtime import oscquery
from realtime.controls import ROOT
from realtime.ports.osc import GARBAGE, MAX_AHEAD, MAX_WAITING, Heard, encode, parse
from realtime.ports.web import WebPort
from realtime.surfaces import Shown

RATE = 30.0  # tellings a second; a screen shows hardly more
MOST = 32  # clients
MOST_PATHS = 1024  # that a client listens to
MOST_HEARD = 1000  # messages a second of a client; whoever sends more is read more slowly
TRY_LATER = 1013  # WebSocket's code


class Clients:
    def __init__(self, port: WebPort) -> None:
        self.waiting = 0  # bundles dated ahead, of all of them
        self._port = port
        self._here: set[_Client] = set()

    def tell(self, addresses: list[str], changed: bool) -> None:
        for client in self._here:
            client.tell(addresses, changed)

    async def welcome(self, socket: WebSocket) -> None:
        """Serve one connection to its end."""
        await socket.accept()
        if len(self._here) >= MOST:
            self._port.counts.rejected += 1
            await socket.close(TRY_LATER, f"{MOST} are connected already.")
            return
        client = _Client(socket, self._port, self)
        self._here.add(client)
        self._port.counts.clients = len(self._here)
        speaking = asyncio.create_task(client.speak())
        try:
            await client.hear()
        finally:
            self._here.discard(client)
            self._port.counts.clients = len(self._here)
            speaking.cancel()


class _Client:
    def __init__(self, socket: WebSocket, port: WebPort, clients: Clients) -> None:
        self._socket, self._port, self._clients = socket, port, clients
        self._methods: set[str] = set()
        self._containers: set[str] = set()  # all below them is listened to
        self._due: dict[str, None] = {}
        self._changed = False
        self._wake = asyncio.Event()

    # --- out --------------------------------------------------------------------------------------

    def tell(self, addresses: list[str], changed: bool) -> None:
        self._due |= dict.fromkeys(filter(self._listens, addresses))
        self._changed |= changed
        if self._due or self._changed:
            self._wake.set()

    def _listens(self, address: str) -> bool:
        return address in self._methods or not self._containers.isdisjoint(_above(address))

    async def speak(self) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # it has left; or just did
            while await self._wake.wait():
                self._wake.clear()
                if self._changed:
                    self._changed = False
                    await self._socket.send_text(oscquery.say("PATH_CHANGED", ROOT))
                due, self._due = self._due, {}
                for address in filter(self._listens, due):  # still
                    await self._send(address, self._port.board)
                await asyncio.sleep(1 / RATE)

    async def _send(self, address: str, board: Shown) -> None:
        args = board.values.get(address)
        if args is not None:
            with contextlib.suppress(BuildError):
                await self._socket.send_bytes(encode(address, args))

    # --- in ---------------------------------------------------------------------------------------

    async def hear(self) -> None:
        second, many = time.monotonic(), 0
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while (message := await self._socket.receive())["type"] == "websocket.receive":
                sentence = self._take(message.get("bytes"), message.get("text"))
                if sentence:
                    self._port.counts.rejected += 1
                    await self._socket.send_text(oscquery.say("ERROR", sentence))
                now, many = time.monotonic(), many + 1
                if now - second >= 1:
                    second, many = now, 0
                elif many >= MOST_HEARD:
                    await asyncio.sleep(second + 1 - now)

    def _take(self, data: bytes | None, text: str | None) -> str:
        """A sentence where it makes no sense."""
        if data is not None:
            return self._set(data)
        try:
            return self._obey(oscquery.read_command(text or ""))
        except (msgspec.DecodeError, UnicodeEncodeError):
            return 'Text is {"COMMAND": "LISTEN" or "IGNORE", "DATA": "/path"}; values go as OSC.'

    def _set(self, packet: bytes) -> str:
        now = time.time()
        try:
            heard = parse(packet, now)
        except GARBAGE:
            return "That is no OSC packet."
        for group in heard:
            ahead = min(group.time - now, MAX_AHEAD)
            arrival = Heard(time.monotonic() + ahead, group.settings)
            if ahead <= 0:
                self._port.put(arrival)
            elif self._clients.waiting >= MAX_WAITING:
                return "Too many bundles wait for their time."
            else:
                self._clients.waiting += 1
                asyncio.get_running_loop().call_later(ahead, self._release, arrival)
        return ""

    def _release(self, heard: Heard) -> None:
        self._clients.waiting -= 1
        self._port.put(heard)

    def _obey(self, command: oscquery.Command) -> str:
        path, table = command.DATA, self._port.board.table
        if command.COMMAND == "IGNORE":
            self._methods.discard(path)
            self._containers.discard(path)
            return ""
        below = [a for a in table if a == path or (path not in table and path in _above(a))]
        if not below:
            return f"There is nothing at {path}."
        if len(self._methods) + len(self._containers) >= MOST_PATHS:
            return f"No more than {MOST_PATHS} paths are listened to."
        (self._methods if path in table else self._containers).add(path)
        self.tell(below, False)  # what has been told before: nobody has to ask and listen
        return ""


def _above(address: str) -> Iterator[str]:
    """The containers around an address."""
    yield "/"
    at = address.find("/", 1)
    while at > 0:
        yield address[:at]
        at = address.find("/", at + 1)
