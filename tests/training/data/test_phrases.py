from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from presets.attributes import measure
from presets.errors import GlissarError
from training.corpora.lines import Line
from training.data import dataset, phrases, spelling
from training.data.dataset import Dataset
from training.data.phrases import GRID
from training.data.spelling import HOLD, PITCH, REST
from training.data.split import SPLITS


def invented(name: str, seed: int) -> Line:
    """A melody in quarters with sharps and flats, and a rest."""
    draw = np.random.default_rng(seed)
    scale = [spelling.read(text) for text in ("D4", "E4", "F#4", "G4", "A4", "Bb4", "C5", "D5")]
    steps = np.full(80, HOLD, np.int32)
    steps[::4] = draw.choice(scale, len(steps[::4]))
    steps[40] = REST
    return Line(name, steps, np.ones(80, np.bool_))


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    return [invented(f"work {i}", i) for i in range(20)]


@pytest.fixture(scope="module")
def data(lines: list[Line]) -> Dataset:
    return phrases.build(lines)


def test_windows_are_contiguous_pieces_of_their_line(lines: list[Line], data: Dataset) -> None:
    known = spelling.codes(data.encoding.vocabulary)
    bars = data.bars["train"]
    for work in np.unique(bars.work):
        steps = next(line.steps for line in lines if line.name == data.works[work])
        rows = known[bars.tokens[bars.work == work]]
        assert (rows == np.stack([steps[i : i + 32] for i in range(0, 49, 4)])).all()


def test_the_stride_is_the_papers_if_asked(lines: list[Line], data: Dataset) -> None:
    every = phrases.build(lines, stride=1)
    counts = [np.bincount(d.bars["train"].work).max() for d in (data, every)]
    assert counts == [13, 49]


def test_a_work_is_on_one_side_only(data: Dataset) -> None:
    sides = [set(data.bars[side].work.tolist()) for side in SPLITS]
    assert all(sides)
    assert sum(map(len, sides)) == len(set.union(*sides)) == 20


def test_melodies_stand_in_every_key_that_keeps_them_in_range(data: Dataset) -> None:
    train, words = data.splits["train"], data.encoding.vocabulary
    for work in np.unique(train.work):
        low, high = data.card["shifts"][data.works[work]]
        mine = train.rows(train.work == work)
        assert set(mine.shift.tolist()) == set(range(low, high + 1))
        struck = mine.tokens[mine.tokens < words.hold]
        pitches = {words.pitches[t] for t in struck}
        assert (min(pitches), max(pitches)) == (phrases.LOW, phrases.HIGH)


def test_one_window_is_the_same_music_in_all_its_keys(data: Dataset) -> None:
    train = data.splits["train"]
    names = spelling.codes(data.encoding.vocabulary)[train.tokens]
    same = train.bar == train.bar[0]
    assert len({phrases.forms(row[None])[0] for row in names[same]}) == 1
    first = names[same][train.shift[same] == 0][0]
    for row, shift in zip(names[same], train.shift[same].tolist(), strict=True):
        assert (row == spelling.moved(first, shift)).all()


def test_a_phrase_that_was_learnt_anywhere_in_a_work_is_not_unseen(lines: list[Line]) -> None:
    tune = invented("common", 99).steps[:40]
    moved = spelling.moved(tune, -2)  # in another key, beginning between the strides
    common = [
        Line(
            line.name,
            np.concatenate([line.steps[: 34 + i % 4], (tune, moved)[i % 2]]),
            np.ones(74 + i % 4, np.bool_),
        )
        for i, line in enumerate(lines)
    ]
    data = phrases.build(common, stride=1)
    known = spelling.codes(data.encoding.vocabulary)
    forms = {side: set(phrases.forms(known[data.bars[side].tokens])) for side in SPLITS}
    assert phrases.forms(tune[None, :32])[0] in forms["train"]
    assert not forms["train"] & forms["validation"]
    assert not (forms["train"] | forms["validation"]) & forms["test"]


def test_what_cannot_be_used_is_left_out_and_counted(lines: list[Line]) -> None:
    wide = invented("wide", 1)
    wide.steps[0], wide.steps[4] = spelling.read("C3"), spelling.read("C6")
    rough = invented("rough", 2)
    rough.clean[0] = False
    data = phrases.build(
        [*lines, wide, rough, Line("none", np.zeros(0, np.int32), np.ones(0, bool))]
    )
    assert "wide" not in data.works
    assert "none" not in data.works
    assert data.card["left out"][phrases.TOO_WIDE] == 1
    assert data.card["left out"][phrases.UNCLEAN] == 1


def test_nothing_to_cut_is_refused() -> None:
    with pytest.raises(GlissarError, match="no melody"):
        phrases.build([])


def test_a_file_gives_back_the_dataset_and_its_encoding(data: Dataset, tmp_path: Path) -> None:
    dataset.save(data, tmp_path / "two.npz")
    again = dataset.load(tmp_path / "two.npz")
    assert again.encoding == data.encoding
    assert again.encoding.grid == GRID
    assert again.works == data.works
    for side in SPLITS:
        for found, wanted in zip(
            vars(again.splits[side]).values(), vars(data.splits[side]).values(), strict=True
        ):
            assert np.array_equal(found, wanted)


def test_the_count_of_notes_is_that_of_tokens_that_neither_hold_nor_rest(data: Dataset) -> None:
    train, words = data.splits["train"], data.encoding.vocabulary
    notes = ((train.tokens != words.hold) & (train.tokens != words.rest)).sum(1)
    measured = measure(train.tokens, data.encoding, ["density"])[:, 0] * 32
    assert measured == pytest.approx(notes)


def test_played_keys_get_the_names_most_often_written(data: Dataset) -> None:
    words, train = data.encoding.vocabulary, data.splits["train"]
    counts = np.bincount(train.tokens.ravel(), minlength=len(words.symbols))
    names = [t for t, pitch in enumerate(words.pitches) if pitch == 70]
    assert len(names) > 1
    # windows at the ends of a line are fewer, so only clear preferences must agree
    if counts[names].max() > 1.5 * np.sort(counts[names])[-2]:
        assert words.token_of[70] == names[int(counts[names].argmax())]


def test_forms_know_neither_key_nor_spelling() -> None:
    window = np.array([[spelling.read("F#4"), HOLD, spelling.read("A4"), REST]])
    other = np.array([[spelling.read("Gb5"), HOLD, spelling.read("Bbb5"), REST]])
    assert phrases.forms(window) == phrases.forms(other)
    assert other[0, 0] // PITCH == 78
