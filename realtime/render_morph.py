"""The way from one file's first window to another's: the live session in mode morph, its knob
turned at every line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from presets.bar import Meter, Note
from presets.encoding import Encoding, Grid
from presets.errors import GlissarError
from realtime import morph
from realtime.controls import ROOT
from realtime.events import Control, Gesture, NoteOff, NoteOn, Rolling
from realtime.midifile import Timed, Tune
from realtime.model import Model
from realtime.offline import Stage
from realtime.recorder import Recorder
from realtime.render import events_of, melody_channel, notes_of
from realtime.session import Session
from realtime.state import Knob, State, Taken


@dataclass(frozen=True, slots=True)
class Way:
    """Windows one after another, from one end to the other. Times are the way's own."""

    messages: tuple[Timed, ...]
    windows: tuple[tuple[Note, ...], ...]  # each from its own start


def first_window(tune: Tune, grid: Grid, path: Path) -> Taken:
    """As the session would capture it. Raises GlissarError where nothing is played in it."""
    recorder = Recorder(grid)
    for event in events_of(tune.messages, melody_channel(tune)):
        match event:
            case NoteOn():
                recorder.note_on(event)
            case NoteOff():
                recorder.note_off(event)
            case Gesture():
                recorder.gesture(event)
            case _:
                pass  # a file has nothing else
    taken = recorder.take(0)
    if not taken.window.notes:
        where = "bar 1" if grid.bars == 1 else f"bars 1 to {grid.bars}"
        raise GlissarError(f"{path} has no notes in {where}; give a file that begins with some.")
    return taken


def render(
    ends: tuple[Taken, Taken],
    model: Model,
    steps: int,
    channel: int = 0,
    knobs: Mapping[str, Knob] | None = None,
    choices: Mapping[str, str] | None = None,
    edit: str = "residual",
) -> Way:
    """Step k of N stands at k/(N-1) of the path. Raises PresetError when a graph fails."""
    preset = model.preset
    length = preset.encoding.grid.length
    state = State(
        dict(knobs or {}), "morph", edit, choices=dict(choices or {}), a=ends[0], b=ends[1]
    )
    state = _with_path(state, model, preset.encoding)
    shift = length * state.delay
    turns = [_turn(shift + k * length, place) for k, place in enumerate(places(steps))]
    stage = Stage(Session(preset.manifest, state), model.answer, channel)
    played = stage.perform([Rolling(0), *turns], shift + steps * length)
    messages = tuple((tick - shift, data) for tick, data in played)
    return Way(messages, _windows(messages, steps, length))


def song_of(tune: Tune, meter: Meter) -> Tune:
    """The tempo at which a tune begins, for all of a way: what it does later is not on the way."""
    tempos = [tempo for tick, tempo in tune.tempos if tick == 0]
    return Tune((), tuple((0, tempo) for tempo in tempos[-1:]), ((0, meter),))


def places(steps: int) -> list[float]:
    """Where the steps stand, from 0 to 1."""
    return [k / (steps - 1) for k in range(steps)]


def _with_path(state: State, model: Model, encoding: Encoding) -> State:
    """The state as it is once the path is found: what sounds from the first line on is on it."""
    wanted = morph.join(state, encoding)
    assert wanted is not None
    return replace(state, curve=model.join(wanted))


def _turn(tick: int, place: float) -> Control:
    return Control(tick, ((f"{ROOT}/morph", (place,)),))


def _windows(messages: tuple[Timed, ...], steps: int, length: int) -> tuple[tuple[Note, ...], ...]:
    windows: list[list[Note]] = [[] for _ in range(steps)]
    for note in notes_of(messages):
        step = note.onset // length
        windows[step].append(note.moved(-step * length))
    return tuple(map(tuple, windows))
