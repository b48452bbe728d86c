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


def number(n: int) -> torch.Tensor:
    """Of one window."""
    return torch.tensor([[[n]]])


def line_of(width: torch.Tensor, rise: torch.Tensor) -> Line:
    return Line(width, rise.abs(), (rise < 0).long())


def written(score: torch.Tensor, struck: torch.Tensor, line: Line) -> torch.Tensor:
    """Scores [B, T, P], struck bool [B, T] → pitches [B, T]."""
    notes = struck.sum(1)[:, None, None]
    return obeying.pitches(score, struck[..., None].float(), notes, line)[..., 0]


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
    can = obeying.possible(number(width), number(rise), struck.sum())
    found = written(score, struck, line_of(*can))[struck]
    assert tuple(found.tolist()) == slowly(score[struck], *(int(x) for x in can))


def test_windows_do_not_know_of_each_other() -> None:
    torch.manual_seed(0)
    score, struck = torch.randn(40, STEPS, PITCHES), torch.rand(40, STEPS) < 0.6
    width = torch.randint(PITCHES, (40, 1, 1))
    rise = torch.randint(1 - PITCHES, PITCHES, (40, 1, 1))
    line = line_of(*obeying.possible(width, rise, struck.sum(1)[:, None, None]))
    together = written(score, struck, line)
    for row in range(40):
        part = slice(row, row + 1)
        alone = written(score[part], struck[part], Line(*(x[part] for x in line)))
        assert torch.equal(alone[struck[part]], together[part][struck[part]])


@given(SEEDS, st.integers(0, STEPS))
def test_the_likeliest_steps_are_struck_so_many_and_no_others(seed: int, notes: int) -> None:
    torch.manual_seed(seed)
    score = torch.randint(3, (1, STEPS, 1)).float()  # many are equal
    found = obeying.struck(score, number(notes)) > 0
    assert found.sum() == notes
    more = obeying.struck(score, number(notes + 1)) > 0
    assert not (found & ~more).any()
    if 0 < notes < STEPS:
        assert score[found].min() >= score[~found].max()


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
    width, rise = obeying.possible(*(number(n) for n in asked), torch.tensor(notes))
    assert (int(width), int(rise)) == found


@given(st.integers(2, 5), st.integers(0, 20), st.integers(-20, 20))
def test_either_knob_moves_a_line_its_own_way_alone(notes: int, width: int, rise: int) -> None:
    def line(width: int, rise: int) -> tuple[torch.Tensor, torch.Tensor]:
        return obeying.possible(number(width), number(rise), torch.tensor(notes))

    here = line(width, rise)
    assert line(width + 1, rise)[0] >= here[0]
    assert line(width, rise + 1)[1] >= here[1]
