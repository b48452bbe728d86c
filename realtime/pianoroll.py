"""Pictures of what was played and what is heard: SVG, drawn with nothing but strings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from presets.bar import Meter, Note

BEAT_WIDTH = 24  # pixels
KEY_HEIGHT = 5
MARGIN = 28
ACROSS, SMALL = 4, 192  # small rolls side by side, and their width
NEAR = 8  # beats that are nearer than this many pixels are left out
PLAYED, HEARD, CHANGED = "#7a8798", "#2f6fb0", "#d9632b"
MIDDLE_C = 60
BLACK_KEYS = {1, 3, 6, 8, 10}


def before_and_after(played: Sequence[Note], heard: Sequence[Note], meter: Meter) -> str:
    """Two rolls, one above the other; notes of `heard` that were not played so are marked."""
    notes = (*played, *heard)
    end = max(n.end for n in notes)
    keys = _keys(notes)
    above = _Roll(MARGIN, MARGIN, keys, -(-end // meter.bar_ticks), meter, BEAT_WIDTH)
    below = above.at(MARGIN, 2 * MARGIN + above.height)
    known = set(played)
    body = [
        *above.paper("played"),
        *(above.note(n, PLAYED) for n in played),
        *below.paper("heard"),
        *(below.note(n, HEARD if n in known else CHANGED) for n in heard),
    ]
    return _svg(round(2 * MARGIN + above.width), 3 * MARGIN + 2 * above.height, body)


def way(windows: Sequence[Sequence[Note]], places: Sequence[float], bars: int, meter: Meter) -> str:
    """A small roll for each window, four across, named by its place on the way; notes that are not
    drawn in the window before are marked."""
    keys = _keys([n for window in windows for n in window])
    first = _Roll(MARGIN, MARGIN, keys, bars, meter, SMALL / (bars * meter.beats))
    body: list[str] = []
    for k, (before, window) in enumerate(pairwise([windows[0], *windows])):
        row, column = divmod(k, ACROSS)
        roll = first.at(MARGIN + column * (SMALL + MARGIN), MARGIN + row * (first.height + MARGIN))
        known = {_drawn(n) for n in before}
        body += roll.paper(f"{round(places[k], 2):g}")
        body += [roll.note(n, HEARD if _drawn(n) in known else CHANGED) for n in window]
    across, down = min(len(windows), ACROSS), -(-len(windows) // ACROSS)
    width = MARGIN + across * (SMALL + MARGIN)
    return _svg(width, MARGIN + down * (first.height + MARGIN), body)


@dataclass(frozen=True, slots=True)
class _Roll:
    """Where one roll lies in a picture, and how large it is. All in pixels but the keys."""

    left: int
    top: int
    keys: range
    bars: int
    meter: Meter
    beat: float  # how wide one is

    @property
    def width(self) -> float:
        return self.bars * self.meter.beats * self.beat

    @property
    def height(self) -> int:
        return len(self.keys) * KEY_HEIGHT

    def at(self, left: int, top: int) -> _Roll:
        return _Roll(left, top, self.keys, self.bars, self.meter, self.beat)

    def paper(self, name: str) -> Iterator[str]:
        """What notes are drawn on."""
        yield f'<text x="{self.left}" y="{self.top - 6}" fill="#333">{name}</text>'
        for pitch in self.keys:
            if pitch % 12 in BLACK_KEYS:
                yield _rect(self.left, self._y(pitch), self.width, "#f3f4f6", "")
        bottom = self.top + self.height
        for beat in range(self.bars * self.meter.beats + 1):
            inside = bool(beat % self.meter.beats)
            if inside and self.beat < NEAR:
                continue
            x, colour = self.left + beat * self.beat, "#e3e6ea" if inside else "#9aa3af"
            yield f'<line x1="{x:g}" y1="{self.top}" x2="{x:g}" y2="{bottom}" stroke="{colour}"/>'

    def note(self, note: Note, colour: str) -> str:
        scale = self.beat / self.meter.beat_ticks
        start = max(0, note.onset)
        x, width = self.left + start * scale, max(2.0, (note.end - start) * scale - 1)
        return _rect(x, self._y(note.pitch), width, colour, f"<title>{note.pitch}</title>")

    def _y(self, pitch: int) -> int:
        return self.top + (self.keys[-1] - pitch) * KEY_HEIGHT


def _keys(notes: Iterable[Note]) -> range:
    """What the notes take up, and a little air."""
    pitches = [n.pitch for n in notes] or [MIDDLE_C]
    return range(min(pitches) - 2, max(pitches) + 3)


def _drawn(note: Note) -> tuple[int, int, int]:
    """What can be seen of a note."""
    return note.onset, note.pitch, note.duration


def _svg(width: int, height: int, body: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="11">\n'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
        + "\n".join(body)
        + "\n</svg>\n"
    )


def _rect(x: float, y: int, width: float, colour: str, inside: str) -> str:
    size = f'width="{width:.1f}" height="{KEY_HEIGHT}"'
    return f'<rect x="{x:.1f}" y="{y}" {size} rx="1" fill="{colour}">{inside}</rect>'
