from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from training.models import obeying
from training.models.asking import Asking
from training.models.reader import Reader

NAMES = ("rhythm", "range", "density", "contour")
STEPS, PITCHES = 8, 6
READER = Reader(NAMES, tuple([1.0] * STEPS), PITCHES)
ASKING = Asking(NAMES, STEPS, PITCHES)


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_it_asks_for_what_the_styles_say_as_far_as_notes_can(seed: int) -> None:
    torch.manual_seed(seed)
    z = 2 * torch.randn(50, 5)
    of = {name: READER.style(name).index(z[:, k]) for k, name in enumerate(NAMES)}
    width, rise = obeying.possible(of["range"], of["contour"] - (PITCHES - 1), of["density"])
    notes, line = ASKING(z, READER)
    assert torch.equal(notes.flatten().long(), of["density"])
    assert torch.equal(line.width.flatten(), width)
    assert torch.equal(line.size.flatten(), rise.abs())
    assert torch.equal(line.falls.flatten() > 0, rise < 0)


def test_any_number_of_steps_will_do() -> None:
    for steps in (1, 2, 3):
        notes, _ = Asking(NAMES, steps, PITCHES)(
            torch.full((1, 4), 9.0), Reader(NAMES, tuple([1.0] * steps), PITCHES)
        )
        assert notes.item() == steps
