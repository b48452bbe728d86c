from __future__ import annotations

import numpy as np
from matplotlib.colors import to_hex

from training.checkpoint import Trained
from training.data.dataset import Dataset
from training.evaluation import steering, surface, variations
from training.figures import canvas, glsr_variations
from training.figures.measured import Measured


def test_a_roll_for_each_step_with_what_is_new(glsr: dict[str, Trained], lines: Dataset) -> None:
    run = Measured("regularised", glsr["regularised"], lines)
    page = glsr_variations.variations([run])
    steps, starts = len(variations.PATH), glsr_variations.STARTS
    rolls = np.array(page.axes).reshape(steps, starts)
    points = steering.drawn(run.trained, 0)[:starts]
    tokens = variations.swept(run.trained, points, surface.Direction(0))
    new = 0
    for start, found in enumerate(glsr_variations.swept(run)):
        for step, (axes, notes) in enumerate(zip(rolls[:, start], found, strict=True)):
            assert len(notes) == surface.played(tokens[start, step][None], lines.encoding)[0]
            bits = [line for line in axes.lines if line.get_linewidth() == 3]
            assert [line.get_ydata()[0] for line in bits] == [n.pitch for n in notes]
            assert [line.get_xdata()[0] * 960 for line in bits] == [n.onset for n in notes]
            orange = [to_hex(line.get_color()) == canvas.ORANGE for line in bits]
            before = {(n.onset, n.pitch) for n in found[step - 1]} if step else None
            assert orange == [bool(step) and (n.onset, n.pitch) not in before for n in notes]
            new += sum(orange)
    assert new > 0
