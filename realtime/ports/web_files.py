"""MIDI files to take away by HTTP: the window that sounds, and what was recorded."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from realtime import windows
from realtime.clips import clip
from realtime.ports.web import WebPort
from realtime.states import ROOT

SILENT = "There are no notes in the window that sounds; play some, and wait for the next line."
UNRECORDED = f"Nothing was recorded; send {ROOT}/record 1 first."
TEMPO, USUAL = f"{ROOT}/transport/tempo", 120.0  # quarter notes a minute, where no tempo was told


def routes(port: WebPort) -> list[BaseRoute]:
    midi = port.settings.midi

    def session(_request: Request) -> Response:
        content = port.session()
        return _file("session", content) if content else PlainTextResponse(UNRECORDED, 404)

    return [
        _window(port, "played", windows.PLAYED, midi.thru_channel - 1),
        _window(port, "heard", windows.HEARD, midi.answer_channel - 1),
        Route("/panel/session.mid", session),
    ]


def _window(port: WebPort, name: str, address: str, channel: int) -> BaseRoute:
    def window(_request: Request) -> Response:
        values = port.board.values
        numbers, (tempo, *_) = values.get(address), values.get(TEMPO, (USUAL,))
        content = clip(numbers, name, channel, tempo, port.meter) if numbers else None
        return _file(name, content) if content else PlainTextResponse(SILENT, 404)

    return Route(f"/panel/{name}.mid", window)


def _file(name: str, content: bytes) -> Response:
    place = {"content-disposition": f'attachment; filename="glissar-{name}.mid"'}
    return Response(content, media_type="audio/midi", headers=place)
