"""A MIDI file through a preset: the same session as live, in the file's own time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from presets.bar import Note
from realtime.automation import Automation
from realtime.events import Gesture, NoteOff, NoteOn, Rolling, SessionEvent
from realtime.midifile import Timed, Tune
from realtime.model import Model
from realtime.offline import Stage
from realtime.session import Session
from realtime.state import State

NOTE_OFF, NOTE_ON = 0x80, 0x90


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a file became. Times are the file's own."""

    tune: Tune
    messages: tuple[Timed, ...]

    @property
    def played(self) -> list[Note]:
        return notes_of(self.tune.messages)

    @property
    def heard(self) -> list[Note]:
        return notes_of(self.messages)


def render(
    tune: Tune,
    model: Model,
    automations: Sequence[Automation],
    edit: str = "residual",
    variation: float = 0.0,
    seed: int = 0,
    choices: Mapping[str, str] | None = None,
) -> Rendered:
    """Every window of the file answered in its own place: the live delay is taken out again."""
    preset = model.preset
    grid = preset.encoding.grid
    knobs = {a.name: a.start for a in automations}
    state = State(knobs, edit=edit, variation=variation, choices=dict(choices or {}))
    shift = grid.length * state.delay
    turns = [turn for a in automations for turn in a.controls(grid.meter, shift)]
    end = -(-tune.end // grid.length) * grid.length + shift
    channel = melody_channel(tune)
    stage = Stage(Session(preset.manifest, state, seed), model.answer, channel)
    script = [Rolling(0), *events_of(tune.messages, channel), *turns]
    moved = [(tick - shift, data) for tick, data in stage.perform(script, end)]
    return Rendered(tune, tuple(moved))


def notes_of(messages: Iterable[Timed]) -> list[Note]:
    """Channel messages as notes, whatever their channel; one left sounding ends with the last."""
    sounding: dict[int, tuple[int, int]] = {}
    notes: list[Note] = []
    last = 0
    for tick, data in messages:
        last = max(last, tick)
        if data[0] & 0xF0 in (NOTE_OFF, NOTE_ON):
            if data[1] in sounding:
                onset, velocity = sounding.pop(data[1])
                notes.append(Note(onset, data[1], tick - onset, velocity))
            if data[0] & 0xF0 == NOTE_ON and data[2]:
                sounding[data[1]] = tick, data[2]
    ends = [Note(on, pitch, last - on, velocity) for pitch, (on, velocity) in sounding.items()]
    return sorted(notes + ends)


def events_of(messages: Iterable[Timed], melody: int) -> Iterator[SessionEvent]:
    """All notes, and the gestures of the melody's channel: others bend and set other sounds."""
    for tick, data in messages:
        kind, channel = data[0] & 0xF0, data[0] & 0x0F
        if kind == NOTE_ON and data[2]:
            yield NoteOn(tick, data[1], data[2], channel)
        elif kind in (NOTE_ON, NOTE_OFF):
            yield NoteOff(tick, data[1], channel)
        elif channel == melody:
            yield Gesture(tick, data)


def melody_channel(tune: Tune) -> int:
    """The channel of the file's first note, 0 to 15: where the answer goes."""
    return next(data[0] & 0x0F for _, data in tune.messages if data[0] & 0xF0 == NOTE_ON)
