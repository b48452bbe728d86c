"""HTTP and WebSocket by uvicorn and starlette: OSCQuery at "/", the panel at "/panel"."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from presets.errors import PresetError
from realtime import oscquery
from realtime.chart import chart
from realtime.ports import web_files
from realtime.ports.web import Counts, WebPort
from realtime.ports.web_announce import announce
from realtime.ports.web_clients import Clients
from realtime.ports.web_gate import HEADERS, Gate, Knock
from realtime.ports.web_limits import MAX_HEAD, MAX_MESSAGE, questions, sockets

PANEL = Path(__file__).parent.parent / "panel"  # built
NO_PANEL = "There is no panel in this glissar: it was not built. OSCQuery is at /."
NO_MAP = b'{"preset":"","planes":[]}'
SAID = {204: "", 400: "There is no such attribute.", 404: "There is no such address."}


def run(port: WebPort) -> None:
    """Serve until the port is closed."""
    _quieten(port.counts)
    asyncio.run(_serve(port))


async def _serve(port: WebPort) -> None:
    clients = Clients(port)
    config = uvicorn.Config(
        application(port, clients),
        http=questions(port.counts),
        ws=sockets(port.counts),
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ws_max_size=MAX_MESSAGE,
        ws_per_message_deflate=False,
        h11_max_incomplete_event_size=MAX_HEAD,
    )
    server = uvicorn.Server(config)

    def stop() -> None:
        server.should_exit = server.force_exit = True

    port.attend(asyncio.get_running_loop().call_soon_threadsafe, clients, stop)
    if port.closed:  # before there was anything to stop
        return
    announcing = asyncio.create_task(announce(port))
    await server.serve(sockets=[port.socket])
    announcing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await announcing


def application(port: WebPort, clients: Clients) -> ASGIApp:
    host = oscquery.host_info(port.settings)

    async def ask(request: Request) -> Response:
        root = oscquery.tree(port.board)
        status, node = oscquery.answer(root, host, request.url.path, request.url.query)
        if node is None:
            return PlainTextResponse(SAID[status], status)
        return Response(msgspec.json.encode(node), status, media_type="application/json")

    async def charted(_request: Request) -> Response:
        try:
            content = chart(port.preset) if port.preset else NO_MAP
        except PresetError as error:
            return PlainTextResponse(str(error), 404)
        return Response(content, media_type="application/json")

    routes = [
        WebSocketRoute("/{path:path}", clients.welcome),
        *web_files.routes(port),
        Route("/panel/map.json", charted),
        *_panel(PANEL),
        Route("/{path:path}", ask),
    ]
    return _Guard(Starlette(routes=routes), Gate(port.settings.web), port)


def _panel(folder: Path) -> list[BaseRoute]:
    async def inside(_request: Request) -> Response:
        return RedirectResponse("/panel/")

    async def none(_request: Request) -> Response:
        return PlainTextResponse(NO_PANEL, 404)

    if not (folder / "index.html").is_file():
        return [Route("/panel", none), Route("/panel/{path:path}", none)]
    return [Route("/panel", inside), Mount("/panel", StaticFiles(directory=folder, html=True))]


class _Guard:
    """Asks the gate before anything else, and puts the headers of safety on every answer."""

    def __init__(self, app: ASGIApp, gate: Gate, port: WebPort) -> None:
        self._app, self._gate, self._port = app, gate, port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        knock = _knock(scope)
        answer: ASGIApp = self._app
        if refusal := self._gate.refuse(knock):
            self._port.counts.rejected += 1
            answer = PlainTextResponse(refusal.sentence, refusal.status)
        elif self._gate.brings_token(knock) and scope["path"].startswith("/panel"):
            answer = self._let_in(scope["path"])
        await answer(scope, receive, _safely(send))

    def _let_in(self, path: str) -> Response:
        """The token leaves the address line for a cookie."""
        response = RedirectResponse(path, 303)
        token = self._port.settings.web.token
        response.set_cookie(self._gate.cookie, token, httponly=True, samesite="lax")
        return response


def _knock(scope: Scope) -> Knock:
    headers = Headers(scope=scope)
    body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    return Knock(
        scope.get("method", "GET"),
        headers.get("host", ""),
        headers.get("origin"),
        headers.get("cookie", ""),
        scope["query_string"].decode("latin-1"),
        body,
    )


def _safely(send: Send) -> Callable[[Message], Awaitable[None]]:
    async def safely(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HEADERS)
        await send(message)

    return safely


def _quieten(counts: Counts) -> None:
    """What uvicorn warns of is a client's nonsense: it is counted, and fills no terminal."""

    class Counting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kind = record.exc_info[0] if record.exc_info else None
            if record.levelno < logging.ERROR or kind is UnicodeDecodeError:  # its text is none
                counts.rejected += 1
            elif logging.lastResort:
                logging.lastResort.handle(record)

    logger: Any = logging.getLogger("uvicorn.error")
    logger.handlers, logger.propagate, logger.level = [Counting()], False, logging.WARNING
