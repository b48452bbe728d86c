"""The Pure Data patch, in Pure Data: it opens, sends what is turned and shows what is told.

A hand reaches into the window by a cord that the test adds: it moves the very sliders that a person
would, and asks them what they show.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage

from realtime.controls import ROOT
from realtime.devices import pd
from realtime.devices.layout import Rect
from realtime.devices.meeting import SILENCE
from realtime.devices.pd_patch import shown
from realtime.devices.surface import Surface
from realtime.ports.osc import encode

PATIENCE = 20.0  # seconds; only a failing test waits so long
ROUNDS = 8  # of Pd; it looks at every socket in each
PD = ("pd", "-nogui", "-noaudio", "-nomidi", "-noprefs", "-stderr")
Said = tuple[str, list[Any]]


@pytest.fixture(autouse=True)
def installed() -> None:
    if shutil.which("pd") is None:
        pytest.skip("Pure Data is missing: apt install puredata-core")


def udp() -> socket.socket:
    port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    port.bind(("127.0.0.1", 0))
    port.settimeout(PATIENCE)
    return port


def complaints(patch: bytes, file: Path) -> str:
    """What Pd says of a patch that it opens and closes."""
    file.write_bytes(patch)
    done = subprocess.run(
        [*PD, "-open", str(file), "-send", "pd quit"], capture_output=True, timeout=PATIENCE
    )
    return done.stderr.decode()


def test_pd_opens_it_without_a_word(whole: Surface, tmp_path: Path) -> None:
    assert complaints(pd.write(whole), tmp_path / "glissar.pd") == ""


def test_pd_would_complain(whole: Surface, tmp_path: Path) -> None:
    broken = pd.write(whole) + b"#X connect 0 7 1 0;\n"
    assert "connection failed" in complaints(broken, tmp_path / "glissar.pd")


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_pd_opens_any_presets_without_a_word(
    surfaces: st.SearchStrategy[Surface], data: st.DataObject, tmp_path: Path
) -> None:
    assert complaints(pd.write(data.draw(surfaces)), tmp_path / "glissar.pd") == ""


def drawn(patch: bytes) -> list[Rect]:
    """Where the window's widgets are, without their texts."""
    window = patch.decode().partition("#N canvas 0 50 900 600 osc")[0]
    rects: list[Rect] = []
    for line in window.splitlines():
        match line.rstrip(";").split():
            case ["#X", "obj", x, y, "hsl", width, height, *_]:
                rects.append(Rect(int(x), int(y), int(width), int(height)))
            case ["#X", "obj", x, y, "vradio", size, _, _, count, *_]:
                rects.append(Rect(int(x), int(y), int(size), int(size) * int(count)))
            case ["#X", "obj", x, y, "tgl" | "bng", size, *_]:
                rects.append(Rect(int(x), int(y), int(size), int(size)))
            case ["#X", "obj", x, y, "nbx", digits, height, *_]:
                rects.append(Rect(int(x), int(y), 10 * int(digits), int(height)))
            case _:
                pass
    return rects


@settings(max_examples=30)
@given(data=st.data())
def test_no_widget_lies_on_another(
    surfaces: st.SearchStrategy[Surface], data: st.DataObject
) -> None:
    made = data.draw(surfaces)
    rects = drawn(pd.write(made))
    numbers = sum(widget.kind in ("dial", "count") for widget in made.widgets)
    assert len(rects) == len(made.widgets) + numbers  # a slider has a number beside it
    for one, other in combinations(rects, 2):
        across = one.right <= other.left or other.right <= one.left
        assert across or one.bottom <= other.top or other.bottom <= one.top, (one, other)


