"""The HTML of `listening`: rows of bars as piano rolls that play when they are pressed."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from presets.bar import TICKS_PER_QUARTER, Window
from training.figures import canvas

BEAT, KEY = 20, 4  # pixels of a beat and of a semitone
LEAST = 8  # semitones that a roll shows
TEMPO = 100  # BPM
LINE, GROUND = "#d4d8de", "#f3f4f6"

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 14px sans-serif; margin: 2em; color: #222; }}
p {{ max-width: 46em; line-height: 1.4; }}
h2 {{ margin: 2em 0 .4em; font-size: 1.1em; }}
table {{ border-collapse: collapse; }}
th, td {{ padding: 3px 8px 3px 0; text-align: left; font-weight: normal; white-space: nowrap; }}
thead th {{ color: #555; }}
tbody tr:first-child > * {{ border-top: 1px solid {line}; }}
tbody th[rowspan] {{ font-weight: bold; vertical-align: top; padding-top: 8px; }}
small {{ display: block; color: #555; font-weight: normal; }}
button {{ display: block; border: 2px solid transparent; border-radius: 4px; padding: 1px;
  background: none; font: 12px sans-serif; color: #555; cursor: pointer; }}
button:hover, button:focus-visible {{ border-color: {kept}; outline: none; }}
button[aria-pressed=true] {{ border-color: {new}; }}
svg {{ display: block; background: {ground}; }}
</style>
<h1>{title}</h1>
<p>Bars that none of the runs has met, and what is heard with one knob at five places between the
2&nbsp;% and the 98&nbsp;% of the style. <b>Press a bar to hear it</b>, once more to stop it. Under
it stands the value heard. <b style="color:{kept}">Blue</b> notes are those of the bar as it was
played, <b style="color:{new}">orange</b> ones are others. A name is the MIDI file of its row, a bar
of rest after each bar.</p>
{body}
<script>
let sound, voices = [], on = null;
function stop() {{
  voices.forEach(voice => voice.stop());
  voices = [];
  on?.setAttribute("aria-pressed", "false");
  on = null;
}}
function play(button) {{
  const again = on === button;
  stop();
  if (again) return;
  sound ??= new AudioContext();
  sound.resume();
  const now = sound.currentTime + .05;
  voices = JSON.parse(button.dataset.notes).map(([pitch, onset, end]) => {{
    const voice = sound.createOscillator(), level = sound.createGain();
    voice.type = "triangle";
    voice.frequency.value = 440 * 2 ** ((pitch - 69) / 12);
    level.gain.setValueAtTime(0, now + onset);
    level.gain.linearRampToValueAtTime(.3, now + onset + .01);
    level.gain.setTargetAtTime(0, now + end - .03, .03);
    voice.connect(level).connect(sound.destination);
    voice.start(now + onset);
    voice.stop(now + end + .2);
    return voice;
  }});
  if (!voices.length) return;
  on = button;
  button.setAttribute("aria-pressed", "true");
  const mine = voices;
  voices.at(-1).onended = () => voices === mine && stop();
}}
document.querySelectorAll("button").forEach(button => button.onclick = () => play(button));
</script>
"""


class Row(NamedTuple):
    """A bar, and what is heard of it with a knob of a run at each of its places."""

    run: str
    file: str  # MIDI
    windows: Sequence[Window]
    values: Sequence[str]  # of the knob's attribute


def page(title: str, body: str) -> str:
    colours = {"kept": canvas.BLUE, "new": canvas.RED, "line": LINE, "ground": GROUND}
    return _PAGE.format(title=html.escape(title), body=body, **colours)


def bar(title: str, places: Sequence[str], knobs: Mapping[str, tuple[str, Sequence[Row]]]) -> str:
    """One bar's table; `knobs`: by name the unit, and a row for each run."""
    heads = "".join(f'<th scope="col">{html.escape(place)}</th>' for place in places)
    rows = "\n".join(_knob(name, unit, of, places) for name, (unit, of) in knobs.items())
    head = f"<thead><tr><td></td><td></td>{heads}</tr></thead>"
    return f"<h2>{html.escape(title)}</h2>\n<table>{head}\n{rows}\n</table>"


def _knob(name: str, unit: str, rows: Sequence[Row], places: Sequence[str]) -> str:
    """All runs' rows on the same keys, so that they compare."""
    pitches = [n.pitch for row in rows for window in row.windows for n in window.notes]
    low, high = min(pitches) - 1, max(pitches) + 1
    high = max(high, low + LEAST)
    head = f'<th rowspan="{len(rows)}" scope="rowgroup">{name}<small>{unit}</small></th>'
    drawn: list[str] = []
    for row in rows:
        file, run = html.escape(row.file), html.escape(row.run)
        cells = "".join(
            f"<td>{_button(f'{name} of {row.run}, {place}', row, k, low, high)}</td>"
            for k, place in enumerate(places)
        )
        drawn.append(f'{head}<th scope="row"><a href="{file}">{run}</a></th>{cells}')
        head = ""
    return "<tbody>" + "".join(f"<tr>{row}</tr>\n" for row in drawn) + "</tbody>"


def _button(name: str, row: Row, number: int, low: int, high: int) -> str:
    window, value = row.windows[number], row.values[number]
    width, height = window.length // window.meter.beat_ticks * BEAT, (high - low + 1) * KEY
    second = 60 / TEMPO / TICKS_PER_QUARTER
    notes = [
        (n.pitch, round(max(0, n.onset) * second, 4), round(n.end * second, 4))
        for n in window.notes
    ]
    shapes = "".join(_shapes(window, row.windows[0], high, height))
    return (
        f'<button aria-pressed="false" aria-label="{html.escape(f"{name}: {value}")}" '
        f"data-notes='{json.dumps(notes)}'><svg aria-hidden=\"true\" "
        f'width="{width}" height="{height}">{shapes}</svg>{value}</button>'
    )


def _shapes(window: Window, played: Window, high: int, height: int) -> Iterator[str]:
    """Lines at beats; notes in blue that were played so, in orange the others."""
    scale = BEAT / window.meter.beat_ticks
    beats = range(BEAT, window.length // window.meter.beat_ticks * BEAT, BEAT)
    yield f'<path d="{"".join(f"M{x} 0V{height}" for x in beats)}" stroke="{LINE}"/>'
    known = {(n.onset, n.pitch) for n in played.notes}
    for n in window.notes:
        x, width = max(0, n.onset) * scale, (n.end - max(0, n.onset)) * scale - 1
        y = (high - n.pitch) * KEY
        fill = canvas.BLUE if (n.onset, n.pitch) in known else canvas.RED
        yield f'<rect x="{x:.3g}" y="{y}" width="{width:.3g}" height="{KEY}" fill="{fill}"/>'
