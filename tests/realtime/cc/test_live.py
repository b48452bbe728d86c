"""A controller on real ports: learnt by OSC, turned, picked up, told; and what thru keeps back."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pythonosc.osc_message import OscMessage

from realtime.cc.file import read
from realtime.cc.mapping import Binding
from realtime.ports.osc import encode
from realtime.stage.peer import Score

pytestmark = pytest.mark.ports

IN, OUT = "glissar-in:in", "glissar-out:out"
KNOB = "/glissar/knob/density"
PATIENCE = 60.0  # s


class Desk:
    """`glissar play` with a keyboard (the peer's keys) and a controller (its clock and its ear)."""

    def __init__(
        self, jack: Any, preset: Path, port: int, ear: socket.socket, takeover: str
    ) -> None:
        self.jack, self.port, self.map = jack, port, jack.folder / "cc.json"
        self.ear = ear
        self.ear.bind(("127.0.0.1", port + 1))
        self.ear.settimeout(PATIENCE)
        self.peer = jack.peer()
        settings = jack.folder / "glissar.toml"
        settings.write_text(f"[controller]\nmap = '{self.map}'\ntakeover = '{takeover}'\n")
        self.process: subprocess.Popen[bytes] = jack.python(
            *("-m", "realtime", "play", "--preset", str(preset), "--settings", str(settings)),
            *("--osc-port", str(port), "--echo-port", str(port + 1), "--no-web", "--wait"),
            *("--controller", self.peer.clock, "--controller-out", self.peer.port),
        )
        jack.wait_for(IN, OUT)
        assert self.wait_for_echo("/glissar/cc/learning") == [""]
        self.peer.connect(self.peer.keys, IN)
        self.peer.connect(OUT, self.peer.port)

    def say(self, address: str, *args: Any) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
            mouth.sendto(encode(address, args), ("127.0.0.1", self.port))

    def wait_for_echo(self, address: str) -> list[Any]:
        while (message := OscMessage(self.ear.recv(65536))).address != address:
            pass
        return message.params

    def turn(self, *texts: str, output: str = "keys") -> None:
        """Messages a hundredth of a second apart."""
        messages = [(480 * n, bytes.fromhex(text)) for n, text in enumerate(texts)]
        self.peer.begin(Score(output, tuple(messages)))

    def wait_to_hear(self, text: str) -> None:
        data = bytes.fromhex(text)
        self.peer.wait(lambda: data in [h.data for h in self.peer.heard()], f"{text} did not come")

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


@pytest.fixture
def play(jack: Any, tiny_preset: Path, free_udp_port: int) -> Iterator[Callable[[str], Desk]]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        yield lambda takeover: Desk(jack, tiny_preset, free_udp_port, ear, takeover)


def learn(desk: Desk) -> None:
    desk.say("/glissar/cc/learn", KNOB)
    assert desk.wait_for_echo("/glissar/cc/learning") == [KNOB]
    ends = (0, b"\xb4\x4a\x00"), (2400, b"\xb4\x4a\x20")
    desk.peer.begin(Score("keys", ends, loop=4800))  # until it is learnt, as a person does
    assert desk.wait_for_echo("/glissar/cc/entries") == [f"5:74 {KNOB}"]
    desk.wait_to_hear("b4 4a 40")  # what the control is
    desk.turn("b0 4d 01")
    desk.wait_to_hear("b0 4d 01")  # all that was learnt of has passed
    desk.peer.forget()


def test_a_knob_of_a_keyboard_is_learnt_turned_and_told(play: Callable[[str], Desk]) -> None:
    desk = play("pickup")
    learn(desk)
    desk.turn("b4 4a 10", "b4 4a 30", "b4 4a 60", "b4 4a 00", "b4 4b 01")
    assert desk.wait_for_echo("/glissar/cc/waiting") == [KNOB]
    assert desk.wait_for_echo(KNOB) == [pytest.approx(32 / 63)]  # it passed neutral just now
    assert desk.wait_for_echo(KNOB) == [-1.0]
    desk.wait_to_hear("b0 4b 01")  # what is not mapped is passed on, on the channel of thru
    assert [h.data.hex() for h in desk.peer.heard()] == ["b04b01"]
    desk.say(KNOB, 1.0)
    desk.wait_to_hear("b4 4a 7f")
    desk.turn("b4 4a 20", "b0 4c 01")
    assert desk.wait_for_echo("/glissar/cc/waiting") == [KNOB]
    desk.turn("b4 4a 7e")
    assert desk.wait_for_echo(KNOB) == [pytest.approx(62 / 63)]
    assert read(desk.map).controllers == (Binding(KNOB, 5, 74),)
    assert desk.end() == 0


def test_a_port_of_knobs_plays_nothing_and_its_loop_ends(play: Callable[[str], Desk]) -> None:
    """A surface that says what it was told is not heard."""
    desk = play("jump")
    learn(desk)
    desk.turn("90 3c 40", "80 3c 40", "b0 4a 50", "b4 4a 7f", output="clock")
    while desk.wait_for_echo(KNOB) != [1.0]:
        pass
    desk.say(KNOB, -1.0)
    desk.wait_to_hear("b4 4a 00")
    desk.turn("b4 4a 00", output="clock")
    while desk.wait_for_echo("/glissar/state/cc_echoes") != [1.0]:
        pass
    assert [h.data.hex() for h in desk.peer.heard()] == ["b44a00"]
    assert desk.end() == 0
