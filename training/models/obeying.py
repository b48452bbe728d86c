"""The most likely window among those that do what is asked: so many notes, so wide, so far up.

Heads say how likely everything is, but the likeliest window of all need not have the range that a
knob stands for. Here the search goes over the windows that have it, and is exact: which steps are
struck is a matter of rank, and where they are struck, the line's lowest pitch and the lower of its
two ends leave each other note the best pitch between the lowest and the highest; two of the notes
may have to be those. There are no more than P² such pairs, so that all are tried, as arrays.

Shapes: B windows, T steps, P pitches in order, a semitone apart. What a step has one of is
[B, T, 1], and what a window has one of [B, 1, 1]: they meet as they are, and a graph has a node
less for every array that need not be turned.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

FAR = 1e6  # nats: what must not be
NEVER = FAR * FAR  # … whatever else speaks for it


class Line(NamedTuple):
    """What the notes of a window should be, in semitones [B, 1, 1]."""

    width: Tensor  # int64, the highest less the lowest
    size: Tensor  # int64, how far apart the first and the last are
    falls: Tensor  # int64, 1 where the last is the lower one


def possible(width: Tensor, rise: Tensor, notes: Tensor) -> tuple[Tensor, Tensor]:
    """The nearest width and rise that so many notes can have; any shape.

    Who asks for a rise beyond the range, or of two notes for another one than it, gets both
    halfway; one note is no line.
    """
    size = rise.abs()
    bound = (size > width) | (notes == 2)
    halfway = torch.div(size + width + 1, 2, rounding_mode="floor")
    width = torch.where(bound, halfway, width) * (notes > 1)
    size = torch.where(bound, halfway, size) * (notes > 1)
    return width, torch.where(rise < 0, -size, size)


def struck(score: Tensor, notes: Tensor) -> Tensor:
    """1.0 at the `notes` [B, 1, 1] steps with the highest scores [B, T, 1], else 0.0.

    More notes are the same and others: the windows of a growing number are nested.
    """
    steps = torch.arange(score.shape[1], device=score.device)[:, None]
    order = score.topk(score.shape[1], 1).indices
    return score.scatter(1, order, (steps < notes).to(score))


def pitches(score: Tensor, struck: Tensor, notes: Tensor, line: Line) -> Tensor:
    """The likeliest pitches int64 [B, T, 1] of steps that are struck, by scores [B, T, P].

    struck 0.0 or 1.0 [B, T, 1], `notes` of them [B, 1, 1], for which the line is possible. Steps
    that are not struck get any.
    """
    parts = _Parts.of(struck, notes, line.falls)
    above = F.pad(score, (0, score.shape[2]), value=-FAR)
    best, highest = _within(above, line.width)
    forced = _Forced.of(best, score, highest, parts.inner)
    total = (best * parts.inner).sum(1, keepdim=True) + _ends(above, parts, line).mT
    end, lowest = _best(total, forced, line)
    return _written(score, parts, forced, line, end, lowest)


class _Parts(NamedTuple):
    """Which notes are which: bool [B, T, 1]."""

    low_end: Tensor  # the lower one of the first and the last …
    high_end: Tensor  # … and the higher one
    inner: Tensor

    @staticmethod
    def of(struck: Tensor, notes: Tensor, falls: Tensor) -> _Parts:
        number = struck.cumsum(1) * struck  # 1, 2, … where they are struck
        low = torch.where(falls > 0, notes, 1.0)
        inner = (number > 1) & (number < notes)
        return _Parts(number == low, number == notes + 1 - low, inner)


def _within(above: Tensor, width: Tensor) -> tuple[Tensor, Tensor]:
    """The best score of each pitch and those up to `width` over it; that of the highest of these.

    above [B, T, 2P]: scores, and as many that must not be. Maxima of 1, 2, 4, … pitches are made;
    two of the largest that fit cover any width.
    """
    size = above.shape[2] // 2
    maxima, reach = [above], 1
    while 2 * reach <= size:
        last = maxima[-1]
        maxima.append(torch.maximum(last[..., :-reach], last[..., reach:]))
        reach *= 2
    where = F.embedding(width, _covers(size, width.device))[:, 0]
    found = torch.cat(maxima, 2).gather(2, where.expand(-1, above.shape[1], -1))
    low, high, top = found.split(size, 2)
    return torch.maximum(low, high), top


def _covers(size: int, device: torch.device) -> Tensor:
    """For each width, where to look among the maxima of 1, 2, 4, … of 2P pitches, side by side:
    for each lowest pitch the maximum that begins there, the one that ends with the highest, and the
    highest itself, int64 [P, 3P]."""
    pitch = torch.arange(size, device=device)
    width = pitch[:, None]
    level = (width + 1.0).log2().floor().long()
    reach = 2**level
    start = 2 * size * level - (reach - 1 - level)  # Σ of the lengths 2P − (2^k − 1) before it
    begins = start + pitch
    return torch.cat([begins, begins + width + 1 - reach, width + pitch], 1)


def _ends(above: Tensor, parts: _Parts, line: Line) -> Tensor:
    """The score of the first and the last note together, by the lower one's pitch [B, 1, P]."""
    size = above.shape[2] // 2
    low = (above[..., :size] * parts.low_end).sum(1, keepdim=True)
    high = (above * parts.high_end).sum(1, keepdim=True)
    return low + high.gather(2, torch.arange(size, device=above.device) + line.size)


