from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from presets.encoding import Encoding
from presets.errors import GlissarError
from training.corpora import midi as corpus
from training.corpora.midi import (
    IS_BASS,
    IS_CHORDS,
    NOT_FULL,
    OTHER_METER,
    SILENT,
    TOO_WIDE,
    File,
    Ledger,
)
from training.data.bars import BACH, OFF_GRID, SIXTEENTHS
from training.data.cuts import BARS, MELODIES, PAIRS, Cut

Played = tuple[float, int, float]
WriteMidi = Callable[..., bytes]
Read = Callable[..., File]

SCALE = [(beat, 60 + 2 * beat, 1.0) for beat in range(4)]


@pytest.fixture
def read(midi: WriteMidi, tmp_path: Path, here: None) -> Read:
    """What a file of these parts gives."""

    def made(*args: object, cut: Cut = BARS, **kwargs: object) -> File:
        midi(*args, path=tmp_path / "song.mid", **kwargs)
        (file,) = corpus.read(tmp_path, corpus.find(tmp_path), cut)
        assert not file.damage
        return file

    return made


def later(notes: Sequence[Played], quarters: float, up: int = 0) -> list[Played]:
    return [(at + quarters, pitch + up, length) for at, pitch, length in notes]


def lines(file: File, encoding: Encoding = BACH) -> list[list[tuple[int, int]]]:
    """(onset in steps, pitch) of every bar."""
    return [
        [(encoding.grid.nearest(n.onset), n.pitch) for n in encoding.notes(row)]
        for row in file.tokens
    ]


def test_a_bar_of_a_melody_is_its_tokens(read: Read) -> None:
    file = read({0: SCALE})
    assert lines(file) == [[(0, 60), (6, 62), (12, 64), (18, 66)]]
    assert file.name == "song.mid"
    assert not file.left_out


def test_notes_within_the_tolerance_are_moved_onto_the_grid(read: Read) -> None:
    shifts = (0.03, -0.03, 0, 0.02)
    played = [(at + by, p, 0.9) for (at, p, _), by in zip(SCALE, shifts, strict=True)]
    assert lines(read({0: played})) == lines(read({0: SCALE}))


def test_a_note_just_before_the_line_belongs_to_the_bar_after_it(read: Read) -> None:
    file = read({0: [*SCALE, (3.98, 70, 1), (5, 72, 1)]})
    assert lines(file)[1] == [(0, 70), (6, 72)]


@pytest.mark.parametrize("at", [0.125, 1.05, 2.29, 3.95])
def test_a_bar_with_a_note_beside_the_grid_is_left_out(read: Read, at: float) -> None:
    file = read({0: [*later(SCALE, 4), (at, 71, 0.1), *later(SCALE, 8)]})
    assert file.left_out[OFF_GRID] == 1
    assert len(file.tokens) == 2 if at < 3.9 else 1


def test_a_run_of_thirty_seconds_loses_no_note_silently(read: Read) -> None:
    file = read({0: [(n / 8, 60 + n, 1 / 8) for n in range(8)]})
    assert file.left_out == {OFF_GRID: 1}


def test_the_top_line_of_a_polyphonic_part_is_taken(read: Read) -> None:
    below = [(0, 48, 4.0), (2.2, 50, 0.1)]  # and what lies under it need not fit the grid
    assert lines(read({0: [*SCALE, *below]})) == lines(read({0: SCALE}))


def test_drums_basses_and_accompaniments_are_left_out(read: Read) -> None:
    chords = [(beat, pitch, 1.0) for beat in range(4) for pitch in (55, 60, 64, 67)]
    bass = [(beat, 40, 1.0) for beat in range(4)]
    file = read({0: SCALE, 1: chords, 2: bass, 9: SCALE})
    assert lines(file) == lines(read({0: SCALE}))
    assert file.left_out == {IS_BASS: 1, IS_CHORDS: 1}


def test_a_solo_of_chords_gives_its_top_line(read: Read) -> None:
    chords = [(at, pitch - 4 * n, 1.0) for at, pitch, _ in SCALE for n in range(3)]
    assert lines(read({0: chords})) == lines(read({0: SCALE}))


def test_every_melody_of_a_file_counts(read: Read) -> None:
    file = read({0: SCALE, 1: later(SCALE, 0, up=12)})
    assert [line[0] for line in lines(file)] == [(0, 60), (0, 72)]


