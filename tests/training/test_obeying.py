from __future__ import annotations

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from training.models import obeying
from training.models.obeying import Line

STEPS, PITCHES = 6, 5
SEEDS = st.integers(0, 100_000)


def one(*numbers: int) -> tuple[torch.Tensor, ...]:
    return tuple(torch.tensor([n]) for n in numbers)


def slowly(score: torch.Tensor, width: int, rise: int) -> tuple[int, ...]:
    """The best of all lines, by trying them: scores [notes, P]."""

    def total(line: tuple[int, ...]) -> float:
        return sum(float(score[step, pitch]) for step, pitch in enumerate(line))

    lines = product(range(score.shape[1]), repeat=len(score))
    fit = (x for x in lines if max(x) - min(x) == width and x[-1] - x[0] == rise)
    return max(fit, key=total)


@settings(max_examples=300, deadline=None)
@given(SEEDS, st.integers(0, PITCHES - 1), st.integers(1 - PITCHES, PITCHES - 1))
def test_it_is_the_best_of_all_lines_with_that_range_and_rise(
    seed: int, width: int, rise: int
) -> None:
    torch.manual_seed(seed)
    score, struck = torch.randn(1, STEPS, PITCHES), torch.rand(1, STEPS) < 0.7
    if not struck.any():
        return
    line = obeying.possible(Line(*one(width, rise)), struck.sum(1))
    found = obeying.pitches(score, struck, line)[struck]
    assert tuple(found.tolist()) == slowly(score[struck], int(line.width), int(line.rise))


def test_windows_do_not_know_of_each_other() -> None:
    torch.manual_seed(0)
    score, struck = torch.randn(40, STEPS, PITCHES), torch.rand(40, STEPS) < 0.6
    asked = Line(torch.randint(PITCHES, (40,)), torch.randint(1 - PITCHES, PITCHES, (40,)))
    line = obeying.possible(asked, struck.sum(1))
    together = obeying.pitches(score, struck, line)
    for row in range(40):
        part = slice(row, row + 1)
        alone = obeying.pitches(score[part], struck[part], Line(*(x[part] for x in line)))
        assert torch.equal(alone[struck[part]], together[part][struck[part]])


@given(SEEDS, st.integers(0, STEPS))
def test_the_likeliest_steps_are_struck_so_many_and_no_others(seed: int, notes: int) -> None:
    torch.manual_seed(seed)
    score = torch.randint(3, (1, STEPS)).float()  # many are equal
    found = obeying.struck(score, torch.tensor([notes]))
    assert found.sum() == notes
    more = obeying.struck(score, torch.tensor([notes + 1]))
    assert not (found & ~more).any()
    if 0 < notes < STEPS:
        assert score[found].min() >= score[~found].max()


def test_the_earlier_of_equals_is_struck() -> None:
    found = obeying.struck(torch.tensor([[1.0, 2.0, 1.0, 1.0]]), torch.tensor([2]))
    assert found.tolist() == [[True, True, False, False]]


@pytest.mark.parametrize(
    ("asked", "notes", "found"),
    [
        ((7, -3), 5, (7, -3)),
        ((3, 7), 5, (5, 5)),  # a rise beyond the range
        ((3, -8), 4, (6, -6)),
        ((9, 2), 2, (6, 6)),  # two notes are as far apart as they rise
        ((4, 0), 2, (2, 2)),
        ((9, 2), 1, (0, 0)),
        ((0, 0), 0, (0, 0)),
        ((4, 0), 3, (4, 0)),
    ],
)
def test_what_notes_cannot_do_is_met_halfway(
    asked: tuple[int, int], notes: int, found: tuple[int, int]
) -> None:
    line = obeying.possible(Line(*one(*asked)), torch.tensor([notes]))
    assert (int(line.width), int(line.rise)) == found


@given(st.integers(2, 5), st.integers(0, 20), st.integers(-20, 20))
def test_either_knob_moves_a_line_its_own_way_alone(notes: int, width: int, rise: int) -> None:
    count = torch.tensor([notes])
    here = obeying.possible(Line(*one(width, rise)), count)
    wider = obeying.possible(Line(*one(width + 1, rise)), count)
    higher = obeying.possible(Line(*one(width, rise + 1)), count)
    assert wider.width >= here.width
    assert higher.rise >= here.rise