class _Forced(NamedTuple):
    """What is lost, by lowest pitch [B, 1, P], if inner notes have to be the lowest and the
    highest pitch, and which steps these are then."""

    low: Tensor  # nats, if one has to be the lowest …
    high: Tensor
    both: Tensor  # … and if two have to be each
    steps: Tensor  # int64 [B, 4, P]: for the lowest alone, the highest alone, both

    @staticmethod
    def of(best: Tensor, lowest: Tensor, highest: Tensor, inner: Tensor) -> _Forced:
        lost = torch.where(inner, torch.cat([best - lowest, best - highest], 2), FAR)
        least = lost.topk(2, 1, largest=False)
        shape = -1, 4, best.shape[2]
        low, high, next_low, next_high = least.values.view(shape).split(1, 1)
        at_low, at_high, then_low, then_high = least.indices.view(shape).split(1, 1)
        other_low, other_high = next_low + high, low + next_high
        same, moves_low = at_low == at_high, other_low < other_high
        both = torch.where(same, torch.minimum(other_low, other_high), low + high)
        apart_low = torch.where(same & moves_low, then_low, at_low)
        apart_high = torch.where(same & ~moves_low, then_high, at_high)
        return _Forced(low, high, both, torch.cat([at_low, at_high, apart_low, apart_high], 1))


def _best(total: Tensor, forced: _Forced, line: Line) -> tuple[Tensor, Tensor]:
    """The lower end and the lowest pitch [B, 1, 1] of the best line; total [B, end, lowest]: of
    its notes, were none of them forced."""
    size = total.shape[2]
    pitch = torch.arange(size, device=total.device)
    up = pitch[:, None] - pitch  # from the lowest pitch to the lower end: 0 … gap
    up, gap = torch.where(up < 0, 2 * size, up), line.width - line.size
    price = torch.where(up == gap, forced.low, forced.both)
    price = torch.where(up == 0, forced.high * (gap > 0), price)
    price = torch.where(up > gap, NEVER, price)
    best = (total - price).view(-1, 1, size * size).argmax(2, keepdim=True)
    return pitch.repeat_interleave(size)[best], pitch.repeat(size)[best]


def _written(
    score: Tensor, parts: _Parts, forced: _Forced, line: Line, end: Tensor, lowest: Tensor
) -> Tensor:
    """The line with that lower end and that lowest pitch [B, 1, 1]: [B, T, 1]."""
    over = torch.arange(score.shape[2], device=score.device) - lowest
    inside = (over >= 0) & (over <= line.width)
    found = torch.where(inside, score, -FAR).argmax(2, keepdim=True)
    steps = torch.arange(score.shape[1], device=score.device)[:, None]
    some_low, some_high = end > lowest, end - lowest < line.width - line.size
    alone = forced.steps.gather(2, lowest.expand(-1, 4, 1))
    low, high, both_low, both_high = alone.split(1, 1)
    both = some_low & some_high
    at_low, at_high = torch.where(both, both_low, low), torch.where(both, both_high, high)
    found = torch.where((steps == at_low) & some_low, lowest, found)
    found = torch.where((steps == at_high) & some_high, lowest + line.width, found)
    found = torch.where(parts.low_end, end, found)
    return torch.where(parts.high_end, end + line.size, found)
