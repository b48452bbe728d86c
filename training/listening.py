"""A page to look at and listen to: unseen bars, every knob at five places, run beside run.

One HTML file that plays its own notes, and beside it a MIDI file of every row: the bar as it is,
then the five answers, a bar of rest after each.
"""

from __future__ import annotations

import html
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import mido
import numpy as np

from presets.bar import TICKS_PER_QUARTER, Window
from presets.encoding import Tokens
from presets.errors import GlissarError
from training import control, latent
from training.dataset import write_whole
from training.figures import ar_traversals, knobs
from training.figures.measured import Measured
from training.latent import Codes

BARS, PLACES = 10, 5
BEAT, KEY = 14, 3  # pixels
TEMPO = 100  # BPM
NOTE, LINE, GROUND = "#2f6fb0", "#d4d8de", "#f6f7f9"

_PAGE = """<!doctype html>
<meta charset="utf-8"><title>{title}</title>
<style>
body {{ font: 14px sans-serif; margin: 2em; }} td {{ padding: 2px 6px; vertical-align: middle; }}
h2 {{ margin: 1.6em 0 .2em; font-size: 1.1em; }} button {{ border: 0; padding: 0; }}
th {{ text-align: left; font-weight: normal; }}
</style>
<h1>{title}</h1>
<p>Bars that no run has met, and what is heard with one knob at five places from the lowest to the
highest of the style. Press a bar to hear it; the names are MIDI files of a whole row.</p>
{body}
<script>
let sound, voices = [];
function play(notes) {{
  sound ??= new AudioContext();
  voices.forEach(voice => voice.stop());
  voices = notes.map(([pitch, onset, end]) => {{
    const voice = sound.createOscillator(), level = sound.createGain(), now = sound.currentTime;
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
}}
document.querySelectorAll("button").forEach(
  button => button.onclick = () => play(JSON.parse(button.dataset.notes)));
</script>
"""


def write(runs: Sequence[Measured], folder: Path, seed: int = 0) -> Path:
    """index.html and midi/ in `folder`; the page's path. Raises GlissarError."""
    first = runs[0]
    grids = [run.trained.encoding.grid for run in runs]
    if any(grid != grids[0] for grid in grids):
        raise GlissarError("these runs have different windows; give runs of one grid.")
    chosen = ar_traversals.bars(first, BARS, seed)
    places = [_places(run) for run in runs]
    parts: list[str] = []
    for number, (bar, work) in enumerate(zip(chosen.tokens, chosen.work, strict=True), 1):
        parts.append(f"<h2>Bar {number}, of {html.escape(first.data.works[work])}</h2><table>")
        for name in first.trained.dimensions:
            for run, at in zip(runs, places, strict=True):
                file = f"midi/{number}-{name}-{run.name}.mid"
                row = _row(run, bar, name, at[name])
                write_whole(folder / file, _midi(row))
                parts.append(_drawn(row, file, f"{name}, {run.name}"))
        parts.append("</table>")
    title = " beside ".join(run.name for run in runs)
    page = _PAGE.format(title=html.escape(title), body="\n".join(parts))
    write_whole(folder / "index.html", page.encode())
    return folder / "index.html"


def _places(run: Measured) -> dict[str, Codes]:
    """Of every knob, from the lowest to the highest of the style."""
    low, high = np.quantile(knobs.codes(run), knobs.ENDS, axis=0)
    at = np.linspace(low, high, PLACES, dtype=np.float32)
    return {name: at[:, index] for index, name in enumerate(run.trained.dimensions)}


def _row(run: Measured, bar: Tokens, name: str, at: Codes) -> list[Window]:
    """The bar, and what is heard with a knob at each of its places."""
    trained, index = run.trained, run.trained.dimensions.index(name)
    z, _ = latent.encode(trained.model, bar[None])
    points = latent.moved(trained.model, z, index, at).reshape(len(at), -1)
    played = control.window_of(bar, trained.encoding)
    return [played, *control.heard(trained.model, trained.encoding, bar[None], z, points)]


def _drawn(row: Sequence[Window], file: str, name: str) -> str:
    pitches = [n.pitch for window in row for n in window.notes]
    low, high = min(pitches) - 1, max(pitches) + 1
    cells = "".join(f"<td>{_button(window, low, high)}</td>" for window in row)
    return f'<tr><th><a href="{html.escape(file)}">{html.escape(name)}</a></th>{cells}</tr>'


def _button(window: Window, low: int, high: int) -> str:
    beat = window.meter.beat_ticks
    width, height = window.length // beat * BEAT, (high - low + 1) * KEY
    second = 60 / TEMPO / TICKS_PER_QUARTER
    notes = [(n.pitch, max(0, n.onset) * second, n.end * second) for n in window.notes]
    shapes = "".join(_shapes(window, high, height))
    size = f'width="{width}" height="{height}" style="background:{GROUND}"'
    return f"<button data-notes='{json.dumps(notes)}'><svg {size}>{shapes}</svg></button>"


def _shapes(window: Window, high: int, height: int) -> Iterator[str]:
    scale = BEAT / window.meter.beat_ticks
    for beat in range(1, window.length // window.meter.beat_ticks):
        yield f'<path d="M{beat * BEAT} 0V{height}" stroke="{LINE}"/>'
    for n in window.notes:
        x, width = max(0, n.onset) * scale, (n.end - max(0, n.onset)) * scale - 1
        y = (high - n.pitch) * KEY
        yield f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{KEY}" fill="{NOTE}"/>'


def _midi(row: Sequence[Window]) -> bytes:
    """A type 0 file."""
    events: list[tuple[int, int, mido.Message]] = []
    for number, window in enumerate(row):
        start = 2 * number * window.length
        for n in window.notes:
            on, off = max(0, n.onset) + start, n.end + start
            events.append((on, 1, mido.Message("note_on", note=n.pitch, velocity=n.velocity)))
            events.append((off, 0, mido.Message("note_off", note=n.pitch)))
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(TEMPO))])
    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    file = mido.MidiFile(type=0, ticks_per_beat=TICKS_PER_QUARTER, tracks=[track])
    content = io.BytesIO()
    file.save(file=content)
    return content.getvalue()
