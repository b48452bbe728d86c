"""The most likely window among those that do what is asked: so many notes, so wide, so far up.

Heads say how likely everything is, but the likeliest window of all need not have the range that a
knob stands for. Here the search goes over the windows that have it, and is exact: which steps are
struck is a matter of rank, and where they are struck, the line's lowest pitch and its first one
leave each other note the best pitch between the lowest and the highest; two of the notes may have
to be those. There are no more than P² such pairs, so that all are tried, as arrays.

Shapes: B windows, T steps, P pitches in order, a semitone apart.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

FAR = 1e6  # nats: what must not be


class Line(NamedTuple):
    """What the notes of a window should be, in semitones [B]."""

    width: Tensor  # the highest less the lowest
    rise: Tensor  # the last less the first


def struck(score: Tensor, notes: Tensor) -> Tensor:
    """The `notes` [B] steps with the highest scores [B, T], the earlier of equals: bool [B, T].

    More notes are the same and others: the windows of a growing number are nested.
    """
    mine, other = score[:, :, None], score[:, None, :]
    steps = torch.arange(score.shape[1], device=score.device)
    better = (other > mine) | ((other == mine) & (steps < steps[:, None]))
    return better.sum(2) < notes[:, None]


def possible(line: Line, notes: Tensor) -> Line:
    """The nearest that `notes` [B] can do. Who asks for a rise beyond the range, or of two notes
    for another one than it, gets both halfway; one note is no line."""
    size = line.rise.abs()
    bound = (size > line.width) | (notes == 2)
    halfway = torch.div(size + line.width + 1, 2, rounding_mode="floor")
    width = torch.where(bound, halfway, line.width) * (notes > 1)
    size = torch.where(bound, halfway, size) * (notes > 1)
    return Line(width, torch.where(line.rise < 0, -size, size))


def pitches(score: Tensor, struck: Tensor, line: Line) -> Tensor:
    """The likeliest pitches int64 [B, T] of struck steps [B, T] by scores [B, T, P].

    `line` is possible for as many notes. Steps that are not struck get any.
    """
    parts = _Parts.of(struck)
    lost = _Lost.of(score, parts.inner, line.width)
    lowest, first = _best(score, parts, lost, line)
    return _written(score, parts, lost.at(lowest), line, lowest, first)


class _Parts(NamedTuple):
    """Which notes are which: bool [B, T]."""

    first: Tensor
    last: Tensor
    inner: Tensor

    @staticmethod
    def of(struck: Tensor) -> _Parts:
        so_far = struck.long().cumsum(1)
        first, last = struck & (so_far == 1), struck & (so_far == so_far[:, -1:])
        return _Parts(first, last, struck & ~first & ~last)


class _Lost(NamedTuple):
    """By lowest pitch: the best score of each step within the width, and what is lost if it has
    to be the lowest pitch, or the highest: [B, T, P]. FAR where it is no inner note."""

    best: Tensor
    low: Tensor
    high: Tensor

    @staticmethod
    def of(score: Tensor, inner: Tensor, width: Tensor) -> _Lost:
        best, high = _widest(score, width), _higher(score, width)
        no = FAR * ~inner[..., None]
        return _Lost(best, best - score + no, best - high + no)

    def at(self, lowest: Tensor) -> _Lost:
        """For one lowest pitch [B] each: [B, T]."""
        index = lowest[:, None, None].expand(-1, self.best.shape[1], 1)
        return _Lost(*(part.gather(2, index)[..., 0] for part in self))


def _widest(score: Tensor, width: Tensor) -> Tensor:
    """The highest of each pitch's score and those of `width` [B] pitches over it: [B, T, P].

    From maxima of 1, 2, 4, … pitches: two of the largest that fit cover any width.
    """
    best, reach, found = score, 1, score
    while reach < score.shape[2]:
        best = torch.maximum(best, F.pad(best[..., reach:], (0, reach), value=-FAR))
        reach *= 2
        both = torch.maximum(best, _higher(best, width + 1 - reach))
        found = torch.where((width + 1 >= reach)[:, None, None], both, found)
    return found


def _higher(score: Tensor, by: Tensor) -> Tensor:
    """Of each pitch the score of the one so much higher [B]; past the ends, of the end."""
    pitch = torch.arange(score.shape[2], device=score.device) + by[:, None]
    index = pitch.clamp(0, score.shape[2] - 1)
    return score.gather(2, index[:, None].expand_as(score))


def _best(score: Tensor, parts: _Parts, lost: _Lost, line: Line) -> tuple[Tensor, Tensor]:
    """The lowest and the first pitch [B] of the best line."""
    size = score.shape[2]
    pitch = torch.arange(size, device=score.device)
    end = pitch + line.rise[:, None]  # by first pitch [B, P]
    firsts, lasts = ((score * part[..., None]).sum(1) for part in parts[:2])
    ends = firsts + lasts.gather(1, end.clamp(0, size - 1))
    low, high = (side[:, None] for side in (torch.minimum(pitch, end), torch.maximum(pitch, end)))
    lowest = pitch[:, None]  # against these: [B, lowest, first]
    top = lowest + line.width[:, None, None]
    total = (lost.best * parts.inner[..., None]).sum(1)[..., None] + ends[:, None]
    total = total - _price(lost, low > lowest, high < top)
    allowed = (low >= lowest) & (high <= top) & (top < size)
    best = (total - FAR * FAR * ~allowed).flatten(1).argmax(1)
    return torch.div(best, size, rounding_mode="floor"), best % size


def _price(lost: _Lost, no_low: Tensor, no_high: Tensor) -> Tensor:
    """What it costs that inner notes have to be the lowest, or the highest, or each [B, P, P]."""
    (low, at_low), (high, at_high) = _two(lost.low), _two(lost.high)
    both = torch.where(
        at_low[:, 0] != at_high[:, 0],
        low[:, 0] + high[:, 0],
        torch.minimum(low[:, 0] + high[:, 1], low[:, 1] + high[:, 0]),
    )
    one = torch.where(no_low, low[:, 0, :, None], high[:, 0, :, None] * no_high)
    return torch.where(no_low & no_high, both[..., None], one)


def _written(
    score: Tensor, parts: _Parts, lost: _Lost, line: Line, lowest: Tensor, first: Tensor
) -> Tensor:
    """The line with that lowest and that first pitch [B]: [B, T]."""
    steps = torch.arange(score.shape[1], device=score.device)
    pitch = torch.arange(score.shape[2], device=score.device)
    highest, end = lowest + line.width, first + line.rise
    inside = (pitch >= lowest[:, None]) & (pitch <= highest[:, None])
    found = (score - FAR * ~inside[:, None]).argmax(2)
    no_low = torch.minimum(first, end) > lowest
    no_high = torch.maximum(first, end) < highest
    at_low, at_high = _apart(lost, no_low & no_high)
    found = _put(found, no_low[:, None] & (steps == at_low[:, None]), lowest)
    found = _put(found, no_high[:, None] & (steps == at_high[:, None]), highest)
    return _put(_put(found, parts.last, end), parts.first, first)


def _apart(lost: _Lost, both: Tensor) -> tuple[Tensor, Tensor]:
    """The steps [B] that lose least of [B, T] as the lowest and as the highest note, two of them
    where there have to be both."""
    (low, at_low), (high, at_high) = _two(lost.low), _two(lost.high)
    same = both & (at_low[:, 0] == at_high[:, 0])
    other_low = low[:, 1] + high[:, 0] < low[:, 0] + high[:, 1]
    return (
        torch.where(same & other_low, at_low[:, 1], at_low[:, 0]),
        torch.where(same & ~other_low, at_high[:, 1], at_high[:, 0]),
    )


def _put(found: Tensor, where: Tensor, pitch: Tensor) -> Tensor:
    return torch.where(where, pitch[:, None], found)


def _two(lost: Tensor) -> tuple[Tensor, Tensor]:
    """The two least of steps [B, T, …], and which they are: [B, 2, …] each."""
    least = (-lost).topk(2, 1)
    return -least.values, least.indices
