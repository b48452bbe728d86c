"""AR-VAE's Fig. 11: bars with one knob moved at a time, as piano rolls, and what that does.

The paper sets the dimension to five places from −4 to 4. A run's own music may end long before:
the band in the plots, and the rolls without a grey ground, lie between the 2 % and the 98 %
quantile of the training windows. Bars are drawn by a seed, not chosen. A note held from before is
not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from presets.attributes import ATTRIBUTES, onsets_of
from presets.encoding import Tokens
from training.data.dataset import Windows
from training.evaluation.control import spearman
from training.figures import canvas, knobs
from training.figures.knobs import Floats
from training.figures.measured import Measured
from training.latent import Codes

BARS = 2
PLACES = 5
SPAN = 4.0  # of the paper's z
FINE = 33  # places of the curve between them
JUDGED = 500  # test windows over which the rank correlation is a mean
GAP = 0.08  # beats that a note is drawn short, so that a repeated one is seen
LEGEND = (
    "black, blue: notes of the bar; orange: others; grey ground: beyond the 2 % and 98 % quantiles "
    "of the training windows, as outside the band in the plots"
)

Bit = tuple[float, float, int]  # a note: from, to, pitch
Place = Callable[[float, float], Codes]


class Knob(NamedTuple):
    """One attribute's dimension and where it goes."""

    name: str
    index: int
    low: float  # where the music ends
    high: float
    at: Codes  # [P]
    rho: float  # Spearman of place and decoded attribute, a mean over test windows


def traversals(runs: Sequence[Measured]) -> Figure:
    """As in the paper: from −4 to 4."""
    return _page(runs[0], lambda *_: np.linspace(-SPAN, SPAN, PLACES, dtype=np.float32))


def within(runs: Sequence[Measured]) -> Figure:
    """The same from the lowest to the highest place that music has, where a knob goes."""
    return _page(runs[0], lambda low, high: np.linspace(low, high, PLACES, dtype=np.float32))


def bars(run: Measured, count: int = BARS, seed: int = 0) -> Windows:
    """Test bars as they are written, of two notes or more and of different works."""
    test = run.data.splits["test"]
    struck = onsets_of(test.tokens, run.trained.encoding).count > 1
    fit = np.random.default_rng(seed).permutation(np.flatnonzero(struck & (test.shift == 0)))
    _, first = np.unique(test.work[fit], return_index=True)
    return test.rows(fit[np.sort(first)[:count]])


def turned(run: Measured, place: Place) -> list[Knob]:
    """Every knob of a run, and how well what is decoded follows it."""
    codes = knobs.codes(run)
    judged = knobs.sampled(run, "test", JUDGED).tokens
    found: list[Knob] = []
    for name, index in zip(run.trained.dimensions, knobs.followed(run), strict=True):
        low, high = map(float, np.quantile(codes[:, index], knobs.ENDS))
        at = place(low, high)
        heard = knobs.values(run, knobs.swept(run, judged, index, at), name)
        found.append(Knob(name, index, low, high, at, float(spearman(heard).mean())))
    return found


