from __future__ import annotations

import io
from collections.abc import Callable

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.bar import Meter, Note
from training.corpora.midifile import Damaged, Song, Stretch, parse

WriteMidi = Callable[..., bytes]
LEAD = 120


def read(content: bytes) -> Song:
    return parse(io.BytesIO(content))


def test_a_part_is_one_channel_of_one_track_and_drums_are_none(midi: WriteMidi) -> None:
    song = read(midi({0: [(0, 60, 1)], 9: [(0, 36, 1)], 3: [(1, 72, 0.5)]}))
    assert song.parts == [[Note(0, 60, 960)], [Note(960, 72, 480)]]


@pytest.mark.parametrize("resolution", [24, 96, 120, 480, 1920])
def test_ticks_are_960_to_the_quarter_whatever_the_file_counts_in(
    midi: WriteMidi, resolution: int
) -> None:
    song = read(midi({0: [(1, 60, 0.5)]}, resolution=resolution))
    assert song.parts == [[Note(960, 60, 480)]]


def test_a_key_that_is_struck_again_or_never_let_go_ends() -> None:
    file = mido.MidiFile(ticks_per_beat=960)
    track = mido.MidiTrack()
    for message in (
        mido.Message("note_on", note=60, time=0),
        mido.Message("note_on", note=60, time=100),
        mido.Message("note_on", note=62, velocity=0, time=0),
        mido.MetaMessage("end_of_track", time=50),
    ):
        track.append(message)
    file.tracks.append(track)
    content = io.BytesIO()
    file.save(file=content)
    assert read(content.getvalue()).parts == [[Note(0, 60, 100), Note(100, 60, 50)]]


def test_a_file_is_in_4_4_until_it_says_otherwise(midi: WriteMidi) -> None:
    song = read(midi({0: [(0, 60, 1)]}, meters=[(8, 3, 4), (11, 6, 8)]))
    assert song.stretches == [
        Stretch(0, 7680, Meter(4, 4)),
        Stretch(7680, 10560, Meter(3, 4)),
        Stretch(10560, None, Meter(6, 8)),
    ]


def test_notes_are_found_bar_by_bar_and_early_ones_after_their_line(midi: WriteMidi) -> None:
    notes = [(0, 60, 1), (3.9, 62, 1), (8.5, 64, 1), (10, 65, 1)]
    song = read(midi({0: notes}, meters=[(0, 4, 4), (8, 2, 4)]))
    found = [(s.meter.beats, bar, [n.pitch for n in struck])
             for s, bar, struck in song.by_bar(song.parts[0], LEAD)]  # fmt: skip
    assert found == [(4, 0, [60]), (4, 1, [62]), (2, 0, [64]), (2, 1, [65])]


def test_a_bar_that_a_new_meter_cuts_is_not_full() -> None:
    cut = Stretch(0, 3840 + 960, Meter())
    assert [cut.holds(bar) for bar in (0, 1)] == [True, False]
    assert Stretch(0, None, Meter()).holds(1000)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "ends too early"),
        (b"RIFF of something else", "no MIDI file"),
        (b"MThd\0\0\0\6\0\2\0\1\1\xe0MTrk\0\0\0\4\0\xff\x2f\0", "without beats"),
        (b"MThd\0\0\0\6\0\1\0\1\xe7\x28MTrk\0\0\0\4\0\xff\x2f\0", "without beats"),
        (b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\0\x0c\0\xff\x58\4\0\2\x18\x08\0\xff\x2f\0", "0/4"),
        (b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\0\x0c\0\xff\x58\4\4\x63\x18\x08\0\xff\x2f\0", "4/"),
    ],
)
def test_what_is_no_song_is_said(content: bytes, said: str) -> None:
    with pytest.raises(Damaged, match=said):
        read(content)


@given(draw=st.data())
def test_any_damage_is_told_in_one_way(draw: st.DataObject, midi: WriteMidi) -> None:
    content = bytearray(midi({0: [(0, 60, 1), (1, 62, 1)], 1: [(0, 48, 4)]}))
    for _ in range(draw.draw(st.integers(1, 6))):
        at = draw.draw(st.integers(0, len(content)))
        content[at : at + draw.draw(st.integers(0, 3))] = draw.draw(st.binary(max_size=3))
    try:
        song = read(bytes(content))
    except Damaged:
        return
    assert all(part for part in song.parts)
    assert all(n.duration > 0 for part in song.parts for n in part)
