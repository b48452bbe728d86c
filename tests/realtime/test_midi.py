from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from presets.errors import GlissarError
from realtime.ports.midi import OneClock, pick

THERE = ["glissar-out:out", "seq:out", "seq:out 2", "Keys:A"]


def test_an_exact_name_wins_over_a_part():
    assert pick("seq:out", THERE, "input") == 1


def test_a_part_that_only_one_name_has_will_do():
    assert pick("keys", THERE, "input") == 3


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("seq", "several MIDI input called 'seq'; name one of these exactly: seq:out, seq:out 2"),
        ("organ", "no MIDI input called 'organ'; name one of these exactly: seq:out, seq:out 2, K"),
        ("glissar", "no MIDI input called 'glissar'"),
    ],
)
def test_what_is_not_one_port_is_refused(wanted: str, sentence: str):
    with pytest.raises(GlissarError, match=sentence):
        pick(wanted, THERE, "input")


def test_an_input_named_twice_is_refused():
    with pytest.raises(GlissarError, match="input Keys:A is named twice; name it once"):
        pick("keys", THERE, "input", taken=["seq:out", "Keys:A"])


def glissar(jack: Any, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "realtime", *args], env=jack.env, capture_output=True, text=True
    )


def test_of_two_clocks_one_is_heard_until_it_falls_silent():
    heard: list[tuple[float, bytes]] = []
    clock = OneClock(lambda stamp, data: heard.append((stamp, data)))
    clock.hear(1, 0.0, b"\xf8")
    clock.hear(0, 0.1, b"\xf8")
    clock.hear(0, 0.2, b"\x90\x3c\x40")
    clock.hear(1, 0.3, b"\xf8")
    clock.hear(0, 2.4, b"\xfa")
    clock.hear(1, 2.5, b"\xf8")
    assert heard == [
        (0.0, b"\xf8"),
        (0.2, b"\x90\x3c\x40"),
        (0.3, b"\xf8"),
        (2.4, b"\xfa"),
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
