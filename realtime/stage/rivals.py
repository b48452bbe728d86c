"""Others that play the same notes at their times, each as its documentation sets it up.

    python -m realtime.stage.rivals mido|mido-fifo|isobar TUNE OUT

TUNE is a file of JSON, `Tune`. It opens its port, plays from the first line on stdin until SIGTERM,
and leaves at the next one; so nobody comes or goes while others are measured. To OUT (JSON) go the
seconds by which each note-on was sent after its time, by the clock that the player goes by itself,
and up to a constant. `mido-fifo` has the priority that glissar asks for, and mido does not: what is
then between the two is no priority.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from pathlib import Path
from typing import Any

import mido  # pyright: ignore[reportMissingTypeStubs]
from msgspec import Struct, json

from realtime import priority

_mido: Any = mido
BACKEND = "mido.backends.rtmidi/UNIX_JACK"
PORTS = {
    "mido": "mido:out",
    "mido-fifo": "mido-fifo:out",
    "isobar": "RtMidiOut Client:isobar",  # it gives its clients no name
}
CHANNELS = {"mido": 4, "mido-fifo": 5, "isobar": 6}  # 0 to 15
# s: a bar is no whole number of the server's periods, so notes fall everywhere in them.
BEAT = 0.5113
BPM = 60 / BEAT


class Tune(Struct, frozen=True):
    """Notes one after another, none over the next: (beat, pitch, beats). Again every `loop`."""

    notes: tuple[tuple[float, int, float], ...]
    loop: float  # beats

    def times(self, count: int) -> list[float]:
        """Seconds from the beginning of the first `count` note-ons."""
        beats = (
            self.loop * (number // len(self.notes)) + self.notes[number % len(self.notes)][0]
            for number in range(count)
        )
        return [BEAT * beat for beat in beats]


class Over(BaseException):
    """The measurement is. No `Exception`: isobar prints those."""


def open_mido(name: str) -> Any:
    return _mido.open_output("out", client_name=name)


def by_mido(tune: Tune, channel: int, output: Any, sent: list[float]) -> None:
    """`for message in file.play()`, as its documentation has it, by the monotonic clock."""
    file = _file(tune, channel)
    assert file.length > 0  # all that it works out before it plays is worked out
    sys.stdin.readline()
    for message in file.play(now=time.monotonic):
        if message.type == "note_on":
            sent.append(time.monotonic())
        output.send(message)


def _file(tune: Tune, channel: int) -> Any:
    """A quarter of an hour of it."""
    file = _mido.MidiFile(ticks_per_beat=960)
    said: list[tuple[int, str, int]] = []
    for loop in range(round(900 / BEAT / tune.loop)):
        for beat, pitch, beats in tune.notes:
            start = round(960 * (loop * tune.loop + beat))
            said += [(start, "note_on", pitch), (start + round(960 * beats), "note_off", pitch)]
    track = _mido.MidiTrack()
    file.tracks.append(track)
    track.append(_mido.MetaMessage("set_tempo", tempo=round(1e6 * BEAT)))
    now = 0
    for tick, kind, pitch in sorted(said):
        track.append(_mido.Message(kind, channel=channel, note=pitch, time=tick - now))
        now = tick
    return file


def open_isobar(name: str) -> Any:
    # Here, so that nobody else's process carries it.
    import isobar  # pyright: ignore[reportMissingTypeStubs]

    device: Any = isobar
    return device.MidiOutputDevice(name, virtual=True)


def by_isobar(tune: Tune, channel: int, device: Any, sent: list[float]) -> None:
    """A timeline with its own clock, which polls, on its output to rtmidi."""
    import isobar  # pyright: ignore[reportMissingTypeStubs]

    isobar_: Any = isobar
    send = device.note_on

    def stamped(*args: Any, **named: Any) -> None:
        sent.append(time.time())  # its own clock
        send(*args, **named)

    device.note_on = stamped
    starts = [note[0] for note in tune.notes]
    gaps = [after - before for before, after in zip(starts, [*starts[1:], tune.loop], strict=True)]
    timeline = isobar_.Timeline(BPM, output_device=device)
    timeline.schedule(
        {
            "note": isobar_.PSequence([pitch for _, pitch, _ in tune.notes]),
            "duration": isobar_.PSequence(gaps),
            "gate": isobar_.PSequence(
                [note[2] / gap for note, gap in zip(tune.notes, gaps, strict=True)]
            ),
            "channel": channel,
        }
    )
    sys.stdin.readline()
    timeline.run()


def main() -> None:
    name, tune, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    sent: list[float] = []
    _mido.set_backend(BACKEND)
    opened, player = (open_isobar, by_isobar) if name == "isobar" else (open_mido, by_mido)
    port = opened(name)
    if name == "mido-fifo":
        priority.real_time()

    def stop(*_: object) -> None:
        raise Over

    signal.signal(signal.SIGTERM, stop)
    played = json.decode(tune.read_bytes(), type=Tune)
    try:
        player(played, CHANNELS[name], port, sent)
    except Over:
        due = played.times(len(sent))
        out.write_bytes(json.encode([s - d for s, d in zip(sent, due, strict=True)]))
    with contextlib.suppress(Over):
        sys.stdin.read()
    port.close()


if __name__ == "__main__":
    main()