def _page(run: Measured, place: Place) -> Figure:
    chosen, found = bars(run), turned(run, place)
    page = canvas.page(0.72 * len(chosen) * len(found) + 0.9)
    rows = page.subplots(len(chosen) * len(found), 2, width_ratios=[5, 1], squeeze=False)
    for number, (rolls, curve) in enumerate(rows):
        bar, knob = chosen.tokens[number // len(found)], found[number % len(found)]
        after = knobs.swept(run, bar[None], knob.index, knob.at)[0]
        _rolls(rolls, run, knob, np.stack([bar, *after]))
        _curve(curve, run, knob, bar)
        if knob is found[0]:
            rolls.set_title(f"a bar of {run.data.works[chosen.work[number // len(found)]]}")
    told = ", ".join(f"{knob.name} {knob.rho:.2f}" for knob in found)
    judged = min(JUDGED, len(run.data.splits["test"]))
    page.suptitle(f"{run.name}: Spearman ρ of code and decoded attribute, {judged} bars: {told}")
    page.supxlabel(LEGEND, fontsize=7)
    return page


def _rolls(axes: Axes, run: Measured, knob: Knob, windows: Tokens) -> None:
    """The bar and what it becomes [1 + P, T], from left to right."""
    beats = run.trained.encoding.grid.beats
    starts = np.arange(len(windows)) * (beats + 1)
    for start, code in zip(starts[1:], knob.at, strict=True):
        if not knob.low <= code <= knob.high:
            axes.axvspan(start, start + beats, color=canvas.PALE, alpha=0.5, lw=0)
    _eighths(axes, [start + eighth / 2 for start in starts for eighth in range(2 * beats + 1)])
    for color, notes in _notes(run, windows).items():
        axes.plot(*_segments(notes), color=color, lw=2.4, solid_capstyle="butt", label=color)
    axes.set_xticks(starts + beats / 2, ["the bar", *(f"{code:.3g}" for code in knob.at)])
    axes.tick_params(bottom=False, pad=1)
    axes.spines["bottom"].set_visible(False)
    axes.set_xlim(-0.3, starts[-1] + beats + 0.3)
    axes.margins(y=0.15)
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.set_ylabel(knob.name)


def _notes(run: Measured, windows: Tokens) -> dict[str, list[Bit]]:
    """By colour, what every note of the windows [N, T] is on the page: N windows side by side."""
    encoding = run.trained.encoding
    beat = encoding.grid.meter.beat_ticks
    found: dict[str, list[Bit]] = {canvas.BLACK: [], canvas.BLUE: [], canvas.ORANGE: []}
    bar = {(n.onset, n.pitch) for n in encoding.notes(windows[0])}
    for number, window in enumerate(windows):
        start = number * (encoding.grid.beats + 1)
        for n in encoding.notes(window):
            stands = canvas.BLUE if (n.onset, n.pitch) in bar else canvas.ORANGE
            found[stands if number else canvas.BLACK].append(
                (start + n.onset / beat, start + n.end / beat - GAP, n.pitch)
            )
    return found


def _segments(bits: Sequence[Bit]) -> tuple[list[float], list[float]]:
    """Level lines as one line with breaks, which is a tenth of the size in a file."""
    x = [value for start, end, _ in bits for value in (start, end, np.nan)]
    y = [value for *_, pitch in bits for value in (pitch, pitch, np.nan)]
    return x, y


def _eighths(axes: Axes, places: Sequence[float]) -> None:
    x = [value for place in places for value in (place, place, np.nan)]
    y = [0, 1, np.nan] * len(places)
    axes.plot(
        x, y, color=canvas.PALE, lw=0.4, zorder=0, transform=axes.get_xaxis_transform(), label="_"
    )


def _curve(axes: Axes, run: Measured, knob: Knob, bar: Tokens) -> None:
    """The attribute over the code: a dot for every roll, a line for what lies between."""
    fine = np.linspace(knob.at[0], knob.at[-1], FINE, dtype=np.float32)
    between, dots = (_read(run, knob, bar, at) for at in (fine, knob.at))
    axes.axvspan(knob.low, knob.high, color=canvas.SKY, alpha=0.25, lw=0)
    axes.plot(fine, between, color=canvas.GREY, lw=0.8, label="between")
    axes.plot(knob.at, dots, "o", color=canvas.BLACK, markersize=3, label="rolls")
    rho = spearman(dots[None])[0]
    axes.text(0.02, 0.98, f"ρ {rho:.2f}", transform=axes.transAxes, va="top", fontsize=6)
    axes.margins(y=0.25)
    axes.set_ylabel(ATTRIBUTES[knob.name].unit, fontsize=6)


def _read(run: Measured, knob: Knob, bar: Tokens, at: Codes) -> Floats:
    """The attribute [P] of the bar at places [P], in the unit that a person reads."""
    found = knobs.values(run, knobs.swept(run, bar[None], knob.index, at), knob.name)[0]
    return found * ATTRIBUTES[knob.name].scale(run.trained.encoding.grid)