class Played:
    """A patch in Pd, the service that it talks to, and a hand on its widgets."""

    def __init__(
        self, made: Surface, touched: list[str], folder: Path, silence: int = SILENCE
    ) -> None:
        self.service, self.hand = udp(), udp()
        with udp() as free:
            self._reach = free.getsockname()
        made = replace(made, port=self.service.getsockname()[1])
        file = folder / "glissar.pd"
        patch = pd.write(made).replace(b"delay %d" % SILENCE, b"delay %d" % silence)
        file.write_bytes(_with_hand(patch, touched, self._reach[1]))
        self._pd = subprocess.Popen([*PD, "-open", str(file)], stderr=subprocess.DEVNULL)
        self.before: list[Said] = []  # all that came, up to the port where the patch hears
        while not self.before or self.before[-1][0] != f"{ROOT}/listen":
            self.before.append(self.hear())
        self._at = tuple(self.before[-1][1])

    def hear(self) -> Said:
        message = OscMessage(self.service.recv(65_535))
        return message.address, message.params

    def tell(self, name: str, *args: Any) -> None:
        self.service.sendto(encode(f"{ROOT}/{name}", args), self._at)

    def touch(self, what: str) -> None:
        self.hand.sendto(f"{what};\n".encode(), self._reach)

    def answer(self, touch: str, address: str) -> Any:
        """What is sent to `address` when something is touched."""
        self.touch(touch)
        while True:
            said, args = self.hear()
            if said == f"{ROOT}/{address}":
                return args[0] if args else None

    def until_panic(self) -> Iterator[str]:
        """All that is sent until a panic that is touched now: by then Pd has been round once."""
        self.touch("w3 bang")
        while True:
            address, _ = self.hear()
            yield address
            if address == f"{ROOT}/panic":
                return

    def close(self) -> None:
        self._pd.terminate()
        self._pd.wait(PATIENCE)
        for port in (self.service, self.hand):
            port.close()


def _with_hand(patch: bytes, touched: list[str], port: int) -> bytes:
    """`w0 bang` reaches the first of the widgets touched, `w1 0.5` the second …"""
    lines = patch.decode().splitlines()
    depth, count = 0, 0
    for line in lines:
        depth += line.startswith("#N canvas") - line.startswith("#X restore")
        count += depth == 1 and line.startswith("#X") and not line.startswith("#X connect")
    lines.append(f"#X obj 0 0 netreceive -u {port};")
    lines.append(f"#X obj 0 0 route {' '.join(f'w{k}' for k in range(len(touched)))};")
    lines += [f"#X obj 0 0 s \\{shown(name)};" for name in touched]
    lines.append(f"#X connect {count} 0 {count + 1} 0;")
    lines += [f"#X connect {count + 1} {k} {count + 2 + k} 0;" for k in range(len(touched))]
    return "\n".join([*lines, ""]).encode()


@pytest.fixture
def played(whole: Surface, tmp_path: Path) -> Iterator[Played]:
    touched = ["knob density", "constrain density", "mode", "panic", "thru"]
    played = Played(whole, touched, tmp_path)
    try:
        yield played
    finally:
        played.close()


def test_a_patch_that_opens_turns_nothing_and_asks_to_be_told(played: Played) -> None:
    assert {address for address, _ in played.before} <= {f"{ROOT}/listen", f"{ROOT}/query"}
    host, port = played.before[-1][1]
    assert host == "127.0.0.1"
    assert isinstance(port, int)
    assert 49152 <= port < 65536


def test_what_is_turned_is_sent(played: Played) -> None:
    assert played.answer("w0 0.25", "knob/density") == pytest.approx(0.25, abs=0.02)
    assert played.answer("w1 2", "constrain/density") == 6  # off, 4, 6, 8
    assert played.answer("w2 1", "mode") == "freeze"
    assert played.answer("w3 bang", "panic") is None
    assert played.answer("w4 0", "thru") == 0


def test_what_is_told_is_shown_and_not_sent_again(played: Played) -> None:
    told = {"knob/density": -0.5, "constrain/density": "8", "mode": "morph", "thru": 0}
    for address, value in told.items():
        played.tell(address, value)
    heard = {address for _ in range(ROUNDS) for address in played.until_panic()}
    assert heard <= {f"{ROOT}/{name}" for name in ("listen", "query", "panic")}
    assert played.answer("w0 bang", "knob/density") == pytest.approx(-0.5, abs=0.02)
    assert played.answer("w1 bang", "constrain/density") == 8
    assert played.answer("w2 bang", "mode") == "morph"
    assert played.answer("w4 bang", "thru") == 1  # a bang turns a toggle: it showed 0


def test_when_they_meet_it_asks_for_every_value(played: Played, whole: Surface) -> None:
    played.tell("preset/state", "idle")
    asked: list[str] = []
    while not set(whole.asked) <= set(asked):
        address, args = played.hear()
        assert address in (f"{ROOT}/query", f"{ROOT}/listen")
        asked += args[:1]


def test_where_nobody_answers_it_hears_on_another_port(whole: Surface, tmp_path: Path) -> None:
    played = Played(whole, [], tmp_path, silence=50)
    try:
        heard = [args for address, args in played.before if address == f"{ROOT}/listen"]
        while heard[-1] == heard[0]:
            address, args = played.hear()
            heard += [args] if address == f"{ROOT}/listen" else []
    finally:
        played.close()
