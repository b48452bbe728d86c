from __future__ import annotations

from training.figures import canvas, yh_moons
from training.figures.yh_moons import EACH
from training.geodesics import measure, moons


def test_both_readings_of_the_same_pairs() -> None:
    made = measure.bench(moons.train(0, steps=60), 0, count=2, gaps=EACH, draws=1)
    with canvas.look():
        page = yh_moons.geodesics(made)
    once, anew = (axes for axes in page.axes if axes.images)
    ends = [[line.get_xydata()[[0, -1]].tolist() for line in ax.lines[1:]] for ax in (once, anew)]
    assert ends[0] == ends[1]
    assert len(ends[0]) == 3 * 2 * EACH  # of each pair a line, a curve and where it ends
