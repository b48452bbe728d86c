from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from realtime.ports.midi import OneClock


def glissar(jack: Any, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "realtime", *args], env=jack.env, capture_output=True, text=True
    )


def test_of_two_clocks_one_is_heard_until_it_falls_silent():
    heard: list[tuple[float, bytes, int]] = []
    clock = OneClock(lambda *what: heard.append(what))
    clock.hear(1, 0.0, b"\xf8")
    clock.hear(0, 0.1, b"\xf8")
    clock.hear(0, 0.2, b"\x90\x3c\x40")
    clock.hear(1, 0.3, b"\xf8")
    clock.hear(0, 2.4, b"\xfa")
    clock.hear(1, 2.5, b"\xf8")
    assert heard == [
        (0.0, b"\xf8", 1),
        (0.2, b"\x90\x3c\x40", 0),
        (0.3, b"\xf8", 1),
        (2.4, b"\xfa", 0),
    ]


@pytest.mark.ports
def test_ports_lists_what_is_there(jack: Any):
    peer = jack.peer()
    done = glissar(jack, "ports")
    assert done.returncode == 0
    inputs, outputs = done.stdout.split("JACK (midi.api = 'jack')")[1].split("outputs:")
    assert peer.keys in inputs
    assert peer.port in outputs


@pytest.mark.ports
def test_doctor_measures_the_drivers_round_trip(jack: Any):
    done = glissar(jack, "doctor", "--latency", "--provider", "cpu")
    assert done.returncode == 0
    assert "ok       JACK works" in done.stdout
    assert "0 of 300 messages were lost" in done.stdout
    p50 = float(done.stdout.split("from output to input in ")[1].split()[0])
    assert 0.01 < p50 < 20
