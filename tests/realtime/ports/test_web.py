"""The web server on the loopback, asked by http.client, the `websockets` library and bare sockets.

Waiting is always for something to happen, never for a time to pass.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any, cast

import pytest
from msgspec.structs import replace
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from presets.errors import GlissarError
from presets.plane import MAP
from presets.preset import read
from realtime import midifile, windows
from realtime.chart import chart
from realtime.controls import ROOT, table
from realtime.events import Trouble
from realtime.household import Begin
from realtime.ports import web_clients, web_files, web_limits, web_server
from realtime.ports.osc import MAX_WAITING, Heard, encode, parse
from realtime.ports.web import WebPort, open_web
from realtime.settings import Settings, WebSettings
from realtime.stage.free import free_port
from realtime.surfaces import Shown

PATIENCE = 20.0  # seconds; only a failing test waits so long
TABLE = table(["density", "contour"])
DENSITY = f"{ROOT}/knob/density"


class Rig:
    """A running server, and what it has put."""

    def __init__(self, **changes: Any) -> None:
        self.settings = Settings(web=WebSettings(port=free_port(socket.SOCK_STREAM), **changes))
        self.port = self.settings.web.port
        self.put: Queue[Heard | Trouble] = Queue()
        self.web = WebPort(self.settings, TABLE, self.put.put)
        self.web.start()

    def get(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, str, dict[str, str]]:
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(asking):
            asking.request(method, path, body, headers)
            response = asking.getresponse()
            said = response.read().decode()
            return response.status, said, {k.lower(): v for k, v in response.getheaders()}

    def client(self, path: str = "/", **options: Any) -> ClientConnection:
        return connect(f"ws://127.0.0.1:{self.port}{path}", open_timeout=PATIENCE, **options)

    def bare(self, request: bytes = b"") -> socket.socket:
        bare = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        bare.sendall(request)
        return bare

    def heard(self) -> tuple[tuple[str, tuple[Any, ...]], ...]:
        heard = self.put.get(timeout=PATIENCE)
        assert isinstance(heard, Heard)
        return heard.settings


@pytest.fixture
def rigs() -> Iterator[Callable[..., Rig]]:
    made: list[Rig] = []

    def make(**changes: Any) -> Rig:
        made.append(Rig(**changes))
        return made[-1]

    yield make
    for rig in made:
        rig.web.close()


@pytest.fixture
def rig(rigs: Callable[..., Rig]) -> Rig:
    return rigs()


def listen(client: ClientConnection, path: str, command: str = "LISTEN") -> None:
    client.send(json.dumps({"COMMAND": command, "DATA": path}))


def told(client: ClientConnection) -> tuple[str, tuple[Any, ...]]:
    data = client.recv(PATIENCE)
    assert isinstance(data, bytes), data
    ((said,),) = [heard.settings for heard in parse(data, time.time())]
    return said


def answered(client: ClientConnection) -> dict[str, str]:
    text = client.recv(PATIENCE)
    assert isinstance(text, str), text
    return json.loads(text)


def wait_until(true: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, "it does not come"
        time.sleep(0.005)


# --- HTTP -----------------------------------------------------------------------------------------


def test_the_tree_is_json_and_its_values_are_the_last_ones_told(rig: Rig) -> None:
    rig.web.echo(DENSITY, (0.25,))
    rig.web.echo(DENSITY, (0.5,))
    status, body, headers = rig.get("/")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert json.loads(body)["CONTENTS"]["glissar"]["CONTENTS"]["knob"]["CONTENTS"]["density"][
        "VALUE"
    ] == [0.5]
    assert json.loads(rig.get(f"{DENSITY}?VALUE")[1]) == {"VALUE": [0.5]}
    assert json.loads(rig.get("/?HOST_INFO")[1])["WS_PORT"] == rig.port


def test_the_status_is_the_proposals(rig: Rig) -> None:
    asked = ("/glissar/panic?VALUE", "/glissar/mode?NOPE", "/glissar/nothing")
    assert [rig.get(path)[0] for path in asked] == [204, 400, 404]


@pytest.mark.parametrize("path", ["/", "/nothing", "/panel", "/panel/x.js"])
def test_every_answer_keeps_browsers_from_guessing(rig: Rig, path: str) -> None:
    headers = rig.get(path)[2]
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "access-control-allow-origin" not in headers


def test_without_built_assets_there_is_no_panel(
    rigs: Callable[..., Rig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_server, "PANEL", tmp_path)
    status, body, _ = rigs().get("/panel")
    assert (status, body) == (404, web_server.NO_PANEL)


def test_the_panels_address_is_told_where_no_token_is_asked_for(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    assert rig.web.panel == f"http://127.0.0.1:{rig.port}/panel"
    assert rigs(host="0.0.0.0", token="secret").web.panel == ""


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    panel = tmp_path / "panel"
    panel.mkdir()
    (panel / "index.html").write_text("<title>glissar</title>")
    (panel / "panel.js").write_text("'use strict'")
    (tmp_path / "secret.txt").write_text("secret")
    (panel / "out").symlink_to(tmp_path)
    monkeypatch.setattr(web_server, "PANEL", panel)
    return panel


def test_the_panel_is_what_was_built_and_nothing_beside_it(
    built: Path, rigs: Callable[..., Rig]
) -> None:
    rig = rigs()
    status, body, headers = rig.get("/panel/")
    assert (status, body) == (200, "<title>glissar</title>")
    assert "default-src 'self'" in headers["content-security-policy"]
    assert rig.get("/panel")[0] == 307
    assert rig.get("/panel/panel.js")[2]["content-type"].startswith("text/javascript")
    for path in ("../secret.txt", "%2e%2e/secret.txt", "out/secret.txt", "..%2fsecret.txt", "none"):
        status, body, _ = rig.get(f"/panel/{path}")
        assert status == 404
        assert "secret" not in body.removeprefix("Not Found")


def test_the_window_that_sounds_is_a_midi_file(rig: Rig, tmp_path: Path) -> None:
    status, body, _ = rig.get("/panel/heard.mid")
    assert (status, body) == (404, web_files.SILENT)
    rig.web.echo(f"{ROOT}/transport/tempo", (90.0,))
    tied, past = (-480, 960, 62, 50), (3000, 2000, 64, 127)
    rig.web.echo(windows.HEARD, (7680, 3840, *tied, *past))
    with urllib.request.urlopen(f"http://127.0.0.1:{rig.port}/panel/heard.mid") as answer:
        assert answer.headers["content-type"] == "audio/midi"
        assert 'filename="glissar-heard.mid"' in answer.headers["content-disposition"]
        (tmp_path / "heard.mid").write_bytes(answer.read())
    tune = midifile.read(tmp_path / "heard.mid")
    assert [(tick, data.hex()) for tick, data in tune.messages] == [
        (0, "913e32"), (480, "813e40"), (3000, "91407f"), (3840, "814040"),
    ]  # fmt: skip
    assert tune.tempos == ((0, 666_667),)
    rig.web.echo(windows.HEARD, (7680, 3840))
    assert rig.get("/panel/heard.mid")[0] == 404
    assert rig.get("/panel/heard.mid", Origin="http://evil.example")[0] == 403
    assert rig.get("/panel/heard.mid", "POST")[0] == 405


def test_what_was_recorded_is_given_as_it_is(rig: Rig) -> None:
    assert rig.get("/panel/session.mid")[:2] == (404, web_files.UNRECORDED)
    rig.web.session = lambda: b"MThd"
    status, body, headers = rig.get("/panel/session.mid")
    assert (status, body, headers["content-type"]) == (200, "MThd", "audio/midi")


def test_a_hostile_page_is_refused(rig: Rig) -> None:
    assert rig.get("/", Origin="http://evil.example")[0] == 403
    assert rig.get("/", Host="evil.example")[0] == 403
    assert rig.get("/glissar/panic", "POST")[0] == 405
    assert rig.get("/", body=b"x" * 1000)[0] == 413
    for uri, origin in (
        (f"ws://127.0.0.1:{rig.port}", "http://evil.example"),
        ("ws://evil.example", "http://evil.example"),
        ("ws://evil.example", None),
    ):
        refusing, bare = pytest.raises(InvalidStatus), rig.bare()
        with bare, refusing as refused, connect(uri, sock=bare, origin=cast("Any", origin)):
            pass
        assert refused.value.response.status_code == 403
    assert rig.put.empty()
    assert rig.web.counts.rejected == 7


@pytest.mark.parametrize(
    "request_",
    [
        b"\x00\x01\x02\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 100_000,
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        b"GET http://127.0.0.1/ HTTP/9.9\r\n\r\n",
    ],
    ids=["noise", "no host", "two hosts", "long", "no key", "no version"],
)
def test_what_is_no_http_ends_its_connection_and_no_more(
    rig: Rig, request_: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    with rig.bare() as bare, contextlib.suppress(ConnectionError):
        bare.sendall(request_)
        said = b""
        while data := bare.recv(65_536):
            said += data
        assert said.split(b" ", 2)[1].startswith(b"4")
    assert rig.get("/glissar/mode")[0] == 200
    assert capfd.readouterr().err == ""


def test_who_asks_nothing_is_shown_out(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_limits, "QUESTION", 0.05)
    wait_until(lambda: rig.get("/?HOST_INFO")[0] == 200)
    for request in (b"", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "):
        with rig.bare(request) as bare, contextlib.suppress(ConnectionError):
            assert bare.recv(1) == b""


def test_there_are_only_so_many_connections(rig: Rig) -> None:
    with contextlib.ExitStack() as held:
        for _ in range(web_limits.MOST):
            held.enter_context(rig.bare())
        wait_until(lambda: _is_shut_out(rig))
    wait_until(lambda: not _is_shut_out(rig))
    assert rig.web.counts.rejected > 0


def _is_shut_out(rig: Rig) -> bool:
    try:
        return rig.get("/?HOST_INFO")[0] != 200
    except (ConnectionError, http.client.HTTPException):
        return True


# --- WebSocket ------------------------------------------------------------------------------------


def test_who_listens_is_told_what_is_and_what_comes(rig: Rig) -> None:
    rig.web.echo(DENSITY, (0.25,))
    with rig.client() as client:
        listen(client, DENSITY)
        assert told(client) == (DENSITY, (0.25,))
        rig.web.echo(f"{ROOT}/knob/contour", (1.0,))
        rig.web.echo(DENSITY, (0.5,))
        assert told(client) == (DENSITY, (0.5,))


def test_a_container_is_listened_to_with_all_below_it(rig: Rig) -> None:
    with rig.client() as client:
        listen(client, f"{ROOT}/knob")
        listen(client, "/glissar/nothing")
        assert answered(client)["COMMAND"] == "ERROR"
        for address in (DENSITY, f"{ROOT}/mode", f"{DENSITY}/value"):
            rig.web.echo(address, (0.5,))
        assert [told(client)[0] for _ in range(2)] == [DENSITY, f"{DENSITY}/value"]


def test_who_ignores_is_told_no_more(rig: Rig) -> None:
    with rig.client() as client:
        for path in (DENSITY, f"{ROOT}/mode"):
            listen(client, path)
        listen(client, DENSITY, "IGNORE")
        listen(client, "/nothing")
        assert answered(client)["COMMAND"] == "ERROR"  # so all before it was taken
        rig.web.echo(DENSITY, (0.5,))
        rig.web.echo(f"{ROOT}/mode", ("freeze",))
        assert told(client) == (f"{ROOT}/mode", ("freeze",))


def test_the_latest_value_wins(rig: Rig) -> None:
    """However much is told, a client gets the last, and not all that came before it."""
    with rig.client() as client:
        listen(client, DENSITY)
        listen(client, "/nothing")
        answered(client)
        for step in range(20_001):
            rig.web.echo(DENSITY, (step / 20_000,))
        many, value = 0, 0.0
        while value < 1:
            many, value = many + 1, told(client)[1][0]
        assert many < 5_000


def test_what_a_client_sets_comes_as_from_udp(rig: Rig) -> None:
    with rig.client() as client:
        client.send(encode(DENSITY, (0.5,)))
        assert rig.heard() == ((DENSITY, (0.5,)),)
        both = (encode(DENSITY, (1,)), encode(f"{ROOT}/mode", ("freeze",)))
        ahead = int((time.time() + 0.05 + 2_208_988_800) * 2**32).to_bytes(8, "big")
        for stamp in (b"\0" * 7 + b"\1", ahead):
            packed = b"".join(len(one).to_bytes(4, "big") + one for one in both)
            client.send(b"#bundle\0" + stamp + packed)
            assert rig.heard() == ((DENSITY, (1,)), (f"{ROOT}/mode", ("freeze",)))


def test_nonsense_is_answered_and_counted_and_the_connection_lives(rig: Rig) -> None:
    with rig.client() as client:
        for nonsense in ("", "{", "[" * 10_000, "\ud800".encode("utf-8", "replace").decode(), "{}"):
            client.send(nonsense)
            assert answered(client)["COMMAND"] == "ERROR"
        for nonsense in (b"", b"garbage", b"#bundle\0", b"/a\0\0,z\0\0"):
            client.send(nonsense)
            assert answered(client)["DATA"] == "That is no OSC packet."
        client.send(encode(DENSITY, (0.5,)))
        assert rig.heard() == ((DENSITY, (0.5,)),)
    assert rig.web.counts.rejected == 9


@pytest.mark.parametrize("large", ["x" * 20_000, b"/" * 200_000], ids=["text", "binary"])
def test_too_large_a_message_ends_its_connection(rig: Rig, large: str | bytes) -> None:
    with rig.client() as client:
        client.send(large)
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(PATIENCE)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 1009
    assert rig.get("/glissar/mode")[0] == 200
    assert rig.put.empty()


def test_text_that_is_none_ends_its_connection_and_says_nothing_on_the_terminal(
    rig: Rig, capfd: pytest.CaptureFixture[str]
) -> None:
    with rig.client() as client:
        client.send(b"\xff\xfe", text=True)
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(PATIENCE)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 1007
    assert rig.web.counts.rejected == 1
    assert capfd.readouterr().err == ""


def test_a_client_that_never_reads_is_dropped_and_counted(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are told as before, and the engine's side never waits."""
    monkeypatch.setattr(web_limits, "STALL", 0.05)
    monkeypatch.setattr(web_clients, "RATE", 1000.0)
    upgrade = (
        f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{rig.port}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    command = b'{"COMMAND": "LISTEN", "DATA": "/"}'
    frame = bytes([0x81, 0x80 | len(command), 0, 0, 0, 0]) + command  # masked with zeros
    with rig.client() as reader, rig.bare(upgrade.encode()) as deaf:
        assert deaf.recv(4096).startswith(b"HTTP/1.1 101")
        deaf.sendall(frame)
        listen(reader, DENSITY)
        listen(reader, "/nothing")
        answered(reader)
        many = 0
        while not rig.web.counts.dropped:
            many += 1
            assert many < 20_000
            rig.web.echo(f"{ROOT}/error", ("long", "x" * 8_000))
            rig.web.echo(DENSITY, (float(many),))
            assert told(reader)[0] == DENSITY
        wait_until(lambda: rig.web.counts.clients == 1)
        assert deaf.fileno() > 0


def test_there_are_only_so_many_clients(rig: Rig) -> None:
    with contextlib.ExitStack() as held:
        for _ in range(web_clients.MOST):
            held.enter_context(rig.client())
        with rig.client() as late, pytest.raises(ConnectionClosed) as closed:
            late.recv(PATIENCE)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == web_clients.TRY_LATER
        assert rig.web.counts.clients == web_clients.MOST
    wait_until(lambda: rig.web.counts.clients == 0)
    with rig.client() as again:
        listen(again, "/nothing")
        assert answered(again)["COMMAND"] == "ERROR"


def test_a_client_that_sends_too_much_is_read_more_slowly(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost: it waits where it comes from."""
    monkeypatch.setattr(web_clients, "MOST_HEARD", 10)
    with rig.client() as client:
        for step in range(15):
            client.send(encode(DENSITY, (step,)))
        assert [rig.heard()[0][1][0] for _ in range(15)] == list(range(15))


def test_bundles_dated_ahead_are_bounded(rig: Rig) -> None:
    ahead = int((time.time() + 60 + 2_208_988_800) * 2**32).to_bytes(8, "big")
    one = encode(DENSITY, (1,))
    bundle = b"#bundle\0" + ahead + len(one).to_bytes(4, "big") + one
    with rig.client() as client:
        for _ in range(300):
            client.send(bundle)
        for _ in range(300 - MAX_WAITING):
            assert answered(client)["DATA"] == "Too many bundles wait for their time."


def test_another_preset_is_told_to_every_client(rig: Rig) -> None:
    with rig.client() as one, rig.client() as other:
        wait_until(lambda: rig.web.counts.clients == 2)
        rig.web.show(table(["range"]))
        for client in (one, other):
            assert answered(client) == {"COMMAND": "PATH_CHANGED", "DATA": ROOT}
        listen(one, DENSITY)
        assert answered(one)["COMMAND"] == "ERROR"
    assert rig.get(f"{ROOT}/knob/range")[0] == 200


# --- open to the network --------------------------------------------------------------------------


def test_the_token_of_the_address_becomes_a_cookie(built: Path, rigs: Callable[..., Rig]) -> None:
    rig = rigs(host="0.0.0.0", token="s3cret")
    assert rig.get("/panel/")[0] == 401
    status, _, headers = rig.get("/panel/?token=s3cret")
    assert (status, headers["location"]) == (303, "/panel/")
    assert {"HttpOnly", "SameSite=lax"} <= set(headers["set-cookie"].split("; "))
    cookie = headers["set-cookie"].partition(";")[0]
    assert rig.get("/panel/", Cookie=cookie)[0] == 200
    with rig.client(additional_headers={"Cookie": cookie}) as client:
        listen(client, "/nothing")
        assert answered(client)["COMMAND"] == "ERROR"
    assert json.loads(rig.get("/glissar/mode?token=s3cret&TYPE")[1]) == {"TYPE": "s"}
    with pytest.raises(InvalidStatus), rig.client("/?token=wrong"):
        pass


def test_a_phone_is_shown_the_address_to_scan(
    rigs: Callable[..., Rig], capfd: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(
        web=WebSettings(host="0.0.0.0", port=free_port(socket.SOCK_STREAM), token="s3cret")
    )
    begin = Begin(settings, Any, "", False, b"")  # pyright: ignore[reportArgumentType]
    opened = open_web(begin, TABLE, print)
    assert opened
    opened.close()
    said = capfd.readouterr().err
    assert f":{settings.web.port}/panel?token=s3cret" in said
    assert "█" in said
    again = open_web(replace(begin, again=True), TABLE, print)
    assert again
    again.close()
    assert capfd.readouterr().err == ""


# --- where it cannot be ---------------------------------------------------------------------------


def test_a_taken_port_is_a_sentence_and_no_end(rig: Rig) -> None:
    put: list[Any] = []
    begin = Begin(rig.settings, Any, "", False, b"")  # pyright: ignore[reportArgumentType]
    assert open_web(begin, TABLE, put.append) is None
    (trouble,) = put
    assert trouble.code == "web"
    assert trouble.sentence.startswith(f"TCP port {rig.port} is taken")
    off = Settings(web=WebSettings(on=False, port=rig.port))
    assert open_web(replace(begin, settings=off), TABLE, put.append) is None
    assert len(put) == 1
    with pytest.raises(GlissarError, match="an address of this machine"):
        WebPort(Settings(web=WebSettings(host="192.0.2.1", port=rig.port)), TABLE, print)


def test_a_server_that_was_closed_leaves_its_port(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    with rig.client():
        wait_until(lambda: rig.web.counts.clients == 1)
        rig.web.close()
    again = WebPort(rig.settings, TABLE, print)
    again.close()
    rig.web.echo(DENSITY, (0.5,))  # an engine that ends may still speak
    rig.web.show(TABLE)


def test_an_engine_may_end_while_its_server_starts(capfd: pytest.CaptureFixture[str]) -> None:
    settings = Settings(web=WebSettings(port=free_port(socket.SOCK_STREAM)))
    for _ in range(3):
        port = WebPort(settings, TABLE, print)
        port.start()
        port.close()
    assert capfd.readouterr().err == ""


def test_a_board_knows_what_went_wrong_last() -> None:
    board = Shown(TABLE)
    board.tell(f"{ROOT}/error", ("model", "earlier"))
    board.tell(f"{ROOT}/error", ("model", "later"))
    assert board.values[f"{ROOT}/error/last"] == ("model", "later")


def test_a_board_forgets_what_another_preset_does_not_have() -> None:
    board = Shown(TABLE)
    board.tell(DENSITY, (0.5,))
    board.show(table(["contour"]))
    assert board.values == {}


# --- the map --------------------------------------------------------------------------------------


def test_the_map_of_the_preset_that_plays_is_served(
    rig: Rig, mapped_preset: Path, tiny_preset: Path
) -> None:
    assert json.loads(rig.get("/panel/map.json")[1])["planes"] == []  # of no preset
    rig.web.show(TABLE, read(mapped_preset))
    status, said, headers = rig.get("/panel/map.json")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert said.encode() == chart(read(mapped_preset))
    rig.web.show(TABLE, read(tiny_preset))
    assert json.loads(rig.get("/panel/map.json")[1])["planes"] == []


def test_a_damaged_map_is_a_sentence(rig: Rig, mapped_preset: Path) -> None:
    preset = read(mapped_preset)
    rig.web.show(TABLE, dataclasses.replace(preset, files={**preset.files, MAP: b"PK"}))
    status, said, _ = rig.get("/panel/map.json")
    assert status == 404
    assert MAP in said


def test_the_gate_is_before_the_map(rig: Rig) -> None:
    assert rig.get("/panel/map.json", Origin="http://example.com")[0] == 403
    assert rig.get("/panel/map.json", Host="example.com")[0] == 403
    assert rig.get("/panel/map.json", "POST")[0] == 405


def test_a_place_on_the_map_is_two_numbers_that_are_only_told(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.web.show(table(["density"], free=["density"]))
    rig.web.echo(f"{ROOT}/map/density", (0.25, 0.5))
    node = json.loads(rig.get(f"{ROOT}/map/density")[1])
    assert (node["TYPE"], node["ACCESS"], node["VALUE"]) == ("ff", 1, [0.25, 0.5])
