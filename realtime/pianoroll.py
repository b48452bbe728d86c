"""A picture of what was played above what is heard: SVG, drawn with nothing but strings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from presets.bar import Meter, Note

BEAT_WIDTH = 24  # pixels
KEY_HEIGHT = 5
MARGIN = 28
PLAYED, HEARD, CHANGED = "#7a8798", "#2f6fb0", "#d9632b"
BLACK_KEYS = {1, 3, 6, 8, 10}


def before_and_after(played: Sequence[Note], heard: Sequence[Note], meter: Meter) -> str:
    """Two rolls, one above the other; notes of `heard` that were not played so are marked."""
    notes = (*played, *heard)
    low = min(n.pitch for n in notes) - 2
    high = max(n.pitch for n in notes) + 2
    end = max(n.end for n in notes)
    bars = -(-end // meter.bar_ticks)
    width = 2 * MARGIN + bars * meter.beats * BEAT_WIDTH
    roll = (high - low + 1) * KEY_HEIGHT
    known = set(played)
    body = [
        *_roll("played", MARGIN, low, high, bars, meter),
        *(_note(n, MARGIN, high, meter, PLAYED) for n in played),
        *_roll("heard", 2 * MARGIN + roll, low, high, bars, meter),
        *(
            _note(n, 2 * MARGIN + roll, high, meter, HEARD if n in known else CHANGED)
            for n in heard
        ),
    ]
    height = 3 * MARGIN + 2 * roll
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="11">\n'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
        + "\n".join(body)
        + "\n</svg>\n"
    )


def _roll(name: str, top: int, low: int, high: int, bars: int, meter: Meter) -> Iterable[str]:
    right = MARGIN + bars * meter.beats * BEAT_WIDTH
    bottom = top + (high - low + 1) * KEY_HEIGHT
    yield f'<text x="{MARGIN}" y="{top - 6}" fill="#333">{name}</text>'
    for pitch in range(low, high + 1):
        if pitch % 12 in BLACK_KEYS:
            y = top + (high - pitch) * KEY_HEIGHT
            yield _rect(MARGIN, y, right - MARGIN, "#f3f4f6", "")
    for beat in range(bars * meter.beats + 1):
        x = MARGIN + beat * BEAT_WIDTH
        colour = "#9aa3af" if beat % meter.beats == 0 else "#e3e6ea"
        yield f'<line x1="{x}" y1="{top}" x2="{x}" y2="{bottom}" stroke="{colour}"/>'


def _note(note: Note, top: int, high: int, meter: Meter, colour: str) -> str:
    scale = BEAT_WIDTH / meter.beat_ticks
    start = max(0, note.onset)
    x, width = MARGIN + start * scale, max(2.0, (note.end - start) * scale - 1)
    y = top + (high - note.pitch) * KEY_HEIGHT
    return _rect(x, y, width, colour, f"<title>{note.pitch}</title>")


def _rect(x: float, y: int, width: float, colour: str, inside: str) -> str:
    size = f'width="{width:.1f}" height="{KEY_HEIGHT}"'
    return f'<rect x="{x:.1f}" y="{y}" {size} rx="1" fill="{colour}">{inside}</rect>'
