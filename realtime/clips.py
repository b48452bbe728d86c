"""A window that surfaces were told, as a MIDI file to drag into a DAW."""

from __future__ import annotations

from collections.abc import Sequence

from presets.bar import Meter, without_overlaps
from realtime import midifile, windows


def clip(
    numbers: Sequence[int], name: str, channel: int, tempo: float, meter: Meter
) -> bytes | None:
    """Of a list as `realtime.windows` makes it: a file as long as the window, and None where it has
    no notes. `tempo` is in quarter notes a minute; what begins before the window or ends after it
    is cut there."""
    _, length, notes = windows.read(numbers)
    timed: list[midifile.Timed] = []
    for note in without_overlaps(n for n in notes if 0 <= n.pitch < 128):
        start, end = max(note.onset, 0), min(note.end, length)
        if start < end:
            strong = min(max(note.velocity, 1), 127)
            timed.append((start, bytes((0x90 | channel, note.pitch, strong))))
            timed.append((end, bytes((0x80 | channel, note.pitch, 64))))
    if not timed:
        return None
    timed.sort(key=lambda t: (t[0], t[1][0] & 0xF0))  # at one tick, offs go first
    song = midifile.Tune((), ((0, round(60e6 / tempo)),), ((0, meter),))
    return midifile.encode({name: timed}, song, length)
