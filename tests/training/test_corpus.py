from __future__ import annotations

import pytest

from presets.bar import Window
from training import corpus, dataset
from training.corpus import Work


@pytest.fixture(scope="module")
def works() -> dict[str, Work]:
    named = ("bwv269", "bwv347", "bwv10.7")  # in 3/4; in 4/4; with ties over bar lines
    return {work.name: work for work in corpus.read((name, True) for name in named)}


def test_the_iterator_has_350_works_and_the_rest_is_apart() -> None:
    iterated, others = corpus.names()
    assert len(iterated) == len(set(iterated)) == 350
    assert len(others) > 50
    assert not set(iterated) & set(others)


def test_bars_in_other_meters_are_left_out_and_counted(works: dict[str, Work]) -> None:
    assert works["bwv269"].windows == ()
    assert works["bwv269"].left_out["bars not in 4/4"] > 10


def test_a_chorale_begins_with_its_soprano(works: dict[str, Work]) -> None:
    assert works["bwv347"].windows
    assert all(isinstance(window, Window) for window in works["bwv347"].windows)
    pitches = [n.pitch for window in works["bwv347"].windows for n in window.notes]
    assert 57 <= min(pitches) <= max(pitches) <= 81


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
