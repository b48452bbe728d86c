"""What the engine is told of channel messages."""

from __future__ import annotations

from realtime.events import Gesture, NoteOff, NoteOn
from realtime.keys import Hands, Keys


def test_notes_and_gestures_are_told():
    keys = Keys()
    assert keys.events(bytes((0x91, 60, 80)), 5) == [NoteOn(5, 60, 80, 1)]
    assert keys.events(bytes((0x81, 60, 64)), 9) == [NoteOff(9, 60, 1)]
    assert keys.events(bytes((0xE0, 0, 70)), 9) == [Gesture(9, bytes((0xE0, 0, 70)))]


def test_all_notes_off_lifts_every_key():
    keys = Keys()
    keys.events(bytes((0x90, 60, 80)), 0)
    keys.events(bytes((0x92, 64, 80)), 0)
    assert keys.events(bytes((0xB0, 123, 0)), 7) == [NoteOff(7, 60, 0), NoteOff(7, 64, 2)]
    assert keys.events(bytes((0xB0, 123, 0)), 8) == []


def test_a_chosen_sound_does_not_travel_with_the_answer():
    keys = Keys()
    for message in (bytes((0xC0, 12)), bytes((0xB0, 0, 1)), bytes((0xB0, 32, 1))):
        assert keys.events(message, 0) == []


def test_an_input_that_is_lost_lets_go_of_what_it_held_and_no_other():
    hands = Hands()
    for place, text in (
        (0, "903c50"), (1, "903c50"), (1, "914050"), (1, "b1407f"), (1, "e10050"),
        (1, "904350"), (1, "804340"), (1, "b2407f"), (1, "b24000"), (1, "b10764"), (1, "c105"),
    ):  # fmt: skip
        hands.hear(place, bytes.fromhex(text))
    assert [m.hex() for m in hands.let_go(1)] == ["803c40", "814040", "b14000", "e10040"]
    assert hands.let_go(1) == []
    assert [m.hex() for m in hands.let_go(0)] == ["803c40"]
