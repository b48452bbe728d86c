"""In which order the bars of a music21 part are played: what is repeated comes again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

TWICE = 2


def order(measures: Sequence[Any]) -> list[int]:
    """The measures as a player takes them, by their places in the part.

    A section ends with a repeat sign, with its last ending, or where a sign begins the next. One
    with a repeat sign at its end is played twice, or as often as it has endings, each of which is
    played in its turn. What begins again without a sign begins where the section before it ended.
    """
    return [at for section in _sections(measures) for at in _turns(section, measures)]


def _sections(measures: Sequence[Any]) -> Iterable[list[int]]:
    section: list[int] = []
    for at, measure in enumerate(measures):
        over = bool(section) and _over(measures[at - 1]) and not _endings(measure)
        if section and (over or _repeats(measure.leftBarline, "start")):
            yield section
            section = []
        section.append(at)
    yield section


def _turns(section: Sequence[int], measures: Sequence[Any]) -> Iterable[int]:
    signs = any(_repeats(measures[at].rightBarline, "end") for at in section)
    last = max((turn for at in section for turn in _endings(measures[at])), default=1)
    for turn in range(1, max(TWICE if signs else 1, last) + 1):
        yield from (at for at in section if turn in (_endings(measures[at]) or [turn]))


def _over(measure: Any) -> bool:
    """Whether a section may end with this measure: the next one may be another ending of it."""
    return _repeats(measure.rightBarline, "end") or max(_endings(measure), default=1) > 1


def _repeats(barline: Any, direction: str) -> bool:
    return getattr(barline, "direction", None) == direction


def _endings(measure: Any) -> list[int]:
    """The turns in which it is played, none where that is every one."""
    found = measure.getSpannerSites("RepeatBracket")
    return [turn for bracket in found for turn in bracket.numberRange]
