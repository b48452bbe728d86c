"""What geodesics on two moons are worth: the figures of `glissar-train geodesics`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median
from time import perf_counter

import torch

from training.constraints.measure import auc
from training.geodesics import energy as energies
from training.geodesics import pairs, sampled
from training.geodesics.curve import Ends, curve, line
from training.geodesics.energy import Cost, Energy, energy
from training.geodesics.moons import Trained
from training.geodesics.pairs import LOOKS
from training.geodesics.solve import Fit, Ridges, solve, unsure, warm

READINGS: dict[str, Cost] = {"once": energies.squared, "anew": energies.anew}  # … is noise drawn
SAME = 1.01  # … of an energy that two descents reach: the same
ENDLESS = 10**9  # patience

Figures = dict[str, float]


@dataclass(frozen=True)
class Bench:
    """What is measured, and on how much of it."""

    trained: Trained
    pairs: Ends  # any two encodings
    around: Ends  # of one moon, with a gap between
    between: Ends  # of two moons, likewise
    draws: int  # of noise, where closed forms are checked
    line_only: bool = False  # first stages begin at the line alone
    fit: Fit = Fit()

    @property
    def ridges(self) -> Ridges:
        precision = self.trained.decoder.precision
        return Ridges(precision.sure, precision.centres[: 0 if self.line_only else None])

    def energy(self, reading: str) -> Energy:
        return energy(self.trained.decoder, READINGS[reading])


def bench(
    trained: Trained, seed: int, count: int = 500, gaps: int = 100, draws: int = 100_000
) -> Bench:
    """count: pairs of any two encodings; gaps: pairs of either kind with a gap between."""
    torch.manual_seed(seed)
    around, between = (pairs.across(trained, gaps, same_moon=same) for same in (True, False))
    return Bench(trained, pairs.any_two(trained, count), around, between, draws)


def of_reading(made: Bench, reading: str) -> Figures:
    """All that can be said of both."""
    return {
        **against_lines(made, reading),
        **on_ridges(made, reading),
        "closed": closed_form(made, reading),
        **warmth(made, reading),
    }


def against_lines(made: Bench, reading: str) -> Figures:
    """Energies over those of straight lines, where they are found and on more points."""
    cost = made.energy(reading)
    found = solve(made.pairs, cost, made.ridges, made.fit)
    with torch.no_grad():
        finer = cost(curve(made.pairs, found.bend, LOOKS)) / cost(line(made.pairs, LOOKS))
    share = found.energy / found.line
    return {
        "share": share.median().item(),
        "most": share.max().item(),
        "below": (share <= 1).float().mean().item(),
        "finer": (finer <= 1).float().mean().item(),
    }


def on_ridges(made: Bench, reading: str) -> Figures:
    """The least g along a geodesic over the least along its line."""
    figures: Figures = {}
    for name, ends in {"around": made.around, "between": made.between}.items():
        found = solve(ends, made.energy(reading), made.ridges, made.fit)
        paths = curve(ends, found.bend, LOOKS), line(ends, LOOKS)
        own, straight = (pairs.least(made.ridges.sure, path) for path in paths)
        ratio = own / straight
        figures[name] = ratio.median().item()
        figures[f"{name} least"] = ratio.min().item()
        figures[f"{name} below"] = (ratio < 1).float().mean().item()
    return figures


def closed_form(made: Bench, reading: str, paths: int = 10) -> float:
    """The farthest that it is from a mean of draws, as a share, over lines between some pairs."""
    some = line(made.pairs.some(torch.arange(paths)), made.fit.steps)
    with torch.no_grad():
        closed = made.energy(reading)(some)
    decoder, anew = made.trained.decoder, reading == "anew"
    drawn = [sampled.energy(decoder, path, made.draws, anew=anew) for path in some]
    return (torch.tensor(drawn) / closed - 1).abs().max().item()


def warmth(made: Bench, reading: str) -> Figures:
    """Iterations of the second stage, means over pairs, until the energy is the same that a descent
    from the line and one from a warm start both reach; how often one of them ends higher."""
    fit, cost = replace(made.fit, patience=ENDLESS), made.energy(reading)
    cold, warm = (solve(made.pairs, cost, of, fit).history for of in (None, made.ridges))
    goal = SAME * torch.maximum(cold[-1], warm[-1])
    taken = [(history <= goal).float().argmax(0).float().mean().item() for history in (cold, warm)]
    return {
        "cold": taken[0],
        "warm": taken[1],
        "warm ends higher": (warm[-1] > SAME * cold[-1]).float().mean().item(),
        "cold ends higher": (cold[-1] > SAME * warm[-1]).float().mean().item(),
    }


def decoder(made: Bench) -> Figures:
    """What both readings share: the metric by draws, where g is small, what an iteration takes."""
    trained = made.trained
    z = trained.encodings[:1]
    with torch.no_grad():
        off = trained.decoder.precision.sure(pairs.off_data(trained, 2000))
        on = trained.decoder.precision.sure(trained.unseen)
    closed = energies.metric(trained.decoder, z)[0]
    drawn = sampled.metric(trained.decoder, z[0], made.draws)
    return {
        "metric": ((drawn - closed).norm() / closed.norm()).item(),
        "auc": auc(on, off),
        **{f"{name} ms": 1e3 * seconds for name, seconds in iterations(made).items()},
    }


def iterations(made: Bench) -> dict[str, float]:
    """Seconds of one, for all pairs around a gap: of g, of μ alone, of energy; and of all that the
    first stage does."""
    ends, steps, decoder = made.around, made.fit.steps, made.trained.decoder
    bend = torch.zeros_like(ends.start, requires_grad=True)
    of_mu = energy(decoder.mu, energies.squared)
    losses = {
        "g": lambda: unsure(curve(ends, bend, steps), made.ridges.sure),
        "mu": lambda: of_mu(curve(ends, bend, steps)),
        "energy": lambda: made.energy("once")(curve(ends, bend, steps)),
    }
    found = {name: seconds(lambda of=of: of().sum().backward()) for name, of in losses.items()}
    return found | {"first": seconds(lambda: warm(ends, made.ridges, made.fit), 3)}


def seconds(act: Callable[[], object], times: int = 20) -> float:
    """The median of so many."""

    def once() -> float:
        begun = perf_counter()
        act()
        return perf_counter() - begun

    return median(once() for _ in range(times))