def test_only_full_bars_of_4_4_count(read: Read) -> None:
    notes = [(beat, 60 + beat, 1.0) for beat in range(16)]
    file = read({0: notes}, meters=[(0, 3, 4), (3, 4, 4), (9, 4, 4)])
    assert lines(file)[0] == [(0, 63), (6, 64), (12, 65), (18, 66)]
    assert len(file.tokens) == 3  # from 3, from 9 and, not yet over, from 13
    assert file.left_out == {OTHER_METER: 1, NOT_FULL: 1}


def test_bars_of_silence_are_counted_and_no_music(read: Read) -> None:
    file = read({0: [*SCALE, *later(SCALE, 16)]})
    assert len(file.tokens) == 2
    assert file.left_out == {SILENT: 3}


def test_a_note_that_is_held_over_the_line_is_a_hold(read: Read) -> None:
    file = read({0: [(0, 60, 1), (3, 62, 2.0), (5, 64, 1)]})
    assert file.tokens[1][0] == BACH.vocabulary.hold
    assert lines(file)[1] == [(6, 64)]


def test_a_melody_out_of_range_is_moved_by_octaves(read: Read) -> None:
    assert lines(read({0: later(SCALE, 0, up=36)})) == lines(read({0: later(SCALE, 0, up=12)}))


def test_bars_that_are_moved_by_other_octaves_do_not_follow_each_other(read: Read) -> None:
    file = read({0: [*SCALE, *later(SCALE, 4), *later(SCALE, 8, up=36), *later(SCALE, 12)]})
    assert len(file.tokens) == 4
    assert len(PAIRS.windows(file.tokens, file.lines)) == 1


def test_melodies_are_sixteen_bars_of_sixteenths(read: Read) -> None:
    song = [note for bar in range(17) for note in later(SCALE, 4 * bar, up=bar % 3)]
    file = read({0: song}, cut=MELODIES)
    assert lines(file, SIXTEENTHS)[1] == [(0, 61), (4, 63), (8, 65), (12, 67)]
    assert MELODIES.windows(file.tokens, file.lines).shape == (2, 256)
    triplet = [(5 + n / 3, 70, 1 / 3) for n in range(3)]
    assert read({0: [*SCALE, *triplet]}, cut=MELODIES).left_out == {OFF_GRID: 1}


def test_a_line_wider_than_the_vocabulary_is_left_out(read: Read) -> None:
    file = read({0: [(0, 55, 1), (1, 60, 1), (2, 84, 1), (3, 86, 1)]})
    assert file.left_out == {TOO_WIDE: 1}


def test_a_damaged_file_stops_nothing(midi: WriteMidi, tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    midi({0: SCALE}, path=tmp_path / "first.mid")
    (below / "damaged.MID").write_bytes(midi({0: SCALE})[:-20])
    (tmp_path / "broken.mid").symlink_to(tmp_path / "nowhere")
    (tmp_path / "empty.midi").write_bytes(b"")
    (tmp_path / "notes.txt").write_bytes(b"no music")
    midi({0: later(SCALE, 0, up=1)}, path=tmp_path / "last.midi")
    found = corpus.find(tmp_path)
    ledger = Ledger()
    works = list(ledger.works(corpus.read(tmp_path, found)))
    assert [work.name for work in works] == ["first.mid", "last.midi"]
    assert set(ledger.damaged) == {"a/b/damaged.MID", "empty.midi"}
    assert all(ledger.damaged.values())


def test_a_file_that_is_too_large_is_not_opened(
    tmp_path: Path,
) -> None:
    with (tmp_path / "large.mid").open("wb") as file:
        file.truncate(corpus.MAX_FILE + 1)
    (file,) = corpus.read(tmp_path, corpus.find(tmp_path))
    assert "over 16 MB" in file.damage


def test_of_files_with_the_same_content_the_first_is_taken() -> None:
    def file(name: str, digest: bytes) -> File:
        return File(name, digest, np.zeros((2, 24), np.uint8), np.arange(2), Counter({OFF_GRID: 1}))

    ledger = Ledger()
    given = [file("a", b"1"), file("b", b"2"), file("c", b"1")]
    assert [work.name for work in ledger.works(given)] == ["a", "b"]
    assert ledger.twins == {"c": "a"}


def test_a_file_without_bars_is_named_and_its_reasons_are_kept() -> None:
    none = File("none", b"1", np.zeros((0, 24), np.uint8), np.arange(0), Counter({OTHER_METER: 7}))
    ledger = Ledger()
    assert not list(ledger.works([none]))
    assert ledger.card()["files without a usable bar"] == ["none"]
    assert ledger.left_out == {OTHER_METER: 7}


def test_no_folder_and_no_files_are_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(GlissarError, match="there is no folder"):
        corpus.find(tmp_path / "none")
    with pytest.raises(GlissarError, match="has no MIDI files"):
        corpus.find(tmp_path)
