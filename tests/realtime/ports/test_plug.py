"""Which port a name, a part of it or a pattern stands for; and drivers that hang."""

from __future__ import annotations

import threading

import pytest

from presets.errors import GlissarError
from realtime.ports.plug import pick, within

THERE = ["glissar-out:out", "seq:out", "seq:out 2", "Keys:A"]
ALSA = ["Midi Through:Port-0 14:0", "Keystation:Port 1 28:0", "Keystation:Port 2 28:1"]


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


@pytest.mark.parametrize(
    ("wanted", "place"), [("key*", 3), ("*:A", 3), ("KEYS:?", 3), ("seq:out", 1), ("*out 2", 2)]
)
def test_a_pattern_fits_whole_names(wanted: str, place: int):
    assert pick(wanted, THERE, "input") == place


@pytest.mark.parametrize("wanted", ["eys*", "?", "seq*", "[k]*", "glissar*"])
def test_a_pattern_that_fits_no_name_or_several_is_refused(wanted: str):
    with pytest.raises(GlissarError, match=r"(no|several) MIDI input called"):
        pick(wanted, THERE, "input")


def test_a_bracket_in_a_pattern_is_a_bracket():
    assert pick("synth [a]*", ["synth [a] 1", "synth a 1"], "output") == 0


@pytest.mark.parametrize("wanted", ["Keystation:Port 1 24:0", "keystation:port 1", "*port 1"])
def test_a_device_that_is_plugged_in_again_has_other_numbers(wanted: str):
    assert pick(wanted, ALSA, "input") == 1


def test_a_driver_that_hangs_is_left_behind():
    asleep = threading.Event()
    assert not within(0.01, asleep.wait)
    asleep.set()
    assert within(5, asleep.wait)


def test_an_input_named_twice_is_refused():
    with pytest.raises(GlissarError, match="input Keys:A is named twice; name it once"):
        pick("keys", THERE, "input", taken=["seq:out", "Keys:A"])
