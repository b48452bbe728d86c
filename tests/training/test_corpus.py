from __future__ import annotations

import pytest

from training import corpus, dataset
from training.corpus import Work


@pytest.fixture(scope="module")
def works() -> dict[str, Work]:
    named = ("bwv269", "bwv347", "bwv121.6")  # in 3/4; in 4/4; with ties over bar lines
    return {work.name: work for work in corpus.read((name, True) for name in named)}


def test_the_iterator_has_350_works_and_the_rest_is_apart() -> None:
    iterated, others = corpus.names()
    assert len(iterated) == len(set(iterated)) == 350
    assert len(others) > 50
    assert not set(iterated) & set(others)


def test_bars_in_other_meters_are_left_out_and_counted(works: dict[str, Work]) -> None:
    assert works["bwv269"].windows == ()
    assert works["bwv269"].left_out["bars not in 4/4"] > 10


def test_the_line_is_the_soprano(works: dict[str, Work]) -> None:
    assert len(works["bwv347"].windows) == 10
    pitches = [n.pitch for window in works["bwv347"].windows for n in window.notes]
    assert 60 <= min(pitches) <= max(pitches) <= 81
    first = works["bwv347"].windows[0]
    assert [n.onset for n in first.notes] == [0, 960, 1920, 2880]


def test_a_tie_over_the_bar_line_is_one_note_that_sounds_from_before(
    works: dict[str, Work],
) -> None:
    hold = dataset.BACH.vocabulary.hold
    tied = [w for w in works["bwv121.6"].windows if dataset.BACH.encode(w).tokens[0] == hold]
    assert len(tied) == 6
    for window in tied:
        assert window.notes[0].onset < 0 < window.notes[0].end


def test_every_window_is_a_full_bar_on_the_grid(works: dict[str, Work]) -> None:
    for work in works.values():
        for window in work.windows:
            encoded = dataset.BACH.encode(window)
            assert encoded.off_grid == 0
            assert not encoded.lower
            assert encoded.shift == encoded.folded == 0


def test_progress_is_told_after_every_work() -> None:
    told: list[int] = []
    corpus.read([("bwv347", True)], lambda: told.append(1))
    assert told == [1]
