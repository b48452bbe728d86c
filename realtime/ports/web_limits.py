"""Connections that end: one question each, and no longer than a question takes, or a WebSocket
whose client reads."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from realtime.ports.web import Counts

MOST = 64  # connections; each is a file of the engine's
QUESTION = 15.0  # seconds from the connection to the end of the answer
STALL = 2.0  # seconds that a full buffer is waited for
MAX_HEAD = 16_384  # bytes of a request without its body
MAX_MESSAGE = 16_384  # bytes that a WebSocket takes in one


def questions(counts: Counts) -> type[asyncio.Protocol]:
    """The protocol of HTTP, which counts what it refuses."""

    class Question(H11Protocol):
        _end: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            if len(self.connections) > MOST:
                counts.rejected += 1
                transport.abort()
                return
            self._end = self.loop.call_later(QUESTION, transport.abort)

        def connection_lost(self, exc: Exception | None) -> None:
            self._forget()
            super().connection_lost(exc)

        def handle_websocket_upgrade(self, event: Any) -> None:
            self._forget()
            super().handle_websocket_upgrade(event)

        def _forget(self) -> None:
            if self._end:
                self._end.cancel()

    return Question


def sockets(counts: Counts) -> type[asyncio.Protocol]:
    """The protocol of WebSocket, which counts what it drops."""

    class Socket(WebSocketsSansIOProtocol):
        _end: asyncio.TimerHandle | None = None

        def pause_writing(self) -> None:
            super().pause_writing()
            self._end = self.loop.call_later(STALL, self._drop)

        def resume_writing(self) -> None:
            self._forget()
            super().resume_writing()

        def connection_lost(self, exc: Exception | None) -> None:
            self._forget()
            super().connection_lost(exc)

        def _drop(self) -> None:
            counts.dropped += 1
            self.transport.abort()

        def _forget(self) -> None:
            if self._end:
                self._end.cancel()

    return cast("type[asyncio.Protocol]", Socket)
