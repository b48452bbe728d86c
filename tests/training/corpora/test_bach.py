from __future__ import annotations

import pytest

from presets.encoding import REST
from training.corpora import bach
from training.data.bars import BACH, Work


@pytest.fixture(scope="module")
def works() -> dict[str, Work]:
    named = ("bwv269", "bwv347", "bwv121.6")  # in 3/4; in 4/4; with ties over bar lines
    return {work.name: work for work in bach.read([(name, name != "bwv347") for name in named])}


def test_the_iterator_has_350_works_and_the_rest_is_apart() -> None:
    iterated, others = bach.names()
    assert len(iterated) == len(set(iterated)) == 350
    assert len(others) > 50
    assert not set(iterated) & set(others)


def test_works_come_in_order_and_stay_what_they_were_called(works: dict[str, Work]) -> None:
    assert list(works) == ["bwv269", "bwv347", "bwv121.6"]
    assert [work.learnable for work in works.values()] == [True, False, True]


def test_bars_in_other_meters_are_left_out_and_counted(works: dict[str, Work]) -> None:
    assert works["bwv269"].tokens.shape == (0, 24)
    assert works["bwv269"].left_out["bars not in 4/4"] > 10


def test_the_line_is_the_soprano(works: dict[str, Work]) -> None:
    tokens = works["bwv347"].tokens
    assert len(tokens) == 10
    pitches = {p for row in tokens for p in BACH.states(row).pitch if p > REST}
    assert 60 <= min(pitches) <= max(pitches) <= 81
    assert [n.onset for n in BACH.notes(tokens[0])] == [0, 960, 1920, 2880]


def test_a_tie_over_the_bar_line_is_one_note_that_sounds_from_before(
    works: dict[str, Work],
) -> None:
    assert (works["bwv121.6"].tokens[:, 0] == BACH.vocabulary.hold).sum() == 6
